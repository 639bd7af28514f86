package stream

import (
	"math/big"
	"strings"
	"testing"
)

// decimal turns the hexadecimal digits of a sequence number, in groups, into decimal.
func decimal(hex string) string {
	n, _ := new(big.Int).SetString(strings.ReplaceAll(hex, " ", ""), 16)
	return n.String()
}

func TestSequence(t *testing.T) {
	cases := []struct {
		hex  string
		want sequence
	}{
		// a live record: version, shard's creation, shard, index, zero, arrival, shard, version
		{"2 06b03caba 0 0000000000000001 00 06b03cabb 00000000 2", sequence{0x6b03caba, 0, 1, 0x6b03cabb}},
		{"2 000000000 0 0000000000000000 00 000000000 00000000 2", sequence{}},
		{"2 065000000 a 0123456789abcdef 00 065000001 0123456a 2", sequence{0x65000000, 0x123456a, 0x123456789abcdef, 0x65000001}},
		{"2 fffffffff f 7fffffffffffffff 00 fffffffff ffffffff 2", sequence{maxSeconds, 1<<32 - 1, maxIndex, maxSeconds}},
	}
	for _, c := range cases {
		want := decimal(c.hex)
		if got := c.want.String(); got != want || len(got) != sequenceDigits {
			t.Errorf("%+v is printed as %s, want %s", c.want, got, want)
		}
		if got, err := parseSequence(want); err != nil || got != c.want {
			t.Errorf("%s is read as %+v, %v, want %+v", want, got, err, c.want)
		}
	}
}

func TestSequenceRefused(t *testing.T) {
	for name, s := range map[string]string{
		"empty":              "",
		"zero":               "0",
		"short":              decimal("2 06b03caba 0 0000000000000001 00 06b03cabb 00000000 2")[1:],
		"long":               decimal("2 06b03caba 0 0000000000000001 00 06b03cabb 00000000 2") + "0",
		"letters":            strings.Repeat("a", sequenceDigits),
		"version 1 in front": decimal("1 fffffffff f 0000000000000001 00 06b03cabb 00000000 2"),
		"version 3 in front": decimal("3 06b03caba 0 0000000000000001 00 06b03cabb 00000000 2"),
		"version 1 behind":   decimal("2 06b03caba 0 0000000000000001 00 06b03cabb 00000000 1"),
		"index of 64 bits":   decimal("2 06b03caba 0 8000000000000000 00 06b03cabb 00000000 2"),
		"middle not zero":    decimal("2 06b03caba 0 0000000000000001 01 06b03cabb 00000000 2"),
		"other shard":        decimal("2 06b03caba 1 0000000000000001 00 06b03cabb 00000000 2"),
		"all nines":          strings.Repeat("9", sequenceDigits),
	} {
		if n, err := parseSequence(s); err == nil {
			t.Errorf("%s: %s is read as %+v", name, s, n)
		}
	}
}

// Neighbouring initial shards differ by 16^36+16, and numbers of a shard grow with the index whatever the arrival.
func TestSequenceDistances(t *testing.T) {
	number := func(s sequence) *big.Int {
		n, _ := new(big.Int).SetString(s.String(), 10)
		return n
	}
	step := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 144), big.NewInt(16))
	for shard := range uint32(15) {
		a, b := number(sequence{1700000000, shard, 5, 1700000001}), number(sequence{1700000000, shard + 1, 5, 1700000001})
		if got := new(big.Int).Sub(b, a); got.Cmp(step) != 0 {
			t.Errorf("shards %d and %d differ by %v", shard, shard+1, got)
		}
	}
	a, b := sequence{1700000000, 3, 5, 1800000000}, sequence{1700000000, 3, 6, 1700000000}
	if number(a).Cmp(number(b)) >= 0 {
		t.Error("a later index has a smaller number")
	}
}

func FuzzParseSequence(f *testing.F) {
	f.Add(sequence{1700000000, 3, 5, 1700000001}.String())
	f.Add(strings.Repeat("9", sequenceDigits))
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseSequence(s)
		if err == nil && n.String() != s {
			t.Fatalf("%s is read as %+v, which is %s", s, n, n)
		}
	})
}

func FuzzSequenceRoundTrip(f *testing.F) {
	f.Add(int64(1700000000), uint32(3), uint64(5), int64(1700000001))
	f.Fuzz(func(t *testing.T, created int64, shard uint32, index uint64, arrival int64) {
		want := sequence{min(max(created, 0), maxSeconds), shard, min(index, maxIndex), min(max(arrival, 0), maxSeconds)}
		got, err := parseSequence(sequence{created, shard, index, arrival}.String())
		if err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	})
}
