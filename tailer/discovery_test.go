package tailer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// count is how many events of a kind there were.
func (r *rig) count(kind EventKind) (n int) {
	for _, e := range r.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// expect fails unless exactly these records came since the last expect.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	slices.Sort(r.records)
	slices.Sort(want)
	if !slices.Equal(r.records, want) {
		r.t.Errorf("records %q, want %q", r.records, want)
	}
	r.records = nil
}

// TestWatchesComeBack: where file events cannot be had they are asked for again, and what happens meanwhile is found by looking.
func TestWatchesComeBack(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.cfg.PollOnly = false
	refused := true
	r.made = func(tl *Tailer) {
		tl.newWatcher = func() (*fsnotify.Watcher, error) {
			if refused {
				return nil, errors.New("no instance left")
			}
			return fsnotify.NewWatcher()
		}
	}
	r.start()
	defer r.stop()
	path := filepath.Join(r.dir, "app.log")
	appendTo(t, path, "1\n")
	r.wait(3 * time.Minute)
	r.expect("1\n")
	if n := r.count(WatchLimited); n != 1 || r.tailer.events != nil {
		t.Errorf("%d events about the lack of watches, want 1", n)
	}
	refused = false
	r.wait(2 * time.Minute)
	if !watched(r.tailer, r.dir) {
		t.Error("no file events though they can be had")
	}
	appendTo(t, path, "2\n")
	eventually(t, "the event", func() bool { r.drain(); return len(r.records) == 1 }) // the clock stands still: nothing is looked at
	if n := r.count(WatchLimited); n != 1 {
		t.Errorf("%d events about the lack of watches, want 1", n)
	}
}

// TestGlance: where no name has changed the directory is not read again, and nothing is missed, though no file event comes.
func TestGlance(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.cfg.PollOnly, r.cfg.Paths = false, []string{r.dir + "/*.log"}
	past := time.Now().Add(-time.Hour)
	add := func(name, text string) { t.Helper(); appendTo(t, filepath.Join(r.dir, name), text) }
	add("a.log", "1\n")
	if err := os.Chtimes(r.dir, past, past); err != nil {
		t.Fatal(err)
	}
	r.start()
	defer r.stop()
	r.expect("1\n")
	r.look()
	r.tailer.events.fs.Close()
	d := r.tailer.dirs[r.dir]
	listings := func(looks int) uint32 {
		before := d.gen
		for range looks {
			r.look()
		}
		return d.gen - before
	}
	if n := listings(glances); n != 1 {
		t.Errorf("%d listings while it was looked at %d times, want 1", n, glances)
	}
	add("a.log", "2\n")
	listings(1)
	r.expect("2\n")
	add("b.log", "3\n")
	listings(1)
	r.expect("3\n")
	if err := errors.Join(os.Rename(r.dir+"/b.log", r.dir+"/a.log"), os.Chtimes(r.dir, past, past)); err != nil {
		t.Fatal(err)
	}
	add("a.log", "4\n")
	r.wait(time.Minute)
	r.expect("4\n")
}

