package flow

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer"
)

// Header is the first line of a file, which names the columns of the others.
type Header struct {
	Line []byte // without line end and byte order mark; nil: it is not known
	End  int64  // where it ends in the file; what begins before that is no record
}

// Headers knows the headers of files. It keeps some of them and reads the others when they are asked for, from the block's own file, so that a restart
// in the middle of a file, or one under another name, makes no difference. A file that is cut and written anew with other columns just when its header is
// read again is the one case where they come out under wrong names. The zero value is ready, for several goroutines.
type Headers struct {
	mu     sync.Mutex
	byFile map[tailer.FileID]keptHeader
}

type keptHeader struct {
	*Header
	pipe bool // it cannot be read again
}

const (
	firstHeader   = 1 << 10  // bytes that are read at first
	longestHeader = 16 << 10 // of a longer one nothing is known
	keptHeaders   = 64       // files whose headers are kept, beside those of pipes
	longestMark   = 3        // bytes of a byte order mark
)

// Of returns the header of the file that b is from. It fails if that cannot be read now; the block is to be offered again then.
func (h *Headers) Of(b *tailer.Block) (*Header, error) {
	h.mu.Lock()
	known, ok := h.byFile[b.ID]
	h.mu.Unlock()
	if ok {
		return known.Header, nil
	}
	header, whole, err := readHeader(b)
	if err == nil && whole {
		h.keep(b, header)
	}
	return header, err
}

func (h *Headers) keep(b *tailer.Block, header *Header) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.byFile) >= keptHeaders {
		for id, kept := range h.byFile {
			if !kept.pipe {
				delete(h.byFile, id)
			}
		}
	}
	if h.byFile == nil {
		h.byFile = map[tailer.FileID]keptHeader{}
	}
	h.byFile[b.ID] = keptHeader{header, b.Content == nil}
}

// readHeader reads the header of the file that b is from, and tells whether it can change no more. Where the file cannot be read again, its
// first record is the header.
func readHeader(b *tailer.Block) (header *Header, whole bool, err error) {
	if b.Content == nil {
		if b.Offset > longestMark || len(b.Ends) == 0 {
			return &Header{}, len(b.Ends) > 0, nil
		}
		line, _ := CutEnd(b.Record(0))
		return &Header{bytes.Clone(line), b.Start(0) + int64(len(b.Record(0)))}, true, nil
	}
	for size := firstHeader; ; size *= 4 {
		head := make([]byte, size)
		n, err := b.Content.ReadAt(head, 0)
		if n == 0 {
			return nil, false, fmt.Errorf("read the header line of %s: %w", b.Path, err)
		}
		head = head[:n]
		end := bytes.IndexByte(head, '\n') + 1
		switch {
		case end > 0:
			whole = true
		case size >= longestHeader:
			return &Header{}, true, nil
		case n < size:
			end = n // one line so far, which somebody still writes
		default:
			continue
		}
		line, _ := CutEnd(head[:end])
		return &Header{bytes.Clone(bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))), int64(end)}, whole, nil
	}
}

// openHeader lets the parser take the names of the columns from the block's file.
func (r *run) openHeader() error {
	if !r.flow.cfg.Parse.Header {
		return nil
	}
	header, err := r.flow.headers.Of(r.block)
	if err != nil {
		return err
	}
	if s := r.scratch; s.header != header {
		parsers.SetHeader(s.parser, header.Line)
		s.header = header
	}
	r.headerEnd = header.End
	return nil
}
