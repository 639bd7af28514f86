package store

import (
	"bytes"
	"slices"
	"testing"
)

func TestKeysSort(t *testing.T) {
	a, b := Shard{Stream: 1, Number: 255}, Shard{Stream: 1, Number: 256}
	keys := [][]byte{
		indexKey(a, 0),
		blockKey(a, blockPlace{1, 10, 5}),
		indexKey(a, 2),
		blockKey(a, blockPlace{10, 300, 5}),
		blockKey(a, blockPlace{300, 301, 5}),
		blockKey(b, blockPlace{1, 2, 1}),
		blockKey(Shard{Stream: 256}, blockPlace{1, 2, 1}),
		shardKey(kindState, a),
		shardKey(kindState, b),
	}
	if !slices.IsSortedFunc(keys, bytes.Compare) {
		t.Errorf("not sorted: %x", keys)
	}
	lower, upper := streamRange(kindBlock, 1)
	for i, k := range keys {
		inside := bytes.Compare(lower, k) <= 0 && bytes.Compare(k, upper) < 0
		if inside != (i < 6) {
			t.Errorf("key %d in the range of stream 1: %v", i, inside)
		}
	}
}

func TestBlockKeyRoundTrip(t *testing.T) {
	for _, p := range []blockPlace{{1, 2, 0}, {5, 900, 1 << 40}, {maxIndex - 1, maxIndex, 1}} {
		got, err := parseBlockKey(blockKey(Shard{3, 4}, p))
		if err != nil || got != p {
			t.Errorf("got %+v, %v, want %+v", got, err, p)
		}
	}
	for _, p := range []blockPlace{{0, 2, 0}, {2, 2, 0}, {3, 2, 0}, {1, maxIndex + 1, 0}, {1, 2, -1}} {
		if got, err := parseBlockKey(blockKey(Shard{3, 4}, p)); err == nil {
			t.Errorf("%+v was taken as %+v", p, got)
		}
	}
	if _, err := parseBlockKey(indexKey(Shard{3, 4}, 1)); err == nil {
		t.Error("a short key was taken")
	}
}

func TestState(t *testing.T) {
	want := state{epoch: 7, first: 5, next: 9, arrival: 1 << 40}
	got, err := decodeState(want.encode())
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	newer := want.encode()
	newer[0]++
	for name, b := range map[string][]byte{
		"newer": newer, "empty": nil, "short": want.encode()[:20], "long": append(want.encode(), 0),
		"no first": state{next: 1}.encode(), "turned": state{first: 3, next: 2}.encode(), "before 1970": state{first: 1, next: 1, arrival: -1}.encode(),
	} {
		if got, err := decodeState(b); err == nil {
			t.Errorf("%s: taken as %+v", name, got)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(state{epoch: 7, first: 5, next: 9, arrival: 1 << 40}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeState(b); err == nil && !bytes.Equal(s.encode(), b) {
			t.Errorf("%x decodes to %+v, which encodes to %x", b, s, s.encode())
		}
	})
}

func FuzzParseBlockKey(f *testing.F) {
	f.Add(blockKey(Shard{3, 4}, blockPlace{1, 2, 3}))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parseBlockKey(b)
		if err == nil && !bytes.Equal(blockKey(Shard{}, p)[shardKeyLen:], b[shardKeyLen:]) {
			t.Errorf("%x decodes to %+v", b, p)
		}
	})
}

func FuzzDecodeMeta(f *testing.F) {
	f.Add(encodeMeta(3, []byte("value")))
	f.Fuzz(func(t *testing.T, b []byte) {
		revision, value, err := decodeMeta(b)
		if err == nil && !bytes.Equal(encodeMeta(revision, value), b) {
			t.Errorf("%x decodes to %d %x", b, revision, value)
		}
	})
}
