package tailer

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestFrame(t *testing.T) {
	for _, c := range []struct {
		data   string
		max    int
		want   string // the records, each followed by |, and what is left
		pieces int
	}{
		{"", 4, "", 0},
		{"a\nb\n", 4, "a\n|b\n|", 0},
		{"a\nb", 4, "a\n|b", 0},
		{"\n\r\n\n", 4, "\n|\r\n|\n|", 0},
		{"abcd\n", 4, "abcd\n|", 0},
		{"abcd\r\n", 4, "abcd\r\n|", 0},
		{"abcd\r", 4, "abcd\r", 0}, // LF may follow
		{"abcde", 4, "abcde", 0},   // too long already, but that waits for one byte more
		{"abcde\n", 4, "abcd|e\n|", 1},
		{"abcdef", 4, "abcd|ef", 1},
		{"abcdefghij\n", 4, "abcd|efgh|ij\n|", 2},
		{"abcdefgh\n", 4, "abcd|efgh\n|", 1},
		{"ab\ncdefghi\nj\n", 4, "ab\n|cdef|ghi\n|j\n|", 1},
		{"a\n", 1, "a\n|", 0},
		{"aaa", 1, "a|aa", 1},
	} {
		ends, pieces := frame([]byte(c.data), c.max, nil)
		var got strings.Builder
		from := 0
		for _, end := range ends {
			got.WriteString(c.data[from:end] + "|")
			from = end
		}
		got.WriteString(c.data[from:])
		if got.String() != c.want || pieces != c.pieces {
			t.Errorf("frame(%q, %d) = %q, %d pieces; want %q, %d", c.data, c.max, got.String(), pieces, c.want, c.pieces)
		}
	}
}

func TestFrameRest(t *testing.T) {
	for _, c := range []struct {
		data string
		ends []int
		want []int
	}{
		{"", nil, nil},
		{"abc", nil, []int{3}},
		{"abcd", nil, []int{4}},
		{"abcde", nil, []int{4, 5}},
		{"a\nbcdefghij", []int{2}, []int{2, 6, 10, 11}},
		{"a\n", []int{2}, []int{2}},
	} {
		if got, _ := frameRest([]byte(c.data), 4, slices.Clone(c.ends)); !slices.Equal(got, c.want) {
			t.Errorf("frameRest(%q, %v) = %v, want %v", c.data, c.ends, got, c.want)
		}
	}
}

// FuzzFrame checks what holds of every framing, and that cutting the data anywhere changes nothing: the records of the
// first part are the first of the whole.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nthree"), uint8(4), uint8(5))
	f.Add([]byte("12345678\r\n123456789\n"), uint8(8), uint8(9))
	f.Add(bytes.Repeat([]byte("x"), 100), uint8(1), uint8(50))
	f.Fuzz(func(t *testing.T, data []byte, limit, cut uint8) {
		maxRecord := int(limit) + 1
		ends, pieces := frame(data, maxRecord, nil)
		from, cuts := 0, 0
		for _, end := range ends {
			rec := data[from:end]
			body := bytes.TrimSuffix(rec, []byte("\n"))
			whole := len(body) < len(rec)
			if whole && len(body) > maxRecord {
				body = bytes.TrimSuffix(body, []byte("\r"))
			}
			switch {
			case bytes.IndexByte(body, '\n') >= 0:
				t.Fatalf("record %q holds a line end", rec)
			case len(body) > maxRecord:
				t.Fatalf("record of %d bytes, the limit is %d", len(body), maxRecord)
			case !whole && len(rec) != maxRecord:
				t.Fatalf("piece of %d bytes, want %d", len(rec), maxRecord)
			case !whole:
				cuts++
			}
			from = end
		}
		if rest := data[from:]; len(ends) == maxRecords {
			return
		} else if len(rest) >= maxRecord+lineEnd || bytes.IndexByte(rest, '\n') >= 0 {
			t.Fatalf("%d bytes are left over: %q", len(rest), rest)
		}
		if cuts != pieces {
			t.Fatalf("%d pieces counted, %d made", pieces, cuts)
		}
		part, _ := frame(data[:min(int(cut), len(data))], maxRecord, nil)
		if len(part) > len(ends) || !slices.Equal(part, ends[:len(part)]) {
			t.Fatalf("the records of the first %d bytes end at %v, those of all at %v", cut, part, ends)
		}
		all, _ := frameRest(data, maxRecord, ends)
		if lastEnd(all) != len(data) {
			t.Fatalf("frameRest leaves bytes over: %v of %d", all, len(data))
		}
	})
}
