package tailer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weir-logs/weir/tailer/framing"
	"github.com/weir-logs/weir/tailer/pipe"
)

// A named pipe whose name matches is followed too. What was read of it is gone from it, so there is no position to go back to, and its
// blocks say so (Block.Volatile). It has a goroutine of its own, which belongs to Run, because a pipe is not there to be looked at
// again later; one pipe at a time hands out, so that memory stays bounded.

const (
	maxPipes = 16                     // followed at once: each holds up to 64 KiB, and one of them an unfinished line of MaxRecord
	pipeNap  = 100 * time.Millisecond // between two looks at a pipe that nobody has open for writing
)

// pipes are the named pipes that are followed.
type pipes struct {
	ctx   context.Context // of Run; nil: nobody runs them
	group sync.WaitGroup
	turn  chan struct{} // held while one hands out
	room  chan struct{} // held by the one that holds much
	open  map[pipeKey]*fifo

	framer *framing.Framer // of whoever has the turn
}

// pipeKey tells pipes apart: an inode number is not used again while the pipe is open.
type pipeKey struct{ inode, device uint64 }

// fifo is one named pipe. Its goroutine owns it; what Files shows is guarded by Tailer.mu.
type fifo struct {
	key      pipeKey
	path     string
	r        *pipe.Reader
	grownAt  int64
	retryAt  int64
	framed   int64         // when barren was found
	barren   int           // so many bytes held no record
	closed   framing.Close // what was closed since it grew
	searched bool          // what is pending was framed
	long     bool          // the next bytes are the rest of an over-long line
	big      bool          // UTF-16 in it is big-endian
	failures uint8

	id      FileID
	offset  int64 // bytes handed out and taken, since it was opened
	pending int   // and read only
	lastErr error
}

// followPipe begins to follow a named pipe, unless it is followed already. The scanner calls it at each look.
func (l *listing) followPipe(path string, st *fileStat) {
	t := l.t
	key := pipeKey{st.inode, st.device}
	t.mu.Lock()
	followed, full := t.pipes.open[key] != nil, len(t.pipes.open) >= maxPipes
	t.mu.Unlock()
	switch {
	case followed:
		return
	case full:
		l.skip(path, fmt.Sprintf("more than %d named pipes, not followed", maxPipes))
		return
	}
	p, err := t.openPipe(path)
	if err != nil {
		t.emitSometimes(Event{Kind: PathFailed, Path: path, Err: err})
		return
	}
	t.mu.Lock()
	t.pipes.open[p.key] = p
	t.mu.Unlock()
	t.emit(Event{Kind: FileFound, ID: p.id, Path: path})
	if t.pipes.ctx != nil {
		t.pipes.group.Go(func() { t.runPipe(t.pipes.ctx, p) })
	}
}

func (t *Tailer) openPipe(path string) (*fifo, error) {
	r, err := pipe.Open(path, max(t.cfg.BlockSize, t.rules.Window()), t.pipes.room)
	if err != nil {
		return nil, err
	}
	st, err := statFile(r.File())
	if err != nil {
		r.Close()
		return nil, err
	}
	return &fifo{key: pipeKey{st.inode, st.device}, path: path, r: r, id: newFileID()}, nil
}

// runPipe follows a pipe until the run ends, or its name is gone and nobody writes to it any more.
func (t *Tailer) runPipe(ctx context.Context, p *fifo) {
	defer context.AfterFunc(ctx, p.r.Stop)()
	for ctx.Err() == nil {
		state, err := t.readPipe(ctx, p, t.pipeWait(p))
		switch {
		case err != nil:
			if ctx.Err() == nil {
				t.emitSometimes(Event{Kind: PathFailed, ID: p.id, Path: p.path, Err: err})
			}
			nap(ctx, pipeNap)
		case p.retryAt > 0:
			nap(ctx, time.Duration(p.retryAt-t.now()))
		case state == pipe.Ended && !p.r.Named():
			t.endPipe(p)
			t.touch(p.path)
			return
		case state == pipe.Ended, state == pipe.Crowded:
			nap(ctx, pipeNap)
		}
	}
	t.endPipe(p)
}

// pipeWait is how long a read may wait: until something has to be closed.
func (t *Tailer) pipeWait(p *fifo) time.Duration {
	if len(p.r.Pending()) == 0 || p.closed >= framing.Lines {
		return -1
	}
	wait := t.cfg.PartialTimeout
	if group := t.cfg.Framing.Multiline.Timeout; t.rules.Groups() && p.closed < framing.Groups {
		wait = min(wait, group)
	}
	if p.searched {
		return max(time.Duration(p.grownAt-t.now())+wait, 1)
	}
	return time.Duration(soonBackOff)
}

