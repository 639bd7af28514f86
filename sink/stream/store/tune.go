package store

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
)

// Sizes of the engine. Memory is at most memTable x memTables, the cache, and the appends under way.
const (
	memTable  = 16 << 20
	memTables = 3
	maxBatch  = 4 << 20 // bytes of one commit; below the half of a memtable, above which Pebble takes a slower way
	maxQueue  = 1024    // requests; their bytes are bounded by Waiting

	// minSeparate is the size from which values live in blob files. Blocks are written there once, at the flush, and
	// compactions move only their keys: a log is never sorted, so sorting its data again and again would be work for nothing.
	minSeparate = 512
)

// pebbleOptions tunes Pebble for few large values that are written once, read soon and deleted in ranges.
func (s *pebbleStore) pebbleOptions() *pebble.Options {
	logger := pebbleLogger{log: s.opts.Log, dir: s.dir}
	o := &pebble.Options{
		FS:                          s.full.wrap(s.opts.FS),
		Lock:                        s.lock,
		Logger:                      logger,
		EventListener:               logger.events(),
		FormatMajorVersion:          pebble.FormatValueSeparation,
		CacheSize:                   s.opts.Cache,
		MemTableSize:                memTable,
		MemTableStopWritesThreshold: memTables,
		BytesPerSync:                1 << 20,
		WALBytesPerSync:             1 << 20,
		L0CompactionThreshold:       2,
		L0CompactionFileThreshold:   64,
		L0StopWritesThreshold:       64,
		LBaseMaxBytes:               16 << 20,
		FlushDelayDeleteRange:       10 * time.Second,
		MaxOpenFiles:                512,
	}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.UniformDBCompressionSettings(sstable.NoCompression) })
	o.Experimental.ValueSeparationPolicy = func() pebble.ValueSeparationPolicy {
		return pebble.ValueSeparationPolicy{
			Enabled:               true,
			MinimumSize:           minSeparate,
			MaxBlobReferenceDepth: 1 << 10, // the keys of one table point to blocks of a long time; reading few of them at once costs little
			RewriteMinimumAge:     time.Minute,
			TargetGarbageRatio:    0.5,
		}
	}
	return o
}

// pebbleLogger brings Pebble's messages to slog.
type pebbleLogger struct {
	log *slog.Logger
	dir string
}

func (l pebbleLogger) Infof(format string, args ...any) {
	l.log.Debug("pebble", "dir", l.dir, "message", message{format, args})
}

func (l pebbleLogger) Errorf(format string, args ...any) {
	l.log.Warn("pebble", "dir", l.dir, "message", message{format, args})
}

// fatal is what Fatalf panics with.
type fatal string

func (f fatal) Error() string { return string(f) }

// Fatalf may not return. The committer catches the panic and ends the store's work; in one of Pebble's own goroutines it
// ends the process, because nothing more could be promised: the acknowledged data is on disk and read at the next start.
func (l pebbleLogger) Fatalf(format string, args ...any) {
	err := fatal(fmt.Sprintf(format, args...))
	l.log.Error("the stream store cannot go on", "dir", l.dir, "error", string(err))
	panic(err)
}

// message is formatted only when a handler wants it.
type message struct {
	format string
	args   []any
}

func (m message) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf(m.format, m.args...)) }

func (l pebbleLogger) events() *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			l.log.Warn("background work of the stream store failed and will be repeated", "dir", l.dir, "error", err)
		},
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			l.log.Error("a file of the stream store is damaged", "dir", l.dir, "path", info.Path, "error", info.Details)
		},
	}
}
