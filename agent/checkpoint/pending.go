package checkpoint

import "github.com/weir-logs/weir/tailer"

// Pending is what a Tracker has to save, and what becomes true once it is saved.
type Pending struct {
	Batch Batch
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

// Pending returns the frontiers that no checkpoint covers yet. Nothing changes until Saved says that they are durable; if the
// save fails they are in the next Pending again, or newer ones. One goroutine at a time takes a Pending and saves it.
func (t *Tracker) Pending() Pending {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire()
	p := Pending{Batch: Batch{Flow: t.cfg.Flow, Destinations: t.cfg.Destinations}}
	for _, f := range t.dirty {
		m := mark{file: f, version: f.version, bytes: f.released, offset: f.frontier.Offset, remove: f.gone && f.head == nil}
		switch {
		case m.remove:
			p.Batch.Gone = append(p.Batch.Gone, f.id)
		case f.frontier.ID == f.id: // else nothing of it was ever released
			p.Batch.Positions = append(p.Batch.Positions, f.frontier)
			p.Batch.Vanished = append(p.Batch.Vanished, f.vanished)
		default:
			m.offset = f.saved
		}
		p.marks = append(p.marks, m)
	}
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
		if f.version == m.version {
			f.dirty = false
			if m.remove {
				delete(t.files, f.id)
			}
		}
	}
	still := t.dirty[:0]
	for _, f := range t.dirty {
		if f.dirty {
			still = append(still, f)
		}
	}
	clear(t.dirty[len(still):])
	t.dirty = still
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
	return t.claims == 0 && len(t.dirty) == 0
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
