package store

import (
	"encoding/binary"
	"fmt"
)

// Keys in Pebble. The first byte says what it is, so each kind is one range.
//
//	f                                        format of the data folder
//	b stream:8 shard:4 first:8 end:8 arrival:8   a block; end and arrival let a search go without reading blocks
//	s stream:8 shard:4                       state of a shard: epoch and what Trim must not forget
//	m name                                   an entry of Meta
//	r                                        the newest revision of Meta
const (
	kindFormat   = 'f'
	kindBlock    = 'b'
	kindState    = 's'
	kindMeta     = 'm'
	kindRevision = 'r'

	shardKeyLen = 1 + 8 + 4
	blockKeyLen = shardKeyLen + 8 + 8 + 8
	stateLen    = 1 + 4 + 8 + 8 + 8

	stateVersion = 1
)

func shardKey(kind byte, s Shard) []byte {
	k := make([]byte, 0, blockKeyLen)
	k = append(k, kind)
	k = binary.BigEndian.AppendUint64(k, s.Stream)
	return binary.BigEndian.AppendUint32(k, s.Number)
}

// indexKey sorts before the block that begins at index and after all blocks before it.
func indexKey(s Shard, index uint64) []byte {
	return binary.BigEndian.AppendUint64(shardKey(kindBlock, s), index)
}

// blockPlace is what the key of a block says.
type blockPlace struct {
	first   uint64
	end     uint64
	arrival int64
}

func blockKey(s Shard, p blockPlace) []byte {
	k := indexKey(s, p.first)
	k = binary.BigEndian.AppendUint64(k, p.end)
	return binary.BigEndian.AppendUint64(k, uint64(p.arrival))
}

func parseBlockKey(k []byte) (blockPlace, error) {
	if len(k) != blockKeyLen || k[0] != kindBlock {
		return blockPlace{}, fmt.Errorf("key %x is not the key of a block", k)
	}
	p := blockPlace{
		first:   binary.BigEndian.Uint64(k[shardKeyLen:]),
		end:     binary.BigEndian.Uint64(k[shardKeyLen+8:]),
		arrival: int64(binary.BigEndian.Uint64(k[shardKeyLen+16:])),
	}
	if p.first == 0 || p.end <= p.first || p.end > maxIndex || p.arrival < 0 {
		return blockPlace{}, fmt.Errorf("key %x has bad indexes", k)
	}
	return p, nil
}

// streamRange returns the bounds of all keys of that kind and stream.
func streamRange(kind byte, stream uint64) (lower, upper []byte) {
	lower = binary.BigEndian.AppendUint64([]byte{kind}, stream)
	if stream == 1<<64-1 {
		return lower, []byte{kind + 1}
	}
	return lower, binary.BigEndian.AppendUint64([]byte{kind}, stream+1)
}

// state is what is known about a shard beside its blocks. next and arrival matter when Trim removed the last block.
type state struct {
	epoch   uint32
	first   uint64
	next    uint64
	arrival int64
}

func (s state) encode() []byte {
	b := make([]byte, 0, stateLen)
	b = append(b, stateVersion)
	b = binary.BigEndian.AppendUint32(b, s.epoch)
	b = binary.BigEndian.AppendUint64(b, s.first)
	b = binary.BigEndian.AppendUint64(b, s.next)
	return binary.BigEndian.AppendUint64(b, uint64(s.arrival))
}

func decodeState(b []byte) (state, error) {
	if len(b) == 0 || b[0] != stateVersion {
		return state{}, fmt.Errorf("shard state %x is not of version %d: use the weir that wrote it", b, stateVersion)
	}
	if len(b) != stateLen {
		return state{}, fmt.Errorf("shard state has %d bytes, not %d", len(b), stateLen)
	}
	s := state{
		epoch:   binary.BigEndian.Uint32(b[1:]),
		first:   binary.BigEndian.Uint64(b[5:]),
		next:    binary.BigEndian.Uint64(b[13:]),
		arrival: int64(binary.BigEndian.Uint64(b[21:])),
	}
	if s.first == 0 || s.next < s.first || s.next > maxIndex || s.arrival < 0 {
		return state{}, fmt.Errorf("shard state %x has bad indexes", b)
	}
	return s, nil
}
