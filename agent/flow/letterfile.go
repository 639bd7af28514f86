package flow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/weir-logs/weir/agent/internal/durable"
)

// errFull says that the dead-letter file has no room for the next letter.
var errFull = errors.New("the dead-letter file is full, reading waits: look at it, then move it away or raise dead_letter.max_size")

// letterFile is the append-only file of one flow: NDJSON, one Letter a line. It may be moved away at any time; a new one is begun then.
type letterFile struct {
	path string
	max  int64
	file *os.File
	size int64
	buf  []byte
	most int // bytes written at once: less where the disk has no room for more
}

func newLetterFile(cfg DeadLetterConfig) letterFile {
	return letterFile{path: filepath.Join(cfg.Dir, url.PathEscape(cfg.Prefix+cfg.Flow)+".ndjson"), max: cfg.MaxSize, most: maxQueued}
}

// append writes as many letters as there is room for and returns how many are on disk. A letter that alone is larger than the file may
// be goes into an empty one.
func (f *letterFile) append(group []queued) (int, error) {
	if err := f.open(); err != nil {
		return 0, err
	}
	f.buf = f.buf[:0]
	n := 0
	full := false
	for ; n < len(group); n++ {
		before := len(f.buf)
		var err error
		if f.buf, err = appendLetter(f.buf, &group[n].letter); err != nil {
			return 0, err
		}
		if after := f.size + int64(len(f.buf)); after > f.max && f.size+int64(before) > 0 {
			f.buf = f.buf[:before]
			full = true
			break
		}
		if len(f.buf) >= f.most {
			n++
			break
		}
	}
	if err := f.write(); err != nil {
		f.most = len(f.buf) / 2
		return 0, err
	}
	f.most = min(2*f.most+1, maxQueued)
	if full && n == 0 {
		return 0, fmt.Errorf("%s: %w", f.path, errFull)
	}
	return n, nil
}

// write appends the buffer durably, or leaves the file as it was.
func (f *letterFile) write() error {
	if len(f.buf) == 0 {
		return nil
	}
	_, err := f.file.WriteAt(f.buf, f.size)
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("dead letter: write %s: %w", f.path, err), f.file.Truncate(f.size))
		f.close() // after a failed fsync this descriptor proves nothing any more
		return err
	}
	f.size += int64(len(f.buf))
	if cap(f.buf) > 2*maxQueued {
		f.buf = nil
	}
	return nil
}

// open makes sure that the file is the one under its name.
func (f *letterFile) open() error {
	if f.file != nil {
		now, err := os.Stat(f.path)
		if mine, e := f.file.Stat(); err == nil && e == nil && os.SameFile(now, mine) && mine.Size() == f.size {
			return nil
		}
		f.close()
	}
	dir := filepath.Dir(f.path)
	if err := durable.MkdirAll(dir); err != nil {
		return fmt.Errorf("dead letter: %w", err)
	}
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("dead letter: %w", err)
	}
	var size int64
	if err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		err = fmt.Errorf("another process has it: give that one another dead_letter.dir: %w", err)
	} else {
		size, err = wholeLines(file)
	}
	if err == nil {
		err = durable.Dir(dir)
	}
	if err != nil {
		file.Close()
		return fmt.Errorf("dead letter: open %s: %w", f.path, err)
	}
	f.file, f.size = file, size
	return nil
}

// wholeLines cuts off a last line that a crash left unfinished: its letter was not acknowledged, and comes again. It touches no file
// that is anything else.
func wholeLines(file *os.File) (int64, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	end, err := lastLineEnd(file, size)
	if err != nil || end == size {
		return end, err
	}
	start := make([]byte, min(size-end, int64(len(letterStart))))
	if _, err := file.ReadAt(start, end); err != nil {
		return 0, err
	}
	if !strings.HasPrefix(letterStart, string(start)) {
		return 0, errors.New("this is no dead-letter file: move it away")
	}
	return end, file.Truncate(end)
}

// letterStart is how each line begins.
const letterStart = `{"v":`

// lastLineEnd returns the offset behind the last LF of a file, 0 if it has none.
func lastLineEnd(file *os.File, size int64) (int64, error) {
	var buf [4096]byte
	for end := size; end > 0; {
		from := max(0, end-int64(len(buf)))
		chunk := buf[:end-from]
		if _, err := file.ReadAt(chunk, from); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(chunk, '\n'); i >= 0 {
			return from + int64(i) + 1, nil
		}
		end = from
	}
	return 0, nil
}

func (f *letterFile) close() {
	if f.file != nil {
		f.file.Close() // everything that counts is fsynced
		f.file = nil
	}
}
