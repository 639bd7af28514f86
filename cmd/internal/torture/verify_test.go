package main

import (
	"crypto/md5"
	"encoding/binary"
	"strings"
	"testing"
)

// TestVerifierCanFail removes one line, doubles one, damages one and invents one: the verdict must say exactly that.
func TestVerifierCanFail(t *testing.T) {
	const written = 1000
	l := newLines()
	all := make([][]byte, written)
	for i := range all {
		all[i] = l.append(nil, 7, i+1)
	}
	logs := make([]int, 8)
	logs[7] = written
	judge := func(list [][]byte) verdict {
		tally := newTally()
		for _, line := range list {
			tally.add(line)
		}
		return tally.judge(logs)
	}
	without := func(i int) [][]byte { return append(append([][]byte{}, all[:i]...), all[i+1:]...) }
	damaged := append([]byte{}, all[3]...)
	damaged[50]++
	for _, test := range []struct {
		name  string
		list  [][]byte
		want  verdict
		where string
	}{
		{"untouched", all, verdict{Written: written, Delivered: written}, ""},
		{"one removed", without(99), verdict{Written: written, Delivered: written - 1, Lost: 1}, "lost L0007 100-100"},
		{"one doubled", append(without(0), all[0], all[500]), verdict{Written: written, Delivered: written, Duplicated: 1}, "twice L0007 501-501"},
		{"one removed and one doubled", append(without(99), all[500]),
			verdict{Written: written, Delivered: written - 1, Lost: 1, Duplicated: 1}, "lost L0007 100-100; twice L0007 501-501"},
		{"one damaged", append(without(3), damaged), verdict{Written: written, Delivered: written - 1, Lost: 1, Foreign: 1}, "lost L0007 4-4; foreign \"L0007 000000004"},
		{"one invented", append(without(0), all[0], l.append(nil, 7, written+1)), verdict{Written: written, Delivered: written, Foreign: 1}, ""},
		{"of another log", append(without(0), all[0], l.append(nil, 2, 1)), verdict{Written: written, Delivered: written, Foreign: 1}, ""},
		{"torn", append(without(0), all[0][:40], all[0][40:]), verdict{Written: written, Delivered: written - 1, Lost: 1, Foreign: 2}, ""},
		{"none", nil, verdict{Written: written, Lost: written}, "lost L0007 1-1000"},
	} {
		got := judge(test.list)
		where := strings.Join(got.where, "; ")
		got.where, test.want.where = nil, nil
		if got.Written != test.want.Written || got.Delivered != test.want.Delivered || got.Lost != test.want.Lost ||
			got.Duplicated != test.want.Duplicated || got.Foreign != test.want.Foreign || !strings.HasPrefix(where, test.where) {
			t.Errorf("%s: %+v, %s; want %+v, %s", test.name, got, where, test.want, test.where)
		}
	}
}

func TestLinesDiffer(t *testing.T) {
	l := newLines()
	seen := map[string]bool{}
	bytes := 0
	for log := range 20 {
		for n := 1; n <= 5000; n++ {
			line := l.append(nil, log, n)
			bytes += len(line)
			if got, number, ok := l.parse(line[:len(line)-1], nil); !ok || got != log || number != n {
				t.Fatalf("%q is line %d of %d, %v", line, number, got, ok)
			}
			seen[string(line)] = true
		}
	}
	if mean := bytes / len(seen); len(seen) != 100000 || mean < meanLine-5 || mean > meanLine+5 {
		t.Errorf("%d different lines of 100000, of %d bytes", len(seen), mean)
	}
}

// aggregate frames a message as the producer library does.
func aggregate(message []byte) []byte {
	sum := md5.Sum(message)
	return append(append([]byte{0xf3, 0x89, 0x9a, 0xc2}, message...), sum[:]...)
}

func field(number byte, data string) []byte {
	return append(binary.AppendUvarint([]byte{number<<3 | 2}, uint64(len(data))), data...)
}

func TestDeaggregate(t *testing.T) {
	record := func(data string) []byte { return field(3, string(append([]byte{8, 0}, field(3, data)...))) }
	message := append(field(1, "pk1"), append(record("hello\n"), record("world\n")...)...)
	for name, test := range map[string]struct {
		in   []byte
		want string
		bad  bool
	}{
		"plain":     {[]byte("line\n"), "line\n", false},
		"two":       {aggregate(message), "hello\nworld\n", false},
		"digest":    {append(aggregate(message)[:len(message)+19], 0), "", true},
		"torn":      {aggregate(message[:len(message)-2]), "", true},
		"no data":   {aggregate(field(3, "\x08\x00")), "", true},
		"too short": {[]byte{0xf3, 0x89, 0x9a, 0xc2, 1}, "", true},
		"wire type": {aggregate([]byte{3<<3 | 5, 1, 1, 1, 1}), "", true},
	} {
		var got strings.Builder
		err := deaggregate(test.in, func(data []byte) { got.Write(data) })
		if (err != nil) != test.bad || !test.bad && got.String() != test.want {
			t.Errorf("%s: %q, %v", name, got.String(), err)
		}
	}
}

func FuzzDeaggregate(f *testing.F) {
	f.Add(append(field(1, "k"), field(3, string(field(3, "x\n")))...))
	f.Fuzz(func(t *testing.T, message []byte) {
		size := 0
		if deaggregate(aggregate(message), func(data []byte) { size += len(data) }) == nil && size > len(message) {
			t.Errorf("%d bytes out of %d", size, len(message))
		}
		newTally().add(message)
	})
}
