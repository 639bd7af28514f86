package kpl

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
)

// item is a user record as tests write it.
type item struct {
	key  string
	hash string // empty: none
	data string
}

// vector returns the bytes of testdata/NAME.hex. The vectors were made with the aggregator that AWS publishes.
func vector(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".hex")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var (
	max128 = "340282366920938463463374607431768211455"
	half   = "170141183460469231731687303715884105728"
)

func vectorItems() map[string][]item {
	return map[string][]item{
		"v1": {{"pk1", "", "hello"}, {"pk1", "", "world"}},
		"v2": {
			{"clé-α", "0", `{"m":"héllo"}`}, {"鍵🔑", "", "日本"}, {"clé-α", half, "\x00\xff"}, {"鍵🔑", max128, "z"}, {"clé-α", "0", "again"},
		},
		"v3": {{"a", "", ""}, {"b", max128, strings.Repeat("\xab", 128)}, {"a", "", "\n"}},
	}
}

// add puts an item into a, after it has asked for the size to come.
func (it item) add(t testing.TB, a *Aggregate) {
	t.Helper()
	var explicit *Hash
	if it.hash != "" {
		h, err := ParseHash(it.hash)
		if err != nil {
			t.Fatal(err)
		}
		explicit = &h
	}
	want := a.SizeWith(it.key, explicit, len(it.data))
	a.Add(it.key, explicit, []byte(it.data))
	if got := a.Size(); got != want {
		t.Fatalf("Size is %d after %d records, SizeWith said %d", got, a.Len(), want)
	}
}

// read returns what r yields for data.
func read(t testing.TB, r *Reader, data []byte) (items []item, ok bool) {
	t.Helper()
	if ok = r.Open(data); !ok {
		if _, more := r.Next(); more || r.Len() != 0 || r.Err() != nil {
			t.Fatalf("a reader that refused its input has %d records, error %v", r.Len(), r.Err())
		}
		return nil, false
	}
	for {
		rec, more := r.Next()
		if !more {
			return items, true
		}
		if rec.Index != len(items) {
			t.Fatalf("record %d has index %d", len(items), rec.Index)
		}
		items = append(items, item{string(rec.PartitionKey), string(rec.ExplicitHashKey), string(rec.Data)})
	}
}

func equal(a, b []item) bool { return fmt.Sprintf("%q", a) == fmt.Sprintf("%q", b) }

func TestVectors(t *testing.T) {
	var a Aggregate
	var r Reader
	for name, items := range vectorItems() {
		want := vector(t, name)
		a.Reset()
		for _, it := range items {
			it.add(t, &a)
		}
		if got := a.Bytes(); !bytes.Equal(got, want) {
			t.Errorf("%s: Bytes is\n%x, want\n%x", name, got, want)
		}
		if got := a.AppendTo([]byte("front")); string(got) != "front"+string(want) {
			t.Errorf("%s: AppendTo is\n%x, want\n%x", name, got, want)
		}
		if a.Size() != len(want) || a.Len() != len(items) {
			t.Errorf("%s: Size %d, Len %d, want %d, %d", name, a.Size(), a.Len(), len(want), len(items))
		}
		if got, ok := read(t, &r, want); !ok || !equal(got, items) || r.Err() != nil || r.Len() != len(items) {
			t.Errorf("%s: read %q, %v, %v, want %q", name, got, ok, r.Err(), items)
		}
	}
}

func TestVectorManyKeys(t *testing.T) {
	var a Aggregate
	for i := range 130 {
		item{key: fmt.Sprintf("k%03d", i), data: "d"}.add(t, &a)
	}
	got := a.Bytes()
	const want = "8a0f3b9352689c62bfd2948ae2c876666cf2c97495539a39f3b8223767a37c51"
	if sum := sha256.Sum256(got); len(got) != 1712 || hex.EncodeToString(sum[:]) != want {
		t.Errorf("130 keys give %d bytes with SHA-256 %x, want 1712 with %s", len(got), sum, want)
	}
}

func TestEffectiveHash(t *testing.T) {
	var r Reader
	if !r.Open(vector(t, "v2")) {
		t.Fatal("v2 is not read as an aggregate")
	}
	want := []string{"0", "317348552385730447329120253241074989439", half, max128, "0"}
	for i := range want {
		rec, _ := r.Next()
		if got, err := rec.Hash(); err != nil || got.String() != want[i] {
			t.Errorf("record %d hashes to %v, %v, want %s", i, got, err, want[i])
		}
	}
}

func TestBytesThenAdd(t *testing.T) {
	var a Aggregate
	item{"pk1", "", "hello"}.add(t, &a)
	a.Bytes() // its digest must not stay in the middle
	item{"pk1", "", "world"}.add(t, &a)
	if got, want := a.Bytes(), vector(t, "v1"); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestLone(t *testing.T) {
	var a Aggregate
	if _, ok := a.Lone(); ok {
		t.Error("an empty aggregate has a lone record")
	}
	for _, it := range []item{{"k", "", "one"}, {"k", "", ""}, {"k", max128, "hashed"}} {
		a.Reset()
		it.add(t, &a)
		if got, ok := a.Lone(); !ok || string(got) != it.data {
			t.Errorf("Lone of %q = %q, %v", it, got, ok)
		}
		it.add(t, &a)
		if _, ok := a.Lone(); ok {
			t.Error("an aggregate of two has a lone record")
		}
	}
}

func TestEmpty(t *testing.T) {
	var a Aggregate
	var r Reader
	if got := a.Bytes(); len(got) != a.Size() || a.Size() != Overhead {
		t.Errorf("an empty aggregate has %d bytes, Size %d, want %d", len(got), a.Size(), Overhead)
	}
	// Upstream readers want more than 16 bytes behind the magic, so that an empty message is a raw record.
	if r.Open(a.Bytes()) {
		t.Error("an empty message is read as an aggregate")
	}
}