// TestRemoteIsPolled: where others change files without this kernel, no file events are asked for, until something else is mounted there.
func TestRemoteIsPolled(t *testing.T) {
	r := newRig(t, t.TempDir())
	dir := filepath.Join(r.dir, "mnt")
	r.cfg.PollOnly, r.cfg.Paths = false, []string{dir + "/*.log"}
	isRemote := true
	r.made = func(tl *Tailer) { tl.remote = func(string) bool { return isRemote } }
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.start()
	defer r.stop()
	appendTo(t, dir+"/app.log", "1\n")
	r.look()
	r.expect("1\n")
	if watched(r.tailer, dir) || r.count(WatchLimited) > 0 {
		t.Errorf("watches %q on a remote file system; events %+v", r.tailer.events.fs.WatchList(), r.events)
	}
	isRemote = false
	if err := errors.Join(os.Rename(dir, dir+"2"), os.Mkdir(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	appendTo(t, dir+"/app.log", "2\n")
	r.look()
	r.expect("2\n")
	if !watched(r.tailer, dir) {
		t.Error("no file events though the directory is local now")
	}
}

// TestReplacedDirectories puts others in the place of directories, at each level, while they are watched.
func TestReplacedDirectories(t *testing.T) {
	dir := t.TempDir()
	var rec recorder
	run(t, Config{Paths: []string{dir + "/a/b/*/*.log"}, ScanInterval: 20 * time.Millisecond, Handle: rec.handle, Observe: rec.observe})
	n := 0
	line := func() {
		t.Helper()
		if err := os.MkdirAll(dir+"/a/b/c", 0o755); err != nil {
			t.Fatal(err)
		}
		appendTo(t, dir+"/a/b/c/app.log", "line\n")
		n++
		eventually(t, "the line", func() bool { return rec.count() == n })
	}
	line()
	for i, level := range []string{"/a/b/c", "/a/b", "/a", "/a/b/c", "/a"} {
		if err := os.Rename(dir+level, fmt.Sprintf("%s/away-%d", dir, i)); err != nil {
			t.Fatal(err)
		}
		line()
		line()
		if err := os.RemoveAll(dir + level); err != nil {
			t.Fatal(err)
		}
		line()
	}
	for _, e := range rec.events {
		if e.Kind == PathFailed {
			t.Errorf("event %+v", e)
		}
	}
}

// TestLongPaths: a path may be as long as the system allows; what is below a longer one is reported and disturbs nothing else.
func TestLongPaths(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	const length = 4000
	long := r.dir
	for len(long) < length-200 {
		long += "/" + strings.Repeat("d", 99)
	}
	long += "/" + strings.Repeat("f", length-len(long)-len("/.log")) + ".log"
	if err := os.MkdirAll(filepath.Dir(long), 0o755); err != nil {
		t.Skip(err)
	}
	r.cfg.Paths = []string{r.dir + "/**/*.log"}
	appendTo(t, long, "long\n")
	appendTo(t, r.dir+"/app.log", "short\n")
	root, err := os.OpenRoot(filepath.Dir(long))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	deeper := strings.Repeat("e", 99)
	if err := root.MkdirAll(strings.Repeat(deeper+"/", 5), 0o755); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.expect("long\n", "short\n")
	if n := r.count(PathFailed); n != 1 {
		t.Errorf("%d events about what is too deep, want 1: %+v", n, r.events)
	}
	if err := os.Rename(long, long+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, long, "again\n")
	r.look()
	r.expect("again\n")
}

// TestStrangeNames: a name is any bytes but a slash and NUL.
func TestStrangeNames(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	names := []string{"new\nline.log", "bad\xff\xfeutf8.log", "tab\t \"quoted\".log", "esc\x1b[31m.log", "dir\xff\n/x.log", strings.Repeat("n", 251) + ".log"}
	r.cfg.Paths = []string{r.dir + "/*.log", r.dir + "/*/*.log"}
	if err := os.Mkdir(r.dir+"/dir\xff\n", 0o755); err != nil {
		t.Skip(err)
	}
	var want []string
	for _, n := range names {
		appendTo(t, filepath.Join(r.dir, n), fmt.Sprintf("%q\n", n))
		want = append(want, fmt.Sprintf("%q\n", n))
	}
	r.start()
	r.expect(want...)
	r.stop()
	for _, n := range names[:5] {
		if err := os.Rename(filepath.Join(r.dir, n), filepath.Join(r.dir, n)+".1"); err != nil {
			t.Fatal(err)
		}
		appendTo(t, filepath.Join(r.dir, n), "new\n")
	}
	r.start()
	r.expect(slices.Repeat([]string{"new\n"}, 5)...)
}

// TestOverflow stops the taking of file events until the kernel drops some. What they were about is found, at once, and it is said.
func TestOverflow(t *testing.T) {
	var room int
	text, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	if _, scanErr := fmt.Sscan(string(text), &room); err != nil || scanErr != nil || room > 1<<15 {
		t.Skipf("the queue of file events has room for %d", room)
	}
	dir := t.TempDir()
	for _, sub := range []string{"quiet", "noise"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var rec recorder
	tl, _ := run(t, Config{Paths: []string{dir + "/*/*.log"}, ScanInterval: time.Hour, Handle: rec.handle, Observe: rec.observe})
	eventually(t, "the watches", func() bool { return watched(tl, dir+"/quiet") && watched(tl, dir+"/noise") })
	tl.events.mu.Lock()
	noise, err := os.Create(dir + "/noise/a")
	if err != nil {
		t.Fatal(err)
	}
	noise.Close()
	for range room {
		if err := errors.Join(os.Rename(dir+"/noise/a", dir+"/noise/b"), os.Rename(dir+"/noise/b", dir+"/noise/a")); err != nil {
			t.Fatal(err)
		}
	}
	appendTo(t, dir+"/quiet/app.log", "1\n")
	tl.events.mu.Unlock()
	eventually(t, "a file of which no event told", func() bool { return rec.count() == 1 })
	appendTo(t, dir+"/quiet/app.log", "2\n")
	eventually(t, "a line of which an event tells", func() bool { return rec.count() == 2 })
	missed := slices.ContainsFunc(rec.copyEvents(), func(e Event) bool { return e.Kind == EventsMissed && e.Err != nil })
	if !missed {
		t.Error("nothing is said about the lost events")
	}
}

func (r *recorder) copyEvents() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// TestLiveLinesDuringBacklog: while one file has a large backlog, a line that is written to another is handed out before a few blocks of it.
func TestLiveLinesDuringBacklog(t *testing.T) {
	const live, backlog = 50, 8 << 20
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Paths = []string{r.dir + "/*.log"}
	r.cfg.BlockSize, r.cfg.MaxRecord = minBlockSize, 100
	name := func(i int) string { return fmt.Sprintf("%s/live-%02d.log", r.dir, i) }
	for i := range live {
		appendTo(t, name(i), "")
	}
	r.start()
	appendTo(t, r.dir+"/backlog.log", strings.Repeat(strings.Repeat("x", 63)+"\n", backlog/64))
	r.tailer.nextFull = 0
	r.tailer.tick()
	written, open, worst, done := 0, 0, 0, 0
	since := make([]int, live) // blocks of the backlog since a line was written; -1: none waits
	for i := range since {
		since[i] = -1
	}
	r.taken = func(b *Block) {
		if strings.HasSuffix(b.Path, "backlog.log") {
			for i := range since {
				if since[i] >= 0 {
					since[i]++
				}
			}
			done += len(b.Data)
			return
		}
		var i int
		if _, err := fmt.Sscanf(filepath.Base(b.Path), "live-%d.log", &i); err != nil {
			t.Fatal(err)
		}
		if len(b.Ends) > 0 {
			worst = max(worst, since[i])
			open -= len(b.Ends)
			since[i] = -1
		}
	}
	for done < backlog {
		if i := written % live; since[i] < 0 {
			appendTo(t, name(i), "live\n")
			since[i] = 0
			open++
		}
		written++
		r.clock.now = r.clock.now.Add(minPollStep)
		r.tailer.step()
		r.worker.next()
		r.worker.commit(r.worker.turn())
	}
	r.look()
	// The line is seen at the next look at its file, 20 steps later, and waits for one turn of each other live file and of the backlog.
	if open != 0 || written < backlog/minBlockSize || worst > 2*live {
		t.Errorf("%d lines did not come; a live line waited for %d blocks of the backlog", open, worst)
	}
	t.Logf("a live line waited for at most %d blocks of the backlog", worst)
}

const minPollStep = time.Duration(minPoll) / 2

// TestBlockedHandler: while nothing is taken, files that come, are renamed and deleted are held up to the bound of open files, and what
// was not held is reported byte by byte.
func TestBlockedHandler(t *testing.T) {
	const files, open = 300, 40
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Paths, r.cfg.MaxOpen = []string{r.dir + "/*.log"}, open
	for i := range files {
		appendTo(t, fmt.Sprintf("%s/%03d.log", r.dir, i), "1\n")
	}
	r.start()
	r.wait(2 * time.Minute)
	r.expect(slices.Repeat([]string{"1\n"}, files)...)
	r.refuse = func(*Block) error { return errors.New("not now") }
	for i := range files {
		appendTo(t, fmt.Sprintf("%s/%03d.log", r.dir, i), "2\n")
	}
	r.look()
	for i := range files {
		if err := os.Remove(fmt.Sprintf("%s/%03d.log", r.dir, i)); err != nil {
			t.Fatal(err)
		}
	}
	r.wait(time.Minute)
	if n := len(r.tailer.opened); n > open+1 {
		t.Errorf("%d open files, want at most %d", n, open)
	}
	r.refuse = nil
	r.wait(2 * time.Minute)
	lost := int64(0)
	for _, e := range r.events {
		if e.Kind == FileGone {
			lost += e.Bytes
		}
	}
	if len(r.records) < open || int64(2*len(r.records))+lost != 2*files {
		t.Errorf("%d records came and %d bytes are reported, of %d lines", len(r.records), lost, files)
	}
	if n := len(r.tailer.opened); n != 0 {
		t.Errorf("%d files are still open", n)
	}
}

// TestSizeWhileBlocked: how far a file has grown is seen while a worker has it that gets nothing done.
func TestSizeWhileBlocked(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Paths = []string{r.dir + "/*.log"}
	path := r.dir + "/a.log"
	appendTo(t, path, "1\n")
	r.start()
	r.wait(2 * time.Minute)
	for i, want := range []int64{4, 6, 8} { // from the second on the file has been in the queue since the tick before
		appendTo(t, path, "1\n")
		r.tailer.nextFull = 0
		r.tailer.tick()
		if s := r.tailer.Files()[0]; i > 0 && s.Size != want || s.Offset != 2 || s.State != "reading" {
			t.Errorf("%+v, want a size of %d", s, want)
		}
	}
	r.wait(time.Minute)
	if s := r.tailer.Files()[0]; s.Size != 8 || s.Offset != 8 || s.State != "idle" {
		t.Errorf("%+v, want it read to its end", s)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, "2\n")
	r.wait(time.Minute)
	if s := r.tailer.Files()[0]; s.Size != 2 || s.Offset != 2 {
		t.Errorf("%+v, want it read again from its start", s)
	}
}

// TestDeletedInQueue: files that are deleted while they wait for a worker, without a descriptor, are reported with all that they held.
func TestDeletedInQueue(t *testing.T) {
	const files, open = 50, 5
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Paths, r.cfg.MaxOpen = []string{r.dir + "/*.log"}, open
	for i := range files {
		appendTo(t, fmt.Sprintf("%s/%03d.log", r.dir, i), "1\n")
	}
	r.start()
	r.wait(2 * time.Minute)
	r.expect(slices.Repeat([]string{"1\n"}, files)...)
	for i := range files {
		appendTo(t, fmt.Sprintf("%s/%03d.log", r.dir, i), "23\n")
	}
	r.tailer.nextFull = 0
	r.tailer.tick() // all of them wait now
	for i := range files {
		if err := os.Remove(fmt.Sprintf("%s/%03d.log", r.dir, i)); err != nil {
			t.Fatal(err)
		}
	}
	r.wait(2 * time.Minute)
	lost := int64(0)
	for _, e := range r.events {
		if e.Kind == FileGone {
			lost += e.Bytes
		}
	}
	if len(r.records) != open || lost != 3*(files-open) {
		t.Errorf("%d records and %d bytes reported as lost, want %d and %d", len(r.records), lost, open, 3*(files-open))
	}
}

// TestManyLinks: files that are reached through symbolic links are closed, too, where there are more than may be open.
func TestManyLinks(t *testing.T) {
	const files, open = 100, 10
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Paths, r.cfg.MaxOpen = []string{r.dir + "/links/*.log"}, open
	if err := errors.Join(os.Mkdir(r.dir+"/data", 0o755), os.Mkdir(r.dir+"/links", 0o755)); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		appendTo(t, fmt.Sprintf("%s/data/%d", r.dir, i), "1\n")
		if err := os.Symlink(fmt.Sprintf("../data/%d", i), fmt.Sprintf("%s/links/%d.log", r.dir, i)); err != nil {
			t.Skip(err)
		}
	}
	r.start()
	for i := range files {
		appendTo(t, fmt.Sprintf("%s/data/%d", r.dir, i), "2\n")
	}
	r.wait(2 * time.Minute)
	for i := range files {
		appendTo(t, fmt.Sprintf("%s/data/%d", r.dir, i), "3\n")
	}
	r.wait(2 * time.Minute)
	if n := len(r.tailer.opened); n > open {
		t.Errorf("%d descriptors, want at most %d", n, open)
	}
	r.expect(slices.Repeat([]string{"1\n", "2\n", "3\n"}, files)...)
}

// TestUnacknowledgedStaysOpen: what was read of a file may be asked for again until it is acknowledged; until then the file is not closed.
func TestUnacknowledgedStaysOpen(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	acknowledged := int64(0)
	r.cfg.Acknowledged = func(FileID) int64 { return acknowledged }
	appendTo(t, filepath.Join(r.dir, "app.log"), "1\n")
	r.start()
	r.wait(time.Hour)
	if n := len(r.tailer.opened); n != 1 {
		t.Errorf("%d descriptors, want that of the file", n)
	}
	acknowledged = 2
	r.wait(time.Minute)
	if n := len(r.tailer.opened); n != 0 {
		t.Errorf("%d descriptors, want none", n)
	}
}

// TestManyUnreadable: many paths that fail do not flood whoever listens, nor whoever reads.
func TestManyUnreadable(t *testing.T) {
	const files = maxThrottled + 500
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Paths = []string{r.dir + "/*.log"}
	for i := range files {
		if err := os.Symlink("/proc/self/mem", fmt.Sprintf("%s/%d.log", r.dir, i)); err != nil {
			t.Skip(err)
		}
	}
	r.start()
	r.wait(30 * time.Second)
	if n := r.count(PathFailed); n > maxThrottled {
		t.Errorf("%d events, want at most %d", n, maxThrottled)
	}
}
