package tailer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/weir-logs/weir/tailer/framing"
)

// Handler takes a block. It is called from a worker and may block: that is back-pressure. Blocks of one file come in
// order and never two at a time; blocks of several files come at once, from Config.Workers goroutines and one more if there are
// named pipes.
//
// The block is the tailer's again when it returns. A block may hold no record: then it only says, by Next, where a file
// stands. Every file begins with one, so that it is known again whatever becomes of its name.
//
// An error means that the block was not taken. Unless ctx has ended, the same bytes are offered again later, with
// back-off; they are never skipped. What a named pipe holds is lost if the run ends meanwhile.
type Handler func(ctx context.Context, b *Block) error

// Config says what a Tailer follows and how. Zero values mean the defaults.
type Config struct {
	Paths   []string // absolute globs; * ? [a-z] {a,b}, ** for any directories. ** does not follow symbolic links, * does
	Exclude []string // globs on the base name, or on the whole path if they hold a slash

	RotatedTo []string // absolute directories, no globs, that files are rotated to: searched for what is followed, not for new logs

	Known []Position // where earlier runs stopped, or Survey says that the first one begins; kept for every file that may still exist
	Since time.Time  // when the first run of exactly these paths began: no generation born later is history. Zero: not known
	Left  time.Time  // Event.Left of the last PathSkipped that had one, also in earlier runs: what came to be no later is not reported again
	Once  bool       // read every matching file to the end that it has now, an unfinished last line included, then Run returns

	NoPipes bool // leave named pipes alone: who reads one takes from others what is in it

	Framing   framing.Config // how the bytes are cut into records; MaxRecord and PartialTimeout there are taken from here
	MaxRecord int            // bytes of a record without its line end; default 1 MiB
	BlockSize int            // bytes read at once; default 256 KiB. A worker holds one, and a window of the framing more where that is not enough
	Workers   int            // default 2
	MaxOpen   int            // descriptors kept on files that have a name; default 512

	ScanInterval   time.Duration // how often directories without file events are listed; default 1s
	PartialTimeout time.Duration // an unfinished last line is sent when it has not grown for this long; default 5s
	EndQuiet       time.Duration // a file that lost its name is let go when it was read and has not grown for this long; default 5s
	IdleClose      time.Duration // the descriptor of a file that has not grown for this long is closed; default 1m
	PollOnly       bool          // no file events, only scanning
	MaxHeld        int64         // bytes of deleted files that are kept open; beyond it the ones deleted first are let go, unread. 0: no bound

	// Inflating is the room for compressed files that are read at a time, shared by several tailers; its capacity is their number. Each takes
	// a block or a window of the framing, and up to InflateMemory bytes for decoding. Nil: one file of this tailer.
	Inflating     chan struct{}
	InflateMemory int64 // 0 means 8 MiB; what needs more cannot be read

	// Acknowledged returns the offset up to which a file is acknowledged; a file without a name stays open until all of it is. Nil: what
	// Handle has taken counts. It is called from the scanner and the workers and must not block.
	Acknowledged func(FileID) int64

	IDs *Member // of a Registrar, where several tailers read the same files; nil: ids are this tailer's own

	Handle  Handler
	Observe func(Event) // may be nil; called from the scanner and the workers; must not block
	Clock   Clock       // nil means real time
}

const (
	defaultBlockSize = 256 << 10
	defaultMaxRecord = 1 << 20
	minBlockSize     = 4 << 10
	maxBlockSize     = 64 << 20
	largestRecord    = 1 << 30
)

// withDefaults fills in what is zero.
func (c Config) withDefaults() Config {
	setDefault(&c.MaxRecord, defaultMaxRecord)
	setDefault(&c.BlockSize, defaultBlockSize)
	setDefault(&c.Workers, 2)
	setDefault(&c.MaxOpen, 512)
	setDefault(&c.ScanInterval, time.Second)
	setDefault(&c.PartialTimeout, 5*time.Second)
	setDefault(&c.EndQuiet, 5*time.Second)
	setDefault(&c.IdleClose, time.Minute)
	c.Framing.MaxRecord, c.Framing.PartialTimeout = c.MaxRecord, c.PartialTimeout
	setDefault(&c.Framing.Multiline.Timeout, time.Second)
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	return c
}

// floor returns the earlier of a time and Since.
func (c *Config) floor(at int64) int64 {
	if c.Since.IsZero() {
		return at
	}
	return min(at, c.Since.UnixNano())
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// validate reports every problem of a configuration whose defaults are filled in.
func (c Config) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("tailer: "+format, args...))
		}
	}
	check(c.Handle != nil, "Handle is nil: nothing would take the blocks")
	check(len(c.Paths) > 0, "Paths is empty: there is nothing to follow")
	check(c.MaxRecord > 0 && c.MaxRecord <= largestRecord, "MaxRecord %d: want 1 to %d", c.MaxRecord, largestRecord)
	check(c.BlockSize >= minBlockSize && c.BlockSize <= maxBlockSize, "BlockSize %d: want %d to %d", c.BlockSize, minBlockSize, maxBlockSize)
	check(c.Workers > 0, "Workers %d: want at least 1", c.Workers)
	check(c.MaxOpen > 0, "MaxOpen %d: want at least 1", c.MaxOpen)
	for name, d := range map[string]time.Duration{
		"ScanInterval": c.ScanInterval, "PartialTimeout": c.PartialTimeout, "EndQuiet": c.EndQuiet, "IdleClose": c.IdleClose,
	} {
		check(d > 0, "%s %s: want more than 0", name, d)
	}
	for _, dir := range c.RotatedTo {
		check(filepath.IsAbs(dir), "RotatedTo %q is not absolute: write it from / on", dir)
	}
	for i, p := range c.Known {
		check(p.valid(), "Known[%d], file %s (%s): offset %d, head of %d bytes and %d bytes before the offset do not fit together",
			i, p.ID, p.Path, p.Offset, p.Identity.Head.Len, p.Before.Len)
	}
	return errors.Join(errs...)
}
