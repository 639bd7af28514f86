package agent

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestStrangeNames follows files whose names hold what names seldom hold, through a rotation while weir is down: log, status and
// checkpoints must survive them, and positions must be found again.
func TestStrangeNames(t *testing.T) {
	b := newBench(t)
	names := []string{"new\nline.log", "bad\xff\xfeutf8.log", "quo\"te'd \\ $(x).log", "esc\x1b[31m.log", strings.Repeat("n", 240) + ".log", "d\xff\n/x.log"}
	if err := os.Mkdir(filepath.Join(b.logs, "d\xff\n"), 0o755); err != nil {
		t.Skip(err)
	}
	b.cfg.Flows[0].Read.Paths = append(b.cfg.Flows[0].Read.Paths, filepath.Join(b.logs, "*", "*.log"))
	write := func(text string) {
		t.Helper()
		for i, n := range names {
			f, err := os.OpenFile(filepath.Join(b.logs, n), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteString(strings.Repeat("n", i) + text + "\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("first")
	r := b.run()
	r.idle()
	text, err := json.Marshal(r.Status())
	if err != nil || !json.Valid(text) {
		t.Errorf("the status is no JSON: %v", err)
	}
	rows, err := r.Positions("")
	if err != nil || len(rows) != len(names) {
		t.Errorf("%d positions, want %d: %v", len(rows), len(names), err)
	}
	r.mustStop()
	write("unread")
	for _, n := range names {
		path := filepath.Join(b.logs, n)
		if err := os.Rename(path, path+".1"); err != nil {
			t.Fatal(err)
		}
	}
	write("new")
	r = b.run()
	eventually(t, "all lines", func() bool { return len(b.stream.count()) == 3*len(names) })
	r.mustStop()
	for line, n := range b.stream.count() {
		if n != 1 {
			t.Errorf("%q arrived %d times", line, n)
		}
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(b.log.String(), "\n"), "\n") {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "\x1b") || !utf8.ValidString(line) {
			t.Errorf("the log has a line %q", line)
		}
	}
}
