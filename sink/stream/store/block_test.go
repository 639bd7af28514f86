package store

import (
	"bytes"
	"hash/crc32"
	"reflect"
	"strings"
	"testing"
)

// pageOf decodes a block and reads all of it.
func pageOf(t *testing.T, encoded []byte, from uint64) []Stored {
	t.Helper()
	b, err := decodeBlock(encoded)
	if err != nil {
		t.Fatal(err)
	}
	var page Page
	size := 0
	b.appendTo(&page, from, Limit{Records: MaxRecords, Bytes: 1 << 30}, &size)
	return page.Records
}

func someRecords() []Record {
	return []Record{
		{PartitionKey: "a", Data: []byte("one\n")},
		{PartitionKey: "", Data: []byte{}},
		{PartitionKey: strings.Repeat("ü", 256), ExplicitHashKey: strings.Repeat("9", 39), Data: bytes.Repeat([]byte{0, 255}, 300)},
		{PartitionKey: "b", ExplicitHashKey: "0", Data: []byte("x")},
	}
}

func TestBlockRoundTrip(t *testing.T) {
	records := someRecords()
	blocks := encodeBlocks(records)
	if len(blocks) != 1 {
		t.Fatalf("%d blocks", len(blocks))
	}
	encoded := blocks[0].seal(77, 1234)
	for from := uint64(70); from < 81; from++ {
		skip := max(int(from)-77, 0)
		got := pageOf(t, encoded, from)
		if len(got) != len(records)-skip {
			t.Fatalf("from %d: %d records", from, len(got))
		}
		for i, r := range got {
			want := Stored{Record: records[skip+i], Index: 77 + uint64(skip+i), Arrival: 1234}
			if !reflect.DeepEqual(r, want) {
				t.Errorf("from %d, record %d: got %+v, want %+v", from, i, r, want)
			}
		}
	}
}

// The bytes of a small block, so that a change of the format without a new version is seen.
func TestBlockFixture(t *testing.T) {
	encoded := encodeBlocks([]Record{{PartitionKey: "k", Data: []byte("data")}, {PartitionKey: "l", ExplicitHashKey: "12"}})[0].seal(5, 1_700_000_000_123)
	body := "\x01\x00\x04" + "\x01\x02\x00" + "k" + "l12" + "data"
	head := "\x01\x00\x00\x00"
	rest := "\x00\x00\x00\x00\x00\x00\x00\x05" + "\x00\x00\x01\x8b\xcf\xe5\x68\x7b" + "\x00\x00\x00\x02" + "\x00\x00\x00\x04"
	sum := crc32.Checksum([]byte(body+head+rest), crc32.MakeTable(crc32.Castagnoli))
	want := head + string([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}) + rest + body
	if string(encoded) != want {
		t.Errorf("got  %x\nwant %x", encoded, want)
	}
}

func TestBlocksAreCut(t *testing.T) {
	records := make([]Record, 500)
	for i := range records {
		records[i] = Record{PartitionKey: "key", Data: make([]byte, 1024)}
	}
	count := 0
	for _, b := range encodeBlocks(records) {
		count += b.count
		if len(b.bytes) > blockTarget+4096 {
			t.Errorf("block of %d bytes", len(b.bytes))
		}
	}
	if count != len(records) {
		t.Errorf("blocks hold %d records, want %d", count, len(records))
	}
}

func TestDecodeBlockFindsDamage(t *testing.T) {
	encoded := encodeBlocks(someRecords())[0].seal(77, 1234)
	for i := range encoded {
		for _, flip := range []byte{1, 0x80} {
			damaged := bytes.Clone(encoded)
			damaged[i] ^= flip
			if _, err := decodeBlock(damaged); err == nil {
				t.Errorf("byte %d changed by %#x: not found", i, flip)
			}
		}
	}
	for n := range encoded {
		if _, err := decodeBlock(encoded[:n]); err == nil {
			t.Errorf("cut to %d bytes: not found", n)
		}
	}
	newer := bytes.Clone(encoded)
	newer[0] = 2
	if _, err := decodeBlock(newer); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("newer version: %v", err)
	}
}

// resum makes the checksum right, so that a decoder sees what stands behind it.
func resum(b []byte) []byte {
	if len(b) < blockHeader {
		return b
	}
	b = bytes.Clone(b)
	b[0] = blockVersion
	s := sealed{bytes: b, sum: crc32.Checksum(b[blockHeader:], castagnoli())}
	sum := sumHeader(s.sum, b)
	b[4], b[5], b[6], b[7] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
	return b
}

func FuzzDecodeBlock(f *testing.F) {
	f.Add(encodeBlocks(someRecords())[0].seal(77, 1234))
	f.Add(encodeBlocks([]Record{{}})[0].seal(1, 0))
	f.Add(make([]byte, blockHeader+1))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = decodeBlock(raw)
		b, err := decodeBlock(resum(raw))
		if err != nil {
			return
		}
		var page Page
		size := 0
		b.appendTo(&page, 0, Limit{Records: MaxRecords, Bytes: 1 << 30}, &size)
		if len(page.Records) != min(b.count, MaxRecords) {
			t.Fatalf("block of %d records gives %d", b.count, len(page.Records))
		}
		sum := 0
		for _, r := range page.Records {
			sum += len(r.PartitionKey) + len(r.ExplicitHashKey) + len(r.Data)
		}
		if b.count <= MaxRecords && sum != len(b.keys)+len(b.data) {
			t.Fatalf("records of %d bytes in sections of %d", sum, len(b.keys)+len(b.data))
		}
	})
}

func FuzzBlockRoundTrip(f *testing.F) {
	f.Add("key", "12", []byte("data"), uint64(1), int64(5))
	f.Fuzz(func(t *testing.T, key, hash string, data []byte, first uint64, arrival int64) {
		if first = first%maxIndex + 1; first > maxIndex-2 || arrival < 0 || arrival > maxArrival {
			return
		}
		records := []Record{{PartitionKey: key, ExplicitHashKey: hash, Data: data}, {Data: data}}
		if checkRecords(records) != nil {
			return
		}
		got := pageOf(t, encodeBlock(records, 0).seal(first, arrival), first)
		if len(got) != 2 || got[0].PartitionKey != key || got[0].ExplicitHashKey != hash || !bytes.Equal(got[1].Data, data) ||
			got[1].Index != first+1 || got[0].Arrival != arrival {
			t.Fatalf("got %+v", got)
		}
	})
}
