package flow

import (
	"bytes"
	"context"
	"fmt"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/framing"
)

// scratch is the memory that one block needs on its way, kept from block to block.
type scratch struct {
	parser   parsers.Parser
	encoder  parsers.Encoder
	rec      parsers.Record
	origin   *Origin
	out      []byte       // encoded records
	entries  []sink.Entry // of the chunk, without keys
	starts   []int64      // offset in the file of each entry's record
	largest  int          // bytes of the largest entry
	keys     [][]string   // per destination with a key per record: the key of each entry
	interned *interner
	filtered []sink.Entry // of the chunk, without those that are too large for a destination
}

func (f *Flow) newScratch() (*scratch, error) {
	parser, encoder, err := Codec(f.cfg.Parse, f.cfg.Encode)
	if err != nil {
		return nil, err
	}
	return &scratch{parser: parser, encoder: encoder, origin: NewOrigin(f.cfg.Container), keys: make([][]string, len(f.cfg.Sends)), interned: newInterner()}, nil
}

// reset empties the chunk.
func (s *scratch) reset() {
	s.out, s.entries, s.starts, s.largest = s.out[:0], s.entries[:0], s.starts[:0], 0
	for i := range s.keys {
		s.keys[i] = s.keys[i][:0]
	}
}

func (s *scratch) add(data []byte, start int64) {
	s.entries = append(s.entries, sink.Entry{Data: data})
	s.starts = append(s.starts, start)
	s.largest = max(s.largest, len(data))
}

// run is one block on its way through a flow.
type run struct {
	flow    *Flow
	scratch *scratch
	ctx     context.Context // of the one call of Handle that the run lives in
	block   *tailer.Block
	claim   *checkpoint.Claim
}

// all sends every record of the block, chunk by chunk.
func (r *run) all() error {
	r.scratch.reset()
	r.scratch.origin.Open(r.block.Path)
	add := r.encode
	if r.flow.direct {
		add = r.pass
	}
	for i := range r.block.Ends {
		if err := add(i); err != nil {
			return err
		}
		if len(r.scratch.out) >= r.flow.cfg.ChunkBytes || len(r.scratch.entries) >= maxEntries {
			if err := r.send(); err != nil {
				return err
			}
		}
	}
	return r.send()
}

// pass adds record i, which leaves as it is in the block. Only one that lacks its line end is copied.
func (r *run) pass(i int) error {
	s, record := r.scratch, r.block.Record(i)
	if !r.flow.cfg.Encode.Newline {
		record, _ = CutEnd(record)
		if len(record) == 0 {
			r.flow.counters.droppedEmpty.Add(1)
			return nil
		}
	} else if len(record) == 0 || record[len(record)-1] != '\n' {
		from := len(s.out)
		s.out = append(append(s.out, record...), '\n')
		record = s.out[from:]
	}
	s.add(record, r.block.Start(i))
	return nil
}

// encode adds record i by way of its fields.
func (r *run) encode(i int) error {
	f, s, record := r.flow, r.scratch, r.block.Record(i)
	s.rec.Line, s.rec.End = CutEnd(record)
	s.rec.Meta = s.origin.Fields(r.meta(i))
	s.rec.Parsed = s.parser.Parse(&s.rec)
	if !s.rec.Parsed {
		f.counters.mismatched.Add(1)
		switch f.cfg.Parse.OnMismatch {
		case config.MismatchDrop:
			f.counters.droppedMismatch.Add(1)
			return nil
		case config.MismatchDeadLetter:
			return r.bury(Letter{Cause: CauseMismatch, Reason: "the line does not have the format " + f.cfg.Parse.Format, Data: record}, r.block.Start(i), int64(len(record)))
		}
	}
	from := len(s.out)
	// When out grows, the entries before keep the old array alive: still their bytes, and gone with the chunk.
	s.out = s.encoder.Append(s.out, &s.rec)
	if len(s.out) == from {
		f.counters.droppedEmpty.Add(1)
		return nil
	}
	s.add(s.out[from:len(s.out):len(s.out)], r.block.Start(i))
	for i := range f.cfg.Sends {
		if key := &f.cfg.Sends[i].Key; key.kind == keyField {
			s.keys[i] = append(s.keys[i], f.fieldKey(key, s))
		}
	}
	return nil
}

// meta returns what is known of record i beside its text, or nil.
func (r *run) meta(i int) *framing.Meta {
	if r.block.Meta == nil {
		return nil
	}
	return &r.block.Meta[i]
}

// send puts the chunk on every destination and empties it.
func (r *run) send() error {
	if len(r.scratch.entries) == 0 {
		return nil
	}
	for i := range r.flow.cfg.Sends {
		entries, err := r.entriesFor(i)
		if err != nil {
			return err
		}
		if err := r.flow.put(r, i, entries); err != nil {
			return err
		}
	}
	r.scratch.reset()
	return nil
}

// entriesFor gives the chunk's entries the keys of one destination, and buries those that it cannot take.
func (r *run) entriesFor(send int) ([]sink.Entry, error) {
	s, to := r.scratch, &r.flow.cfg.Sends[send]
	longest := 0
	switch to.Key.kind {
	case keyField:
		for i := range s.entries {
			s.entries[i].PartitionKey = s.keys[send][i]
			longest = max(longest, len(s.keys[send][i]))
		}
	default:
		key := to.Key.text
		if to.Key.kind == keyFile {
			key = r.block.ID.String()
		}
		for i := range s.entries {
			s.entries[i].PartitionKey = key
		}
		longest = len(key)
	}
	limit := to.Destination.Limits().Record
	if s.largest+longest <= limit {
		return s.entries, nil
	}
	s.filtered = s.filtered[:0]
	for i := range s.entries {
		e := &s.entries[i]
		if size := len(e.Data) + len(e.PartitionKey); size > limit {
			r.flow.counters.oversize.Add(1)
			reason := fmt.Sprintf("the record has %d bytes with its key, %s takes %d", size, to.Name, limit)
			if err := r.bury(Letter{Cause: CauseOversize, Reason: reason, Destination: to.Name, Data: e.Data}, s.starts[i], 0); err != nil {
				return nil, err
			}
			continue
		}
		s.filtered = append(s.filtered, *e)
	}
	return s.filtered, nil
}

// bury hands a record of the block to the dead letters. It waits while too many wait for the disk.
func (r *run) bury(l Letter, start, size int64) error {
	if err := r.flow.cfg.Letters.wait(r.ctx); err != nil {
		return err
	}
	l.File, l.FileID, l.Offset = r.block.Path, r.block.ID, start
	if size > 0 && r.block.Starts == nil { // else other bytes of the file may lie between those of the record
		l.End = start + size
	}
	l.Data = bytes.Clone(l.Data)
	r.flow.cfg.Letters.add(l, r.claim)
	return nil
}
