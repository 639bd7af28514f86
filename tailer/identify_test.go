package tailer

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"

	"github.com/weir-logs/weir/tailer/framing"
)

func rulesOf(t testing.TB, c framing.Config) *framing.Rules {
	t.Helper()
	rules, err := framing.Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// TestIdentifyBounds: a position whose hashes cover more than any version reads back proves nothing, and does no harm.
func TestIdentifyBounds(t *testing.T) {
	rules, path := rulesOf(t, framing.Config{MaxRecord: 1 << 20}), filepath.Join(t.TempDir(), "a.log")
	appendTo(t, path, strings.Repeat("a line\n", 1000))
	known, err := Identify(path, End, rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{-1, beforeSize + 1, 64 << 10} {
		p := known
		p.Before.Len = n
		if got, err := Identify(path, 0, rules, []Position{p}); err != nil || got.ID == known.ID {
			t.Errorf("hash of %d bytes: %s, %v", n, got.ID, err)
		}
	}
}

func TestIdentify(t *testing.T) {
	rules := rulesOf(t, framing.Config{MaxRecord: 1 << 20})
	dir := t.TempDir()
	long := strings.Repeat("x", 100<<10) // longer than one look back
	content := "one\ntwo\r\n" + long + "\nlast"
	path := filepath.Join(dir, "a.log")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	tail := int64(len(content) - len("last"))
	for _, c := range []struct {
		name         string
		offset, want int64
		maxRecord    int
	}{
		{"the beginning", 0, 0, 1 << 20},
		{"a line's start", 4, 4, 1 << 20},
		{"inside a line", 2, 0, 1 << 20},
		{"between CR and LF", 8, 4, 1 << 20},
		{"inside the last line", tail + 2, tail, 1 << 20},
		{"the end", End, tail, 1 << 20},
		{"inside a long line", 9 + 90<<10, 9, 1 << 20},
		{"inside a line longer than a record", 9 + 90<<10, 9 + 90<<10, 1 << 10},
		{"inside a line of just a record", 9 + 1<<10, 9, 1 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Identify(path, c.offset, rulesOf(t, framing.Config{MaxRecord: c.maxRecord}), nil)
			if err != nil {
				t.Fatal(err)
			}
			if p.Offset != c.want || p.ID == (FileID{}) || p.Path != path || !p.valid() {
				t.Errorf("position %+v, want offset %d", p, c.want)
			}
			again, err := Identify(path, 0, rules, []Position{{ID: FileID{1}}, p})
			if err != nil || again.ID != p.ID {
				t.Errorf("known again as %s (%v), want %s", again.ID, err, p.ID)
			}
		})
	}
	known, err := Identify(path, End, rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := Identify(path, 0, rules, []Position{known}); err != nil || p.ID == known.ID || !p.Identity.SameFile(known.Identity) {
		t.Errorf("rewritten: %+v, %v; want the same file under a new id", p, err)
	}
	if _, err := Identify(path, 6, rules, nil); !errors.Is(err, ErrBeyondEnd) {
		t.Errorf("beyond the end: %v", err)
	}
	if _, err := Identify(path, -2, rules, nil); !errors.Is(err, ErrBeyondEnd) {
		t.Errorf("before the beginning: %v", err)
	}
	if _, err := Identify(dir, 0, rules, nil); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a directory: %v", err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Identify(pipe, 0, rules, nil); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a pipe: %v", err)
	}
	if _, _, err := Look(pipe); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a look at a pipe: %v", err)
	}
	if _, err := Identify(filepath.Join(dir, "none"), 0, rules, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestIdentifyHonoursFraming: no position is inside a character, a line end or a line as the framing has them.
func TestIdentifyHonoursFraming(t *testing.T) {
	wide := func(text string) string { // UTF-16LE
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return string(b)
	}
	long := strings.Repeat("x", 40<<10) // longer than one look back
	for _, c := range []struct {
		name         string
		cfg          framing.Config
		content      string
		offset, want int64
	}{
		{"LF bytes inside a character are no line end", framing.Config{Encoding: framing.UTF16LE}, wide("a\nb\u0a0ac"), End, 4},
		{"an odd offset", framing.Config{Encoding: framing.UTF16LE}, wide("a\nb"), 5, 4},
		{"an odd end", framing.Config{Encoding: framing.UTF16LE}, wide("a\n") + "b", End, 4},
		{"half a line end", framing.Config{Encoding: framing.UTF16LE}, wide("a\nb\n"), 7, 4},
		{"inside the byte order mark", framing.Config{Encoding: framing.UTF16}, wide("\ufeffa\n"), 1, 0},
		{"big-endian by its mark", framing.Config{Encoding: framing.UTF16}, "\xfe\xff\x00a\x00\n\x00b", End, 6},
		{"a line end of one's own", framing.Config{LineEnd: "||"}, "a|b\n||c", End, 6},
		{"inside it", framing.Config{LineEnd: "||"}, "a||b||c", 5, 3},
		{"a line end across two looks", framing.Config{LineEnd: "||", MaxRecord: 64 << 10}, "a||" + long[:lookBack-1], End, 3},
		{"inside a surrogate pair of an over-long line", framing.Config{Encoding: framing.UTF16LE, MaxRecord: 8}, wide(long + "\U0001F600y"), 80<<10 + 2, 80 << 10},
		{"inside a character of an over-long line", framing.Config{MaxRecord: 8}, long + "\u20acy", 40<<10 + 2, 40 << 10},
		{"after a character of an over-long line", framing.Config{MaxRecord: 8}, long + "\u20acy", 40<<10 + 3, 40<<10 + 3},
		{"bytes that are no character", framing.Config{MaxRecord: 8}, long + "\x80\x80\x80\x80", 40<<10 + 4, 40<<10 + 4},
		{"Latin-1", framing.Config{Encoding: framing.Latin1, MaxRecord: 8}, long + "\xe2y", 40<<10 + 1, 40<<10 + 1},
		{"nothing", framing.Config{Encoding: framing.UTF16LE}, "", End, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.log")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.cfg.MaxRecord == 0 {
				c.cfg.MaxRecord = 1 << 10
			}
			p, err := Identify(path, c.offset, rulesOf(t, c.cfg), nil)
			if err != nil || p.Offset != c.want || !p.valid() {
				t.Errorf("offset %d, %v; want %d", p.Offset, err, c.want)
			}
		})
	}
}

