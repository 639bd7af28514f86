package tailer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/weir-logs/weir/tailer/framing"
)

// Tailer follows files. Make it with New, run it once with Run.
type Tailer struct {
	cfg      Config
	patterns *patterns
	rules    *framing.Rules
	epoch    time.Time // when it was made, with the monotonic time if the clock has it

	// Of the scanner alone.
	dirs       map[string]*dir
	aside      []*dir            // those that files are rotated to
	marked     map[*dir]struct{} // those that are to be listed out of turn
	events     *watcher          // nil: no file events
	watchAt    int64             // when file events are asked for again
	scans      int               // scans of everything so far
	begun      int64             // when the first scan began, by the wall clock
	heldSaid   int64             // when FilesHeld was last reported
	nextTick   int64
	nextFull   int64
	calmAt     int64               // before it, events that were missed bring no scan of everything
	earlier    map[string]*earlier // by directory
	limited    bool                // a lack of watches was reported
	newWatcher func() (*fsnotify.Watcher, error)
	remote     func(dir string) bool // no file events come from there

	left   int64              // what was compressed no later was reported by earlier runs
	vacant map[string]vacancy // names that were given away and are looked for

	poke    chan struct{} // wakes the scanner
	buffers sync.Pool     // of *[]byte: blocks that no worker holds
	large   sync.Pool     // of *[]byte: a window of the framing

	mu          sync.Mutex // guards all below, and the fields of every file
	work        sync.Cond  // signalled when ready gets a file, broadcast at the end
	files       registry
	ready       queue
	inflating   *file // the compressed file that is worked on
	crowd       queue // those that wait for that
	workers     []*worker
	agenda      agenda
	opened      map[*file]struct{}
	known       map[uint64][]*Position // of earlier runs, by inode, not met yet
	past        []*Position            // of files that were let go, also in known; oldest first
	orphans     []*orphan              // content that is looked for; oldest first
	heads       allHeads
	searches    int                 // orphans so far
	dirty       map[string]struct{} // directories that a worker or a review wants listed
	throttled   map[string]int64
	pipes       pipes        // its field open; the others are set before anything runs
	forgetAt    int64        // when throttled may be cleaned up again
	lost        *UnreadError // with Once: what could not be read
	parkedUntil int64        // no parked file is left alone for longer; see parkFor
	busy        int          // files with workers
	ran         bool
	stopping    bool
}

// New checks cfg, every problem at once, and returns a Tailer that has not begun.
func New(cfg Config) (*Tailer, error) {
	cfg = cfg.withDefaults()
	p, err := newPatterns(cfg.Paths, cfg.Exclude)
	rules, e := framing.Compile(cfg.Framing)
	if err = errors.Join(cfg.validate(), err, e); err != nil {
		return nil, err
	}
	t := &Tailer{
		cfg:        cfg,
		patterns:   p,
		rules:      rules,
		epoch:      cfg.Clock.Now(),
		dirs:       map[string]*dir{},
		vacant:     map[string]vacancy{},
		poke:       make(chan struct{}, 1),
		files:      registry{byInode: map[uint64]*file{}},
		opened:     map[*file]struct{}{},
		known:      map[uint64][]*Position{},
		dirty:      map[string]struct{}{},
		throttled:  map[string]int64{},
		pipes:      pipes{turn: make(chan struct{}, 1), room: make(chan struct{}, 1), open: map[pipeKey]*fifo{}},
		marked:     map[*dir]struct{}{},
		newWatcher: fsnotify.NewWatcher,
		remote:     remote,
	}
	if !cfg.Left.IsZero() {
		t.left = cfg.Left.UnixNano()
	}
	t.work.L = &t.mu
	t.buffers.New = func() any {
		b := make([]byte, beforeSize+t.cfg.BlockSize)
		return &b
	}
	for i := range cfg.Known {
		k := cfg.Known[i]
		t.known[k.Identity.Inode] = append(t.known[k.Identity.Inode], &k)
	}
	t.earlier = t.earlierRuns(cfg.Known)
	t.cfg.Known = nil // it would be kept in memory twice
	return t, nil
}

// Run follows the files until ctx ends, and then returns nil once its workers and descriptors are gone. With Config.Once
// it returns nil when every file was read, the context's error if that ended first, or what could not be read.
func (t *Tailer) Run(ctx context.Context) error {
	t.mu.Lock()
	ran := t.ran
	t.ran = true
	t.mu.Unlock()
	if ran {
		return errors.New("tailer: Run was called twice; make a new Tailer")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.startWatching()
	t.pipes.ctx = ctx
	var workers sync.WaitGroup
	for range t.cfg.Workers {
		workers.Go(func() { t.runWorker(ctx) })
	}
	err := t.scan(ctx)
	cancel()
	t.mu.Lock()
	t.stopping = true
	t.work.Broadcast()
	t.mu.Unlock()
	workers.Wait()
	t.pipes.group.Wait()
	t.stopWatching()
	t.mu.Lock()
	if t.inflating != nil {
		t.pack(t.inflating)
	}
	t.mu.Unlock()
	for f := range t.opened {
		t.leaveOpen(f)
		f.fd.Close() // read only: nothing to lose
	}
	clear(t.opened)
	return err
}

// scan is the scanner: it looks at everything, then again and again at what is due.
func (t *Tailer) scan(ctx context.Context) error {
	t.tick()
	for {
		if t.cfg.Once && t.finished() {
			return t.unread()
		}
		timer, stop := t.cfg.Clock.NewTimer(time.Duration(t.nextWake() - t.now()))
		select {
		case <-ctx.Done():
			stop()
			if t.cfg.Once {
				return fmt.Errorf("tailer: reading ended early: %w", context.Cause(ctx))
			}
			return nil
		case <-t.poke:
			stop()
		case <-timer:
		}
		t.step()
	}
}

// step does what is due.
func (t *Tailer) step() {
	t.takeHints()
	t.watchVacant()
	t.listDirty()
	if !t.cfg.Once && t.now() >= t.nextTick {
		t.tick()
	}
	for {
		t.mu.Lock()
		f := t.agenda.take(t.now())
		t.mu.Unlock()
		if f == nil {
			return
		}
		t.review(f)
	}
}

// nextWake is when the scanner has something to do if nobody wakes it.
func (t *Tailer) nextWake() int64 {
	t.mu.Lock()
	at := t.agenda.next()
	t.mu.Unlock()
	if !t.cfg.Once {
		at = min(at, t.nextTick)
	}
	for d := range t.marked {
		at = min(at, d.nextList)
	}
	at = min(at, t.vacantDue())
	if at == never {
		at = t.now() + nanos(time.Hour)
	}
	return at
}

// finished tells whether no file waits for anything.
func (t *Tailer) finished() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ready.length > 0 || t.crowd.length > 0 || t.busy > 0 {
		return false
	}
	done := true
	t.files.each(func(f *file) { done = done && f.retryAt == 0 })
	return done
}

// wake makes the scanner look around.
func (t *Tailer) wake() {
	select {
	case t.poke <- struct{}{}:
	default: // it is awake already
	}
}

// now is the time of all that is scheduled. It goes on evenly when somebody sets the clock of the host: set back by an hour, that
// would otherwise stop all looking around for an hour.
func (t *Tailer) now() int64 { return t.epoch.UnixNano() + int64(t.cfg.Clock.Now().Sub(t.epoch)) }

// wall is the time as file systems know it.
func (t *Tailer) wall() int64 { return t.cfg.Clock.Now().UnixNano() }
