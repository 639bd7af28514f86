package parsers

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// TestGolden converts small logs that were made up, with the traits of real ones, and compares the records with the files beside them.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		file, format string
		opt          Options
		matched      int
	}{
		{"access.log", "combined", Options{Infer: true}, 8},
		{"vhost.log", "vhost_combined", Options{Infer: true}, 2},
		{"apache_error.log", "apache_error", Options{Infer: true}, 10},
		{"syslog.log", "syslog", Options{Infer: true}, 11},
		{"services.log", "logfmt", Options{Infer: true}, 4},
		{"orders.csv", "csv", Options{Infer: true, Columns: []string{"day", "name", "price", "paid", "note"}, KeepLine: "line"}, 3},
		{"events.log", "json", Options{}, 3},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		p, toJSON, toRaw := mustParser(t, c.format, c.opt), mustEncoder(t, "json", EncodeOptions{}), mustEncoder(t, "raw", EncodeOptions{NoLineEnd: true})
		var rec Record
		var out, raw []byte
		matched := 0
		for line := range bytes.SplitAfterSeq(data, []byte("\n")) {
			if len(line) == 0 {
				continue
			}
			rec.End = line[len(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))):]
			rec.Line = line[:len(line)-len(rec.End)]
			if p.Parse(&rec) {
				matched++
			}
			from := len(out)
			out = toJSON.Append(out, &rec)
			if !json.Valid(out[from:]) {
				t.Errorf("%s: %q became %q", c.file, line, out[from:])
			}
			raw = append(toRaw.Append(raw, &rec), rec.End...)
		}
		if !bytes.Equal(raw, data) {
			t.Errorf("%s is another one as raw records", c.file)
		}
		if matched != c.matched {
			t.Errorf("%s: %d lines matched, want %d", c.file, matched, c.matched)
		}
		checkGolden(t, filepath.Join("testdata", c.file+".json"), out)
	}
}

func checkGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s (go test -update writes it anew):\n got %s\nwant %s", path, got, want)
	}
}