// TestIdentifyIsWhatATailerKeeps: a Tailer goes on from an identified position as from its own.
func TestIdentifyIsWhatATailerKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Identify(path, 5, rulesOf(t, framing.Config{MaxRecord: 1 << 20}), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	tl, err := New(Config{Paths: []string{path}, Known: []Position{p}, Once: true, Workers: 1, Handle: func(_ context.Context, b *Block) error {
		got = append(got, b.Data...)
		if b.ID != p.ID {
			t.Errorf("read as file %s, want %s", b.ID, p.ID)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tl.Run(t.Context()); err != nil || string(got) != "two\nthree\n" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestMatcher(t *testing.T) {
	m, err := NewMatcher([]string{"/var/log/*.log", "/srv/**/access"}, []string{"debug.log"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/var/log/a.log": true, "/var/log/a.log.1": true, "/var/log/a.log-20260101": true, "/srv/x/y/access": true,
		"/var/log/debug.log": false, "/var/log/a.txt": false, "/var/log/sub/a.log": false, "/var/log/a.log-errors": false,
	} {
		if got := m.Follows(path); got != want {
			t.Errorf("Follows(%s) = %v, want %v", path, got, want)
		}
	}
	if _, err := NewMatcher([]string{"relative"}, nil); err == nil {
		t.Error("a relative glob was taken")
	}
}
