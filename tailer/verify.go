package tailer

import "errors"

// verify finds out whether the file still has the content that its position was taken from. The bytes before the
// position are checked by read; here it is the size, and the head after a rest or while it grows.
func (w *worker) verify() error {
	if w.size() < w.pos.Offset {
		return w.truncated()
	}
	if !w.woken && (w.pos.Identity.Head.Len == headSize || w.size() <= int64(w.pos.Identity.Head.Len)) {
		return nil
	}
	head, err := w.head()
	if err != nil {
		return err
	}
	if !w.pos.Identity.Head.covers(head) {
		return w.truncated()
	}
	w.pos.Identity.Head = digestOf(written(head, w.t.rules))
	return nil
}

// head reads the first KiB.
func (w *worker) head() ([]byte, error) {
	buf := w.buffer()[:headSize]
	n, err := readAt(w.src, buf, 0)
	w.big = w.t.rules.BigEndian(buf[:n])
	return buf[:n], err
}

var errReused = errors.New("the inode is another file's")

// unproven says what an error of verify or truncated means.
func (w *worker) unproven(err error) verdict {
	if !errors.Is(err, errReused) {
		return w.trouble(err)
	}
	old := w.pos
	w.t.lose(&old, w.seen, FileID{})
	return reused
}

// truncated begins the file anew, under a new id, and has what was cut away looked for. Without birth times it may as well be a file that nobody
// follows, on an inode that was free: under a name that does not match it is judged anew by the scanner.
func (w *worker) truncated() error {
	if w.pos.Identity.Birth == 0 && !w.wanted && !w.t.cfg.Once {
		return errReused
	}
	head, err := w.head()
	if err != nil {
		return err
	}
	old, seen := w.pos, w.seen
	w.restart(head)
	w.t.emit(Event{Kind: FileTruncated, ID: old.ID, NewID: w.pos.ID, Path: w.path, Offset: old.Offset, Bytes: max(seen-old.Offset, 0)})
	w.t.lose(&old, seen, w.pos.ID)
	return nil
}

// mint returns the id of content that was never seen, of which head is the first KiB. That of a compressed file is not looked at again: it does not grow.
func (w *worker) mint(head []byte) FileID {
	src := w.src
	if w.f.packed != nil {
		src = nil
	}
	return w.t.cfg.IDs.mint(w.pos.Identity, written(head, w.t.rules), src, w.t.written)
}

// written takes reserved space off the beginning of a file.
func (t *Tailer) written(head []byte) []byte { return written(head, t.rules) }

// restart lets the position be the beginning of a file that was never seen, of which head is the first KiB.
func (w *worker) restart(head []byte) {
	w.pos.ID = w.mint(head)
	w.pos.Offset, w.pos.Before = 0, Digest{}
	w.pos.Identity.Head = digestOf(written(head, w.t.rules))
	w.barren, w.seen = 0, w.st.size
	w.untold = true
}

// resume lets the position be one that was reached before, in content of which head is the first KiB.
func (w *worker) resume(p *Position, head []byte) {
	w.pos.ID, w.pos.Offset, w.pos.Before, w.pos.Met = p.ID, p.Offset, p.Before, p.Met
	w.pos.Identity.Head = digestOf(written(head, w.t.rules))
	w.untold = true
	w.keepName(p)
}

// keepName keeps the name by which the file concerned the patterns at p, if its own does not.
func (w *worker) keepName(p *Position) {
	if !w.t.relevant(w.path) {
		w.known, w.pos.Path, w.pos.Target = p.Path, p.Path, p.Target
	}
}

// identify decides what a file is that was found under a name: one of an earlier run, one that holds the content of another, a
// new one, or one that is not to be read. It returns more if reading goes on.
func (w *worker) identify() verdict {
	head, err := w.head()
	if err != nil {
		return w.trouble(err)
	}
	old, proven, err := w.t.recall(w, head)
	if err != nil {
		return w.trouble(err)
	}
	if proven {
		w.resume(old, head)
		w.t.emit(Event{Kind: FileResumed, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset})
		return more
	}
	if old == nil {
		if v, decided := w.inherit(head); decided {
			return v
		}
	}
	w.restart(head)
	if old != nil {
		w.pos.Met = old.Met
		w.keepName(old)
		w.t.emit(Event{Kind: FileTruncated, ID: old.ID, NewID: w.pos.ID, Path: w.path, Offset: old.Offset, Bytes: -1})
		w.t.lose(old, -1, w.pos.ID)
		return more
	}
	if w.wanted {
		w.pos.Met = w.t.wall()
	}
	w.t.emit(Event{Kind: FileFound, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset})
	return more
}

// inherit finds out whether the file, unknown by its numbers, holds content that is read or was read in another. It is not decided if
// the file is one of its own.
func (w *worker) inherit(head []byte) (v verdict, decided bool) {
	if w.t.cfg.Once {
		return more, false
	}
	w.pos.Identity.Head = digestOf(written(head, w.t.rules)) // known even if it is not to be read
	p, err := w.t.adopt(w, head)
	switch {
	case errors.Is(err, errNotYet):
		return later, true
	case err != nil:
		return w.trouble(err), true
	case p != nil:
		return w.recovered(p, head), true
	case w.must && w.f.packed != nil && w.sibling != "":
		w.accounted = w.t.accounts(w, head)
		return foreign, true
	case w.must:
		return foreign, true
	case w.sibling == "":
		return more, false
	}
	k, late, end, err := w.t.copyOf(w, head)
	if err != nil {
		return w.trouble(err), true
	}
	if late != nil && w.t.claim(late) {
		return w.recovered(late, head), true
	}
	resting := w.resting()
	switch {
	case k == own && (w.st.size > 0 || resting), k != own && resting && w.wanted && w.st.size < headSize:
		return more, false // a few same lines make no copy
	case k == within && resting:
		return w.startAt(w.st.size, head), true
	case k == beyond && resting:
		return w.startAt(end, head), true
	}
	return later, true
}

// resting tells whether the file has not changed for a while although what it is remained to be seen. Only its worker writes f.size.
func (w *worker) resting() bool {
	return w.parked && w.st.size == w.f.size && w.t.now()-w.quiet >= nanos(w.t.cfg.EndQuiet)
}

// recovered lets the file go on from where reading had stopped in another.
func (w *worker) recovered(p *Position, head []byte) verdict {
	w.resume(p, head)
	w.ended = true
	w.t.emit(Event{Kind: FileRecovered, ID: w.pos.ID, Path: w.path, From: p.Path, Offset: w.pos.Offset})
	return more
}

// startAt lets a copy, of which so many bytes were read elsewhere, be a file that was read so far.
func (w *worker) startAt(offset int64, head []byte) verdict {
	w.restart(head)
	w.pos.Offset = offset
	before, err := readBefore(w.src, w.buffer(), w.pos.Offset, beforeSize)
	if err != nil {
		return w.trouble(err)
	}
	w.pos.Before = digestOf(before)
	w.t.emit(Event{Kind: FileFound, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset})
	return more
}

// tell hands out a block without records, so that the position is kept from now on: by it the next run knows the file again,
// whatever its name is then, and where it was to be read from.
func (w *worker) tell() error {
	w.block = Block{ID: w.pos.ID, Path: w.name(), Offset: w.pos.Offset, Next: w.pos}
	if err := w.handOut(); err != nil {
		return err
	}
	w.untold = false
	w.t.tell(w.pos.ID)
	return nil
}
