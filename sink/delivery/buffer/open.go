package buffer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weir-logs/weir/sink/delivery/internal/durable"
)

const defaultMaxBytes = 1 << 30

// Open makes the buffer of a delivery stream, or goes on with what its folder holds. What was torn or damaged is
// reported; a file of a newer format version is an error. Close ends it.
func Open(cfg Config) (*Buffer, error) {
	if cfg.FS == nil {
		cfg.FS = vfs.Default
	}
	if cfg.Clock == nil {
		cfg.Clock = SystemClock{}
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = defaultMaxBytes
	}
	if cfg.Dir == "" || cfg.Stream == "" || cfg.Size <= 0 || cfg.Interval <= 0 || cfg.MaxBytes < 0 || cfg.Object == nil {
		return nil, errors.New("open buffer: Dir, Stream, Size, Interval and Object are needed, and no size may be negative")
	}
	b := &Buffer{
		cfg: cfg, reqs: make(chan *request), quit: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}),
	}
	w := &writer{b: b}
	if err := w.recover(); err != nil {
		w.close()
		return nil, fmt.Errorf("open buffer of delivery stream %s: %w", cfg.Stream, err)
	}
	go w.run()
	return b, nil
}

// recover takes up what the folder holds. It runs before the writer's goroutine starts.
func (w *writer) recover() error {
	cfg := w.b.cfg
	if err := durable.MkdirAll(cfg.FS, cfg.Dir); err != nil {
		return err
	}
	numbers, highest, err := w.b.list()
	if err != nil {
		return err
	}
	var seal *Seal // of the segment in turn, from its successor
	for _, number := range slices.Backward(numbers) {
		sum, err := w.take(number, seal)
		if err != nil {
			return err
		}
		seal = nil
		if sum.whole {
			seal = sum.previous
		}
	}
	slices.Reverse(w.b.sealed)
	if err := w.b.dropEmpty(); err != nil {
		return err
	}
	w.highest = highest // a damaged file keeps its number
	if w.file == nil {
		w.highest++
		return w.start(w.highest)
	}
	return nil
}

// list returns the numbers of the segments in order, and the highest that any file has. It removes what was being made.
func (b *Buffer) list() (numbers []uint64, highest uint64, err error) {
	names, err := b.cfg.FS.List(b.cfg.Dir)
	if err != nil {
		return nil, 0, err
	}
	for _, name := range names {
		digits, suffix, ok := cutName(name)
		if !ok {
			continue
		}
		if suffix == tempSuffix {
			if err := removeFile(b.cfg.FS, b.cfg.FS.PathJoin(b.cfg.Dir, name)); err != nil {
				return nil, 0, err
			}
			continue
		}
		highest = max(highest, digits)
		if suffix == goodSuffix {
			numbers = append(numbers, digits)
		}
	}
	slices.Sort(numbers)
	return numbers, highest, nil
}

func cutName(name string) (number uint64, suffix string, ok bool) {
	i := strings.IndexByte(name, '.')
	if i != 16 {
		return 0, "", false
	}
	number, err := strconv.ParseUint(name[:i], 16, 64)
	suffix = name[i:]
	return number, suffix, err == nil && (suffix == goodSuffix || suffix == badSuffix || suffix == tempSuffix)
}

// take reads one segment, from the highest to the lowest, and puts it into the books: as the open one, as a sealed one, or aside.
func (w *writer) take(number uint64, seal *Seal) (summary, error) {
	fsys, path := w.b.cfg.FS, w.b.cfg.FS.PathJoin(w.b.cfg.Dir, segmentName(number, goodSuffix))
	if seal != nil && seal.segment != number {
		seal = nil
	}
	sum, size, err := readFile(fsys, path, seal)
	switch {
	case err != nil && !errors.Is(err, errTorn):
		return sum, fmt.Errorf("%s: %w", path, err)
	case sum.whole && sum.header.stream != w.b.cfg.Stream:
		return sum, fmt.Errorf("%s belongs to delivery stream %s: the folder was moved or is shared", path, sum.header.stream)
	case !sum.whole || sum.header.number != number:
		sum.whole = false
		return sum, w.aside(path, "its head is damaged")
	case w.file == nil:
		return sum, w.resume(number, path, sum, size)
	case seal == nil:
		return sum, w.aside(path, "the file that says where it ends is gone")
	case !sum.matches(*seal):
		return sum, w.aside(path, fmt.Sprintf("it is damaged at byte %d of %d", sum.end, seal.end))
	}
	w.b.sealed = append(w.b.sealed, &Segment{seal: *seal, space: size, path: path, b: w.b})
	w.b.addStats(sum, size)
	return sum, nil
}

// readFile reads a segment up to its sealed end, or to its last valid frame.
func readFile(fsys vfs.FS, path string, seal *Seal) (summary, int64, error) {
	f, err := fsys.Open(path, vfs.SequentialReadsOption)
	if err != nil {
		return summary{}, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return summary{}, 0, err
	}
	end := info.Size()
	if seal != nil {
		end = min(end, seal.end)
	}
	sum, err := readSegment(f, end, nil)
	return sum, info.Size(), err
}

func (w *writer) aside(path, why string) error {
	if err := setAside(w.b.cfg.FS, w.b.cfg.Dir, path); err != nil {
		return err
	}
	w.b.report(fmt.Errorf("buffer %s: %w: %s: %s; it is set aside as %s and what it holds is not delivered",
		w.b.cfg.Stream, ErrCorrupt, path, why, asideName(path)))
	return nil
}

// resume goes on with the highest segment.
func (w *writer) resume(number uint64, path string, sum summary, size int64) error {
	file, err := w.b.cfg.FS.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	// What a killed process wrote or renamed and did not sync is valid here, and counted from now on: it must be on disk first.
	if err = file.Sync(); err == nil {
		err = durable.Dir(w.b.cfg.FS, w.b.cfg.Dir)
	}
	if err != nil {
		_ = file.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	w.file, w.number, w.sum, w.space = file, number, sum, size
	w.b.positions = sum.positions
	w.b.addStats(sum, size)
	if sum.end < size {
		w.b.report(fmt.Errorf("buffer %s: %s ends with %d bytes after byte %d that are no valid frame: a write that was cut off and never acknowledged, if the disk is sound",
			w.b.cfg.Stream, path, size-sum.end, sum.end))
	}
	return nil
}

// start makes the first segment of a folder.
func (w *writer) start(number uint64) error {
	head, sum, err := makeHead(header{stream: w.b.cfg.Stream, number: number, made: w.b.cfg.Clock.Now()}, nil)
	if err != nil {
		return err
	}
	file, err := createFile(w.b.cfg.FS, w.b.cfg.Dir, number, head)
	if err != nil {
		return err
	}
	w.file, w.number, w.sum, w.space = file, number, sum, sum.end
	w.b.addStats(sum, sum.end)
	return nil
}

func (b *Buffer) addStats(sum summary, size int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stats.Records += sum.records
	b.stats.Bytes += sum.bytes
	b.stats.Space += size
}
