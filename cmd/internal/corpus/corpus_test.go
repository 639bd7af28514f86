package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const access = `192.0.2.1 - - [05/Feb/2024:10:11:12 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"`

func TestExamine(t *testing.T) {
	many := func(line string) string { return strings.Repeat(line+"\r\n", 20) }
	for _, c := range []struct {
		name, data, format string
		lines, matched     int
		why                string // of the first line that does not match
	}{
		{"access log with a line that is cut off", many(access) + access[:len(access)-3] + "\n", "combined", 21, 20, "it has the format common"},
		{"a stray line, no last line end", many("Feb  5 10:11:12 h a[1]: x") + "\n" + `Secret-1: é`, "syslog", 22, 20, "it is empty"},
		{"log4j", many("2024-02-05 10:11:12,118 INFO [main] com.example.Main$1: x"), "grok", 20, 20, ""},
		{"nothing that is known", "Abc-1: é\n", "combined", 1, 0, "it has none of the formats (9 bytes, 0 quotes, begins with aaa-0: ??)"},
		{"empty", "", "combined", 0, 0, ""},
	} {
		r, err := examine(c.name, []byte(c.data))
		if err != nil {
			t.Fatal(err)
		}
		if r.format.name != c.format || r.lines != c.lines || r.matched != c.matched {
			t.Errorf("%s: %s, %d lines, %d matched", c.name, r.format.name, r.lines, r.matched)
		}
		if len(r.unmatched) == 0 != (c.why == "") || c.why != "" && r.unmatched[0].why != c.why {
			t.Errorf("%s: unmatched %v, want %s", c.name, r.unmatched, c.why)
		}
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := run(filepath.Join(dir, "missing"), os.Stderr); err == nil {
		t.Error("a folder that is missing is no error")
	}
	for _, name := range []string{"README.md", ".hidden"} {
		write(t, dir, name, "x\n")
	}
	if err := run(dir, os.Stderr); err == nil || !strings.Contains(err.Error(), "holds no logs") {
		t.Errorf("a folder without logs: %v", err)
	}
	write(t, dir, "a.log", access+"\nsecret\n")
	var out strings.Builder
	if err := run(dir, &out); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	if !strings.Contains(got, "| a.log | 2 | combined | 1 (50 %) |") || !strings.Contains(got, "line 2: it has none") || strings.Contains(got, "secret") {
		t.Errorf("printed %s", got)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		want        string
	}{{1, 1, "100 %"}, {0, 0, "100 %"}, {9999, 10000, "99.99 %"}, {99999, 100000, "99.99 %"}, {1, 2, "50 %"}, {2, 3, "66.66 %"}} {
		if got := share(c.part, c.whole); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.part, c.whole, got, c.want)
		}
	}
}
