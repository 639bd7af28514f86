package tailer

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/fsnotify/fsnotify"
)

const (
	watchAgain = int64(60 * 1e9) // after how long what was refused is asked for again, nanoseconds
	busyHints  = 500             // file events of a directory in one tick from which on it is cheaper to look
	calmAfter  = int64(30 * 1e9) // how long its events are then done without, nanoseconds
	maxHints   = 8192            // paths remembered; beyond it everything is scanned
	namesEvent = fsnotify.Create | fsnotify.Rename | fsnotify.Remove
)

// watcher collects file events until the scanner takes them.
type watcher struct {
	fs   *fsnotify.Watcher
	wake func()
	done sync.WaitGroup

	mu       sync.Mutex
	hints    map[string]hint
	overflow bool
	err      error
}

// hint is what happened at a path, however often.
type hint struct {
	op    fsnotify.Op
	count int
}

// startWatching begins to collect file events unless that was done, or says that there are none for now.
func (t *Tailer) startWatching() {
	if t.events != nil || t.cfg.PollOnly || t.cfg.Once || t.now() < t.watchAt {
		return
	}
	fs, err := t.newWatcher()
	if err != nil {
		t.watchAt = t.now() + watchAgain
		t.watchRefused("", err)
		return
	}
	w := &watcher{fs: fs, wake: t.wake, hints: map[string]hint{}}
	w.done.Go(w.collect)
	t.mu.Lock() // for tests that look on
	t.events = w
	t.mu.Unlock()
}

// watchRefused says, once, that file events cannot be had.
func (t *Tailer) watchRefused(path string, err error) {
	if !t.limited {
		t.limited = true
		t.emit(Event{Kind: WatchLimited, Path: path, Err: err})
	}
}

func (t *Tailer) stopWatching() {
	if t.events != nil {
		t.events.fs.Close()
		t.events.done.Wait()
	}
}

// collect runs until the watcher is closed.
func (w *watcher) collect() {
	for {
		select {
		case e, open := <-w.fs.Events:
			if !open {
				return
			}
			w.add(e)
		case err, open := <-w.fs.Errors:
			if !open {
				return
			}
			w.mu.Lock()
			w.overflow, w.err = true, err
			w.mu.Unlock()
		}
		w.wake()
	}
}

func (w *watcher) add(e fsnotify.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h, ok := w.hints[e.Name]
	if !ok && len(w.hints) >= maxHints {
		w.overflow = true
		return
	}
	w.hints[e.Name] = hint{h.op | e.Op, h.count + 1}
}

// take returns what was collected, and forgets it.
func (w *watcher) take() (hints map[string]hint, overflow bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.hints) > 0 { // the map that collect writes into is never handed out
		hints, w.hints = w.hints, map[string]hint{}
	}
	overflow, err = w.overflow, w.err
	w.overflow, w.err = false, nil
	return hints, overflow, err
}

// takeHints looks at what the file events point to.
func (t *Tailer) takeHints() {
	if t.events == nil {
		return
	}
	hints, overflow, err := t.events.take()
	if overflow {
		t.nextFull = min(t.nextFull, t.calmAt)
		t.nextTick = min(t.nextTick, t.nextFull)
		t.emitSometimes(Event{Kind: EventsMissed, Err: err})
	}
	for path, h := range hints {
		if d := t.dirs[path]; d != nil && h.op&(fsnotify.Rename|fsnotify.Remove) != 0 {
			t.uncover(d)
			t.mark(d)
		}
		d := t.dirs[filepath.Dir(path)]
		if d == nil {
			continue
		}
		if d.hints += h.count; d.hints > busyHints && d.covered {
			d.rewatchAt = t.now() + calmAfter
			t.uncover(d)
			t.mark(d)
		}
		t.takeHint(d, path, h.op)
	}
}

func (t *Tailer) takeHint(d *dir, path string, op fsnotify.Op) {
	base := filepath.Base(path)
	n := d.names[base]
	if op&namesEvent != 0 && (n != nil || d.hunt > 0 || t.concerns(d, base)) {
		t.mark(d)
	}
	if op&^namesEvent == 0 {
		return
	}
	f := t.linked(d, base)
	if n != nil {
		f = n.file
	}
	if f == nil {
		return
	}
	if op.Has(fsnotify.Chmod) {
		t.permit(f)
	}
	t.offer(f)
}

// permit has a file that could not be read tried at once: its permissions have changed.
func (t *Tailer) permit(f *file) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.state == idle && f.retryAt > 0 && errors.Is(f.lastErr, fs.ErrPermission) {
		f.retryAt, f.failures = t.now(), 0
	}
}

// concerns tells whether a new name in d may matter.
func (t *Tailer) concerns(d *dir, base string) bool {
	return t.patterns.file(d.spots, d.path, base) || d.originOf(base) != "" ||
		len(t.patterns.below(d.spots, base, false)) > 0
}

// cover asks for file events of a directory, if there can be any.
func (t *Tailer) cover(d *dir, st *fileStat) {
	if t.events == nil {
		return
	}
	same := d.inode == st.inode && d.device == st.device // else another took its place, or a file system was mounted there
	if same && d.covered || t.now() < d.rewatchAt && (same || d.rewatchAt != never) {
		return
	}
	t.uncover(d)
	d.inode, d.device = st.inode, st.device
	if t.remote(d.path) {
		d.rewatchAt = never
		return
	}
	if err := t.events.fs.Add(d.path); err != nil {
		d.rewatchAt = t.now() + watchAgain
		t.watchRefused(d.path, err)
		return
	}
	t.setCovered(d, true)
}

// uncover does without file events of a directory from now on.
func (t *Tailer) uncover(d *dir) {
	if !d.covered {
		return
	}
	_ = t.events.fs.Remove(d.path) // it fails where the directory is gone, and the watch with it
	t.setCovered(d, false)
}

// setCovered also tells the files of the directory, which are looked at more often without events.
func (t *Tailer) setCovered(d *dir, covered bool) {
	d.covered = covered
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range d.names {
		n.file.covered = covered && !n.file.link
		t.plan(n.file)
	}
}