// readPipe reads once, for as long as it may take, and hands out what is whole.
func (t *Tailer) readPipe(ctx context.Context, p *fifo, wait time.Duration) (pipe.State, error) {
	if p.retryAt > t.now() {
		return 0, nil
	}
	p.retryAt = 0
	state, err := p.r.Read(wait)
	if err != nil {
		return state, err
	}
	now := t.now()
	if state == pipe.Data {
		p.grownAt, p.closed = now, framing.Nothing
	}
	if p.searched = state != pipe.Data || !t.dearPipe(p, now); p.searched {
		err = t.handPipe(ctx, p, t.pipeCloses(p, state, now))
	}
	t.mu.Lock()
	p.pending, p.lastErr = len(p.r.Pending()), err
	t.mu.Unlock()
	if err == nil {
		p.failures = 0
		return state, nil
	}
	p.retryAt = now + min(firstBackOff<<min(p.failures, 8), lastBackOff)
	p.failures++
	if ctx.Err() == nil {
		t.emitSometimes(Event{Kind: BlockRefused, ID: p.id, Path: p.path, Offset: p.offset, Err: err})
	}
	return state, nil
}

// dearPipe tells whether what waits for its end was searched a moment ago, and has hardly grown.
func (t *Tailer) dearPipe(p *fifo, now int64) bool {
	return !t.rules.Plain() && p.barren >= dear && len(p.r.Pending())-p.barren < p.barren/8 && now-p.framed < soonBackOff
}

// pipeCloses says what is to be closed at the end of what was read: as in a file that has not grown, and where the last writer
// has gone, as at its end. Lines that belong together may come from one writer each.
func (t *Tailer) pipeCloses(p *fifo, state pipe.State, now int64) framing.Close {
	quiet := now - p.grownAt
	grouped := !t.rules.Groups() || quiet >= nanos(t.cfg.Framing.Multiline.Timeout)
	switch {
	case state == pipe.Ended && grouped:
		p.closed = framing.EndOfFile
	case state == pipe.Empty && quiet >= nanos(t.cfg.PartialTimeout):
		p.closed = framing.Lines
	case state == pipe.Empty && grouped && t.rules.Groups():
		p.closed = framing.Groups
	}
	return p.closed
}

// handPipe hands out all records that are there, and what is to be closed.
func (t *Tailer) handPipe(ctx context.Context, p *fifo, what framing.Close) error {
	select {
	case t.pipes.turn <- struct{}{}:
		defer func() { <-t.pipes.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if t.pipes.framer == nil {
		t.pipes.framer = t.rules.NewFramer()
	}
	for {
		data := p.r.Pending()
		if p.offset == 0 {
			p.big = t.rules.NeedsHead() && t.rules.BigEndian(data)
		}
		r, n := t.framePipe(p, framing.Input{Data: data, At: p.offset, Big: p.big, Close: what})
		if n == 0 {
			p.barren, p.framed = len(data), t.now()
			return nil
		}
		b := Block{
			ID: p.id, Path: p.path, Offset: p.offset, Data: r.Data[:len(r.Data):len(r.Data)], Ends: r.Ends, Starts: r.Starts, Meta: r.Meta,
			Skipped: max(r.Dropped, 0), Next: Position{ID: p.id, Path: p.path, Offset: p.offset + int64(n)}, Volatile: true,
		}
		if err := t.cfg.Handle(ctx, &b); err != nil {
			return err
		}
		t.report(&r, &b)
		p.long, p.barren = r.Long, 0
		p.r.Discard(n)
		t.mu.Lock()
		p.offset = b.Next.Offset
		t.mu.Unlock()
	}
}

// framePipe finds records, and how many bytes they or what gives none take.
func (t *Tailer) framePipe(p *fifo, in framing.Input) (r framing.Result, n int) {
	f := t.pipes.framer
	if len(in.Data) == 0 {
		return r, 0
	}
	if p.long { // the rest of a line of which the head was handed out
		n = f.FindEnd(in.Data, in.At, in.Big)
		switch {
		case n >= 0:
		case in.Close >= framing.Lines:
			n = len(in.Data)
		default:
			r.Long, n = true, max(len(in.Data)-t.rules.Overlap(), 0)
		}
		r.Dropped = int64(n)
		return r, n
	}
	if in.At == 0 && t.rules.HasPreamble(in.Data) {
		if n, ok := f.Preamble(in); n > 0 || !ok {
			r.Dropped = int64(n)
			return r, n
		}
	}
	if r = f.Frame(in); r.Long {
		n := min(len(in.Data), t.rules.Window())
		r.Dropped = int64(n - len(r.Data))
		return r, n
	}
	return r, r.Taken
}

// endPipe closes a pipe and says what was read of it and not handed out.
func (t *Tailer) endPipe(p *fifo) {
	e := Event{Kind: FileEnded, ID: p.id, Path: p.path, Offset: p.offset, Deleted: true}
	if lost := len(p.r.Pending()); lost > 0 {
		e.Kind, e.Bytes, e.Err = FileGone, int64(lost), errPipeLost
	}
	p.r.Close() // it is only read
	t.mu.Lock()
	delete(t.pipes.open, p.key)
	t.mu.Unlock()
	t.emit(e)
}

var errPipeLost = errors.New("it is a named pipe: what was read and was not handed out when the run ended cannot be read again")

// nap waits, unless the run ends.
func nap(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (p *fifo) status() FileStatus {
	s := FileStatus{ID: p.id, Path: p.path, Offset: p.offset, Size: p.offset + int64(p.pending), State: StatePipe}
	if p.lastErr != nil {
		s.Error = p.lastErr.Error()
	}
	return s
}
