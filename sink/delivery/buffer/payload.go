package buffer

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"
)

const (
	flagEnded  = 1
	flagForget = 2

	maxTime = 1 << 52 // milliseconds: far beyond any clock
)

// header is the first frame of a segment.
type header struct {
	stream    string
	number    uint64
	made      time.Time
	positions map[string]Position
}

func (h header) appendTo(buf []byte) []byte {
	buf = appendString(buf, h.stream)
	buf = binary.AppendUvarint(buf, h.number)
	buf = appendTime(buf, h.made)
	return appendPositions(buf, h.positions)
}

func decodeHeader(payload []byte) (header, bool) {
	d := decoder{b: payload}
	h := header{stream: d.string(), number: d.uvarint(), made: d.time(), positions: d.positions()}
	return h, d.done()
}

func (s Seal) appendTo(buf []byte) []byte {
	buf = binary.AppendUvarint(buf, s.segment)
	buf = binary.AppendUvarint(buf, uint64(s.end))
	buf = binary.AppendUvarint(buf, uint64(s.crc))
	buf = binary.AppendUvarint(buf, uint64(s.Records))
	buf = binary.AppendUvarint(buf, uint64(s.Bytes))
	buf = appendTime(buf, s.Oldest)
	buf = appendTime(buf, s.Sealed)
	buf = appendString(buf, s.Bucket)
	buf = appendString(buf, s.Key)
	return appendString(buf, s.Compression)
}

func decodeSeal(payload []byte) (Seal, bool) {
	d := decoder{b: payload}
	s := Seal{
		segment: d.uvarint(), end: int64(d.uvarint()), crc: uint32(d.uvarint()),
		Records: int64(d.uvarint()), Bytes: int64(d.uvarint()), Oldest: d.time(), Sealed: d.time(),
		Object: Object{Bucket: d.string(), Key: d.string(), Compression: d.string()},
	}
	return s, d.done() && s.end >= 0 && s.Records >= 0 && s.Bytes >= 0
}

// appendBatch appends the payload of a records frame.
func appendBatch(buf []byte, b Batch, received time.Time) []byte {
	buf = appendTime(buf, received)
	buf = appendPositions(buf, b.Positions)
	buf = binary.AppendUvarint(buf, uint64(len(b.Records)))
	ms := received.UnixMilli()
	for _, r := range b.Records {
		buf = binary.AppendVarint(buf, ms-r.Arrival.UnixMilli())
		buf = binary.AppendUvarint(buf, uint64(len(r.Data)))
	}
	for _, r := range b.Records {
		buf = append(buf, r.Data...)
	}
	return buf
}

// records is a decoded records frame. Its data is that of all records in a row, and belongs to the payload.
type records struct {
	received  time.Time
	positions map[string]Position
	count     int64
	oldest    time.Time // arrival
	data      []byte
}

func decodeRecords(payload []byte) (records, bool) {
	d := decoder{b: payload}
	r := records{received: d.time(), positions: d.positions()}
	n := d.uvarint()
	if n > uint64(len(d.b))/2 { // each takes at least two bytes here
		return r, false
	}
	ms, total := r.received.UnixMilli(), uint64(0)
	oldest := ms
	for i := range n {
		if arrival := ms - d.varint(); i == 0 || arrival < oldest {
			oldest = arrival
		}
		size := d.uvarint()
		if size > maxPayload || total+size > maxPayload {
			return r, false
		}
		total += size
	}
	r.count, r.oldest = int64(n), time.UnixMilli(oldest)
	r.data = d.b
	return r, !d.bad && uint64(len(r.data)) == total
}

func appendPositions(buf []byte, positions map[string]Position) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(positions)))
	for _, shard := range slices.Sorted(maps.Keys(positions)) {
		p := positions[shard]
		var flags byte
		switch {
		case p == Position{}:
			flags = flagForget
		case p.Ended:
			flags = flagEnded
		}
		buf = append(appendString(appendString(buf, shard), p.Sequence), flags)
	}
	return buf
}

func appendString(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

func appendTime(buf []byte, t time.Time) []byte {
	return binary.AppendUvarint(buf, uint64(min(max(t.UnixMilli(), 0), maxTime)))
}

// decoder takes values off the front of a payload; after the first that is not there, bad is set and all are zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) done() bool { return !d.bad && len(d.b) == 0 }

func (d *decoder) fail() { d.bad, d.b = true, nil }

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) time() time.Time {
	ms := d.uvarint()
	if ms > maxTime {
		d.fail()
		return time.UnixMilli(0)
	}
	return time.UnixMilli(int64(ms))
}

func (d *decoder) string() string {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail()
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) positions() map[string]Position {
	n := d.uvarint()
	if n > uint64(len(d.b))/3 { // each takes at least three bytes
		d.fail()
		return nil
	}
	if n == 0 {
		return nil
	}
	positions := make(map[string]Position, n)
	for range n {
		shard, sequence, flags := d.string(), d.string(), d.byte()
		p := Position{Sequence: sequence, Ended: flags == flagEnded}
		if d.bad || flags > flagForget || (flags == flagForget) != (p == Position{}) {
			d.fail()
			return nil
		}
		positions[shard] = p
	}
	return positions
}
