package framing

import "time"

// decideAt is from how many bytes on the first part of a container's line tells whether the line begins a record. Runtimes cut at 16 KiB;
// for shorter parts the whole line is asked, when it is there.
const decideAt = 4 << 10

// lane is what is open of one stream of a file: a group of lines, and a line of which parts have come.
type lane struct {
	stream Stream

	open  bool
	text  []byte // of the group, its lines with their ends
	body  int    // length of text without the last line's end
	first about  // of its first line
	to    int    // where its last line ends
	lines int
	last  int64 // time of the last line or part, nanoseconds; 0: it has none
	cut   Cut
	trace trace

	joining bool
	decided bool // whether the line begins a record was judged by its first part
	part    []byte
	of      about // the line that the parts belong to
}

// about is what is known of a record or line beside its text.
type about struct {
	span
	start int64
	time  []byte
	cut   Cut
}

func (l *lane) reset(s Stream) {
	*l = lane{stream: s, text: l.text[:0], part: l.part[:0]}
}

// idle tells whether nothing is open.
func (f *Framer) idle() bool {
	for i := range f.lanes {
		if f.lanes[i].open || f.lanes[i].joining {
			return false
		}
	}
	return true
}

// joins tells whether a partial line is open.
func (f *Framer) joins() bool {
	for i := range f.lanes {
		if f.lanes[i].joining {
			return true
		}
	}
	return false
}

// begins tells whether e, not taken yet, ends the group of its lane by beginning another.
func (f *Framer) begins(l *lane, e *entry) bool {
	if !l.open || l.joining || e.partial && len(e.text) < decideAt {
		return false
	}
	return f.grouping.begins(e.text, l.trace)
}

// overflows tells whether e, not taken yet, is a line that the group of its lane has no room for, and marks the group as split there. The
// line begins a piece like any other line, so that its start can be a clean cut.
func (f *Framer) overflows(l *lane, e *entry) bool {
	if !l.open || l.joining || e.partial || f.cfg.Oversize == Truncate || len(e.text) > f.cfg.MaxRecord || !f.full(l, e.text) {
		return false
	}
	l.cut = SplitOff
	return true
}

// full tells whether the group of l has no room for a line.
func (f *Framer) full(l *lane, text []byte) bool {
	return len(l.text)+len(text) > f.cfg.MaxRecord || l.lines >= f.grouping.maxLines
}

// expire closes what has waited too long at the time that e carries.
func (f *Framer) expire(e *entry) {
	if e.at == 0 {
		return
	}
	for i := range f.lanes {
		l := &f.lanes[i]
		quiet := time.Duration(e.at - l.last)
		if l.last == 0 {
			continue
		}
		if limit := f.cfg.PartialTimeout; l.joining && limit > 0 && quiet > limit {
			f.joined(l, "")
		}
		if limit := f.cfg.Multiline.Timeout; l.open && !l.joining && limit > 0 && quiet > limit {
			f.end(l)
		}
	}
}

// take adds e to its lane.
func (f *Framer) take(l *lane, e *entry) {
	if e.at != 0 || !l.open && !l.joining {
		l.last = e.at
	}
	if e.partial || l.joining {
		f.join(l, e)
		return
	}
	f.fit(l, e.text, e.eol, e.about)
}

// join adds a part to the line that is being joined, or begins one.
func (f *Framer) join(l *lane, e *entry) {
	if !l.joining {
		l.joining, l.decided = true, len(e.text) >= decideAt
		l.part, l.of = l.part[:0], e.about
	}
	text := e.text
	if room := f.cfg.MaxRecord - len(l.part); len(text) > room || l.of.cut == TruncatedAt {
		if f.cfg.Oversize == Truncate {
			n := 0
			if l.of.cut != TruncatedAt { // else what there is room for lies behind a gap
				n = charStart(text, room)
			}
			f.count.dropped += int64(len(text) - n)
			text, l.of.cut = text[:n], TruncatedAt
		} else if len(l.part) > 0 {
			l.of.cut = SplitOff
			f.decide(l, l.part)
			f.fit(l, l.part, "", l.of)
			l.part, l.of, l.decided = l.part[:0], e.about, false
		}
	}
	l.part = append(l.part, text...)
	l.of.to = e.to
	if l.of.cut == Whole {
		l.of.cut = e.cut
	}
	if !e.partial {
		f.joined(l, e.eol)
	}
}

