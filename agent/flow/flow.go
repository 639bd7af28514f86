// Package flow takes blocks of records from the tailer to the destinations of one configured path, and their answers back to
// the checkpoints.
//
//	block -> claim -> split -> parse -> edit -> route -> encode -> Put on each destination
//	           ^                 |                |                   |
//	           |                 v                v dead letters      v answers, in any order
//	           +------- released when each of them is there
//
// Nothing is allocated per record: a block is worked on in chunks whose entries, encoded bytes and parsed fields live in
// scratch memory that goes from block to block. Where a record leaves as it lies in the file, its entry points into the block.
//
// A record leaves with exactly one line end: raw keeps the file's own (LF or CRLF), the other formats end in LF, and a line that has none
// (the last one of a file, a piece of an over-long one) gets LF; newline: false takes it off.
//
// A record that cannot be sent (too large, refused, without its format or a destination where the flow says so) goes into the dead-letter file,
// which is on disk before it counts as answered. Bytes that give no record are answered as soon as they are read.
package flow

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers/edit"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
)

// Send is one destination of a flow.
type Send struct {
	Name        string // as in checkpoints and messages
	Key         Key
	Pack        int    // bytes of records that are joined; 0: none are
	When        string // the records that it gets: an expression of parsers/condition; empty: all of them
	Default     bool   // it gets those that no other's When takes
	Destination sink.Destination
}

// part reports whether it does not get every record.
func (s *Send) part() bool { return s.When != "" || s.Default }

// Config describes a flow. New checks it.
type Config struct {
	Name       string
	Container  bool // the files are logs of containers: their paths name the pod
	Parse      config.Parse
	Edit       []edit.Spec
	Values     func(name string) (string, bool) // of variables in edits that no record has; may be nil
	Encode     config.Encode
	Compat     *Compat // in place of Parse and Encode; may be nil
	Sends      []Send
	Elsewhere  []Send          // entries of the flow that others serve: only their names and conditions count, for a default one in Sends and what is unrouted
	OnUnrouted config.Unrouted // what becomes of records that no destination gets; empty: dropped
	Tracker    *checkpoint.Tracker
	Letters    *DeadLetters
	Earlier    *Flow  // whose counters go on, if it has as many destinations; may be nil
	ChunkBytes int    // how much is encoded before it is put; 0 means 256 KiB
	Large      *Large // shared by flows; nil: one of its own

	// Mismatched is told of each block with lines that do not have the flow's format: how many, and the offset of the first. It is called
	// from the goroutines that call Handle, and does not block. It may be nil.
	Mismatched func(b *tailer.Block, lines int, first int64)
	// Undecided is told, likewise, of each block with records on which a condition of a destination failed. It may be nil.
	Undecided func(Undecided)
	// Undone is told, likewise, of each block with records that a step of Edit could not be done to.
	Undone func(Undone)
}

const (
	defaultChunk = 256 << 10
	maxEntries   = 4096 // in one Put: bounds the scratch memory of blocks full of short lines
)

// Flow moves the blocks of one flow. Handle may be called from several goroutines; the blocks of one file come one after the other.
type Flow struct {
	cfg      Config
	direct   bool // records leave as they lie in the file
	counters *counters
	headers  Headers
	scratch  sync.Pool
}

// New makes a Flow. It starts no goroutine.
func New(cfg Config) (*Flow, error) {
	if cfg.Tracker == nil || cfg.Letters == nil || len(cfg.Sends) == 0 {
		return nil, fmt.Errorf("flow %s: a tracker, dead letters and at least one destination are needed", cfg.Name)
	}
	if cfg.Compat.converts() && routed(cfg.Sends) {
		return nil, fmt.Errorf("flow %s: conditions do not go with compat", cfg.Name)
	}
	if cfg.ChunkBytes <= 0 {
		cfg.ChunkBytes = defaultChunk
	}
	if cfg.Large == nil {
		cfg.Large = new(Large)
	}
	if cfg.Parse.Format == "" {
		cfg.Parse.Format = "none"
	}
	if cfg.Encode.Format == "" {
		cfg.Encode.Format = "raw"
	}
	f := &Flow{cfg: cfg, direct: direct(cfg.Parse, cfg.Encode, cfg.Edit) && !fieldKeys(cfg.Sends) && !routed(cfg.Sends) && !cfg.Compat.converts()}
	if e := cfg.Earlier; e != nil && len(e.cfg.Sends) == len(cfg.Sends) {
		f.counters = e.counters
	} else {
		f.counters = &counters{sends: make([]sendCounters, len(cfg.Sends))}
	}
	f.cfg.Earlier = nil // it is not to be kept in memory
	s, err := f.newScratch()
	if err != nil {
		return nil, fmt.Errorf("flow %s: %w", cfg.Name, err)
	}
	f.scratch.Put(s)
	return f, nil
}

func fieldKeys(sends []Send) bool {
	for _, s := range sends {
		if s.Key.kind == keyField {
			return true
		}
	}
	return false
}

