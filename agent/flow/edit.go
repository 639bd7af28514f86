package flow

import (
	"fmt"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers/edit"
	"github.com/weir-logs/weir/tailer"
)

// Chain makes the edits of a flow, or nil if it has none. They serve one goroutine at a time.
func Chain(edits []edit.Spec, encode config.Encode, values func(string) (string, bool)) (*edit.Chain, error) {
	if len(edits) == 0 {
		return nil, nil
	}
	chain, err := edit.New(edits, edit.Options{Line: encode.Format == "raw", Values: values})
	if err != nil {
		return nil, fmt.Errorf("edit: %w", err)
	}
	return chain, nil
}

// EditFile is what edits may know of the file that b is from.
func EditFile(b *tailer.Block, now time.Time) edit.File {
	return edit.File{ID: b.ID.String(), Path: b.Path, Read: now}
}

// Undone tells of steps that could not be done to records of a block.
type Undone struct {
	Block *tailer.Block
	Times int
	First int64  // offset of the first record
	Step  string // that failed first on it, as in edit[2].timestamp
}

// edit applies the flow's edits to the record in hand, which is record i of the block, and reports whether it is to be sent.
func (r *run) edit(i int) bool {
	s := r.scratch
	if s.chain == nil {
		return true
	}
	keep, failed := s.chain.Apply(&s.rec, r.block.Start(i))
	if failed > 0 {
		r.flow.counters.editFailed.Add(int64(failed))
		if r.undone.Times == 0 {
			step := s.chain.Failed()
			r.undone = Undone{Block: r.block, First: r.block.Start(i), Step: fmt.Sprintf("edit[%d].%s", step, r.flow.cfg.Edit[step].Key())}
		}
		r.undone.Times += failed
	}
	if !keep {
		r.flow.counters.droppedEdit.Add(1)
	}
	return keep
}

// fate is what becomes of a record before it is put.
type fate uint8

const (
	encoded  fate = iota
	dropped       // by an edit, which is counted; or others have it
	unrouted      // no destination gets it
)

// render edits the record in hand, decides where it goes, and appends it to dst if it goes anywhere.
func (r *run) render(dst []byte, i int) ([]byte, fate) {
	if !r.edit(i) {
		return dst, dropped
	}
	if fate := r.route(i); fate != encoded {
		return dst, fate
	}
	return r.scratch.encoder.Append(dst, &r.scratch.rec), encoded
}
