// Package pipe reads a named pipe, a FIFO, as long as its name stays and whoever writes to it.
//
// # Writers come and go
//
// A Reader opens the pipe without waiting for a writer, and keeps it open when the last one leaves: a program that starts
// again finds a reader, and is not ended by SIGPIPE. Having no writer is a state (Ended), not the end.
//
// # Back-pressure
//
// What was read and not discarded stays in the Reader, up to its limit; beyond that nothing is read, the pipe fills (64 KiB on
// Linux), and writers wait. An idle Reader holds 4 KiB, no thread, and no goroutine of its own. Of the Readers that share a room one at a
// time holds more than 64 KiB; another that needs as much waits for it, and its writers do.
//
// # No second time
//
// What a Reader has read is gone from the pipe. There is no position to go back to: what was read and neither delivered nor
// acknowledged when the process ends is lost. What is still in the pipe is lost too when the last process closes it.
//
// The decision record 0010 says why this is not nxadm/tail.
package pipe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// State is what a read has met.
type State uint8

// The states.
const (
	Data    State = iota + 1 // there is more than before
	Empty                    // nothing new within the time
	Ended                    // nothing new, and nobody has the pipe open for writing
	Full                     // the limit is reached: nothing was read
	Crowded                  // nothing was read because another Reader has the room that more would take
)

// ErrStopped says that Stop was called.
var ErrStopped = errors.New("pipe: reading was stopped")

// Reader reads one named pipe. One goroutine uses it at a time; Stop may be called from any.
type Reader struct {
	f       *os.File
	conn    syscall.RawConn
	limit   int
	room    chan struct{} // shared; whoever fills it may hold more than ownBuffer
	roomy   bool          // this one has
	stopped atomic.Bool

	small      []byte // what is held while nothing comes
	buf        []byte
	start, end int  // of what was read and not discarded
	filled     bool // the last read left no room
}

const (
	leastBuffer = 4 << 10
	ownBuffer   = 64 << 10 // what a pipe holds on Linux
)

// Open opens the pipe at path. It does not wait for a writer. Up to limit bytes are held, and at least 4 KiB; more than 64 KiB by one
// at a time of the Readers with the same room, a channel with a buffer of one.
func Open(path string, limit int, room chan struct{}) (*Reader, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Mode()&fs.ModeNamedPipe == 0 {
		err = fmt.Errorf("%s is not a named pipe", path)
	}
	var conn syscall.RawConn
	if err == nil {
		conn, err = f.SyscallConn()
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("pipe: %w", err)
	}
	r := &Reader{f: f, conn: conn, limit: max(limit, leastBuffer), room: room, small: make([]byte, leastBuffer)}
	r.buf = r.small
	return r, nil
}

// Read takes in what the pipe has, waiting for it up to the given time; a negative one is for ever. Without a writer it does
// not wait.
func (r *Reader) Read(wait time.Duration) (State, error) {
	if !r.makeRoom() {
		if len(r.buf) < r.limit {
			return Crowded, nil
		}
		return Full, nil
	}
	if r.stopped.Load() {
		return 0, ErrStopped
	}
	n, err := r.read(false)
	if wait != 0 && errors.Is(err, syscall.EAGAIN) {
		n, err = r.await(wait)
	}
	switch {
	case n > 0:
		r.end += n
		r.filled = r.end == len(r.buf)
		return Data, nil
	case err == nil:
		r.rest()
		return Ended, nil
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, os.ErrDeadlineExceeded) && !r.stopped.Load():
		r.rest()
		return Empty, nil
	case r.stopped.Load():
		return 0, ErrStopped
	}
	return 0, &fs.PathError{Op: "read", Path: r.f.Name(), Err: err}
}

// await reads once something is there.
func (r *Reader) await(wait time.Duration) (int, error) {
	until := time.Time{}
	if wait > 0 {
		until = time.Now().Add(wait)
	}
	defer r.f.SetReadDeadline(time.Time{})
	// Its error says that there are no deadlines; then the wait is for ever, which Close ends.
	_ = r.f.SetReadDeadline(until)
	if r.stopped.Load() {
		return 0, ErrStopped
	}
	return r.read(true)
}

// read reads once something is there, or at once.
func (r *Reader) read(wait bool) (n int, err error) {
	outer := r.conn.Read(func(fd uintptr) bool {
		for {
			n, err = syscall.Read(int(fd), r.buf[r.end:])
			if !errors.Is(err, syscall.EINTR) {
				return !wait || !errors.Is(err, syscall.EAGAIN)
			}
		}
	})
	if outer != nil {
		return 0, outer
	}
	return max(n, 0), err
}

// makeRoom makes room in the buffer, and tells whether there is any.
func (r *Reader) makeRoom() bool {
	if r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	size := min(2*len(r.buf), r.limit)
	switch {
	case r.roomy && r.end <= ownBuffer/2:
		r.move(ownBuffer)
		r.leave()
	case size <= ownBuffer || r.roomy:
		if r.filled || r.end > len(r.buf)/2 {
			r.move(size)
		}
	case r.end == len(r.buf) && r.enter():
		r.move(size)
	}
	r.filled = false
	return r.end < len(r.buf)
}

// move takes what is pending to a buffer of another size.
func (r *Reader) move(size int) {
	if size == len(r.buf) {
		return
	}
	buf := make([]byte, size)
	copy(buf, r.buf[:r.end])
	r.buf = buf
}

// enter takes the room for a large buffer if that may be larger, and nobody else has it.
func (r *Reader) enter() bool {
	if len(r.buf) == r.limit {
		return false
	}
	select {
	case r.room <- struct{}{}:
		r.roomy = true
	default:
	}
	return r.roomy
}

// leave gives the room to others.
func (r *Reader) leave() {
	if r.roomy {
		<-r.room
		r.roomy = false
	}
}

// rest gives a large buffer back while nothing comes.
func (r *Reader) rest() {
	if r.start == r.end {
		r.buf, r.start, r.end = r.small, 0, 0
		r.leave()
	}
}

// Pending returns what was read and not discarded. It is valid until the next Read.
func (r *Reader) Pending() []byte { return r.buf[r.start:r.end] }

// Discard drops the first n bytes of Pending.
func (r *Reader) Discard(n int) { r.start += n }

// Named tells whether the pipe is still what its name leads to.
func (r *Reader) Named() bool {
	there, err := os.Stat(r.f.Name())
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	here, err := r.f.Stat()
	return err != nil || os.SameFile(here, there)
}

// File returns the open pipe, to ask about, not to read.
func (r *Reader) File() *os.File { return r.f }

// Stop makes a Read that waits, and every later one, return ErrStopped.
func (r *Reader) Stop() {
	r.stopped.Store(true)
	_ = r.f.SetReadDeadline(time.Unix(1, 0)) // as in await
}

// Close closes the pipe. Whatever is pending is gone.
func (r *Reader) Close() error {
	r.leave()
	return r.f.Close()
}
