package servercmd

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeObject writes an object as the backend does.
func writeObject(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

const (
	logLine  = `203.0.113.7 - bob [05/Feb/2024:10:11:12 +0000] "GET /x HTTP/1.1" 200 17 "-" "curl"`
	jsonLine = `{"host":"203.0.113.7","ident":null,"authuser":"bob","time":"05/Feb/2024:10:11:12 +0000","method":"GET","path":"/x",` +
		`"protocol":"HTTP/1.1","status":200,"bytes":17,"referer":null,"agent":"curl"}` + "\n"
)

func TestTally(t *testing.T) {
	for _, test := range []struct {
		name             string
		structured       bool
		file, object     string
		missing, surplus int64
	}{
		{"all there", false, "a\nb\r\nc", "c\nb\r\na\n", 0, 0},
		{"one missing", false, "a\nb\n", "a\n", 1, 0},
		{"one twice", false, "a\nb\n", "a\nb\nb\n", 0, 1},
		{"equal lines", false, "a\na\na\n", "a\na\na\n", 0, 0},
		{"one of the equal lines missing", false, "a\na\na\n", "a\na\n", 1, 0},
		{"one damaged", false, "a\nb\n", "a\nB\n", 1, 1},
		{"the carriage return lost", false, "a\r\n", "a\n", 1, 1},
		{"empty lines", false, "\n\n\r\n", "\n\n\r\n", 0, 0},
		{"over-long line in pieces", false, strings.Repeat("x", 25) + "\n", "xxxxxxxxxx\nxxxxxxxxxx\nxxxxx\n", 0, 0},
		{"a line of two pieces exactly", false, strings.Repeat("x", 20) + "\ny\n", "xxxxxxxxxx\nxxxxxxxxxx\ny\n", 0, 0},
		{"a line of one piece exactly", false, strings.Repeat("x", 10) + "\r\ny\n", "xxxxxxxxxx\r\ny\n", 0, 0},
		{"converted", true, logLine + "\r\n", jsonLine, 0, 0},
		{"converted and missing", true, logLine + "\n" + logLine + "\n", jsonLine, 1, 0},
		{"not matched", true, "stray\r\nline \"q\"\n", `{"message":"stray"}` + "\n" + `{"message":"line \"q\""}` + "\n", 0, 0},
		{"invalid UTF-8", true, "a\xff\xfeb\n", "{\"message\":\"a\ufffd\ufffdb\"}\n", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "app.log")
			if err := os.WriteFile(file, []byte(test.file), 0o644); err != nil {
				t.Fatal(err)
			}
			writeObject(t, filepath.Join(dir, "objects", "2026", "o.gz"), test.object)
			writeObject(t, filepath.Join(dir, "objects", ".half-written"), "never\n")
			writeObject(t, filepath.Join(dir, "objects", ".weir", "o.gz"), "never\n")
			limit := 1000
			if strings.Contains(test.name, "piece") {
				limit = 10
			}
			tally := newTally(limit)
			defer tally.close()
			// The object may be seen before the lines are: the order must not matter.
			for _, step := range []func() error{
				func() error { return tally.collect(filepath.Join(dir, "objects"), test.structured) },
				func() error { return tally.read("id", file, test.structured, int64(len(test.file))/2, false) },
				func() error { return tally.read("id", file, test.structured, int64(len(test.file)), true) },
				func() error { return tally.collect(filepath.Join(dir, "objects"), test.structured) },
			} {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
			if tally.missing() != test.missing || tally.surplus != test.surplus {
				t.Errorf("missing %d, surplus %d; want %d and %d", tally.missing(), tally.surplus, test.missing, test.surplus)
			}
		})
	}
}

func TestReachCountsWhatTheAgentNeverRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(file, []byte("a\nb\nc\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tally := newTally(1000)
	defer tally.close()
	if err := tally.read("id", file, false, 2, false); err != nil {
		t.Fatal(err)
	}
	if err := tally.reach(demoFile{path: file, size: 6}); err != nil {
		t.Fatal(err)
	}
	if err := tally.reach(demoFile{path: file, size: 6}); err != nil {
		t.Fatal(err)
	}
	if tally.missing() != 3 {
		t.Errorf("missing %d of the 3 lines that are in no object", tally.missing())
	}
}
