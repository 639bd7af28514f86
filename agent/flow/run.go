package flow

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/parsers/edit"
	"github.com/weir-logs/weir/parsers/original"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/framing"
)

// scratch is the memory that one block needs on its way, kept from block to block.
type scratch struct {
	parser   parsers.Parser
	encoder  parsers.Encoder
	convert  *original.Chain // in place of both; nil: none
	chain    *edit.Chain     // nil: no edits
	rec      parsers.Record
	growth   int     // how much longer a record may become
	header   *Header // that the parser has its columns from; nil: none
	origin   *Origin
	out      []byte       // encoded records
	entries  []sink.Entry // of the chunk, without keys
	records  []int        // the record of the block that each entry was made of
	largest  int          // bytes of the largest entry
	keys     [][]string   // per destination with a key per record: the key of each entry that it gets
	digits   []byte       // of keys that are hashes
	router   *Router      // nil: each destination gets every entry
	interned *interner
	packer   packer
	filtered []sink.Entry // of the chunk, without those that are too large for a destination
}

func (f *Flow) newScratch() (*scratch, error) {
	parser, encoder, err := Codec(f.cfg.Parse, f.cfg.Encode)
	if err != nil {
		return nil, err
	}
	convert, most, err := f.cfg.Compat.chain()
	if err != nil {
		return nil, err
	}
	chain, err := Chain(f.cfg.Edit, f.cfg.Encode, f.cfg.Values)
	if err != nil {
		return nil, err
	}
	router, err := NewRouter(f.cfg.Sends, f.cfg.Elsewhere...)
	if err != nil {
		return nil, err
	}
	return &scratch{parser: parser, encoder: encoder, chain: chain, convert: convert, growth: max(most, growth(f.cfg.Parse, f.cfg.Edit)),
		origin: NewOrigin(f.cfg.Container), router: router, keys: make([][]string, len(f.cfg.Sends)), interned: newInterner()}, nil
}

// reset empties the chunk.
func (s *scratch) reset() {
	s.out, s.entries, s.records, s.largest = s.out[:0], s.entries[:0], s.records[:0], 0
	for i := range s.keys {
		s.keys[i] = s.keys[i][:0]
	}
	if s.router != nil {
		s.router.reset()
	}
}

// given returns the entry that is number n of those that a destination gets.
func (s *scratch) given(send, n int) int {
	if s.router.some(send) {
		return s.router.picked[send][n]
	}
	return n
}

// gets is how many entries a destination gets.
func (s *scratch) gets(send int) int {
	if s.router.some(send) {
		return len(s.router.picked[send])
	}
	return len(s.entries)
}

// memory is what it keeps beside the chunk.
func (s *scratch) memory() int {
	if s.chain == nil {
		return s.rec.Memory()
	}
	return s.rec.Memory() + s.chain.Memory()
}

func (s *scratch) add(data []byte, record int) {
	s.entries = append(s.entries, sink.Entry{Data: data})
	s.records = append(s.records, record)
	s.largest = max(s.largest, len(data))
}

// run is one block on its way through a flow.
type run struct {
	flow    *Flow
	scratch *scratch
	ctx     context.Context // of the one call of Handle that the run lives in
	block   *tailer.Block
	claim   *checkpoint.Claim

	headerEnd  int64 // offset in the file; what begins before it is no record
	mismatched int   // lines without the flow's format
	mismatch   int64 // offset of the first of them
	undone     Undone
}

