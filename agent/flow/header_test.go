package flow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

func headed(c *Config) {
	c.Parse, c.Encode.Format = config.Parse{Format: "csv", Header: true}, "json"
}

// at makes a block of the file's records from offset on.
func at(id tailer.FileID, content string, offset int) *tailer.Block {
	b := &tailer.Block{ID: id, Path: "/var/log/a.csv", Offset: int64(offset), Content: strings.NewReader(content)}
	for line := range strings.SplitAfterSeq(content[offset:], "\n") {
		if line != "" {
			b.Data = append(b.Data, line...)
			b.Ends = append(b.Ends, len(b.Data))
		}
	}
	b.Next = tailer.Position{ID: id, Path: b.Path, Offset: int64(len(content))}
	return b
}

func TestHeaders(t *testing.T) {
	const file = "a,b\r\n1,2\r\n3,4\r\n"
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		name, content string
		offset        int
		want          []string
	}{
		{"from the start", file, 0, []string{`{"a":"1","b":"2"}`, `{"a":"3","b":"4"}`}},
		{"from the middle, as after a restart", file, len("a,b\r\n1,2\r\n"), []string{`{"a":"3","b":"4"}`}},
		{"byte order mark", "\xEF\xBB\xBFa\n1\n", 3, []string{`{"a":"1"}`}},
		{"long header", long + "\n1\n", 0, []string{`{"` + long + `":"1"}`}},
		{"header beyond the bound", strings.Repeat("x", longestHeader) + "\n1\n", longestHeader + 1, []string{`{"message":"1"}`}},
		{"header without its end", "a,b", 0, nil},
		{"no header", "\n1\n", 0, []string{`{"message":"1"}`}},
	} {
		d := newFake()
		r := newRig(t, headed, d)
		if err := r.Handle(t.Context(), t.Context(), at(fileID, c.content, c.offset)); err != nil {
			t.Fatal(err)
		}
		got := d.records()
		for i := range got {
			got[i] = strings.TrimSuffix(got[i], "\n")
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %.200q, want %.200q", c.name, got, c.want)
		}
		lines := int64(0)
		if c.offset <= longestMark {
			lines = 1
		}
		if n := r.Stats().DroppedHeader; n != lines {
			t.Errorf("%s: %d lines are counted as headers, want %d", c.name, n, lines)
		}
	}
}

// TestHeadersOfManyFiles: blocks of files with different columns come in turn.
func TestHeadersOfManyFiles(t *testing.T) {
	d := newFake()
	r := newRig(t, headed, d)
	var want []string
	for round := range 3 {
		for i := range 2 * keptHeaders {
			content := fmt.Sprintf("c%d\n0\n1\n2\n", i)
			offset := strings.Index(content, fmt.Sprintf("\n%d", round)) + 1
			b := at(tailer.FileID{byte(i), 1}, content[:offset+2], offset)
			if err := r.Handle(t.Context(), t.Context(), b); err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprintf(`{"c%d":"%d"}`+"\n", i, round))
		}
	}
	if got := d.records(); !slices.Equal(got, want) {
		t.Errorf("got %d records, want %d", len(got), len(want))
	}
	if n := len(r.headers.byFile); n > keptHeaders {
		t.Errorf("%d headers are kept", n)
	}
}

// TestHeaderOfAPipe: it cannot be read again, and is remembered however many files there are.
func TestHeaderOfAPipe(t *testing.T) {
	var h Headers
	b := at(fileID, "a\n1\n", 0)
	b.Content = nil
	for i := range 3 * keptHeaders {
		if header, err := h.Of(b); err != nil || string(header.Line) != "a" || header.End != 2 {
			t.Fatalf("the pipe: %+v, %v", header, err)
		}
		if _, err := h.Of(at(tailer.FileID{byte(i), 1}, "b\n", 0)); err != nil {
			t.Fatal(err)
		}
		b = &tailer.Block{ID: fileID, Offset: 4, Data: []byte("2\n"), Ends: []int{2}}
	}
	if header, err := new(Headers).Of(b); err != nil || header.Line != nil || header.End != 0 {
		t.Errorf("a pipe from its middle on: %+v, %v", header, err)
	}
}

// TestHeaderThatCannotBeRead: the block stays with the tailer, and nothing of it is sent.
func TestHeaderThatCannotBeRead(t *testing.T) {
	d := newFake()
	r := newRig(t, headed, d)
	b := at(fileID, "a\n1\n", 2)
	b.Content = bytes.NewReader(nil)
	if err := r.Handle(t.Context(), t.Context(), b); !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), b.Path) {
		t.Errorf("Handle: %v", err)
	}
	if got := d.records(); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
	b.Content = strings.NewReader("a\n1\n")
	if err := r.Handle(t.Context(), t.Context(), b); err != nil || !slices.Equal(d.records(), []string{`{"a":"1"}` + "\n"}) {
		t.Errorf("offered again: %v, %q", err, d.records())
	}
}
