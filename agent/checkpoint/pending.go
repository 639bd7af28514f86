package checkpoint

import (
	"bytes"
	"slices"

	"github.com/weir-logs/weir/tailer"
)

// maxPending is how many files are saved at once: what a save takes in memory, here and in the store, is bounded however many files there are.
const maxPending = 1024

// Pending is what a Tracker has to save, or a part of that, and what becomes true once it is saved.
type Pending struct {
	Batch Batch
	More  bool // there is another part
	marks []mark
}

// mark is one file of a Pending: how far the frontier was.
type mark struct {
	file    *file
	version int64
	bytes   int64
	offset  int64
	remove  bool
}

// Empty reports whether there is nothing to save.
func (p *Pending) Empty() bool { return len(p.marks) == 0 }

// Pending returns frontiers that no checkpoint covers yet. Nothing changes until Saved says that they are durable; if the
// save fails they are in the next Pending again, or newer ones. One goroutine at a time takes a Pending and saves it.
//
// Many files are handed out in parts, in the order of their ids, which is that of the store: each part changes other pages of it. What
// there is to save now is in the parts up to the one that has no More, if each is saved before the next is taken.
func (t *Tracker) Pending() Pending {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire()
	if len(t.saving) == 0 || t.asked { // nothing has begun, or it has failed
		t.saving, t.dirty = append(t.saving, t.dirty...), nil
		slices.SortFunc(t.saving, func(a, b *file) int { return bytes.Compare(a.id[:], b.id[:]) })
	}
	t.asked = true
	part := t.saving[:min(len(t.saving), maxPending)]
	p := Pending{Batch: Batch{Flow: t.cfg.Flow, Destinations: t.cfg.Destinations, Others: t.cfg.Others}, More: len(part) < len(t.saving)}
	for _, f := range part {
		m := mark{file: f, version: f.version, bytes: f.released, offset: f.frontier.Offset, remove: f.gone && f.head == nil}
		switch {
		case m.remove:
			p.Batch.Gone = append(p.Batch.Gone, f.id)
		case f.frontier.ID == f.id: // else nothing of it was ever released
			p.Batch.Positions = append(p.Batch.Positions, f.frontier)
			p.Batch.Vanished = append(p.Batch.Vanished, f.vanished)
			if f.begun && f.saved < 0 && len(t.cfg.Others) > 0 {
				p.Batch.New = append(p.Batch.New, beginning(f.frontier))
			}
		default:
			m.offset = f.saved
		}
		p.marks = append(p.marks, m)
	}
	return p
}

// beginning returns the position at the start of the file of p.
func beginning(p tailer.Position) tailer.Position {
	p.Offset, p.Before = 0, tailer.Digest{}
	return p
}

// Saved says that p is durable: its bytes are no longer in flight.
func (t *Tracker) Saved(p Pending) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range p.marks {
		f := m.file
		f.released -= m.bytes
		f.saved = m.offset
		t.released -= m.bytes
		t.inFlight -= m.bytes
		if f.version != m.version {
			t.dirty = append(t.dirty, f)
			continue
		}
		f.dirty = false
		if m.remove {
			delete(t.files, f.id)
		}
	}
	t.saving, t.asked = slices.Delete(t.saving, 0, len(p.marks)), false
	if t.waiting > 0 {
		t.wakeReaders()
	}
}

// Flow returns the name of the flow.
func (t *Tracker) Flow() string { return t.cfg.Flow }

// InFlight returns the bytes that were read and that no durable checkpoint covers.
func (t *Tracker) InFlight() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inFlight
}

// Volatile returns how many of the bytes in flight are of named pipes: they cannot be read again. They are in flight until they are
// released, because no checkpoint covers them.
func (t *Tracker) Volatile() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.volatile
}

// Idle reports whether everything that was claimed is answered and saved.
func (t *Tracker) Idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.claims == 0 && !t.unsaved()
}

// Offsets returns how far a file is acknowledged, and how far that is durable; -1 for a file of which nothing is.
func (t *Tracker) Offsets(id tailer.FileID) (acknowledged, durable int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.files[id]
	if f == nil {
		return -1, -1
	}
	if f.frontier.ID != id {
		return -1, f.saved
	}
	return f.frontier.Offset, f.saved
}
