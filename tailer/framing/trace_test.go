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

com.example.Server is up: Error or not`},
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
ValueError`},
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

10:02 next`},
	} {
		r := all(t, Config{MaxRecord: 1 << 16, Multiline: Multiline{Mode: c.mode}},
			strings.ReplaceAll(strings.ReplaceAll(c.want, "\n\n", "\n"), "~", "")+"\n")
		var got []string
		for _, g := range r.records {
			got = append(got, strings.ReplaceAll(strings.TrimSuffix(g.text, "\n"), "\n\n", "\n~\n"))
		}
		for i, want := range strings.Split(c.want, "\n\n") {
			if i >= len(got) || got[i] != want {
				t.Errorf("%s: record %d of %d is\n%s\nwant\n%s", c.mode, i, len(got), append(got, "", "")[min(i, len(got))], want)
				break
			}
		}
	}
}
