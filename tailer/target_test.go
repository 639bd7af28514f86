package tailer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestTargetOf(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"releases/1", "releases/2", "logs"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	appendTo(t, filepath.Join(dir, "releases/1/app.log"), "")
	for link, text := range map[string]string{
		"current":        "releases/1",
		"logs/app.log":   "../current/app.log",
		"logs/chain.log": filepath.Join(dir, "logs/app.log"),
		"logs/later.log": "../releases/2/app.log",
		"logs/lost.log":  "/no such folder/x.log",
		"logs/loop.log":  "loop.log",
	} {
		if err := os.Symlink(text, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"logs/app.log":   dir + "/releases/1/app.log",
		"logs/chain.log": dir + "/releases/1/app.log",
		"logs/later.log": dir + "/releases/2/app.log",
		"logs/lost.log":  "/no such folder/x.log",
		"logs/loop.log":  "",
		"logs/none.log":  dir + "/logs/none.log",
		"logs":           dir + "/logs",
	} {
		if got, _ := targetOf(filepath.Join(dir, path)); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
	_, before := targetOf(filepath.Join(dir, "logs/chain.log"))
	newRig(t, dir).tick("no such name")
	if err := errors.Join(os.Remove(filepath.Join(dir, "current")), os.Symlink("releases/2", filepath.Join(dir, "current"))); err != nil {
		t.Fatal(err)
	}
	if _, after := targetOf(filepath.Join(dir, "logs/chain.log")); after <= before {
		t.Errorf("switched on the way: at %d, not after %d", after, before)
	}
}

// linkRig follows app.log, which leads to a log in data.
func linkRig(t *testing.T) (r *rig, target string) {
	r = newRig(t, t.TempDir())
	target = filepath.Join(r.dir, "data", "real.log")
	if err := errors.Join(os.Mkdir(filepath.Dir(target), 0o755), os.Symlink(target, filepath.Join(r.dir, "app.log"))); err != nil {
		t.Fatal(err)
	}
	appendTo(t, target, "1\n")
	return r, target
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// TestLinkNamesItsGenerations: what lies beside a target goes out, and is kept, under the name of the link, which may name a pod.
func TestLinkNamesItsGenerations(t *testing.T) {
	r, target := linkRig(t)
	link := filepath.Join(r.dir, "app.log")
	r.taken = func(b *Block) {
		if b.Path != link || b.Next.Path != link || b.Next.Target != target {
			t.Errorf("block %q of %s, position of %s, %s", b.Data, b.Path, b.Next.Path, b.Next.Target)
		}
	}
	for _, down := range []bool{false, true} {
		r.start()
		if down {
			r.stop()
		}
		for _, suffix := range []string{"2", "1"} {
			appendTo(t, target, "rest\n")
			rename(t, target, target+"."+suffix)
			r.tick("no such name")
			appendTo(t, target, fmt.Sprintln("new", down, suffix))
		}
		if down {
			r.start()
		}
		r.wait(time.Minute)
		r.stop()
	}
	if want := 9; len(r.records) != want {
		t.Errorf("%d records, want %d: %q", len(r.records), want, r.records)
	}
}

// TestLinkLeavesFolders: the folders of old targets are given up, but not before they are read.
func TestLinkLeavesFolders(t *testing.T) {
	r, _ := linkRig(t)
	r.start()
	link, switches := filepath.Join(r.dir, "app.log"), 3*extraLeft
	for n := range switches {
		target := filepath.Join(r.dir, fmt.Sprint("data", n), "real.log")
		if err := errors.Join(os.Mkdir(filepath.Dir(target), 0o755), os.Remove(link), os.Symlink(target, link)); err != nil {
			t.Fatal(err)
		}
		appendTo(t, target, fmt.Sprintln("switch", n))
		r.wait(2 * time.Minute)
	}
	if besides := besides(r.tailer); len(besides) > 2+extraLeft {
		t.Errorf("%d folders of targets are scanned", len(besides))
	}
	if len(r.records) != 1+switches {
		t.Errorf("%d records, want %d", len(r.records), 1+switches)
	}
	r.wait(forgetAfter * fullEvery * 2 * time.Second)
	if got, want := besides(r.tailer), []string{filepath.Join(r.dir, fmt.Sprint("data", switches-1))}; !slices.Equal(got, want) {
		t.Errorf("after a long time %q are scanned, want %q", got, want)
	}
	if err := errors.Join(os.Remove(link), os.RemoveAll(filepath.Join(r.dir, fmt.Sprint("data", switches-1)))); err != nil {
		t.Fatal(err)
	}
	r.wait(time.Minute)
	if got := besides(r.tailer); len(got) > 0 {
		t.Errorf("without a link and a target %q are scanned", got)
	}
	r.stop()
	r.start()
	r.wait(time.Minute)
	if len(r.records) != 1+switches {
		t.Errorf("after a restart %d records, want %d", len(r.records), 1+switches)
	}
	r.stop()
}

// TestLinkIsNoListing: a look at a link whose target has come to be takes nothing from the hunt for files of an earlier run beside the link.
func TestLinkIsNoListing(t *testing.T) {
	r, target := linkRig(t)
	r.start()
	if err := os.Remove(target); err != nil {
		t.Fatal(err)
	}
	r.wait(time.Minute)
	appendTo(t, target, "2\n")
	home := r.tailer.dirs[r.dir]
	home.hunt = huntListings
	r.tailer.list(r.tailer.dirs[filepath.Dir(target)])
	if home.names["app.log"] == nil {
		t.Error("the link was not looked at")
	}
	if home.hunt != huntListings {
		t.Errorf("%d listings hunt, want %d", home.hunt, huntListings)
	}
}

// besides are the directories that are scanned for targets.
func besides(t *Tailer) (paths []string) {
	for path, d := range t.dirs {
		if d.beside() {
			paths = append(paths, path)
		}
	}
	return paths
}

// TestLinkEvents: what happens behind a link is seen by file events in the target's folder.
func TestLinkEvents(t *testing.T) {
	r, target := linkRig(t)
	got := &recorder{}
	cfg := r.cfg
	cfg.PollOnly, cfg.ScanInterval, cfg.Handle, cfg.Observe, cfg.Since = false, time.Hour, got.handle, got.observe, time.Now()
	tl, _ := run(t, cfg)
	eventually(t, "the file is read and its folder watched", func() bool {
		tl.mu.Lock()
		defer tl.mu.Unlock()
		return got.count() == 1 && tl.events != nil && slices.Contains(tl.events.fs.WatchList(), filepath.Dir(target))
	})
	r.tick("no such name")
	appendTo(t, target, "2\n")
	rename(t, target, target+".2")
	appendTo(t, target, "3\n")
	rename(t, target, target+".1")
	appendTo(t, target, "4\n")
	eventually(t, "all generations are read", func() bool { return got.count() == 4 })
}
