package producer

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestBase64(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		src := make([]byte, n)
		for i := range src {
			src[i] = byte(random.Uint32())
		}
		want := base64.StdEncoding.AppendEncode([]byte("front"), src)
		if got := appendBase64([]byte("front"), src); !bytes.Equal(got, want) {
			t.Fatalf("%x gives %s, want %s", src, got, want)
		}
	}
	for v := range 1 << 12 { // every pair of digits in every place
		for place := range 4 {
			x := uint64(v) << (16 + 12*place)
			src := binary.BigEndian.AppendUint64(nil, x)
			if got, want := appendBase64(nil, src), base64.StdEncoding.EncodeToString(src); string(got) != want {
				t.Fatalf("%x gives %s, want %s", src, got, want)
			}
		}
	}
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte("Man"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if got, want := appendBase64(nil, src), base64.StdEncoding.AppendEncode(nil, src); !bytes.Equal(got, want) {
			t.Fatalf("%x gives %s, want %s", src, got, want)
		}
	})
}

func FuzzQuoted(f *testing.F) {
	f.Add("a\"b\\c\x00\x1f\n é 🔑")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		quoted := appendQuoted(nil, s)
		var back string
		if err := json.Unmarshal([]byte(`"`+string(quoted)+`"`), &back); err != nil || back != s || len(quoted) != quotedLen(s) {
			t.Fatalf("%q is written as %s, %d bytes for %d, and read as %q, %v", s, quoted, len(quoted), quotedLen(s), back, err)
		}
	})
}

