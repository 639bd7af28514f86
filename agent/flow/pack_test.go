package flow

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weir-logs/weir/sink"
)

// TestPacks: records go out joined, in order, none torn, and counted one by one.
func TestPacks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pack  int
		limit int
		want  []string
	}{
		{"apart", 0, 100, []string{"aaa\n", "bbbb\n", "c\n", "dddddddddddd\n", "e\n", "f\n"}},
		{"joined", 9, 100, []string{"aaa\nbbbb\n", "c\n", "dddddddddddd\n", "e\nf\n"}},
		{"all", 1000, 100, []string{"aaa\nbbbb\nc\ndddddddddddd\ne\nf\n"}},
		{"no more than the destination takes", 1000, 15, []string{"aaa\nbbbb\nc\n", "dddddddddddd\ne\n", "f\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newFake()
			d.limit = tt.limit
			r := newRig(t, func(c *Config) { c.Sends[0].Pack = tt.pack }, d)
			r.handle(t, "aaa\n", "bbbb\n", "c\n", "dddddddddddd\n", "e\n", "f") // the last one gets its line end
			if got := d.records(); strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if s := r.Stats(); s.RecordsDelivered != 6 || s.BytesDelivered != 28 {
				t.Errorf("%d records, %d bytes delivered, want 6 and 28", s.RecordsDelivered, s.BytesDelivered)
			}
		})
	}
}

// TestRefusedPack: the letter says where all of the pack's records are, and all of them are counted.
func TestRefusedPack(t *testing.T) {
	d := newFake()
	d.refuse = func(data []byte) bool { return bytes.Contains(data, []byte("b")) }
	r := newRig(t, func(c *Config) { c.Sends[0].Pack = 5 }, d)
	r.handle(t, "first\n")
	r.handle(t, "a\n", "b\n", "c\n", "d\n")
	eventually(t, "the letter is on disk", func() bool { return r.frontier() == 14 })
	s := r.Stats()
	if s.RecordsDelivered != 3 || s.Refused != 2 || s.DeadLettered != 2 {
		t.Errorf("delivered %d, refused %d, dead letters %d; want 3, 2, 2", s.RecordsDelivered, s.Refused, s.DeadLettered)
	}
	letters := readLetters(t, r.letters.State().Path)
	if len(letters) != 1 || string(letters[0].Data) != "a\nb\n" || letters[0].Records != 2 || letters[0].Offset != 6 || letters[0].End != 14 {
		t.Errorf("letters %+v", letters)
	}
}

func TestPackerKeepsBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var p packer
	for range 2000 {
		var entries []sink.Entry
		var want []byte
		for range random.IntN(20) {
			data := bytes.Repeat([]byte{byte(random.IntN(256))}, random.IntN(30))
			entries = append(entries, sink.Entry{Data: data})
			want = append(want, data...)
		}
		most := random.IntN(60)
		var got []byte
		records := 0
		for _, e := range p.join(entries, most) {
			if e.Records > 1 && len(e.Data) > most {
				t.Fatalf("a pack of %d bytes, at most %d", len(e.Data), most)
			}
			got = append(got, e.Data...)
			records += e.Count()
		}
		if !bytes.Equal(got, want) || records != len(entries) {
			t.Fatalf("%d entries became %d, bytes equal: %t", len(entries), records, bytes.Equal(got, want))
		}
	}
}
