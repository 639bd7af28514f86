package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A block is what is stored of (a part of) one append. All numbers are big-endian, varints as in encoding/binary.
//
//	offset  bytes
//	0       1      version, 1
//	1       3      zero
//	4       4      CRC-32C of the body, then of the header without these four bytes
//	8       8      index of the first record
//	16      8      arrival of the records, milliseconds since 1970
//	24      4      number of records
//	28      4      bytes of the key section
//	32      ...    body: length section, key section, data section
//
// The length section holds three varints for each record: bytes of its partition key, of its explicit hash key, of its data.
// The key section holds partition key and explicit hash key of each record, the data section its data, all without gaps.
// Body first, because the committer learns index and arrival after the body is summed: it then adds the header only.
const (
	blockVersion = 1
	blockHeader  = 32
	minLengths   = 3 // bytes of the shortest entry in the length section

	// blockTarget is the size at which an append is cut: a reader that takes few records at a time reads and checks whole
	// blocks, and the number of keys in the store must stay small.
	blockTarget = 256 << 10

	maxHashKey  = 39 // digits of 2^128-1
	maxBlock    = blockHeader + minLengths*MaxRecords + blockTarget + MaxData + MaxKey + 64
	maxArrival  = 1 << 53
	maxIndex    = 1<<63 - 1
	firstOffset = 8
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) } // the library keeps one

// sealed is an encoded block without its place: body summed, header to come.
type sealed struct {
	bytes []byte
	sum   uint32 // of the body
	count int
}

// seal writes the block's place into its header. It is called once.
func (s sealed) seal(first uint64, arrival int64) []byte {
	b := s.bytes
	binary.BigEndian.PutUint64(b[firstOffset:], first)
	binary.BigEndian.PutUint64(b[16:], uint64(arrival))
	binary.BigEndian.PutUint32(b[4:], sumHeader(s.sum, b))
	return b
}

func sumHeader(body uint32, b []byte) uint32 {
	sum := crc32.Update(body, castagnoli(), b[:4])
	return crc32.Update(sum, castagnoli(), b[8:blockHeader])
}

// checkRecords keeps the bounds of the store.
func checkRecords(records []Record) error {
	if len(records) == 0 || len(records) > MaxRecords {
		return fmt.Errorf("append of %d records, 1 to %d can be: %w", len(records), MaxRecords, ErrInvalid)
	}
	for i := range records {
		r := &records[i]
		if len(r.PartitionKey) > MaxKey || len(r.ExplicitHashKey) > maxHashKey || len(r.Data) > MaxData {
			return fmt.Errorf("record %d of %d has %d bytes of key, %d of hash key, %d of data, at most %d, %d, %d can be: %w", i+1,
				len(records), len(r.PartitionKey), len(r.ExplicitHashKey), len(r.Data), MaxKey, maxHashKey, MaxData, ErrInvalid)
		}
	}
	return nil
}

// encodeBlocks cuts records into blocks. The records must have passed checkRecords.
func encodeBlocks(records []Record) []sealed {
	blocks := make([]sealed, 0, 1)
	for len(records) > 0 {
		n, size := 0, 0
		for n < len(records) && size < blockTarget {
			size += len(records[n].PartitionKey) + len(records[n].ExplicitHashKey) + len(records[n].Data)
			n++
		}
		blocks = append(blocks, encodeBlock(records[:n], size))
		records = records[n:]
	}
	return blocks
}

// encodeBlock encodes records, whose keys and data are size bytes together.
func encodeBlock(records []Record, size int) sealed {
	b := make([]byte, blockHeader, blockHeader+len(records)*6+size)
	b[0] = blockVersion
	keys := 0
	for i := range records {
		r := &records[i]
		b = binary.AppendUvarint(b, uint64(len(r.PartitionKey)))
		b = binary.AppendUvarint(b, uint64(len(r.ExplicitHashKey)))
		b = binary.AppendUvarint(b, uint64(len(r.Data)))
		keys += len(r.PartitionKey) + len(r.ExplicitHashKey)
	}
	for i := range records {
		b = append(b, records[i].PartitionKey...)
		b = append(b, records[i].ExplicitHashKey...)
	}
	for i := range records {
		b = append(b, records[i].Data...)
	}
	binary.BigEndian.PutUint32(b[24:], uint32(len(records)))
	binary.BigEndian.PutUint32(b[28:], uint32(keys))
	return sealed{bytes: b, sum: crc32.Checksum(b[blockHeader:], castagnoli()), count: len(records)}
}

// block is a decoded view of an encoded one and shares its memory.
type block struct {
	first   uint64
	arrival int64
	count   int
	lengths []byte
	keys    []byte
	data    []byte
}

func (b *block) end() uint64 { return b.first + uint64(b.count) }

