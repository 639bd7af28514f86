package tailer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

func TestNewReportsEveryProblem(t *testing.T) {
	_, err := New(Config{
		Paths: []string{"logs/*.log"}, Exclude: []string{"["}, MaxRecord: -1, BlockSize: 1, Workers: -1, MaxOpen: -1,
		ScanInterval: -1, PartialTimeout: -1, EndQuiet: -1, IdleClose: -1,
		Known: []Position{{Offset: 10, Before: Digest{Len: 11}}},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"logs/*.log", `exclude "["`, "MaxRecord -1", "BlockSize 1", "Workers -1", "MaxOpen -1", "ScanInterval",
		"PartialTimeout", "EndQuiet", "IdleClose", "Handle is nil", "Known[0]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not mention %s:\n%v", want, err)
		}
	}
}

func TestRunOnlyOnce(t *testing.T) {
	var rec recorder
	tl, err := New(Config{Paths: []string{t.TempDir() + "/*"}, Once: true, Handle: rec.handle})
	if err != nil {
		t.Fatal(err)
	}
	if err := tl.Run(t.Context()); err != nil {
		t.Errorf("first Run: %v", err)
	}
	if err := tl.Run(t.Context()); err == nil {
		t.Error("second Run: no error")
	}
}

// TestOnceReadsAll runs with real workers over many files, more than may be open at a time, of many sizes.
func TestOnceReadsAll(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for i := range 200 {
		var text strings.Builder
		for j := range i * 3 {
			line := fmt.Sprintf("file %d line %d\n", i, j)
			text.WriteString(line)
			want = append(want, line)
		}
		appendTo(t, filepath.Join(dir, fmt.Sprintf("%03d.log", i)), text.String()+"end")
		want = append(want, "end")
	}
	var rec recorder
	tl, err := New(Config{
		Paths: []string{dir + "/*.log"}, Once: true, Handle: rec.handle, MaxOpen: 8, BlockSize: minBlockSize, MaxRecord: 100, Workers: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tl.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(rec.records)
	if !slices.Equal(rec.records, want) || rec.err != nil {
		t.Errorf("%d records, want %d; %v", len(rec.records), len(want), rec.err)
	}
	for _, f := range tl.Files() {
		if f.Offset != f.Size || f.State != "idle" {
			t.Errorf("file %+v is not read", f)
		}
	}
}

// TestOnceTellsWhatItCannotRead uses a loop of symbolic links, which not even root can open.
func TestOnceTellsWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	appendTo(t, dir+"/a.log", "a\n")
	appendTo(t, dir+"/b.log", "b\n")
	var rec recorder
	tl, err := New(Config{Paths: []string{dir + "/*.log"}, Once: true, Handle: rec.handle, Observe: rec.observe})
	if err != nil {
		t.Fatal(err)
	}
	tl.tick()
	if err := errors.Join(os.Remove(dir+"/a.log"), os.Symlink("a.log", dir+"/a.log")); err != nil {
		t.Fatal(err)
	}
	for f := range tl.opened {
		tl.close(f)
	}
	if err := tl.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "a.log") {
		t.Errorf("Run: %v, want an error about a.log", err)
	}
	if !slices.Equal(rec.records, []string{"b\n"}) {
		t.Errorf("records %q", rec.records)
	}
}