// all sends every record of the block, chunk by chunk.
func (r *run) all() error {
	r.scratch.reset()
	r.scratch.origin.Open(r.block.Path)
	if r.scratch.chain != nil {
		r.scratch.chain.Open(EditFile(r.block, time.Now()))
	}
	if err := r.openHeader(); err != nil {
		return err
	}
	add := r.encode
	switch {
	case r.flow.direct:
		add = r.pass
	case r.scratch.convert != nil:
		add = r.convert
	}
	for i := range r.block.Ends {
		if r.headerEnd > 0 && r.block.Start(i) < r.headerEnd {
			r.flow.counters.droppedHeader.Add(1)
			continue
		}
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
	s.add(record, i)
	return nil
}

// encode adds record i by way of its fields.
func (r *run) encode(i int) error {
	f, s, record := r.flow, r.scratch, r.block.Record(i)
	if stays, err := r.parse(i); !stays {
		return err
	}
	from := len(s.out)
	// When out grows, the entries before keep the old array alive: still their bytes, and gone with the chunk.
	var fate fate
	if len(record) > f.cfg.ChunkBytes/s.growth {
		defer s.releaseLarge()
		var size int
		if size, fate = f.cfg.Large.encode(r, i); size > r.limit() {
			return r.buryLarge(i, size)
		}
	} else {
		s.out, fate = r.render(s.out, i)
	}
	switch {
	case fate == dropped:
		return nil
	case fate == unrouted:
		return r.leave(i)
	case len(s.out) == from:
		f.counters.droppedEmpty.Add(1)
		return nil
	}
	if s.router != nil {
		s.router.pick(len(s.entries))
	}
	s.add(s.out[from:len(s.out):len(s.out)], i)
	for i := range f.cfg.Sends {
		if key := &f.cfg.Sends[i].Key; key.kind == keyField && s.router.Takes(i) {
			s.keys[i] = append(s.keys[i], f.fieldKey(key, s))
		}
	}
	return nil
}

// parse makes fields of record i, and reports whether it is to be sent as far as its format goes.
func (r *run) parse(i int) (stays bool, err error) {
	f, s := r.flow, r.scratch
	s.rec.Line, s.rec.End = CutEnd(r.block.Record(i))
	s.rec.Meta = s.origin.Fields(r.meta(i))
	s.rec.Parsed = s.parser.Parse(&s.rec)
	if s.rec.Parsed {
		return true, nil
	}
	r.countMismatch(i)
	switch f.cfg.Parse.OnMismatch {
	case config.MismatchDrop:
		f.counters.droppedMismatch.Add(1)
		return false, nil
	case config.MismatchDeadLetter:
		return false, r.bury(Letter{Cause: CauseMismatch, Reason: "the line does not have the format " + f.cfg.Parse.Format}, i)
	}
	return true, nil
}

// releaseLarge gives back what edits of a large record took.
func (s *scratch) releaseLarge() {
	if s.chain != nil {
		s.chain.Release()
		clear(s.rec.Fields)
		s.rec.Line, s.rec.Meta = nil, nil
	}
}

// countMismatch notes that record i does not have the flow's format.
func (r *run) countMismatch(i int) {
	r.flow.counters.mismatched.Add(1)
	if r.mismatched++; r.mismatched == 1 {
		r.mismatch = r.block.Start(i)
	}
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

// giveKeys gives the entries that a destination gets its keys, and returns how long they are at most.
func (r *run) giveKeys(send int) (longest int) {
	s, to := r.scratch, &r.flow.cfg.Sends[send]
	if to.Key.kind == keyHash {
		s.keys[send] = s.hashKeys(s.keys[send], send)
	}
	if to.Key.perRecord() {
		for n, key := range s.keys[send] {
			s.entries[s.given(send, n)].PartitionKey = key
			longest = max(longest, len(key))
		}
		return longest
	}
	key := to.Key.text
	if to.Key.kind == keyFile {
		key = r.block.ID.String()
	}
	for i := range s.entries {
		s.entries[i].PartitionKey = key
	}
	return len(key)
}

// entriesFor returns the chunk's entries for one destination, with its keys. It buries those that are too large for it.
func (r *run) entriesFor(send int) ([]sink.Entry, error) {
	s, to := r.scratch, &r.flow.cfg.Sends[send]
	longest, limit := r.giveKeys(send), to.Destination.Limits().Record
	if s.largest+longest <= limit && s.gets(send) == len(s.entries) {
		return s.entries, nil
	}
	s.filtered = s.filtered[:0]
	for n := range s.gets(send) {
		i := s.given(send, n)
		e := &s.entries[i]
		if size := len(e.Data) + len(e.PartitionKey); size > limit {
			if err := r.buryOversize(send, s.records[i], size); err != nil {
				return nil, err
			}
			continue
		}
		s.filtered = append(s.filtered, *e)
	}
	return s.filtered, nil
}

// buryOversize buries record i, which became too large for a destination.
func (r *run) buryOversize(send, i, size int) error {
	to := &r.flow.cfg.Sends[send]
	r.flow.counters.oversize.Add(1)
	reason := fmt.Sprintf("the record has %d bytes with its key, %s takes %d", size, to.Name, to.Destination.Limits().Record)
	return r.bury(Letter{Cause: CauseOversize, Reason: reason, Destination: to.Name}, i)
}

// bury hands record i of the block, as it is there, to the dead letters. It waits while too many wait for the disk.
func (r *run) bury(l Letter, i int) error {
	if err := r.flow.cfg.Letters.wait(r.ctx); err != nil {
		return err
	}
	record, start := r.block.Record(i), r.block.Start(i)
	l.File, l.FileID, l.Offset = r.block.Path, r.block.ID, start
	if r.block.Starts == nil { // else other bytes of the file may lie between those of the record
		l.End = start + int64(len(record))
	}
	l.Data = bytes.Clone(record)
	r.flow.cfg.Letters.add(l, r.claim)
	return nil
}
