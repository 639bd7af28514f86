package servercmd

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/weir-logs/weir/parsers"
)

// tally compares what was read with what was delivered, line by line. It reads the files by itself, and undoes the
// conversion of what it finds in the objects, so that it does not depend on what the agent believes.
type tally struct {
	maxRecord int
	balance   map[uint64]int32 // line -> times in the files, less times in the objects
	lines     int64            // in the files
	bytes     int64            // of those, line ends included
	long      int64            // lines that were too long for a record
	pieces    int64            // what they were cut into
	delivered int64            // in the objects
	objects   int64
	objBytes  int64
	surplus   int64 // lines that were delivered more often than they are in the files
	sources   map[string]*source
	seen      map[string]bool // objects that are counted
}

// source is one file that the tally reads along.
type source struct {
	path    string
	f       *os.File
	offset  int64 // up to where its lines are counted
	lines   int64
	matched bool // its lines become JSON
}

func newTally(maxRecord int) *tally {
	return &tally{maxRecord: maxRecord, balance: map[uint64]int32{}, sources: map[string]*source{}, seen: map[string]bool{}}
}

// close gives the files back.
func (t *tally) close() {
	for _, s := range t.sources {
		s.f.Close()
	}
}

// missing is how many lines of the files are not in the objects.
func (t *tally) missing() int64 { return t.lines - (t.delivered - t.surplus) }

// read counts the lines of the file with the given id up to offset. The file is opened once, so that it may be renamed
// later. With last, a line without line end at offset counts too.
func (t *tally) read(id, path string, structured bool, offset int64, last bool) error {
	s := t.sources[id]
	if s == nil {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		s = &source{path: path, f: f, matched: structured}
		t.sources[id] = s
	}
	r := bufio.NewReaderSize(io.NewSectionReader(s.f, s.offset, offset-s.offset), 256<<10)
	for {
		line, err := r.ReadBytes('\n')
		ended := bytes.HasSuffix(line, []byte{'\n'})
		if len(line) > 0 && (ended || last) {
			s.offset += int64(len(line))
			t.bytes += int64(len(line))
			s.lines += t.expect(s.matched, line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

// expect counts a line of a file, in the pieces that an over-long line is sent in, and returns their number.
func (t *tally) expect(structured bool, line []byte) (n int64) {
	for len(line) > 0 {
		piece := line
		if len(line)-lineEnd(line) > t.maxRecord {
			piece = line[:t.maxRecord]
		}
		line = line[len(piece):]
		key := lineKey(structured, content(structured, piece))
		if t.balance[key] < 0 {
			t.surplus--
		}
		t.add(key, 1)
		t.lines++
		n++
	}
	if n > 1 {
		t.long++
		t.pieces += n
	}
	return n
}

// lineEnd is the length of a line's end: LF, CR and LF, or nothing.
func lineEnd(line []byte) int {
	switch {
	case bytes.HasSuffix(line, []byte("\r\n")):
		return 2
	case bytes.HasSuffix(line, []byte("\n")):
		return 1
	}
	return 0
}

func (t *tally) add(key uint64, n int32) {
	if t.balance[key] += n; t.balance[key] == 0 {
		delete(t.balance, key)
	}
}

// content is a line as both sides compare it: raw objects keep a carriage return before the line feed, JSON does not, and
// writes each byte that is not UTF-8 as U+FFFD.
func content(structured bool, line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	if structured {
		line = bytes.TrimSuffix(line, []byte{'\r'})
		line = toValidUTF8(line)
	}
	return line
}

// toValidUTF8 replaces each invalid byte by U+FFFD, as the JSON encoder's rule says; bytes.ToValidUTF8 joins runs.
func toValidUTF8(line []byte) []byte {
	return []byte(strings.Map(func(r rune) rune { return r }, string(line)))
}

func lineKey(structured bool, line []byte) uint64 {
	h := xxhash.New()
	if structured {
		h.Write([]byte{1})
	} else {
		h.Write([]byte{0})
	}
	h.Write(line)
	return h.Sum64()
}

// collect counts the lines of all objects below dir that it has not seen. Hidden files and folders are not objects yet.
func (t *tally) collect(dir string, structured bool) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		hidden := err == nil && strings.HasPrefix(d.Name(), ".")
		if hidden && d.IsDir() {
			return fs.SkipDir // where the backend puts objects together
		}
		if err != nil || d.IsDir() || hidden || t.seen[path] {
			return err
		}
		t.seen[path] = true
		if err := t.object(path, structured); err != nil {
			return fmt.Errorf("object %s: %w", path, err)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (t *tally) object(path string, structured bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	t.objects++
	t.objBytes += info.Size()
	r := bufio.NewReaderSize(z, 256<<10)
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 {
			if err := t.arrived(structured, bytes.TrimSuffix(line, []byte{'\n'})); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// arrived counts one delivered record.
func (t *tally) arrived(structured bool, record []byte) error {
	if structured {
		line, err := undo(record)
		if err != nil {
			return err
		}
		record = line
	}
	key := lineKey(structured, record)
	if t.balance[key] <= 0 {
		t.surplus++
	}
	t.add(key, -1)
	t.delivered++
	return nil
}

// undo makes the line again that a JSON record was made from.
func undo(record []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(record))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil, fmt.Errorf("a record is not JSON: %w", err)
	}
	if message, ok := fields["message"].(string); ok && len(fields) == 1 {
		return []byte(message), nil
	}
	made := make([]parsers.Field, 0, len(fields))
	for name, value := range fields {
		field := parsers.Field{Name: name}
		switch v := value.(type) {
		case string:
			field.Value = []byte(v)
		case json.Number:
			field.Kind, field.Value = parsers.Number, []byte(v)
		case nil:
			field.Kind, field.Value = parsers.Null, []byte("-")
		default:
			return nil, fmt.Errorf("field %s of a record has an unexpected type %T", name, value)
		}
		made = append(made, field)
	}
	return parsers.AppendCombined(nil, made), nil
}

// reach counts the lines of f at least as far as f reached when the demo began.
func (t *tally) reach(f demoFile) error {
	if f.size == 0 {
		return nil
	}
	for id, s := range t.sources {
		if s.path == f.path {
			if s.offset >= f.size {
				return nil
			}
			return t.read(id, f.path, f.combined, f.size, true)
		}
	}
	return t.read("never read: "+f.path, f.path, f.combined, f.size, true)
}