func TestOnceEndsEarly(t *testing.T) {
	dir := t.TempDir()
	appendTo(t, dir+"/a.log", "a\n")
	ctx, cancel := context.WithCancel(t.Context())
	tl, err := New(Config{Paths: []string{dir + "/*.log"}, Once: true, Handle: func(ctx context.Context, _ *Block) error {
		cancel()
		<-ctx.Done() // back-pressure until the end
		return ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tl.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v, want %v", err, context.Canceled)
	}
}

// TestEventsWake sets the scan interval so high that only file events can bring the lines in time.
func TestEventsWake(t *testing.T) {
	dir := t.TempDir()
	var rec recorder
	tl, _ := run(t, Config{
		Paths: []string{dir + "/**/app.log"}, ScanInterval: time.Hour, Handle: rec.handle, Observe: rec.observe,
	})
	wait := func(n int, what string) {
		t.Helper()
		eventually(t, what, func() bool { return rec.count() == n })
	}
	eventually(t, "the first scan", func() bool { return len(tl.poke) == 0 && watched(tl, dir) })
	appendTo(t, dir+"/app.log", "1\n")
	wait(1, "a new file")
	appendTo(t, dir+"/app.log", "2\n")
	wait(2, "a file that grows")
	if err := os.Rename(dir+"/app.log", dir+"/app.log.1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, dir+"/app.log", "3\n")
	wait(3, "a rotated file")
	if err := os.MkdirAll(dir+"/a/b", 0o755); err != nil {
		t.Fatal(err)
	}
	appendTo(t, dir+"/a/b/app.log", "4\n")
	wait(4, "a file in a new directory")
}

func watched(t *Tailer, dir string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.events != nil && slices.Contains(t.events.fs.WatchList(), dir)
}

// TestBusyDirectory writes so often that file events cost more than looking; they are given up, and nothing is missed.
func TestBusyDirectory(t *testing.T) {
	dir := t.TempDir()
	var rec recorder
	tl, _ := run(t, Config{Paths: []string{dir + "/*.log"}, Handle: rec.handle, ScanInterval: time.Hour})
	eventually(t, "the watch", func() bool { return watched(tl, dir) })
	names := []string{dir + "/a.log", dir + "/b.log"}
	n := 0
	eventually(t, "the watch to be given up", func() bool {
		for range 100 {
			appendTo(t, names[n%2], "line\n")
			n++
		}
		return !watched(tl, dir)
	})
	eventually(t, "all lines", func() bool { return rec.count() == n })
	appendTo(t, names[0], "last\n")
	eventually(t, "a line without events", func() bool { return rec.count() == n+1 })
}

// TestNoWatches lets every request for file events fail: files are followed by scanning, and that is said once.
func TestNoWatches(t *testing.T) {
	dir := t.TempDir()
	for _, sub := range []string{"a", "b", "c"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r := newRig(t, dir)
	r.cfg.Paths = []string{dir + "/*/app.log"}
	r.cfg.PollOnly = false
	r.made = func(tl *Tailer) {
		tl.newWatcher = func() (*fsnotify.Watcher, error) {
			w, err := fsnotify.NewWatcher()
			return w, errors.Join(err, w.Close())
		}
	}
	r.start()
	defer r.stop()
	r.look()
	appendTo(t, dir+"/b/app.log", "1\n")
	r.look()
	if !slices.Equal(r.records, []string{"1\n"}) {
		t.Errorf("records %q", r.records)
	}
	limited := 0
	for _, e := range r.events {
		if e.Kind == WatchLimited && e.Err != nil {
			limited++
		}
	}
	if limited != 1 {
		t.Errorf("%d events about it, want 1: %+v", limited, r.events)
	}
}

// TestDescriptors follows many files with few descriptors, and closes those of idle files.
func TestDescriptors(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.cfg.Paths = []string{r.dir + "/*.log"}
	r.cfg.MaxOpen = 10
	name := func(i int) string { return filepath.Join(r.dir, fmt.Sprintf("%d.log", i)) }
	for i := range 100 {
		appendTo(t, name(i), "1\n")
	}
	r.start()
	defer r.stop()
	if n := len(r.tailer.opened); n > 10 {
		t.Errorf("%d descriptors, want at most 10", n)
	}
	for i := range 100 {
		appendTo(t, name(i), "2\n")
	}
	r.look()
	if len(r.records) != 200 {
		t.Errorf("%d records, want 200", len(r.records))
	}
	r.wait(2 * time.Minute)
	if n := len(r.tailer.opened); n != 0 {
		t.Errorf("%d descriptors on idle files", n)
	}
	appendTo(t, name(7), "3\n")
	r.look()
	if len(r.records) != 201 {
		t.Errorf("%d records, want 201", len(r.records))
	}
}

// TestFairness reads one large file and some small ones: the small ones must not wait for the large one.
func TestFairness(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.cfg.Paths = []string{r.dir + "/*.log"}
	r.cfg.BlockSize, r.cfg.MaxRecord = minBlockSize, 100
	appendTo(t, r.dir+"/a.log", strings.Repeat("a long backlog\n", 10_000))
	for i := range 5 {
		appendTo(t, filepath.Join(r.dir, fmt.Sprintf("b%d.log", i)), "short\n")
	}
	r.start()
	defer r.stop()
	last := slices.Index(r.records, "a long backlog\n")
	for i, rec := range r.records {
		if rec == "short\n" {
			last = max(last, i)
		}
	}
	if len(r.records) != 10_005 || last > 2*minBlockSize/len("a long backlog\n")+10 {
		t.Errorf("%d records, the last of the small files came as number %d", len(r.records), last)
	}
}

// TestErrorsAreRare looks at a path that fails all the time.
// TestShortLines: blocks full of empty lines are cut where their ends would take more memory than planned, and none is lost.
func TestShortLines(t *testing.T) {
	const lines = 700_001
	r := newRig(t, t.TempDir())
	defer r.stop()
	appendTo(t, filepath.Join(r.dir, "app.log"), strings.Repeat("x", 300<<10)+strings.Repeat("\n", lines)+"end")
	most := 0
	r.taken = func(b *Block) { most = max(most, len(b.Ends)) }
	r.start()
	r.wait(time.Minute)
	if len(r.records) != lines+1 || r.records[lines] != "end" {
		t.Errorf("%d records, the last is %.10q; want %d", len(r.records), r.records[len(r.records)-1], lines+1)
	}
	if limit := 32 << 10; most > limit {
		t.Errorf("%d records in a block, want at most %d", most, limit)
	}
}

// TestFileComesBack: what was let go may have been forgotten by whoever keeps the positions, so a file that comes back says where it
// stands, though it has nothing new. Else the next run would read it again.
func TestFileComesBack(t *testing.T) {
	if st, err := statPath(t.TempDir()); err != nil || st.birth == 0 {
		t.Skip("no birth times: it comes twice")
	}
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Paths = []string{filepath.Join(r.dir, "*", "app.log")}
	srv, away := filepath.Join(r.dir, "srv"), filepath.Join(t.TempDir(), "away")
	if err := os.Mkdir(srv, 0o755); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(srv, "app.log"), "1\n")
	r.start()
	if err := os.Rename(srv, away); err != nil {
		t.Fatal(err)
	}
	r.wait(time.Minute)
	if last := r.events[len(r.events)-1]; last.Kind != FileEnded {
		t.Fatalf("last event %+v, want the file to be let go", last)
	}
	clear(r.acked)
	r.order = nil
	if err := os.Rename(away, srv); err != nil {
		t.Fatal(err)
	}
	r.look()
	r.stop()
	r.start()
	r.look()
	if len(r.records) != 1 {
		t.Errorf("records %q, want each line once", r.records)
	}
}

// TestSeenTwice: a listing of a directory in which names change may show one file under two names, as a hard link does. It is
// one file all the same: two workers would read it twice.
func TestSeenTwice(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	path := func(name string) string { return filepath.Join(r.dir, name) }
	r.tick("app.log")
	appendTo(t, path("app.log"), "0\n")
	r.start()
	r.tick("app.log.1")
	appendTo(t, path("new"), "1\n")
	err := errors.Join(os.Rename(path("app.log"), path("app.log.3")), os.Rename(path("new"), path("app.log.2")), os.Link(path("app.log.2"), path("app.log.1")))
	if err != nil {
		t.Fatal(err)
	}
	r.tick("app.log")
	appendTo(t, path("app.log"), "2\n")
	r.tailer.tick() // one listing; the next would put it right
	if r.tailer.files.count != 3 {
		t.Errorf("%d files, want 3", r.tailer.files.count)
	}
	r.drain()
	if len(r.records) != 3 {
		t.Errorf("records %q, want each line once", r.records)
	}
}

func TestErrorsAreRare(t *testing.T) {
	r := newRig(t, t.TempDir())
	appendTo(t, r.dir+"/app.log", "1\n")
	r.refuse = func(*Block) error { return errors.New("no") }
	r.start()
	defer r.stop()
	r.wait(150 * time.Second)
	n := 0
	for _, e := range r.events {
		if e.Kind == BlockRefused {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d events in 150s, want 3", n)
	}
	if got := r.tailer.Files(); len(got) != 1 || got[0].State != "waiting" || got[0].Error != "no" || got[0].Offset != 0 {
		t.Errorf("Files: %+v", got)
	}
}

// TestConcurrentUse calls what may be called at any time while files are read, for the race detector.
func TestConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	var rec recorder
	tl, stop := run(t, Config{Paths: []string{dir + "/*"}, Handle: rec.handle, Observe: rec.observe, ScanInterval: 5 * time.Millisecond})
	var group sync.WaitGroup
	for i := range 3 {
		group.Go(func() {
			path := filepath.Join(dir, fmt.Sprint(i))
			for j := range 200 {
				appendTo(t, path, "line\n")
				if j%50 == 49 {
					os.Rename(path, fmt.Sprint(path, ".", j))
				}
				tl.Files()
			}
		})
	}
	group.Wait()
	eventually(t, "all lines", func() bool { return rec.count() == 600 })
	stop()
	if rec.err != nil {
		t.Error(rec.err)
	}
}

// TestDanglingLink: where a link led nowhere for a moment no file event tells when it leads somewhere again; a rotation later would be too late.
func TestDanglingLink(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.cfg.PollOnly = false
	target := filepath.Join(r.dir, "pods", "0.log")
	if err := os.Mkdir(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	appendTo(t, target, "1\n")
	if err := os.Symlink(target, filepath.Join(r.dir, "app.log")); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.tailer.startWatching()
	defer r.tailer.events.done.Wait()
	defer r.stop()
	defer r.tailer.events.fs.Close()
	r.wait(20 * time.Second)
	if !r.tailer.dirs[r.dir].covered {
		t.Fatal("there are no file events")
	}
	for _, line := range []string{"2\n", "3\n"} {
		if err := os.Rename(target, target+".before-"+line[:1]); err != nil {
			t.Fatal(err)
		}
		if line == "3\n" {
			r.wait(1500 * time.Millisecond)
		}
		appendTo(t, target, line)
		r.wait(2 * time.Second)
		// If the event of the renaming was in time, the next one tells; that comes when it comes, whatever the stepped clock says.
		eventually(t, "the link is followed before all is listed again", func() bool {
			r.wait(0)
			return slices.Contains(r.records, line)
		})
	}
	if want := []string{"1\n", "2\n", "3\n"}; !slices.Equal(r.records, want) {
		t.Errorf("records %q, want %q", r.records, want)
	}
}

// TestDanglingLinkPolled: where no file events tell, a link that led nowhere when its name was listed is looked at more often than all names are.
func TestDanglingLinkPolled(t *testing.T) {
	r := newRig(t, t.TempDir())
	target := filepath.Join(r.dir, "pods", "0.log")
	if err := os.Mkdir(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	appendTo(t, target, "1\n")
	if err := os.Symlink(target, filepath.Join(r.dir, "app.log")); err != nil {
		t.Fatal(err)
	}
	r.start()
	defer r.stop()
	r.wait(20 * time.Second)
	if err := os.Rename(target, target+".before"); err != nil {
		t.Fatal(err)
	}
	for looks := 0; len(r.tailer.vacant) == 0; looks++ {
		if looks == 20 {
			t.Fatal("nobody looks for the name")
		}
		r.wait(100 * time.Millisecond)
	}
	r.wait(100 * time.Millisecond)
	appendTo(t, target, "2\n")
	r.wait(100 * time.Millisecond)
	if want := []string{"1\n", "2\n"}; !slices.Equal(r.records, want) {
		t.Errorf("records %q, want %q", r.records, want)
	}
}

// TestFilesWhileTheRunEnds asks for the state while files that are open, one of them deleted, are let go, for the race detector.
func TestFilesWhileTheRunEnds(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		appendTo(t, dir+"/kept", "line\n")
		appendTo(t, dir+"/gone", "line\n")
		var rec recorder
		tl, stop := run(t, Config{Paths: []string{dir + "/*"}, Handle: rec.handle, Observe: rec.observe, ScanInterval: 5 * time.Millisecond})
		eventually(t, "both lines", func() bool { return rec.count() == 2 })
		appendTo(t, dir+"/kept", "more")
		if err := os.Remove(dir + "/gone"); err != nil {
			t.Fatal(err)
		}
		over := make(chan struct{})
		var group sync.WaitGroup
		group.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					tl.Files()
				}
			}
		})
		stop()
		close(over)
		group.Wait()
	}
}