// lengths3 reads one entry of the length section and returns its size, or 0 if it is none.
func lengths3(b []byte) (key, hash, data, n int) {
	var v [3]uint64
	for i := range v {
		x, m := binary.Uvarint(b[n:])
		if m <= 0 {
			return 0, 0, 0, 0
		}
		v[i], n = x, n+m
	}
	if v[0] > MaxKey || v[1] > maxHashKey || v[2] > MaxData {
		return 0, 0, 0, 0
	}
	return int(v[0]), int(v[1]), int(v[2]), n
}

// decodeBlock checks all of b, which it neither copies nor keeps.
func decodeBlock(b []byte) (block, error) {
	if len(b) < blockHeader || len(b) > maxBlock {
		return block{}, fmt.Errorf("block of %d bytes, %d to %d can be", len(b), blockHeader, maxBlock)
	}
	if b[0] != blockVersion {
		return block{}, fmt.Errorf("block has format version %d, this weir reads version %d: use the weir that wrote it", b[0], blockVersion)
	}
	sum := sumHeader(crc32.Checksum(b[blockHeader:], castagnoli()), b)
	if want := binary.BigEndian.Uint32(b[4:]); sum != want {
		return block{}, fmt.Errorf("block is damaged: CRC-32C is %08x, it says %08x", sum, want)
	}
	d := block{
		first:   binary.BigEndian.Uint64(b[firstOffset:]),
		arrival: int64(binary.BigEndian.Uint64(b[16:])),
	}
	count, keys := binary.BigEndian.Uint32(b[24:]), binary.BigEndian.Uint32(b[28:])
	body := b[blockHeader:]
	if count == 0 || uint64(count) > uint64(len(body)/minLengths) || uint64(keys) > uint64(len(body)) {
		return block{}, fmt.Errorf("block of %d bytes says it holds %d records and %d bytes of keys", len(b), count, keys)
	}
	if d.first == 0 || d.first > maxIndex-uint64(count) || d.arrival < 0 || d.arrival > maxArrival {
		return block{}, fmt.Errorf("block has index %d and arrival %d", d.first, d.arrival)
	}
	d.count = int(count)
	return d, d.split(body, int(keys))
}

// split finds the sections of the body and checks that the lengths add up to them.
func (b *block) split(body []byte, keys int) error {
	at, keySum, dataSum := 0, 0, 0
	for range b.count {
		k, h, d, n := lengths3(body[at:])
		if n == 0 {
			return fmt.Errorf("block has a bad length at byte %d", blockHeader+at)
		}
		at, keySum, dataSum = at+n, keySum+k+h, dataSum+d
	}
	if keySum != keys || at+keySum+dataSum != len(body) {
		return fmt.Errorf("block has lengths of %d, %d and %d bytes in a body of %d", at, keySum, dataSum, len(body))
	}
	b.lengths, b.keys, b.data = body[:at], body[at:at+keys], body[at+keys:]
	return nil
}

// appendTo adds the records from index from on to page, as far as limit goes, in memory of their own, and reports whether
// the limit was reached inside the block. size is the bytes on the page so far.
func (b *block) appendTo(page *Page, from uint64, limit Limit, size *int) (full bool) {
	at, key, data := 0, 0, 0
	skip := 0
	if from > b.first {
		skip = int(from - b.first)
	}
	for range skip {
		k, h, d, n := lengths3(b.lengths[at:])
		at, key, data = at+n, key+k+h, data+d
	}
	// Measure first, so that one copy of the keys and one of the data holds exactly the records taken.
	n, keyEnd, dataEnd := b.measure(page, at, key, data, skip, limit, size)
	keys := string(b.keys[key:keyEnd])
	bytes := append([]byte(nil), b.data[data:dataEnd]...)
	for i := range n {
		k, h, d, m := lengths3(b.lengths[at:])
		at += m
		page.Records = append(page.Records, Stored{
			Record:  Record{PartitionKey: keys[:k], ExplicitHashKey: keys[k : k+h], Data: bytes[:d:d]},
			Index:   b.first + uint64(skip+i),
			Arrival: b.arrival,
		})
		keys, bytes = keys[k+h:], bytes[d:]
	}
	page.Next = b.first + uint64(skip+n)
	return skip+n < b.count
}

// measure counts the records from number skip on that still fit on the page, and says where their keys and data end.
func (b *block) measure(page *Page, at, key, data, skip int, limit Limit, size *int) (n, keyEnd, dataEnd int) {
	for n < b.count-skip && len(page.Records)+n < limit.Records {
		k, h, d, m := lengths3(b.lengths[at:])
		if len(page.Records)+n > 0 && *size+k+d > limit.Bytes {
			break
		}
		*size += k + d
		at, key, data, n = at+m, key+k+h, data+d, n+1
	}
	return n, key, data
}
