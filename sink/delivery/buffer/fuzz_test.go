package buffer

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"
)

// segment returns the bytes of a small segment.
func segment(t testing.TB) []byte {
	t.Helper()
	h := header{stream: "web", number: 7, made: time.UnixMilli(5), positions: map[string]Position{"s0": {Sequence: "49"}, "s1": {Ended: true}}}
	head, sum, err := makeHead(h, &Seal{Object: Object{Bucket: "b", Key: "k", Compression: "GZIP"}, Records: 3, Bytes: 9, segment: 6, end: 99, crc: 1})
	if err != nil {
		t.Fatal(err)
	}
	crc := sum.crc
	for _, b := range []Batch{
		{Records: []Record{{Data: []byte("hello\n"), Arrival: time.UnixMilli(3)}, {Arrival: time.UnixMilli(90)}}},
		{Positions: map[string]Position{"s0": {}}},
	} {
		frame := appendBatch(beginFrame(nil, kindRecords), b, time.UnixMilli(10))
		if err := finishFrame(frame); err != nil {
			t.Fatal(err)
		}
		crc = link(crc, frame)
		head = append(head, frame...)
	}
	return head
}

func TestSegmentRoundTrip(t *testing.T) {
	data := segment(t)
	var got bytes.Buffer
	sum, err := readSegment(bytes.NewReader(data), int64(len(data)), func(r records) bool {
		got.Write(r.data)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum.header.stream != "web" || sum.header.number != 7 || sum.end != int64(len(data)) || got.String() != "hello\n" {
		t.Errorf("read %+v, data %q", sum, got.String())
	}
	if want := map[string]Position{"s1": {Ended: true}}; !reflect.DeepEqual(sum.positions, want) {
		t.Errorf("positions %v, want %v", sum.positions, want)
	}
	if sum.records != 2 || sum.bytes != 6 || sum.oldest.UnixMilli() != 3 || sum.first.UnixMilli() != 10 {
		t.Errorf("summary %+v", sum)
	}
	if s := sum.previous; s.segment != 6 || s.end != 99 || s.crc != 1 || s.Records != 3 || s.Bytes != 9 || s.Key != "k" || s.Bucket != "b" {
		t.Errorf("seal %+v", s)
	}
}

// Every single byte that changes, and every byte that is missing, ends what is valid at or before it.
func TestEveryByteCounts(t *testing.T) {
	data := segment(t)
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 0x01
		sum, err := readSegment(bytes.NewReader(bad), int64(len(bad)), nil)
		if err == nil || sum.end > int64(i) {
			t.Errorf("byte %d changed: valid up to %d, %v", i, sum.end, err)
		}
		if sum, err := readSegment(bytes.NewReader(data[:i]), int64(i), nil); sum.end > int64(i) || err == nil && !sum.whole {
			t.Errorf("cut at %d: valid up to %d, %v", i, sum.end, err)
		}
	}
}

// A frame that was written behind a torn one is not valid behind what replaces that one.
func TestFramesAreChained(t *testing.T) {
	frame := func(prev uint32, text string) ([]byte, uint32) {
		f := appendBatch(beginFrame(nil, kindRecords), Batch{Records: []Record{{Data: []byte(text)}}}, time.UnixMilli(1))
		if err := finishFrame(f); err != nil {
			t.Fatal(err)
		}
		return f, link(prev, f)
	}
	head, sum, err := makeHead(header{stream: "web", number: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, crc := frame(sum.crc, "torn")
	leftover, _ := frame(crc, "left")
	written, _ := frame(sum.crc, "new!")
	data := append(append(head, written...), leftover...)
	got, err := readSegment(bytes.NewReader(data), int64(len(data)), nil)
	if !errors.Is(err, errTorn) || got.records != 1 || got.end != int64(len(data)-len(leftover)) {
		t.Errorf("read %d records up to %d of %d, %v", got.records, got.end, len(data), err)
	}
}

func FuzzReadSegment(f *testing.F) {
	data := segment(f)
	f.Add(data)
	f.Add(data[:len(data)-3])
	f.Add(preamble())
	f.Add(append(preamble(), make([]byte, 64)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		sum, err := readSegment(bytes.NewReader(data), int64(len(data)), nil)
		if sum.end > int64(len(data)) || sum.bytes > int64(len(data)) {
			t.Fatalf("%d valid bytes with %d of data, of %d", sum.end, sum.bytes, len(data))
		}
		if !sum.whole {
			return
		}
		// What was valid is valid by itself, and the same.
		again, err2 := readSegment(io.LimitReader(bytes.NewReader(data), sum.end), sum.end, nil)
		if err2 != nil || again.end != sum.end || again.crc != sum.crc || again.records != sum.records {
			t.Fatalf("first %+v, %v; its valid part alone %+v, %v", sum, err, again, err2)
		}
	})
}

// The checksum keeps the fuzzer away from the payloads, so they are fuzzed by themselves.
func FuzzPayloads(f *testing.F) {
	h := header{stream: "web", number: 7, positions: map[string]Position{"s0": {Sequence: "49"}}}
	f.Add(h.appendTo(nil))
	f.Add(Seal{Object: Object{Key: "k"}, end: 8}.appendTo(nil))
	f.Add(appendBatch(nil, Batch{Records: []Record{{Data: []byte("x")}}, Positions: h.positions}, time.UnixMilli(9)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if h, ok := decodeHeader(payload); ok {
			if again, ok := decodeHeader(h.appendTo(nil)); !ok || !reflect.DeepEqual(again, h) {
				t.Errorf("header %+v became %+v", h, again)
			}
		}
		if s, ok := decodeSeal(payload); ok {
			if again, ok := decodeSeal(s.appendTo(nil)); !ok || again != s {
				t.Errorf("seal %+v became %+v", s, again)
			}
		}
		if r, ok := decodeRecords(payload); ok && (r.count > int64(len(payload)) || len(r.data) > len(payload)) {
			t.Errorf("%d records, %d bytes out of %d", r.count, len(r.data), len(payload))
		}
	})
}
