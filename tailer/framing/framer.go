package framing

import "bytes"

// maxRecords is how many records one Result has at most, and as many may be closed since the last clean cut.
const maxRecords = 8 << 10

// The memory of a Meta and of a span.
const (
	metaSize = 32
	spanSize = 32
)

// Rules are a checked Config with its patterns compiled. They do not change and may be shared.
type Rules struct {
	cfg      Config
	grouping grouping
	window   int
	lf       []byte // what ends a line, as it lies in a file
	bigLF    []byte // the same in a big-endian one
}

// Compile checks cfg, whose zero values mean the defaults. Its error joins a *Problem for each thing that is wrong.
func Compile(cfg Config) (*Rules, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	g, err := newGrouping(cfg.Multiline)
	if err != nil {
		return nil, err
	}
	r := &Rules{cfg: cfg, grouping: g, window: cfg.Window()}
	r.lf, r.bigLF = lineEnds(&cfg)
	return r, nil
}

// Plain tells whether records lie in the file as they are sent.
func (r *Rules) Plain() bool { return r.cfg.Plain() }

// Window is how many bytes from a position on must be at hand before a Result without records means that there is none.
func (r *Rules) Window() int { return r.window }

// Padded tells whether NUL bytes at the end of a file need not be text: they are in UTF-16, and may be in the end of a line.
func (r *Rules) Padded() bool { return !r.cfg.wide() && bytes.IndexByte(r.lf, 0) < 0 }

// Groups tells whether whole lines may wait for others.
func (r *Rules) Groups() bool { return r.cfg.Multiline.On() }

// Close says what is to be closed at the end of the bytes at hand.
type Close uint8

// The values of Close; each includes those before it.
const (
	Nothing   Close = iota // more is to come
	Groups                 // open groups of whole lines, if no partial line of a container is open
	Lines                  // the unfinished last line, too, but no half of a character
	EndOfFile              // everything: nothing is to come
)

// Input is a run of a file's bytes, from a position on: 0 or where the last Result ended.
type Input struct {
	Data  []byte
	At    int64 // offset of Data[0] in the file
	Big   bool  // UTF16 is big-endian in this file; see BigEndian
	Close Close
	Stop  int64 // no record begins at this offset or later; 0 means no limit
}

// Cut says that a record is not all of what it was.
type Cut uint8

// The values of Cut.
const (
	Whole       Cut = iota
	SplitOff        // it goes on in the next record of its stream
	TruncatedAt     // its rest was skipped
)

// Text returns split, truncated or nothing. It must not be written to.
func (c Cut) Text() []byte {
	switch c {
	case SplitOff:
		return splitText
	case TruncatedAt:
		return truncatedText
	}
	return nil
}

// Stream is the output of a container that a record was written to.
type Stream uint8

// The streams.
const (
	NoStream Stream = iota
	Stdout
	Stderr
)

// Text returns stdout, stderr or nothing. It must not be written to.
func (s Stream) Text() []byte {
	switch s {
	case Stdout:
		return stdoutText
	case Stderr:
		return stderrText
	}
	return nil
}

// The texts of cuts and streams, as bytes once: there is one for each record.
var (
	splitText     = []byte("split")
	truncatedText = []byte("truncated")
	stdoutText    = []byte("stdout")
	stderrText    = []byte("stderr")
)

// Meta is what is known of a record beside its text.
type Meta struct {
	Time   []byte // of its first line, as it stands in the log (RFC 3339); points into the Input's data
	Stream Stream
	Cut    Cut
}

// Result is the records of an Input, up to the last clean cut. It is valid until the next call, and Data may be the Input's own.
type Result struct {
	Data   []byte  // the records with their line ends, back to back
	Ends   []int   // Ends[i] is the end of record i in Data, its line end included
	Starts []int64 // offset in the file of each record's first byte; nil: they lie in the Input's data as they are, from its start
	Meta   []Meta  // of each record; nil: nothing is known of any
	Taken  int     // bytes of the Input that are covered
	More   bool    // it stopped because there were enough records: the rest of the Input may hold more
	Long   bool    // the one record begins at 0 and its line does not end in the window: Taken is 0, the caller is to find the end

	Dropped   int64 // bytes of text that truncation dropped, as far as they are at hand
	Split     int   // records cut because of their size
	Truncated int
	Forced    int // groups and partial lines closed because the window held no clean cut
	Foreign   int // lines that did not have the container's format
	Partial   int // bytes of the unfinished last line, if it was taken
}

// Framer frames. It has scratch memory and is for one goroutine at a time.
type Framer struct {
	*Rules
	lanes [3]lane // by Stream
	line  []byte  // a decoded line, or an unescaped one

	data   []byte // of the Input
	in     Input
	out    []byte
	ends   []int
	starts []int64
	meta   []Meta
	spans  []span // of each record
	count  counts // so far
	done   mark   // what stands: up to the last clean cut
}

// counts are what a Result counts.
type counts struct {
	dropped                           int64
	split, truncated, forced, foreign int
}

// add counts a record that is cut.
func (c *counts) add(how Cut) {
	switch how {
	case SplitOff:
		c.split++
	case TruncatedAt:
		c.truncated++
	}
}

// mark is a clean cut: so many bytes of the input give so many records.
type mark struct {
	taken, records int
	count          counts
}

// NewFramer makes a Framer.
func (r *Rules) NewFramer() *Framer { return &Framer{Rules: r} }

// keepScratch is how large a buffer may be that stays from one call to the next.
const keepScratch = 512 << 10