// Handle takes a block to the destinations. It returns when the block's memory is free again, which is before the answers are there. It waits
// while too much is in flight, while a destination has no room, and while the dead-letter file is full. After an error, which is a
// context's or a destination's that was closed, the block stays unacknowledged.
//
// There are two contexts because a stop has two stages: once reading has ended no block is begun, but one that is begun is put as a
// whole until draining ends too; otherwise the part that was put would be sent again by the next run.
func (f *Flow) Handle(reading, draining context.Context, b *tailer.Block) error {
	if reading.Err() != nil {
		return context.Cause(reading)
	}
	if err := f.cfg.Letters.wait(reading); err != nil {
		return err
	}
	claim, err := f.cfg.Tracker.Claim(reading, b)
	if err != nil {
		return err
	}
	if err := f.carry(draining, b, claim); err != nil {
		claim.Abandon() // the tailer offers the same bytes again
		return err
	}
	f.counters.records.Add(int64(len(b.Ends)))
	f.counters.bytes.Add(int64(len(b.Data)))
	claim.Release()
	return nil
}

// carry puts all records of a block on all destinations.
func (f *Flow) carry(ctx context.Context, b *tailer.Block, claim *checkpoint.Claim) error {
	if len(b.Ends) == 0 {
		return nil
	}
	s, err := f.takeScratch()
	if err != nil {
		return err
	}
	defer f.giveScratch(s)
	r := &run{flow: f, scratch: s, ctx: ctx, block: b, claim: claim}
	err = r.all()
	r.tellUndecided()
	if r.undone.Times > 0 && f.cfg.Undone != nil {
		f.cfg.Undone(r.undone)
	}
	if r.mismatched > 0 && f.cfg.Mismatched != nil {
		f.cfg.Mismatched(b, r.mismatched, r.mismatch)
	}
	return err
}

// takeScratch returns scratch memory with a codec.
func (f *Flow) takeScratch() (*scratch, error) {
	if s, ok := f.scratch.Get().(*scratch); ok {
		return s, nil
	}
	return f.newScratch()
}

// giveScratch keeps scratch memory for the next block, unless a giant record has blown it up.
func (f *Flow) giveScratch(s *scratch) {
	s.reset()
	clear(s.entries[:cap(s.entries)]) // no pointers into blocks that are the tailer's again
	clear(s.filtered[:cap(s.filtered)])
	s.packer.forget()
	if max(cap(s.out), cap(s.packer.data)) <= 2*f.cfg.ChunkBytes && s.memory() <= f.cfg.ChunkBytes {
		f.scratch.Put(s)
	}
}

// put hands a run of entries to one destination and arranges for its answer.
func (f *Flow) put(r *run, send int, entries []sink.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	var bytes int64
	for i := range entries {
		bytes += int64(len(entries[i].Data))
	}
	records := int64(len(entries))
	if most := f.cfg.Sends[send].Pack; most > 0 {
		entries = r.scratch.packer.join(entries, min(most, f.cfg.Sends[send].Destination.Limits().Record))
	}
	a := &answer{flow: f, send: send, claim: r.claim, records: records, bytes: bytes,
		id: r.block.ID, path: r.block.Path, offset: r.block.Offset, end: r.block.Next.Offset}
	r.claim.Hold()
	if err := f.cfg.Sends[send].Destination.Put(r.ctx, entries, a.done); err != nil {
		return fmt.Errorf("flow %s: put on %s: %w", f.cfg.Name, f.cfg.Sends[send].Name, err)
	}
	return nil
}

// answer waits for the result of one Put.
type answer struct {
	flow           *Flow
	send           int
	claim          *checkpoint.Claim
	records, bytes int64
	id             tailer.FileID
	path           string
	offset, end    int64 // of the block: a refusal does not say which of its records it was
}

var errNoReason = errors.New("no reason given")

func (a *answer) done(result sink.Result) {
	var reason string // kept once for all that were refused for the same one
	for i := range result.Refused {
		refusal := &result.Refused[i]
		records := refusal.Count()
		a.records -= int64(records)
		a.bytes -= int64(len(refusal.Data))
		err := refusal.Err
		if err == nil {
			err = errNoReason
		}
		if text := err.Error(); text != reason {
			reason = text
		}
		cause, counter := CauseRefused, &a.flow.counters.refused
		if errors.Is(err, sink.ErrGivenUp) {
			cause, counter = CauseGivenUp, &a.flow.counters.givenUp
		}
		counter.Add(int64(records))
		a.flow.cfg.Letters.add(Letter{File: a.path, FileID: a.id, Offset: a.offset, End: a.end, Cause: cause,
			Reason: reason, Destination: a.flow.cfg.Sends[a.send].Name, Records: refusal.Records, Data: refusal.Data}, a.claim)
	}
	c := &a.flow.counters.sends[a.send]
	c.records.Add(a.records)
	c.bytes.Add(a.bytes)
	a.claim.Release()
}