// decide ends the group if the line that was joined begins another and its first part was too short to tell.
func (f *Framer) decide(l *lane, text []byte) {
	if !l.decided && l.open && f.grouping.begins(text, l.trace) {
		f.end(l)
	}
	l.decided = true
}

// joined makes a line of the parts that have come.
func (f *Framer) joined(l *lane, eol string) {
	f.decide(l, l.part)
	l.joining = false
	f.fit(l, l.part, eol, l.of)
}

// fit makes a line fit into a record, or into several.
func (f *Framer) fit(l *lane, text []byte, eol string, a about) {
	for limit := f.cfg.MaxRecord; len(text) > limit; {
		n := max(charStart(text, limit), 1)
		if f.cfg.Oversize == Truncate {
			f.count.dropped += int64(len(text) - n)
			text, a.cut = text[:n], TruncatedAt
			break
		}
		piece := a
		piece.cut = SplitOff
		f.group(l, text[:n], "", piece)
		text, a.start = text[n:], a.start+int64(n)
	}
	f.group(l, text, eol, a)
}

// group adds a line to the group of its lane, or emits it if lines are not grouped.
func (f *Framer) group(l *lane, text []byte, eol string, a about) {
	if !f.grouping.on {
		f.emit(text, eol, l.stream, a)
		return
	}
	if l.open && (l.cut == TruncatedAt || f.full(l, text)) {
		if f.cfg.Oversize == Truncate {
			f.crop(l, text, a)
			return
		}
		l.cut = SplitOff
		f.end(l)
	}
	if !l.open {
		l.open, l.first, l.cut, l.lines = true, a, Whole, 0
		l.text, l.trace = l.text[:0], noTrace
	}
	l.text = append(l.text, text...)
	l.body = len(l.text)
	l.text = append(l.text, eol...)
	l.lines++
	l.cut, l.to = a.cut, a.to
	l.trace = f.grouping.after(text, l.trace)
	if a.cut == SplitOff || f.grouping.ends(text) {
		f.end(l)
	}
}

// crop truncates a group before or in a line that it has no room for.
func (f *Framer) crop(l *lane, text []byte, a about) {
	dropped := len(text)
	l.to = a.to
	if room := f.cfg.MaxRecord - len(l.text); l.cut != TruncatedAt && l.lines < f.grouping.maxLines && room > 0 {
		n := charStart(text, min(room, len(text)-1))
		if n > 0 {
			l.text = append(l.text, text[:n]...)
			l.body = len(l.text)
		}
		dropped -= n
	}
	f.count.dropped += int64(dropped)
	l.cut = TruncatedAt
	l.trace = f.grouping.after(text, l.trace)
	if f.grouping.ends(text) {
		f.end(l)
	}
}

// end emits the group of a lane.
func (f *Framer) end(l *lane) {
	a := l.first
	a.cut, a.to = l.cut, l.to
	f.emit(l.text[:l.body], string(l.text[l.body:]), l.stream, a)
	l.open, l.lines, l.text = false, 0, l.text[:0]
}

// closeAll emits everything that is open.
func (f *Framer) closeAll() {
	for i := range f.lanes {
		l := &f.lanes[i]
		if l.joining {
			f.joined(l, "")
		}
		if l.open {
			f.end(l)
		}
	}
}

// emit adds a record.
func (f *Framer) emit(text []byte, eol string, s Stream, a about) {
	mark := ""
	f.count.add(a.cut)
	if a.cut == TruncatedAt { // how its line ends may not be known yet
		mark, eol = f.cfg.TruncateMark, "\n"
		if room := f.cfg.MaxRecord - len(mark); len(text) > room {
			text = text[:charStart(text, room)]
		}
	}
	f.out = append(append(append(f.out, text...), mark...), eol...)
	f.ends = append(f.ends, len(f.out))
	f.starts = append(f.starts, a.start)
	f.meta = append(f.meta, Meta{Time: a.time, Stream: s, Cut: a.cut})
	f.spans = append(f.spans, a.span)
}
