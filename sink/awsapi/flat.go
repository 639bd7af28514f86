package awsapi

import "unicode/utf8"

const (
	maxFlat    = 8        // members of a structure that flat reads
	maxRows    = 500      // entries of a list
	firstWords = 16 << 10 // room for text that is made at once: 500 keys of 32 bytes
)

// span is where flat put a member: from off to end of its blobs or of its text.
type span struct {
	off, end int32
	set      bool
}

// row holds the members of one structure, by their index in the plan.
type row [maxFlat]span

// flat reads documents of strings and blobs, the bodies of puts, without a value for each. All blobs go into one slice, all
// strings into another. It takes only what is valid beyond doubt: known members, each once, no escapes, no null, all bounds
// kept. It gives up on everything else, and then decodeJSON and validate find out what is to be said of it. So it has
// no errors of its own and no rules of its own.
type flat struct {
	scanner
	blobs []byte
	words []byte
}

func newFlat(body []byte) *flat {
	return &flat{
		scanner: scanner{data: body},
		blobs:   make([]byte, 0, blobs.DecodedLen(len(body))),
		words:   make([]byte, 0, min(len(body)/8, firstWords)),
	}
}

// structure reads one structure into r. Members that are neither strings nor blobs are left to inner, which may be nil.
func (f *flat) structure(p *plan, r *row, inner func(member int) bool) bool {
	if len(p.members) > maxFlat || !f.take('{') {
		return false
	}
	for {
		key, ok := f.plain()
		if !ok || !f.take(':') {
			return false
		}
		i, known := p.index[string(key)]
		if !known || r[i].set || !f.member(p.members[i].plan, &r[i], i, inner) {
			return false
		}
		if f.take('}') {
			return complete(p, r)
		}
		if !f.take(',') {
			return false
		}
	}
}

// complete says whether every required member is there.
func complete(p *plan, r *row) bool {
	for i := range p.members {
		if p.members[i].required && !r[i].set {
			return false
		}
	}
	return true
}

func (f *flat) member(p *plan, s *span, i int, inner func(int) bool) bool {
	s.set = true
	switch p.shape.Kind {
	case String:
		return f.word(p, s)
	case Blob:
		return f.blob(p, s)
	}
	return inner != nil && inner(i)
}

func (f *flat) word(p *plan, s *span) bool {
	raw, ok := f.plain()
	if !ok || !printable(raw) || !accepts(p, raw) {
		return false
	}
	s.off = int32(len(f.words))
	f.words = append(f.words, raw...)
	s.end = int32(len(f.words))
	return true
}

func (f *flat) blob(p *plan, s *span) bool {
	raw, ok := f.plain()
	if !ok {
		return false
	}
	start := len(f.blobs)
	room := f.blobs[start : start+blobs.DecodedLen(len(raw))]
	n, err := blobs.Decode(room, raw)
	if err != nil || len(raw)%4 != 0 || n != decodedLen(raw) {
		return false
	}
	if low, high := outside(p.shape, &value{data: room[:n]}); low || high {
		return false
	}
	f.blobs = f.blobs[:start+n]
	s.off, s.end = int32(start), int32(start+n)
	return true
}

// decodedLen is the length of what padded base64 says. The decoder skips line ends, which JSON does not allow in a string: then
// raw is no multiple of four, or longer than what was written says.
func decodedLen(raw []byte) int {
	n := len(raw) / 4 * 3
	for i := 1; i <= 2 && i <= len(raw) && raw[len(raw)-i] == '='; i++ {
		n--
	}
	return n
}

// withRows reads a structure whose member records is a list of structures, the one into r and the others into rows, and
// returns how many those are.
func (f *flat) withRows(p *plan, r *row, records int, rows *[maxRows]row) (n int, ok bool) {
	ok = f.structure(p, r, func(member int) (ok bool) {
		if member != records {
			return false
		}
		n, ok = f.rows(p.members[records].plan, rows)
		return ok
	})
	return n, ok
}

// rows reads a list of structures and returns how many there are.
func (f *flat) rows(p *plan, rows *[maxRows]row) (int, bool) {
	if p.elem == nil || !f.take('[') {
		return 0, false
	}
	for n := range maxRows {
		if !f.structure(p.elem, &rows[n], nil) {
			return 0, false
		}
		if f.take(']') {
			return n + 1, int64(n+1) >= p.shape.Min && int64(n+1) <= p.shape.Max
		}
		if !f.take(',') {
			return 0, false
		}
	}
	return 0, false
}

// data returns a blob, or nil if the member is absent.
func (f *flat) data(s span) []byte {
	if !s.set {
		return nil
	}
	return f.blobs[s.off:s.end:s.end]
}

// printable says whether raw, which has no escapes, is the same as JSON text and as a string.
func printable(raw []byte) bool {
	ascii := true
	for _, c := range raw {
		if c < ' ' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(raw)
}

// accepts says whether a string keeps all bounds of its shape.
func accepts(p *plan, raw []byte) bool {
	s := p.shape
	if s.HasMin || s.HasMax {
		n := int64(utf8.RuneCount(raw))
		if (s.HasMin && n < s.Min) || (s.HasMax && n > s.Max) {
			return false
		}
	}
	return s.Enum == nil && (p.pattern == nil || p.pattern.match(raw))
}