func TestAnswer(t *testing.T) {
	var a answer
	for text, want := range map[string]struct {
		entries int
		failed  []failedEntry
	}{
		`{"Records":[]}`: {},
		`{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"ErrorCode":"C","ErrorMessage":"a\u00e9\"b"}]}`: {2, []failedEntry{{1, "C", `aé"b`}}},
		` { "Records" : [ { "ErrorMessage" : null , "ErrorCode" : null , "SequenceNumber" : "1" } ] , "x":{"Records":[1]} } `:    {1, nil},
		`{"Records":[{"ErrorCode":"C","ErrorMessage":"m"},{"ErrorCode":"C","ErrorMessage":"m"},{"RecordId":"r"}]}`:               {3, []failedEntry{{0, "C", "m"}, {1, "C", "m"}}},
	} {
		if err := a.parse([]byte(text), "Records"); err != nil || a.entries != want.entries || len(a.failed) != len(want.failed) {
			t.Errorf("%s: %d entries, failed %v, error %v", text, a.entries, a.failed, err)
			continue
		}
		for i := range want.failed {
			if a.failed[i] != want.failed[i] {
				t.Errorf("%s: failed %v, want %v", text, a.failed[i], want.failed[i])
			}
		}
	}
	for _, text := range []string{
		``, `{`, `{}`, `[]`, `null`, `{"Records":null}`, `{"Records":{}}`, `{"Records":[{}]}`, `{"Records":[{"ShardId":"s"}]}`, `{"Records":[null]}`,
		`{"Records":[{"SequenceNumber":""}]}`, `{"Records":[{"SequenceNumber":7}]}`, `{"Records":[{"ErrorCode":""}]}`, `{"Records":[],"Records":[]}`,
		`{"Records":[]}x`, `{"Records":[],}`, `{"Records":[{"SequenceNumber":"1"},]}`, "{\"Records\":[],\"a\":\"\n\"}", `{"Records":[],"a":01}`, `{"Records":[],"a":1.}`,
		`{"Records":[],"a":"\x"}`, `{"Records":[],"a":"\u12g4"}`, `{"Records":[],"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		`{"Records":[` + strings.Repeat(`{"RecordId":"r"},`, 500) + `{"RecordId":"r"}]}`,
	} {
		if err := a.parse([]byte(text), "Records"); err == nil {
			t.Errorf("%.80s is read as %d entries", text, a.entries)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"ErrorCode":"C","ErrorMessage":"m"}]}`))
	f.Add([]byte(`{"a":[-0.1e+5,true,false,null,{}],"Records":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var a answer
		if a.parse(text, "Records") != nil {
			return
		}
		// Whatever we take, the library takes, and sees as many entries.
		var top map[string]json.RawMessage
		if err := json.Unmarshal(text, &top); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(top["Records"], &list); err != nil || len(list) != a.entries {
			t.Fatalf("%s: %d entries, %d counted, %v", text, len(list), a.entries, err)
		}
		for _, failed := range a.failed {
			if failed.index >= a.entries || failed.code == "" {
				t.Fatalf("%s: failed entry %+v", text, failed)
			}
		}
	})
}

func TestPartsOfAnyView(t *testing.T) {
	target, err := streamTarget("logs")
	if err != nil {
		t.Fatal(err)
	}
	r := newRequest(&target, minRequest)
	for _, data := range []string{"0", "1", "2", "3", "4"} {
		r.add("key"+data, []byte(data), record{members: 1}, 0)
	}
	r.seal()
	for bits := 1; bits < 1<<5; bits++ {
		var view []int32
		want := ""
		for i := range 5 {
			if bits>>i&1 == 1 {
				view = append(view, int32(i))
				want += string(rune('0' + i))
			}
		}
		p := newPayload(r.parts(nil, view))
		body, _ := p.open()
		text, err := io.ReadAll(body)
		if err != nil || int64(len(text)) != p.size || !p.handed.Load() {
			t.Fatalf("view %v: %d bytes of %d, %v", view, len(text), p.size, err)
		}
		_ = body.Close()
		p.wait()
		var c call
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("view %v: %v: %s", view, err, text)
		}
		got := ""
		for _, rec := range c.Records {
			if got += string(rec.Data); rec.PartitionKey != "key"+string(rec.Data) {
				t.Errorf("view %v: %s has key %s", view, rec.Data, rec.PartitionKey)
			}
		}
		if got != want || c.StreamName != "logs" {
			t.Errorf("view %v gives %s, want %s", view, got, want)
		}
	}
}

func TestPayload(t *testing.T) {
	p := newPayload([][]byte{[]byte("ab"), {}, []byte("cdef"), []byte("g")})
	one, _ := p.open()
	part := make([]byte, 3)
	if n, err := one.Read(part); n != 3 || err != nil || string(part) != "abc" || p.handed.Load() {
		t.Errorf("read %d, %v, %s, all of it: %v", n, err, part, p.handed.Load())
	}
	two, _ := p.open() // a second try starts at the front
	if all, err := io.ReadAll(two); string(all) != "abcdefg" || err != nil || !p.handed.Load() {
		t.Errorf("read %s, %v", all, err)
	}
	for range 2 {
		_ = one.Close()
		_ = two.Close()
	}
	p.wait()
	if n, err := one.Read(part); n != 0 || err == nil {
		t.Errorf("a closed body gives %d bytes, %v", n, err)
	}
}

// The memory of a request is never exceeded, and what was predicted is what is written.
func TestRequestSizes(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	target, _ := streamTarget(strings.Repeat("n", 128))
	data := make([]byte, 1<<20)
	r := newRequest(&target, minRequest)
	for range 40 {
		r.reset()
		for {
			key := strings.Repeat("\x01", 1+random.IntN(256))
			size := random.IntN(1 << random.IntN(21))
			if size+len(key) > streamRecord {
				size = streamRecord - len(key)
			}
			if !r.fits(key, size, 1) || r.full() {
				break
			}
			before, predicted := len(r.buf), r.sizeOf(key, size)
			r.add(key, data[:size], record{members: 1}, 0)
			if len(r.records) > 1 && len(r.buf)-before != predicted {
				t.Fatalf("a record takes %d bytes, predicted were %d", len(r.buf)-before, predicted)
			}
			if got := r.decoded(&r.records[len(r.records)-1]); !bytes.Equal(got, data[:size]) {
				t.Fatal("the data does not come back")
			}
		}
		r.seal()
		if len(r.buf) > r.max || cap(r.buf) > r.max || r.data > r.maxData || !json.Valid(r.buf) {
			t.Fatalf("%d bytes, capacity %d, of %d; data %d of %d; valid %v", len(r.buf), cap(r.buf), r.max, r.data, r.maxData, json.Valid(r.buf))
		}
	}
}