// Frame finds the records of in.
func (f *Framer) Frame(in Input) Result {
	if f.cfg.Plain() {
		if r, ok := f.lines(in); ok {
			return r
		}
	}
	f.shrink()
	f.data, f.in = in.Data, in
	f.done = mark{}
	f.rewind()
	end := f.scan()
	r := f.result()
	r.More = end.enough
	if end.long {
		r = f.long()
	}
	r.Partial = end.partial
	f.data, f.in.Data = nil, nil
	return r
}

// rewind forgets what does not stand.
func (f *Framer) rewind() {
	n, size := f.done.records, 0
	if n > 0 {
		size = f.ends[n-1]
	}
	f.out, f.ends, f.starts, f.meta, f.spans = f.out[:size], f.ends[:n], f.starts[:n], f.meta[:n], f.spans[:n]
	f.count = f.done.count
	for i := range f.lanes {
		f.lanes[i].reset(Stream(i))
	}
}

// result is what stands.
func (f *Framer) result() Result {
	n, c := f.done.records, &f.done.count
	size := 0
	if n > 0 {
		size = f.ends[n-1]
	}
	return Result{
		Data: f.out[:size], Ends: f.ends[:n], Starts: f.starts[:n:n], Meta: f.meta[:n], Taken: f.done.taken,
		Dropped: c.dropped, Split: c.split, Truncated: c.truncated, Forced: c.forced, Foreign: c.foreign,
	}
}

// shrink lets scratch memory go that one giant record has needed.
func (f *Framer) shrink() {
	if cap(f.out) > keepScratch {
		f.out = nil
	}
	if cap(f.line) > keepScratch {
		f.line = nil
	}
	for i := range f.lanes {
		l := &f.lanes[i]
		if cap(l.text) > keepScratch {
			l.text = nil
		}
		if cap(l.part) > keepScratch {
			l.part = nil
		}
	}
}

// scanned is how the scan ended.
type scanned struct {
	long    bool
	enough  bool
	partial int
}

// scan takes line after line. After it, f.done says what stands.
func (f *Framer) scan() scanned {
	pos := 0
	for {
		if f.idle() && f.cut(pos) {
			return scanned{enough: true}
		}
		ln, ok := f.next(pos)
		if over := f.done.taken + f.window; !ok && len(f.data) >= over || ok && ln.next > over {
			if from := f.done.taken; pos > from {
				if f.settle() {
					return scanned{enough: true}
				}
				if f.done.taken > from {
					pos = f.done.taken
				} else {
					f.force()
				}
				continue
			}
			if !ok { // only a line to be truncated can be that long
				return scanned{long: pos == 0, enough: pos > 0}
			}
			ln.alone = true
		}
		if !ok {
			return f.finish(pos)
		}
		if f.add(&ln, pos) {
			return scanned{enough: true}
		}
		pos = ln.next
	}
}

// add gives a line to its lane. It tells whether enough is there, right before the line.
func (f *Framer) add(ln *line, pos int) (enough bool) {
	e := f.unwrap(ln)
	e.span = span{pos, ln.next, f.count.dropped, f.count.foreign}
	l := &f.lanes[e.stream]
	f.expire(&e)
	if f.begins(l, &e) || f.overflows(l, &e) {
		f.end(l)
	}
	if pos > f.done.taken && f.idle() && f.cut(pos) {
		return true
	}
	if len(f.ends)-f.done.records >= maxRecords {
		if from := f.done.taken; !f.settle() && f.done.taken == from {
			f.force()
			f.cut(pos)
		}
		return true
	}
	f.count.dropped += int64(ln.drop)
	if e.foreign {
		f.count.foreign++
	}
	f.take(l, &e)
	if ln.alone {
		f.closeAll()
	}
	return false
}

// cut says that nothing is open at pos. It tells whether that is enough for one Result.
func (f *Framer) cut(pos int) bool {
	f.done = mark{pos, len(f.ends), f.count}
	return f.enough()
}

// enough tells whether what stands is enough for one Result.
func (f *Framer) enough() bool {
	return f.done.records >= maxRecords || f.in.Stop > 0 && f.in.At+int64(f.done.taken) >= f.in.Stop
}

// finish deals with what is after the last whole line.
func (f *Framer) finish(pos int) scanned {
	if f.in.Close == Nothing || f.in.Close == Groups && f.joins() {
		return scanned{enough: f.settle()}
	}
	from := pos
	for f.in.Close >= Lines {
		ln, ok := f.rest(pos)
		if !ok {
			break
		}
		if f.add(&ln, pos) {
			return scanned{partial: max(f.done.taken-from, 0), enough: true}
		}
		pos = ln.next
	}
	f.closeAll()
	f.cut(pos)
	return scanned{partial: pos - from}
}

// force closes everything that is open, and counts it.
func (f *Framer) force() {
	for i := range f.lanes {
		if l := &f.lanes[i]; l.open || l.joining {
			f.count.forced++
		}
	}
	f.closeAll()
}

// long makes the Result of a line whose end is not at hand: its head.
func (f *Framer) long() Result {
	f.done.count = counts{} // the window holds nothing else
	f.count = counts{}
	text, _ := f.head(0)
	e := f.unwrap(&line{text: text, start: f.in.At, cut: TruncatedAt})
	if e.foreign {
		f.count.foreign++
	}
	f.fit(&f.lanes[e.stream], e.text, "", e.about)
	f.closeAll()
	f.cut(0)
	r := f.result()
	r.Long = true
	return r
}
