package tailer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unseen makes n generations that no run has seen, each with what text gives for it, and a copy of the log that was followed.
func unseen(t testing.TB, n int, text func(int) string) *rig {
	r := newRig(t, t.TempDir())
	path := filepath.Join(r.dir, "app.log")
	appendTo(t, path, text(n))
	r.start()
	r.stop()
	if err := os.Rename(path, fmt.Sprintf("%s.%d", path, n+1)); err != nil {
		t.Fatal(err)
	}
	r.tick("no such name")
	for i := range n {
		appendTo(t, fmt.Sprintf("%s.%d", path, n-i), text(i))
	}
	appendTo(t, fmt.Sprintf("%s.%d", path, n+2), text(n))
	appendTo(t, path, text(n+1))
	return r
}

// TestManyUnseen: what it takes to tell generations from copies grows with their number, not with its square.
func TestManyUnseen(t *testing.T) {
	for name, text := range map[string]func(int) string{
		"tiny":  func(i int) string { return fmt.Sprintf("%d\n", i) },
		"short": func(i int) string { return fmt.Sprintf("2026-11-23T00:%02d:%02d started %d\n", i/60, i%60, i) },
		"long":  func(i int) string { return fmt.Sprintf("%d %s\n", i, strings.Repeat("x", 2*headSize)) },
	} {
		t.Run(name, func(t *testing.T) {
			const n = 400
			r := unseen(t, n, text)
			defer r.stop()
			r.start()
			if most := 16 * n; r.worker.compared > most { // each with the live log, and a few that begin alike: more where no birth time rules the younger out
				t.Errorf("%d generations took %d comparisons, want at most %d", n, r.worker.compared, most)
			}
			r.look()
			r.look()
			var want []string
			for i := range n + 2 {
				want = append(want, text(i))
			}
			slices.Sort(want)
			slices.Sort(r.records)
			if !slices.Equal(r.records, want) {
				t.Errorf("%d records, want each of %d once, the copy's not", len(r.records), len(want))
			}
			if r.tailer.heads.families != nil {
				t.Error("the index is kept though nothing waits")
			}
		})
	}
}

// BenchmarkUnseen reads 3,000 generations that nobody has seen, as are left by two days without weir and a rotation each minute.
func BenchmarkUnseen(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		r := unseen(b, 3000, func(i int) string { return fmt.Sprintf("%08d generation\n", i) })
		b.StartTimer()
		r.start()
		b.StopTimer()
		r.stop()
		b.StartTimer()
	}
}
