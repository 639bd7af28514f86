//go:build linux

package tailer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// unprivileged makes the calling test, on its own thread, meet the file system as somebody without rights.
func unprivileged(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return // it does anyway
	}
	for _, err := range []error{os.Chmod(filepath.Dir(dir), 0o777), os.Chmod(dir, 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread()
	t.Cleanup(func() {
		if _, err := unix.SetfsuidRetUid(0); err == nil { // else the thread ends with the test
			runtime.UnlockOSThread()
		}
	})
	const nobody = 65534
	if _, err := unix.SetfsuidRetUid(nobody); err != nil {
		t.Skip(err)
	}
	if uid, err := unix.SetfsuidRetUid(nobody); err != nil || uid != nobody {
		t.Skipf("the file system user is %d: %v", uid, err)
	}
}

// TestPermissions takes permissions away and gives them back: of files and directories, new and followed, open and closed.
func TestPermissions(t *testing.T) {
	for _, events := range []bool{false, true} {
		t.Run(fmt.Sprintf("events %v", events), func(t *testing.T) {
			dir := t.TempDir()
			unprivileged(t, dir)
			r := newRig(t, dir)
			r.cfg.PollOnly, r.cfg.Paths = !events, []string{dir + "/*.log", dir + "/*/*.log"}
			defer r.stop()
			chmod := func(name string, mode os.FileMode) {
				t.Helper()
				if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
					t.Fatal(err)
				}
			}
			add := func(name, text string) { t.Helper(); appendTo(t, filepath.Join(dir, name), text) }
			if err := os.Mkdir(dir+"/sub", 0o755); err != nil {
				t.Fatal(err)
			}
			add("new.log", "1\n")
			chmod("new.log", 0)
			add("known.log", "2\n")
			add("sub/inner.log", "3\n")
			r.start()
			r.expect("2\n", "3\n")
			chmod("new.log", 0o600)
			r.look()
			r.expect("1\n")

			chmod("sub", 0)
			chmod("known.log", 0)
			r.wait(2 * time.Minute)
			r.expect()
			chmod("known.log", 0o600)
			add("known.log", "4\n")
			chmod("sub", 0o755)
			add("sub/inner.log", "5\n")
			add("sub/other.log", "6\n")
			r.wait(20 * time.Second)
			r.expect("4\n", "5\n", "6\n")

			r.wait(2 * time.Minute) // all are closed
			add("known.log", "7\n")
			chmod("known.log", 0)
			chmod("sub", 0o444) // its names can be listed, and nothing behind them can be seen
			r.wait(time.Minute)
			r.expect()
			if failed := r.count(PathFailed); failed == 0 {
				t.Error("nothing is said about what cannot be read")
			}
			chmod("known.log", 0o600)
			chmod("sub", 0o755)
			add("sub/inner.log", "8\n")
			r.wait(20 * time.Second)
			r.expect("7\n", "8\n")
			if n := r.count(FileGone) + r.count(FileTruncated) + r.count(FileEnded); n != 0 {
				t.Errorf("%d files ended, want none: %+v", n, r.events)
			}
		})
	}
}

const inNamespace = "WEIR_TEST_INOTIFY_LIMITS"

// TestInotifyLimits runs in a user namespace, which has limits of its own on file events.
func TestInotifyLimits(t *testing.T) {
	if os.Getenv(inNamespace) != "" {
		testInotifyLimits(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestInotifyLimits$", "-test.v")
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Skipf("no user namespace: %v", err)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	case err != nil || !strings.Contains(string(out), "--- PASS: TestInotifyLimits"):
		t.Errorf("%v\n%s", err, out)
	}
}

func setLimit(t *testing.T, name string, n int) {
	t.Helper()
	if err := os.WriteFile("/proc/sys/user/"+name, fmt.Append(nil, n), 0); err != nil {
		t.Skip(err)
	}
}

func testInotifyLimits(t *testing.T) {
	const dirs, watches = 20, 5
	r := newRig(t, t.TempDir())
	r.cfg.PollOnly, r.cfg.Paths = false, []string{r.dir + "/*/app.log"}
	for i := range dirs {
		if err := os.Mkdir(fmt.Sprintf("%s/%d", r.dir, i), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	line := func() (lines []string) {
		for i := range dirs {
			appendTo(t, fmt.Sprintf("%s/%d/app.log", r.dir, i), fmt.Sprintf("%d\n", i))
			lines = append(lines, fmt.Sprintf("%d\n", i))
		}
		return lines
	}
	setLimit(t, "max_inotify_instances", 0)
	setLimit(t, "max_inotify_watches", watches)
	r.start()
	defer r.stop()
	if r.tailer.events != nil {
		t.Fatal("an inotify instance in spite of the limit")
	}
	want := line()
	r.look()
	r.expect(want...)

	setLimit(t, "max_inotify_instances", 10)
	r.wait(2 * time.Minute)
	if r.tailer.events == nil || len(r.tailer.events.fs.WatchList()) != watches {
		t.Fatalf("not as many watches as there may be: %+v", r.tailer.events)
	}
	want = line()
	r.look()
	r.expect(want...)

	setLimit(t, "max_inotify_watches", 100)
	r.wait(2 * time.Minute)
	if n := len(r.tailer.events.fs.WatchList()); n != dirs+1 {
		t.Errorf("%d watches, want one for each directory", n)
	}
	want = line()
	eventually(t, "the events", func() bool { r.drain(); return len(r.records) == dirs })
	r.expect(want...)
	limited := slices.DeleteFunc(slices.Clone(r.events), func(e Event) bool { return e.Kind != WatchLimited })
	if len(limited) != 1 || limited[0].Err == nil {
		t.Errorf("events %+v, want one about the limits", limited)
	}
}
