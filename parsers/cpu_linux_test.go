package parsers

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// reportCPU measures the thread's own time until the returned func is called, which reports it for each operation: unlike the time that passed it does
// not count what other work on the machine took away.
func reportCPU(b *testing.B) func() {
	runtime.LockOSThread()
	begin := threadTime(b)
	return func() {
		b.ReportMetric(float64(threadTime(b)-begin)/float64(b.N), "cpu-ns/op")
		runtime.UnlockOSThread()
	}
}

func threadTime(b *testing.B) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return t.Nano()
}
