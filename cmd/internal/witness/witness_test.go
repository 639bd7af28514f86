package witness

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// backend answers as one shard with these records does, one to a page; sequence numbers are places in it.
func backend(t *testing.T, records *[]string) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ StartingSequenceNumber, ShardIterator string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var out any
		switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
		case "ListShards":
			out = map[string]any{"Shards": []any{map[string]string{"ShardId": "shard-0"}}}
		case "GetShardIterator":
			at := 0
			if last, err := strconv.Atoi(in.StartingSequenceNumber); err == nil {
				at = last + 1
			}
			out = map[string]any{"ShardIterator": strconv.Itoa(at)}
		case "GetRecords":
			at, _ := strconv.Atoi(in.ShardIterator)
			page := map[string]any{"NextShardIterator": strconv.Itoa(min(at+1, len(*records))), "MillisBehindLatest": max(len(*records)-at-1, 0)}
			if at < len(*records) {
				page["Records"] = []Record{{strconv.Itoa(at), []byte((*records)[at])}}
			}
			out = page
		default:
			http.Error(w, "no such operation", http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(out) // the client notices
	}))
	t.Cleanup(s.Close)
	return NewClient(s.Listener.Addr().String())
}

func TestStreamShowsEachRecordOnce(t *testing.T) {
	records := []string{"one", "two"}
	c := backend(t, &records)
	s := c.Stream("s")
	var got []string
	collect := func(r Record) error {
		got = append(got, string(r.Data))
		return nil
	}
	for range 2 {
		if err := s.Collect(t.Context(), collect); err != nil {
			t.Fatal(err)
		}
	}
	records = append(records, "three")
	if err := s.Collect(t.Context(), collect); err != nil || !slices.Equal(got, records) {
		t.Errorf("got %q, %v", got, err)
	}
	stop := errors.New("stop")
	if err := c.Stream("s").Collect(t.Context(), func(Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Collect = %v", err)
	}
	if err := c.Call(t.Context(), "Nothing", struct{}{}, nil); err == nil || !strings.Contains(err.Error(), "Kinesis_20131202.Nothing: 400") {
		t.Errorf("Call = %v, want what was refused", err)
	}
}

func TestObjectsShowEachOnce(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write([]byte(text))
		path := filepath.Join(dir, name)
		if err := errors.Join(err, z.Close(), os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	o := NewObjects(filepath.Join(dir, "out"))
	var got []string
	collect := func(want ...string) {
		t.Helper()
		got = nil
		err := o.Collect(func(_ string, content []byte) error {
			got = append(got, string(content))
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	collect()
	write("out/a/1.gz", "one")
	write("out/.parts/2.gz", "half")
	write("out/a/.3.gz", "half")
	collect("one")
	write("out/b/4.gz", "two")
	collect("two")
	if err := os.WriteFile(filepath.Join(dir, "out", "torn.gz"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.Collect(func(string, []byte) error { return nil }); err == nil || !strings.Contains(err.Error(), "torn.gz") {
		t.Errorf("a torn object: %v", err)
	}
}

func TestAskAgent(t *testing.T) {
	if _, err := AskAgent(context.Background(), filepath.Join(t.TempDir(), "none.sock")); err == nil {
		t.Error("nobody answers, and that is no error")
	}
}
