package framing

import (
	"strings"
	"testing"
)

// TestModes: a blank line parts what must come out as the records; blank lines of traces are written as ~.
func TestModes(t *testing.T) {
	for _, c := range []struct{ mode, want string }{
		{"java", `2026-11-23 10:00:00 ERROR failed
java.net.NoRouteToHostException: No Route to Host from a/b to c:8020 failed
	at sun.reflect.Constructor.newInstance(Unknown Source)
	at org.apache.hadoop.ipc.Client$Connection.access$2800(Client.java:370)
Caused by: java.net.NoRouteToHostException: No route to host
	at java.net.Inet4.connect0(Native Method)
	... 13 more
	Suppressed: java.lang.IllegalStateException
		at a.B.c(B.java:1)

2026-11-23 10:00:01 INFO next
java.lang.Error
	at a.B.c(B.java:1)

java.lang.Error: another one
	at a.B.c(B.java:1)

Exception in thread "main" java.lang.Error
	at a.B.c(B.java:1)

com.example.Server is up: Error or not

23-Nov-2026 10:00:00.000 SEVERE [main] org.apache.catalina.startup.Catalina.start failed
	org.apache.catalina.LifecycleException: Failed to start
		at a.B.c(B.java:1)
	Caused by: java.lang.Exception: b
		... 1 more
	Caused by: [CIRCULAR REFERENCE: java.lang.Exception: a]
~

10:00 failed
Main$MyException: bad
	at a.B.c(B.java:1)
Wrapped by: java.lang.Error
	at a.B.c(B.java:1)

"main" #1 prio=5 tid=0x1 nid=0x2 runnable
   java.lang.Thread.State: RUNNABLE
	at a.B.c(B.java:1)
~`},
		{"python", `ERROR:root:failed
Traceback (most recent call last):
  File "a.py", line 1, in f
    g()
KeyError: 'x'
~
During handling of the above exception, another exception occurred:
~
Traceback (most recent call last):
  File "a.py", line 3, in f
my.app.CustomError

INFO:root:next

  indented, but no trace

INFO:root:last
Traceback (most recent call last):
  File "a.py", line 1, in f
ValueError

Traceback (most recent call last):
  File "a.py", line 1, in f
ValueError

ERROR:root:group
  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 1, in f
  | ExceptionGroup: eg (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "a.py", line 1, in f
    | ValueError: 1
    +---------------- 2 ----------------
    | TypeError: 2
    | second line
    +------------------------------------

WARNING:root:next

ERROR:root:group
  + Exception Group Traceback (most recent call last):
  | ExceptionGroup: eg (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +------------------------------------
~
The above exception was the direct cause of the following exception:
~
Traceback (most recent call last):
  File "a.py", line 1, in f
RuntimeError: x

  + Exception Group Traceback (most recent call last):
  | ExceptionGroup: eg (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +------------------------------------

Traceback (most recent call last):
  File "a.py", line 1, in f
ValueError

{"level":"error","msg":"as JSON"}

Traceback (most recent call last):
  File "a.py", line 1, in f
ValueError

{"level":"info"}

INFO:root:where
Stack (most recent call last):
  File "a.py", line 1, in f
    g()

INFO:root:next

Fatal Python error: Segmentation fault
~
Current thread 0x00007f0e5d3b1740 (most recent call first):
  File "a.py", line 3 in g

INFO:root:next`},
		{"go", `10:00 starting

panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x480f6d]
~
goroutine 1 [running]:
main.(*T).f(0x1, {0x2, 0x3})
	/src/main.go:5 +0x1d
created by main.main in goroutine 1
	/src/main.go:9 +0x2e
~
goroutine 6 [chan receive]:
main.g(...)
	/src/main.go:7
exit status 2

10:01 http: panic serving 127.0.0.1:1: boom
goroutine 7 [running]:
net/http.(*conn).serve.func1()
	/go/server.go:1801 +0xb9

f(x) no trace

10:01 recovered: boom
goroutine 1 [running]:
runtime/debug.Stack()
	/go/stack.go:26 +0x64
panic({0x6f8e80?, 0xa00560?})
	/go/panic.go:860 +0x13a
main.main.func3({0x62f2c5?, 0x2bec529440d8?}, 0x0?)
	/src/main.go:16 +0x10

10:02 SIGNAL: no signal

SIGQUIT: quit
PC=0x4096ae m=0 sigcode=0
~
goroutine 0 gp=0xa0f140 m=0 mp=0xa10660 [idle]:
runtime.futex(0xa107c0, 0x80, 0x0, 0x0, 0x0, 0x0)
	/go/sys.s:558 +0x21
~
rax    0xca
r8     0x0

10:02 again

runtime: goroutine stack exceeds 1000000000-byte limit
runtime: sp=0x281c61f70390 stack=[0x281c61f70000, 0x281c81f70000]
fatal error: stack overflow
~
runtime stack:
runtime.throw({0x75a762?, 0xa0f6c0?})
	/go/panic.go:1229 +0x48
...44739007 frames elided...
main.rec(...)
	/src/main.go:5

10:02 next`},
	} {
		r := all(t, Config{MaxRecord: 1 << 16, Multiline: Multiline{Mode: c.mode}},
			strings.ReplaceAll(strings.ReplaceAll(c.want, "\n\n", "\n"), "~", "")+"\n")
		var got []string
		for _, g := range r.records {
			lines := strings.Split(strings.TrimSuffix(g.text, "\n"), "\n")
			for i := range lines {
				if lines[i] == "" {
					lines[i] = "~"
				}
			}
			got = append(got, strings.Join(lines, "\n"))
		}
		for i, want := range strings.Split(c.want, "\n\n") {
			if i >= len(got) || got[i] != want {
				t.Errorf("%s: record %d of %d is\n%s\nwant\n%s", c.mode, i, len(got), append(got, "", "")[min(i, len(got))], want)
				break
			}
		}
	}
}

// TestSplitTrace: the pieces of a long trace stay together.
func TestSplitTrace(t *testing.T) {
	for mode, text := range map[string]string{
		"java":   "failed\na.Error\n" + strings.Repeat("\tat a.b(A.java:1)\n", 30),
		"python": "failed\nTraceback (most recent call last):\n" + strings.Repeat("  File \"a.py\", line 1, in f\n    g()\n", 20) + "ValueError\n",
		"go":     "panic: x\n\n" + strings.Repeat("goroutine 1 [running]:\nmain.f()\n\t/src/main.go:1 +0x1\nmain.g()\n\t/src/main.go:2\n", 8),
	} {
		for lines := range 12 {
			r := all(t, Config{MaxRecord: 1 << 16, Multiline: Multiline{Mode: mode, MaxLines: lines + 4}}, text)
			if got, want := len(r.records), strings.Count(text, "\n")/(lines+4)+3; got > want {
				t.Errorf("%s, pieces of %d lines: %d records, want at most %d", mode, lines+4, got, want)
			}
		}
	}
}
