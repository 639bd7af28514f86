package agentcmd

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/original"
	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/tailer"
)

func TestDescribeChange(t *testing.T) {
	id := tailer.FileID{0xab}.String()
	for _, c := range []struct {
		change positions.Change
		want   string
	}{
		{positions.Change{From: -1, To: 5}, "set to 5"},
		{positions.Change{From: 5, To: 0}, "set to 0, was at 5"},
		{positions.Change{From: 5, To: -1, Note: "why"}, "forgotten, was at 5 (why)"},
		{positions.Change{From: 5, To: 5}, "stays at 5"},
	} {
		c.change.ID, c.change.Path = tailer.FileID{0xab}, "/a"
		if got := describeChange("web", c.change); got != "flow web: /a ("+id+"): "+c.want {
			t.Errorf("%+v: %q, want %q", c.change, got, c.want)
		}
	}
}

func TestShowPositions(t *testing.T) {
	var out bytes.Buffer
	rows := []positions.Row{{Flow: "web", Destination: "stream/a", Path: "/a", Found: true, Offset: 1, Size: 3, Lag: 2, Saved: time.Unix(0, 0)}, {Flow: "web", Path: "/b", Size: -1}}
	if err := showPositions(&out, rows); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || !strings.HasSuffix(lines[1], "  /a") || !strings.Contains(lines[2], "  -     -    ") || !strings.HasSuffix(lines[2], "/b (not found)") {
		t.Errorf("got\n%s", &out)
	}
}

// TestLedgerWaitsForTheLock: a state folder that another command has just now is no reason to give up.
func TestLedgerWaitsForTheLock(t *testing.T) {
	c := decode(t)
	c.StateDir = t.TempDir()
	c.Socket = filepath.Join(c.StateDir, "weir.sock")
	store, err := checkpoint.Open(checkpoint.StoreConfig{Dir: c.StateDir})
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	nothing := func(ledger) error { return nil }
	list := func(l ledger) error { _, err := l.list(""); return err }
	if err := withLedger(short, c, ledgerReads, list); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while it is locked: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- withLedger(t.Context(), c, ledgerReads, list) }()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("after it was unlocked: %v", err)
	}
	if err := withLedger(t.Context(), c, ledgerWrites, nothing); err != nil {
		t.Error(err)
	}
}

func TestShowImport(t *testing.T) {
	var out bytes.Buffer
	plan := original.Import{Notes: []string{"mind this"}, Lines: []original.Line{
		{Flow: "web", Path: "/a", Offset: 5, Size: 9, Imported: true, Row: &original.Row{}},
		{Flow: "web", Path: "/a.1", Offset: 9, Size: 9, Imported: true, Finished: true, Reason: "old"},
		{Flow: "web", Path: "/c", Offset: 9, Size: 9, Imported: true, Row: &original.Row{}},
		{Path: "/b\x1b[2J", Row: &original.Row{Flow: "fh:x:/b"}, Reason: "no"},
	}}
	settle(plan.Lines, "web", []positions.Change{{Path: "/a", From: -1, To: 4, Note: "moved"}, {Path: "/a.1", From: -1, To: -1}, {Path: "/c", From: 7, To: 7, Note: "stays"}})
	if err := showImport(&out, plan, true); err != nil {
		t.Fatal(err)
	}
	want := "flow web: /a: reads on at 4 of 9 (moved)\nflow web: /a.1: reads on at 9 of 9 (old)\nflow web: /c: reads on at 7 of 9 (stays)\nnot imported: fh:x:/b: \"/b\\x1b[2J\": no\nnote: mind this\n" +
		"1 row to import, 1 file without a row taken for finished, 1 file known already, 1 row not imported\n"
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}
