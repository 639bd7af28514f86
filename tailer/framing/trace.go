package framing

import "bytes"

// trace is how far a group has come into a stack trace. The ready-made modes are functions of it and of the next line: they say whether the
// line begins a record, and where its group is then. A trace belongs to the line before it, which is the message that it was logged with.
type trace uint8

const (
	noTrace trace = iota
	inTrace
	afterTrace // the last line of a Python trace has come, its exception
	chained    // and says that another one follows
)

// indented tells whether a line begins with white space, and what is after that.
func indented(text []byte) ([]byte, bool) {
	i := 0
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	return text[i:], i > 0
}

func hasPrefix(text []byte, prefixes ...string) bool {
	for _, p := range prefixes {
		if len(text) >= len(p) && string(text[:len(p)]) == p {
			return true
		}
	}
	return false
}

// java knows the traces of the JVM: the name of an exception (the first one of a group), frames, causes.
func java(text []byte, t trace) (trace, bool) {
	inner, indent := indented(text)
	switch {
	case hasPrefix(inner, "Caused by: ", "Suppressed: "):
		return inTrace, false
	case indent && (t == inTrace || hasPrefix(inner, "at ", "... ", "- locked ", "- waiting ", "- parking ")):
		return inTrace, false
	case t == noTrace && throwable(text):
		return inTrace, false
	case hasPrefix(text, "Exception in thread "), throwable(text):
		return inTrace, true
	}
	return noTrace, true
}

// throwable tells whether a line is the name of a Java class that is thrown, alone or with a colon and a message.
func throwable(text []byte) bool {
	end, dots := 0, 0
	for end < len(text) && (text[end] == '.' || text[end] == '$' || word(text[end])) {
		if text[end] == '.' {
			dots++
		}
		end++
	}
	if dots == 0 || end < len(text) && text[end] != ':' {
		return false
	}
	name := text[:end]
	for _, suffix := range []string{"Exception", "Error", "Throwable", "Failure", "Death"} {
		if bytes.HasSuffix(name, []byte(suffix)) {
			return true
		}
	}
	return false
}

func word(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c >= 0x80
}

// python knows tracebacks: the line that announces one, indented lines, the exception, and the sentences that chain them.
func python(text []byte, t trace) (trace, bool) {
	inner, indent := indented(text)
	if hasPrefix(inner, "Traceback (most recent call last):", "+ Exception Group Traceback (most recent call last):") {
		return inTrace, t == afterTrace
	}
	switch t {
	case inTrace:
		if indent || len(text) == 0 {
			return inTrace, false
		}
		return afterTrace, false
	case afterTrace:
		if hasPrefix(text, "During handling of the above exception, another exception occurred:",
			"The above exception was the direct cause of the following exception:") {
			return chained, false
		}
		if len(text) == 0 || indent {
			return afterTrace, false
		}
	case chained:
		if len(text) == 0 {
			return chained, false
		}
	}
	return noTrace, true
}

// goTrace knows the panics, fatal errors and goroutine dumps of Go programs.
func goTrace(text []byte, t trace) (trace, bool) {
	_, indent := indented(text)
	switch {
	case hasPrefix(text, "goroutine ") && bytes.Contains(text, []byte(" [")):
		return inTrace, false
	case t == inTrace && (len(text) == 0 || indent || call(text) || hasPrefix(text, "created by ", "[signal ", "exit status ", "...additional frames elided...", "runtime stack:", "runtime: ")):
		return inTrace, false
	case hasPrefix(text, "panic: ", "fatal error: ", "unexpected fault address ", "SIGQUIT: "):
		return inTrace, t != inTrace || hasPrefix(text, "panic: ")
	case t == inTrace && register(text):
		return inTrace, false
	}
	return noTrace, true
}

// call tells whether a line is a function with its arguments: main.(*T).f(0x1, {0x2, 0x3}).
func call(text []byte) bool {
	if len(text) == 0 || text[len(text)-1] != ')' {
		return false
	}
	end := bytes.IndexByte(text, ' ')
	if end < 0 {
		end = len(text)
	}
	name, _, ok := bytes.Cut(text[:end], []byte{'('})
	return ok && bytes.IndexByte(name, '.') > 0
}

// register tells whether a line shows one register: its name, spaces, a number in hexadecimal.
func register(text []byte) bool {
	name, value, ok := bytes.Cut(text, []byte{' '})
	return ok && len(name) <= 7 && hasPrefix(bytes.TrimLeft(value, " "), "0x")
}
