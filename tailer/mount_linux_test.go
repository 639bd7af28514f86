package tailer

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// privately lets the test mount what nobody else sees, or skips it where that is not allowed. The test must do everything in its own
// goroutine, as those with a rig do: it is the thread that lives apart.
func privately(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // for ever: the thread ends with the test, and its mounts with it
	err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS)
	if err == nil {
		err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	}
	if err != nil {
		t.Skipf("no mounts of its own: %v", err)
	}
}

func mount(t *testing.T, source, target, kind string, flags uintptr, options string) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, options); err != nil {
		t.Skipf("mount %s: %v", kind, err)
	}
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) }) // it is gone already where the test is about that
}

// expects waits for a minute and compares the records that came.
func (r *rig) expects(what string, want ...string) {
	r.t.Helper()
	r.wait(time.Minute)
	got := r.records
	r.records = nil
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.t.Errorf("%s: got %q, want %q\nevents: %+v", what, got, want, r.events)
	}
}

// TestOverlay follows a file of an image: the first write makes a copy of it in the upper layer, under the same name.
func TestOverlay(t *testing.T) {
	for _, apart := range []bool{false, true} {
		t.Run(map[bool]string{false: "layers on one file system", true: "layers on two"}[apart], func(t *testing.T) {
			privately(t)
			r := newRig(t, t.TempDir())
			dir := func(name string) string {
				path := filepath.Join(r.dir, name)
				if err := os.MkdirAll(path, 0o755); err != nil {
					t.Fatal(err)
				}
				return path
			}
			top := dir("top")
			if apart {
				mount(t, "tmpfs", top, "tmpfs", 0, "")
			}
			lower, upper, work, merged := dir("lower"), dir("top/upper"), dir("top/work"), dir("merged")
			for _, name := range []string{"app.log", "idle.log", "down.log"} {
				appendTo(t, filepath.Join(lower, name), "1\n2\n")
			}
			mount(t, "overlay", merged, "overlay", 0, "lowerdir="+lower+",upperdir="+upper+",workdir="+work)
			in := func(name string) string { return filepath.Join(merged, name) }
			r.cfg.Paths = []string{in("*.log")}
			defer r.stop()
			r.start()
			r.expects("of the image", "1\n", "1\n", "1\n", "2\n", "2\n", "2\n")
			appendTo(t, in("app.log"), "3\n")
			r.expects("copied up", "3\n")
			r.wait(5 * time.Minute)
			appendTo(t, in("idle.log"), "3\n")
			r.expects("copied up when its descriptor was closed", "3\n")
			r.stop()
			appendTo(t, in("down.log"), "3\n")
			r.start()
			r.expects("copied up while weir was down", "3\n")
			appendTo(t, in("app.log"), "4\n")
			if err := os.Rename(in("app.log"), in("app.log.1")); err != nil {
				t.Fatal(err)
			}
			appendTo(t, in("app.log"), "5\n")
			r.expects("rotated", "4\n", "5\n")
		})
	}
}

// TestBindMount follows a file and a folder that are mounted elsewhere, too.
func TestBindMount(t *testing.T) {
	privately(t)
	r := newRig(t, t.TempDir())
	real, seen := filepath.Join(r.dir, "real"), filepath.Join(r.dir, "seen")
	if err := errors.Join(os.Mkdir(real, 0o755), os.Mkdir(seen, 0o755)); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(real, "app.log"), "1\n")
	mount(t, real, seen, "", unix.MS_BIND, "")
	r.cfg.Paths = []string{filepath.Join(seen, "*.log"), filepath.Join(real, "*.log")}
	defer r.stop()
	r.start()
	r.expects("in both folders", "1\n")
	appendTo(t, filepath.Join(real, "app.log"), "2\n")
	if err := os.Rename(filepath.Join(real, "app.log"), filepath.Join(real, "app.log.1")); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(seen, "app.log"), "3\n")
	r.expects("rotated", "2\n", "3\n")
	if err := unix.Unmount(seen, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(real, "app.log"), "4\n")
	r.expects("not mounted", "4\n")
	r.stop()
	mount(t, real, seen, "", unix.MS_BIND, "")
	appendTo(t, filepath.Join(real, "app.log"), "5\n")
	r.start()
	r.expects("mounted again while weir was down", "5\n")
}
