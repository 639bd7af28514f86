package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// short returns options of a run that takes a second or two for each case, with programs built from the sources next to this one.
func short(t *testing.T) options {
	t.Helper()
	bin := t.TempDir()
	cmd := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "../../weir", "../../weir-agent")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return options{bin: bin, seed: uint64(time.Now().UnixNano()), rate: 20000, duration: time.Second, patience: 20 * time.Second}
}

func TestTorture(t *testing.T) {
	o := short(t)
	t.Run("short table", func(t *testing.T) { shortTable(t, o) })
	t.Run("can fail", func(t *testing.T) { canFail(t, o) })
}

// shortTable runs a few of the cases for a moment each; `make torture` runs them all.
func shortTable(t *testing.T, o options) {
	names := []string{
		"rename, writer keeps the old file 50-200 ms",
		"kill -9, rename",
	}
	if !testing.Short() {
		names = append(names,
			"rename, eight times in a burst",
			"deleted while unread, backend refuses",
			"hard links, all names in the pattern",
			"5 % of the records refused",
			"delivery stream: 5 % of the records refused",
		)
	}
	for _, c := range scenarios() {
		if !slices.Contains(names, c.name) {
			continue
		}
		r := run(t.Context(), c, o)
		var line strings.Builder
		r.print(&line)
		t.Logf("seed %d: %s", o.seed, &line)
		if !r.ok() {
			t.Errorf("seed %d: %s: %q %s", o.seed, c.name, r.Broken, r.Error)
		}
	}
}

// canFail breaks the agent's promises from outside: what it had not read is removed, and its positions are forgotten.
func canFail(t *testing.T, o options) {
	o.patience = 3 * time.Second
	lost := run(t.Context(), scenario{name: "unread lines removed", play: whileDown(func(_ context.Context, t *trial) error {
		if err := os.Remove(t.w.path); err != nil {
			return err
		}
		return t.w.reopen()
	})}, o)
	if lost.Lost == 0 || !slices.Equal(lost.Broken, []string{"lines are lost"}) {
		t.Errorf("unread lines removed: %+v", lost)
	}
	twice := run(t.Context(), scenario{name: "positions forgotten", play: whileDown(func(_ context.Context, t *trial) error {
		if err := os.RemoveAll(t.path("state")); err != nil {
			return err
		}
		return os.Mkdir(t.path("state"), 0o755)
	})}, o)
	if twice.Lost != 0 || twice.Duplicated == 0 || !slices.Equal(twice.Broken, []string{"more is duplicated than may be"}) {
		t.Errorf("positions forgotten: %+v", twice)
	}
	invented := run(t.Context(), scenario{name: "a foreign line", play: func(ctx context.Context, t *trial) error {
		return t.rotating(ctx, t.o.duration, 1, func(int) error {
			return t.w.locked(func() error {
				_, err := t.w.file.WriteString("who wrote this?\n")
				return err
			})
		})
	}}, o)
	if invented.Foreign != 1 || invented.Lost != 0 || len(invented.Broken) != 1 {
		t.Errorf("a foreign line: %+v", invented)
	}
	var out bytes.Buffer
	lost.print(&out)
	if !strings.Contains(out.String(), "BROKEN: lines are lost") || !strings.Contains(out.String(), "lost L0000") {
		t.Errorf("printed %s", &out)
	}
	out.Reset()
	if err := lost.printJSON(&out); err != nil || !strings.Contains(out.String(), `"lost":`) {
		t.Errorf("printed %s, %v", &out, err)
	}
}

func TestEveryCaseIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/torture.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range scenarios() {
		if seen[c.name] {
			t.Errorf("two cases are called %q", c.name)
		}
		seen[c.name] = true
		if !strings.Contains(string(page), c.name) {
			t.Errorf("docs/torture.md has no case %q", c.name)
		}
	}
}

func TestChoose(t *testing.T) {
	for only, want := range map[string]int{"": len(scenarios()), "no rotation": 2, "^no rotation$|^rename, agent down$": 2, "nonsense": 0, "(": 0} {
		chosen, err := choose(only)
		if len(chosen) != want || (err == nil) != (want > 0) {
			t.Errorf("--only %q chose %d cases, %v", only, len(chosen), err)
		}
	}
}

// TestWriter rotates in every way and finds each line once.
func TestWriter(t *testing.T) {
	dir := t.TempDir()
	w, err := newWriter(3, filepath.Join(dir, "app.log"), 10000)
	if err != nil {
		t.Fatal(err)
	}
	tr := &trial{w: w, dir: dir}
	for i, rotate := range []func(to string) error{
		tr.rename,
		tr.copytruncate,
		func(to string) error { return tr.renameLate(t.Context(), to, 0, 0) },
		func(to string) error {
			if err := tr.rename(to); err != nil {
				return err
			}
			return compress(to, ".gz")
		},
		func(to string) error {
			if err := tr.rename(to); err != nil {
				return err
			}
			return compress(to, ".zst")
		},
	} {
		if err := w.tick(time.Duration(i+1) * 100 * time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if err := rotate(tr.generation(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.burst(100 * meanLine); err != nil {
		t.Fatal(err)
	}
	if w.written() != 5*1000+100 {
		t.Errorf("%d lines written", w.written())
	}
	tally := newTally()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tally.add(plain(t, file, content))
	}
	if v := tally.judge([]int{0, 0, 0, w.written()}); v.Lost+v.Duplicated+v.Foreign != 0 || v.Delivered != w.written() || len(files) != 6 {
		t.Errorf("%d files: %+v", len(files), v)
	}
}

func plain(t *testing.T, file string, content []byte) []byte {
	t.Helper()
	var r io.Reader
	var err error
	switch filepath.Ext(file) {
	case ".gz":
		r, err = gzip.NewReader(bytes.NewReader(content))
	case ".zst":
		r, err = zstd.NewReader(bytes.NewReader(content))
	default:
		return content
	}
	if err == nil {
		content, err = io.ReadAll(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return content
}
