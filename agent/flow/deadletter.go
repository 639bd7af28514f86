package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/tailer"
)

// Cause says why a record is a dead letter.
type Cause string

// The causes.
const (
	CauseMismatch Cause = "mismatch" // the line has not its flow's format
	CauseOversize Cause = "oversize" // the record is too large for its destination
	CauseRefused  Cause = "refused"  // the destination will never take it
	CauseGivenUp  Cause = "given_up" // the destination has taken nothing for give_up_after; the record may have arrived all the same
	CauseUnrouted Cause = "unrouted" // no destination's condition holds for the record
)

// letterVersion is the version of a line of the file.
const letterVersion = 1

// Letter is one line of a dead-letter file, in JSON.
type Letter struct {
	Version     int           `json:"v"`
	Time        time.Time     `json:"time"`
	Flow        string        `json:"flow"`
	Destination string        `json:"destination,omitempty"` // that did not get it; empty means none did
	File        string        `json:"file"`
	FileID      tailer.FileID `json:"file_id"`
	Offset      int64         `json:"offset"`        // of the record in the file; of a refused one, of the block that it was in
	End         int64         `json:"end,omitempty"` // end of the record, or of the block
	Cause       Cause         `json:"cause"`
	Reason      string        `json:"reason"`
	Records     int           `json:"records,omitempty"` // how many were joined in Data; omitted: one
	Data        []byte        `json:"data"`              // base64: of a refused one as it was sent, otherwise as it is in the file, with its line end
}

// DeadLetterConfig says where the dead letters of a flow go.
type DeadLetterConfig struct {
	Flow    string
	Dir     string           // made with mode 0700 when the first letter is written
	Prefix  string           // of the file's name, which is the flow's
	MaxSize int64            // bytes of the file; full means that reading waits until it is moved away
	Now     func() time.Time // nil means time.Now
	Retry   time.Duration    // how often a full or failing file is tried again; 0 means a second
	Observe func(error)      // called after each try to write, with its outcome; may be nil
}

// DeadLetterState is what status shows of the dead letters.
type DeadLetterState struct {
	Path    string `json:"path"`
	Written int64  `json:"written"` // records since the start
	Bytes   int64  `json:"bytes"`   // size of the file when it was last looked at
	Waiting int64  `json:"waiting"` // records that are not on disk yet
	Full    bool   `json:"full"`    // reading waits until the file is moved away
	Error   string `json:"error,omitempty"`
}

// maxQueued is how many bytes of letters may wait for the disk before reading does.
const maxQueued = 1 << 20

// size is the memory that a letter takes while it waits: its data, and about 300 bytes for everything around it.
func (l *Letter) size() int { return len(l.Data) + 512 }

// count is how many records it is about.
func (l *Letter) count() int64 { return int64(max(l.Records, 1)) }

// DeadLetters keeps the records of one flow that cannot be sent. Letters are written and fsynced in groups by Run; a letter's claim is
// released only then.
type DeadLetters struct {
	cfg  DeadLetterConfig
	file letterFile // of Run

	mu     sync.Mutex
	queue  []queued
	bytes  int           // of the letters in the queue or being written
	change chan struct{} // closed and renewed at each change of the queue
	closed bool
	state  DeadLetterState
}

type queued struct {
	letter Letter
	claim  *checkpoint.Claim
}

// NewDeadLetters makes the dead letters of a flow. It touches no file and starts no goroutine.
func NewDeadLetters(cfg DeadLetterConfig) *DeadLetters {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Retry <= 0 {
		cfg.Retry = time.Second
	}
	if cfg.Observe == nil {
		cfg.Observe = func(error) {}
	}
	d := &DeadLetters{cfg: cfg, file: newLetterFile(cfg), change: make(chan struct{})}
	d.state.Path = d.file.path
	return d
}

// add queues a letter and holds its claim until the letter is on disk. It owns the letter's data and never blocks.
func (d *DeadLetters) add(l Letter, claim *checkpoint.Claim) {
	claim.Hold()
	l.Version, l.Time, l.Flow = letterVersion, d.cfg.Now().UTC(), d.cfg.Flow
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, queued{l, claim})
	d.bytes += l.size()
	d.state.Waiting += l.count()
	d.changed()
}

// Room returns when there is room for the letters of one Put, or with the context's error.
func (d *DeadLetters) Room(ctx context.Context) error { return d.wait(ctx) }

// wait returns when the queue has room: the memory of the letters that wait is bounded by stopping the reading.
func (d *DeadLetters) wait(ctx context.Context) error {
	for {
		d.mu.Lock()
		room, change := d.bytes < maxQueued, d.change
		d.mu.Unlock()
		if room {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (d *DeadLetters) changed() {
	close(d.change)
	d.change = make(chan struct{})
}

// Continue counts on from what earlier ones have written, which have ended.
func (d *DeadLetters) Continue(earlier *DeadLetters) {
	n := earlier.State().Written
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state.Written += n
}

// State returns what status shows.
func (d *DeadLetters) State() DeadLetterState {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// Close says that no letter will come any more: Run returns once those that wait are on disk.
func (d *DeadLetters) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.changed()
}

// Run writes letters until Close and the end of the queue, or until ctx ends; what is not on disk then stays unacknowledged.
func (d *DeadLetters) Run(ctx context.Context) error {
	defer d.file.close()
	for {
		group, err := d.next(ctx)
		if err != nil || len(group) == 0 {
			return err
		}
		if err := d.write(ctx, group); err != nil {
			return err
		}
	}
}

// next waits for letters and takes them all; none means that the queue is closed.
func (d *DeadLetters) next(ctx context.Context) ([]queued, error) {
	for {
		d.mu.Lock()
		group, change, closed := d.queue, d.change, d.closed
		d.queue = nil
		d.mu.Unlock()
		if len(group) > 0 || closed {
			return group, nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// write puts a group on disk, in as many pieces as the room in the file asks for, and tries again until it is there.
func (d *DeadLetters) write(ctx context.Context, group []queued) error {
	retry := time.NewTimer(0)
	defer retry.Stop()
	for len(group) > 0 {
		select {
		case <-retry.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		n, err := d.file.append(group)
		d.written(group[:n], err)
		d.cfg.Observe(err)
		group = group[n:]
		retry.Reset(d.cfg.Retry)
		if err == nil && n > 0 {
			retry.Reset(0)
		}
	}
	return nil
}

// written releases what is on disk and notes the state.
func (d *DeadLetters) written(group []queued, err error) {
	d.mu.Lock()
	for i := range group {
		l := &group[i].letter
		d.bytes -= l.size()
		d.state.Written += l.count()
		d.state.Waiting -= l.count()
	}
	d.state.Bytes = d.file.size
	d.state.Full = errors.Is(err, errFull)
	d.state.Error = ""
	if err != nil {
		d.state.Error = err.Error()
	}
	d.changed()
	d.mu.Unlock()
	for _, q := range group {
		q.claim.Release()
	}
}

// appendLetter appends the line of a letter.
func appendLetter(dst []byte, l *Letter) ([]byte, error) {
	line, err := json.Marshal(l)
	if err != nil {
		return dst, fmt.Errorf("dead letter: encode: %w", err)
	}
	return append(append(dst, line...), '\n'), nil
}
