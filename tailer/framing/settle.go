package framing

// span is where the lines of a record lie in the Input's data, and what was counted before them. Lines of another stream may lie between.
type span struct {
	from, to int   // from the first byte of the first line to the end of the last
	dropped  int64 // as in counts
	foreign  int
}

// opened returns the span of what is open of a lane.
func (l *lane) opened() (s span, open bool) {
	if l.open {
		return l.first.span, true
	}
	return l.of.span, l.joining
}

// settle looks for a clean cut that was passed. Where the streams of a container are busy, the next group of one is open before that of the other is
// known to be complete, and never is nothing open; but no group may go across a place before. It lets stand what is before that place, forgets
// the rest, and tells whether that is enough for one Result.
func (f *Framer) settle() (enough bool) {
	cut, ok := f.settled()
	if !ok {
		return false
	}
	n, c := f.done.records, f.done.count
	c.dropped, c.foreign = cut.dropped, cut.foreign
	from := 0
	if n > 0 {
		from = f.ends[n-1]
	}
	size := from
	for i := n; i < len(f.ends); i++ {
		end := f.ends[i]
		if f.spans[i].from < cut.from {
			size += copy(f.out[size:], f.out[from:end])
			f.ends[n], f.starts[n], f.meta[n], f.spans[n] = size, f.starts[i], f.meta[i], f.spans[i]
			c.add(f.meta[n].Cut)
			n++
		}
		from = end
	}
	f.done = mark{cut.from, n, c}
	f.rewind()
	return f.enough()
}

// settled returns the span that begins at the last place that is known not to lie between the lines of a record, if that is a clean cut to go on to.
func (f *Framer) settled() (cut span, ok bool) {
	for i := range f.lanes {
		if s, open := f.lanes[i].opened(); open && (!ok || s.from < cut.from) {
			cut, ok = s, true
		}
	}
	for moved := ok; moved && cut.from > f.done.taken; {
		moved = false
		for i := len(f.spans) - 1; i >= f.done.records; i-- {
			if s := &f.spans[i]; s.from < cut.from && cut.from < s.to {
				cut, moved = *s, true
			}
		}
	}
	return cut, ok && cut.from > f.done.taken
}
