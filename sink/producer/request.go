package producer

import (
	"encoding/base64"
	"slices"
)

// request is one request body and what it needs to be answered. It is the only copy of its records: a try that sends some
// of them again reads those out of it.
//
// It is written by the goroutine that holds the producer's lock, sealed, and then belongs to the worker that sends it.
type request struct {
	target  *target
	max     int // bytes of buf
	maxData int // bytes of data and keys
	buf     []byte
	records []record
	runs    []run
	data    int // bytes of data and keys so far
	live    []int32
}

// record is one record of the service in a request's buf.
type record struct {
	from, to   int32 // in buf: the whole object
	data       int32 // in buf: the length of its base64, which starts at from+len(dataHead)
	runs, last int32 // in runs
	bytes      int32 // of the user records' data
	members    int32 // user records
	aggregate  bool
}

const (
	dataHead = `{"Data":"`
	keyHead  = `","PartitionKey":"`
	tail     = `"}`
	suffix   = `]}`
	maxRuns  = 4096 // of a request: what one Put costs is bounded too
)

// first is the memory that a request starts with. Destinations with little to do never need more.
const first = 64 << 10

func newRequest(t *target, maxData int) *request {
	return &request{target: t, max: slotSize(maxData), maxData: maxData}
}

func (r *request) reset() {
	clear(r.runs) // tokens are garbage once answered
	r.buf, r.records, r.runs, r.live, r.data = r.buf[:0], r.records[:0], r.runs[:0], r.live[:0], 0
}

// fits reports whether a record with so much data, under this key, made of entries in so many runs, has room.
func (r *request) fits(key string, data, runs int) bool {
	return len(r.records) == 0 ||
		len(r.records) < maxRecords && len(r.runs)+runs <= maxRuns &&
			r.data+len(key)+data <= r.maxData && len(r.buf)+r.sizeOf(key, data)+len(suffix) <= r.max
}

// sizeOf returns how many bytes of buf a record needs, with a comma.
func (r *request) sizeOf(key string, data int) int {
	size := 1 + len(dataHead) + base64.StdEncoding.EncodedLen(data) + len(tail)
	if r.target.keyed {
		size += len(keyHead) + quotedLen(key)
	}
	return size
}

// add appends a record. Its runs are those that the caller has put at the end of r.runs, from index runs on.
func (r *request) add(key string, data []byte, rec record, runs int) {
	if len(r.records) == 0 {
		r.grow(len(r.target.prefix) + r.sizeOf(key, len(data)))
		r.buf = append(r.buf, r.target.prefix...)
	} else {
		r.grow(r.sizeOf(key, len(data)))
		r.buf = append(r.buf, ',')
	}
	rec.from = int32(len(r.buf))
	r.buf = append(r.buf, dataHead...)
	r.buf = appendBase64(r.buf, data)
	rec.data = int32(len(r.buf)) - rec.from - int32(len(dataHead))
	if r.target.keyed {
		r.buf = append(r.buf, keyHead...)
		r.buf = appendQuoted(r.buf, key)
	}
	r.buf = append(r.buf, tail...)
	rec.to = int32(len(r.buf))
	rec.runs, rec.last = int32(runs), int32(len(r.runs))
	r.records = append(r.records, rec)
	r.data += len(key) + len(data)
}

// grow makes room for n more bytes, in steps that waste little and end at max.
func (r *request) grow(n int) {
	need := len(r.buf) + n + len(suffix)
	if need <= cap(r.buf) {
		return
	}
	size := max(first, cap(r.buf))
	for size < need {
		size *= 2
	}
	grown := make([]byte, len(r.buf), max(need, min(size, r.max)))
	copy(grown, r.buf)
	r.buf = grown
}

// full reports whether nothing more can be added.
func (r *request) full() bool { return len(r.records) >= maxRecords || len(r.runs) >= maxRuns }

// seal ends the body and lists its records as those to be sent.
func (r *request) seal() {
	r.buf = append(r.buf, suffix...)
	r.live = slices.Grow(r.live[:0], len(r.records))
	for i := range r.records {
		r.live = append(r.live, int32(i))
	}
}

// parts appends to dst the slices of buf that make up a body of the records in view, which is in order.
func (r *request) parts(dst [][]byte, view []int32) [][]byte {
	if len(view) == len(r.records) {
		return append(dst, r.buf)
	}
	dst = append(dst, r.buf[:len(r.target.prefix)])
	for i := 0; i < len(view); {
		// Neighbours are sent with the comma that is between them.
		end := i + 1
		for end < len(view) && view[end] == view[end-1]+1 {
			end++
		}
		to := r.records[view[end-1]].to
		if end < len(view) {
			to++ // the comma behind it
		}
		dst = append(dst, r.buf[r.records[view[i]].from:to])
		i = end
	}
	return append(dst, r.buf[len(r.buf)-len(suffix):])
}

// decoded returns a copy of the data of a record.
func (r *request) decoded(rec *record) []byte {
	text := r.buf[int(rec.from)+len(dataHead):][:rec.data]
	data, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		panic("producer: the body holds base64 that is none: " + err.Error())
	}
	return data
}

// members returns how many user records are in view.
func (r *request) members(view []int32) (n int) {
	for _, i := range view {
		n += int(r.records[i].members)
	}
	return n
}

const hexDigits = "0123456789abcdef"

// quotedLen returns the length of what appendQuoted appends.
func quotedLen(s string) int {
	n := len(s)
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			n++
		case c < ' ':
			n += 5
		}
	}
	return n
}

// appendQuoted appends the inside of a JSON string. s is valid UTF-8.
func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
