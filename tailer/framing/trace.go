package framing

import "bytes"

// trace is how far a group has come into a stack trace. The ready-made modes are functions of it and of the next line: they say whether the
// line begins a record, and where its group is then. A trace belongs to the line before it, which is the message that it was logged with.
type trace uint8

const (
	noTrace trace = iota
	inTrace
	inBlock    // in a Python trace all of which is indented, such as an exception group
	afterTrace // the last line of a Python trace has come, its exception
	chained    // and says that another one follows
	complete   // a line of JSON, which would hold its trace
)

// object tells whether a line is a JSON object, by its ends.
func object(text []byte) bool {
	return len(text) > 1 && text[0] == '{' && text[len(text)-1] == '}'
}

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
	case hasPrefix(inner, "Caused by: ", "Suppressed: ", "Wrapped by: "):
		return inTrace, false
	case len(text) == 0 && t == inTrace: // some loggers write one after a trace
		return inTrace, false
	case indent && (t == inTrace || hasPrefix(inner, "at ", "... ", "- locked ", "- waiting ", "- parking ", "java.lang.Thread.State: ")):
		return inTrace, false
	case t == noTrace && throwable(inner): // Tomcat indents it
		return inTrace, false
	case hasPrefix(text, "Exception in thread "), throwable(text):
		return inTrace, true
	}
	return noTrace, true
}

// throwable tells whether a line is the name of a Java class that is thrown, in a package or class, alone or with a colon and a message.
func throwable(text []byte) bool {
	end, dots := 0, 0
	for end < len(text) && (text[end] == '.' || text[end] == '$' || word(text[end])) {
		if !word(text[end]) {
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

// python knows tracebacks: the line that announces one, indented lines, the exception, and the sentences that chain them. An exception group and
// a stack that was logged without an exception end with the last indented line.
func python(text []byte, t trace) (trace, bool) {
	inner, indent := indented(text)
	again := t == afterTrace || t == inBlock && !indent
	switch {
	case hasPrefix(inner, "Traceback (most recent call last):"):
		return inTrace, again
	case hasPrefix(inner, "+ Exception Group Traceback (most recent call last):"):
		return inBlock, t == afterTrace || t == inBlock
	case hasPrefix(text, "Stack (most recent call last):"):
		return inBlock, false
	case hasPrefix(text, "Fatal Python error: "):
		return afterTrace, true
	case t != noTrace && hasPrefix(text, "Current thread 0x", "Thread 0x"):
		return inBlock, false
	case t == noTrace && hasPrefix(text, "  File \""): // of a trace that was split
		return inTrace, false
	case t == noTrace:
		return noTrace, true
	case hasPrefix(text, "During handling of the above exception, another exception occurred:",
		"The above exception was the direct cause of the following exception:"):
		return chained, false
	case indent:
		return t, false
	case len(text) == 0:
		if t == inBlock {
			t = afterTrace
		}
		return t, false
	case t == inTrace:
		return afterTrace, false
	}
	return noTrace, true
}

// goTrace knows the panics, fatal errors and goroutine dumps of Go programs.
func goTrace(text []byte, t trace) (trace, bool) {
	_, indent := indented(text)
	switch {
	case hasPrefix(text, "goroutine ") && bytes.Contains(text, []byte(" [")), indent && bytes.Contains(text, []byte(".go:")):
		return inTrace, false
	case t == inTrace && (len(text) == 0 || indent || call(text) || register(text) || hasPrefix(text, "created by ", "[signal ", "exit status ", "...",
		"runtime stack:", "runtime: ", "PC=", "signal arrived during ")):
		return inTrace, false
	case hasPrefix(text, "panic: "):
		return inTrace, true
	case hasPrefix(text, "fatal error: ", "unexpected fault address ", "runtime: goroutine stack exceeds "), signal(text):
		return inTrace, t != inTrace
	}
	return noTrace, true
}

// signal tells whether a line says which signal ends the program: SIGQUIT: quit.
func signal(text []byte) bool {
	if !hasPrefix(text, "SIG") {
		return false
	}
	name, _, ok := bytes.Cut(text, []byte(": "))
	for _, c := range name {
		ok = ok && 'A' <= c && c <= 'Z'
	}
	return ok && len(name) <= len("SIGVTALRM")
}

// call tells whether a line is a function with its arguments: main.(*T).f(0x1, {0x2, 0x3}), or the built-in panic.
func call(text []byte) bool {
	if len(text) == 0 || text[len(text)-1] != ')' {
		return false
	}
	end := bytes.IndexByte(text, ' ')
	if end < 0 {
		end = len(text)
	}
	name, _, ok := bytes.Cut(text[:end], []byte{'('})
	return ok && (bytes.IndexByte(name, '.') > 0 || string(name) == "panic")
}

// register tells whether a line shows one register: its name, spaces, a number in hexadecimal.
func register(text []byte) bool {
	name, value, ok := bytes.Cut(text, []byte{' '})
	return ok && len(name) <= 7 && hasPrefix(bytes.TrimLeft(value, " "), "0x")
}
