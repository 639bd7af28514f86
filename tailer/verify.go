package tailer

import "bytes"

// verify finds out whether the file still has the content that its position was taken from. The bytes before the
// position are checked by read; here it is the size, and the head after a rest or while it grows.
func (w *worker) verify() error {
	if w.st.size < w.pos.Offset {
		return w.truncated()
	}
	if !w.woken && (w.pos.Identity.Head.Len == headSize || w.st.size <= int64(w.pos.Identity.Head.Len)) {
		return nil
	}
	head, err := w.head()
	if err != nil {
		return err
	}
	if !w.pos.Identity.Head.covers(head) {
		return w.truncated()
	}
	w.pos.Identity.Head = digestOf(head)
	return nil
}

// head reads the first KiB.
func (w *worker) head() ([]byte, error) {
	buf := w.buffer()[:headSize]
	n, err := readAt(w.src, buf, 0)
	return buf[:n], err
}

// truncated begins the file anew, under a new id, and says what was lost.
func (w *worker) truncated() error {
	head, err := w.head()
	if err != nil {
		return err
	}
	old, lost := w.pos, max(w.seen-w.pos.Offset, 0)
	w.restart(head)
	w.t.retire(&old)
	w.t.emit(Event{Kind: FileTruncated, ID: old.ID, NewID: w.pos.ID, Path: w.path, Offset: old.Offset, Bytes: lost})
	return nil
}

// restart lets the position be the beginning of a file that was never seen, of which head is the first KiB.
func (w *worker) restart(head []byte) {
	w.pos.ID = newFileID()
	w.pos.Offset, w.pos.Before = 0, Digest{}
	w.pos.Identity.Head = digestOf(head)
	w.barren, w.seen = 0, w.st.size
	w.untold = true
}

// identify decides what a file is that was found under a name: one of an earlier run, a new one, or one that is not to be
// read. It returns more if reading goes on.
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
		w.pos.ID, w.pos.Offset, w.pos.Before = old.ID, old.Offset, old.Before
		w.pos.Identity.Head = digestOf(head)
		w.first, w.untold = false, true
		w.t.emit(Event{Kind: FileResumed, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset})
		return more
	}
	if old == nil && w.f.must {
		return foreign
	}
	if old == nil && w.f.sibling != "" {
		if copied, err := w.t.isCopy(w, head); err != nil {
			return w.trouble(err)
		} else if copied {
			return foreign
		}
	}
	w.restart(head)
	if old != nil {
		w.t.retire(old)
		w.t.emit(Event{Kind: FileTruncated, ID: old.ID, NewID: w.pos.ID, Path: w.path, Offset: old.Offset, Bytes: -1})
		return more
	}
	return w.introduce()
}

// introduce decides where a new file is read from.
func (w *worker) introduce() verdict {
	if w.first && w.t.cfg.Start == StartEnd {
		if err := w.skipToEnd(); err != nil {
			return w.trouble(err)
		}
	}
	w.t.emit(Event{Kind: FileFound, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset})
	return more
}

// tell hands out a block without records, so that the position is kept from now on: by it the next run knows the file again,
// whatever its name is then, and where it was to be read from.
func (w *worker) tell() error {
	w.block = Block{ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset, Next: w.pos}
	if w.first { // not read before
		w.block.Offset, w.block.Skipped = 0, w.pos.Offset
	}
	if err := w.t.cfg.Handle(w.ctx, &w.block); err != nil {
		return err
	}
	w.first, w.untold = false, false
	return nil
}

// skipToEnd moves the position to the start of the last, unfinished line of what the file had when it was found; where
// that line is longer than a record may be, to the end.
func (w *worker) skipToEnd() error {
	buf := w.buffer()
	end := min(w.limit, w.st.size)
	for at := end; at > 0; {
		size := min(int64(len(buf)), at)
		n, err := readAt(w.src, buf[:size], at-size)
		if err != nil {
			return err
		}
		at -= size
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			w.pos.Offset = at + int64(i) + 1
			break
		}
		if end-at > int64(w.t.cfg.MaxRecord) {
			w.pos.Offset = end
			break
		}
	}
	before, err := readBefore(w.src, buf, w.pos.Offset, beforeSize)
	w.pos.Before = digestOf(before)
	return err
}
