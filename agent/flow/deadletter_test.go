package flow

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

// lettersRig makes a flow that buries every line.
func lettersRig(t *testing.T, maxSize int64) *rig {
	return newRig(t, func(c *Config) {
		c.Parse = config.Parse{Format: "json", OnMismatch: config.MismatchDeadLetter}
		c.Encode.Format = "json"
		c.Letters.cfg.MaxSize, c.Letters.file.max = maxSize, maxSize
	}, newFake())
}

func TestFullDeadLettersStopReading(t *testing.T) {
	r := lettersRig(t, 4000)
	line := strings.Repeat("x", 900) + "\n"
	for range 3 {
		r.handle(t, line) // base64 makes 1200 of each, and some for the envelope
	}
	eventually(t, "full", func() bool { return r.letters.State().Full })
	state := r.letters.State()
	if state.Written != 2 || state.Waiting != 1 || r.frontier() != 2*901 || !strings.Contains(state.Error, "full") {
		t.Errorf("state %+v, acknowledged to %d; want 2 letters on disk and 1 waiting", state, r.frontier())
	}
	big := strings.Repeat("y", maxQueued) + "\n"
	r.handle(t, big) // still taken into memory: the last that is
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := r.Handle(ctx, ctx, r.block(line)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("reading went on over full dead letters: %v", err)
	}
	moved := state.Path + ".moved"
	if err := os.Rename(state.Path, moved); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the third letter on disk", func() bool { return r.letters.State().Written == 3 })
	if got := len(readLetters(t, moved)); got != 2 {
		t.Errorf("%d letters in the file that was moved away, want 2", got)
	}
	if err := os.Remove(state.Path); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the letter that is larger than the file may be", func() bool { return r.letters.State().Waiting == 0 })
	if got := readLetters(t, state.Path); len(got) != 1 || string(got[0].Data) != big {
		t.Errorf("%d letters in the new file, want the large one alone", len(got))
	}
	if state := r.letters.State(); state.Full || state.Error != "" {
		t.Errorf("state %+v after all is written", state)
	}
}

// TestLettersFillTheDisk: what the disk has room for is written, though all that waits does not fit.
func TestLettersFillTheDisk(t *testing.T) {
	f := newLetterFile(DeadLetterConfig{Flow: "web", Dir: t.TempDir(), MaxSize: 8 << 20})
	defer f.close()
	old := `{"v":1,"data":"` + strings.Repeat("A", 4<<20) + "\"}\n" // so large that the limit below is met by no other file
	if err := os.WriteFile(f.path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	group := make([]queued, 50)
	for i := range group {
		group[i].letter.Data = bytes.Repeat([]byte("x"), 900) // base64 makes 1200 of each, and some for the envelope
	}
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := before
	limit.Cur = uint64(len(old)) + 20_000 // stands for the room on the disk: beyond it writing fails
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	written := 0
	for range 10 {
		n, _ := f.append(group[written:]) // it fails until the piece is small enough
		written += n
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if got := len(readLetters(t, f.path)) - 1; got != written || written < 10 {
		t.Errorf("%d letters are on disk and %d are said to be; there is room for 10", got, written)
	}
}

func TestTornLetterIsCutOff(t *testing.T) {
	r := lettersRig(t, 1<<20)
	path := r.letters.State().Path
	whole := `{"v":1,"reason":"whole"}` + "\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(whole+`{"v":1,"data":"`+strings.Repeat("A", 9000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.handle(t, "broken\n")
	eventually(t, "the letter on disk", func() bool { return r.letters.State().Written == 1 })
	got := readLetters(t, path)
	if len(got) != 2 || got[0].Reason != "whole" || string(got[1].Data) != "broken\n" {
		t.Errorf("letters %+v", got)
	}
}

func TestForeignFileIsLeftAlone(t *testing.T) {
	r := lettersRig(t, 1<<20)
	path := r.letters.State().Path
	foreign := []byte("somebody's only copy")
	if err := os.WriteFile(path, foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	r.handle(t, "broken\n")
	eventually(t, "the error in the state", func() bool { return strings.Contains(r.letters.State().Error, "move it away") })
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, foreign) {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if got := r.frontier(); got != -1 {
		t.Errorf("acknowledged to %d with the letter in memory", got)
	}
}

func TestOneWriterPerFile(t *testing.T) {
	one, two := lettersRig(t, 1<<20), lettersRig(t, 1<<20)
	two.letters.file.path = one.letters.file.path
	one.handle(t, "broken\n")
	eventually(t, "the first writer's letter on disk", func() bool { return one.frontier() == one.offset })
	two.handle(t, "broken\n")
	eventually(t, "the second writer is told", func() bool { return strings.Contains(two.letters.State().Error, "another process") })
}

func TestDeadLettersRetryWhenTheFolderFails(t *testing.T) {
	r := lettersRig(t, 1<<20)
	path := r.letters.State().Path
	dir := filepath.Dir(path)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	r.handle(t, "broken\n")
	eventually(t, "the error in the state", func() bool { return r.letters.State().Error != "" })
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all acknowledged", func() bool { return r.frontier() == r.offset })
}

func TestCloseDrains(t *testing.T) {
	letters := NewDeadLetters(DeadLetterConfig{Flow: "a/b", Dir: t.TempDir(), MaxSize: 1 << 20})
	r := newRig(t, nil, newFake())
	claim, err := r.tracker.Claim(t.Context(), r.block("x\n"))
	if err != nil {
		t.Fatal(err)
	}
	letters.add(Letter{Reason: "why", Data: []byte("x\n")}, claim)
	letters.Close()
	if err := letters.Run(t.Context()); err != nil {
		t.Errorf("Run: %v", err)
	}
	claim.Release()
	if got := readLetters(t, letters.State().Path); len(got) != 1 || r.frontier() != 2 {
		t.Errorf("%d letters, acknowledged to %d; want 1 and 2", len(got), r.frontier())
	}
	if dir := filepath.Dir(letters.State().Path); dir != letters.cfg.Dir {
		t.Errorf("a flow's name led the file into %s", dir)
	}
}

func TestRunEndsWithContext(t *testing.T) {
	letters := NewDeadLetters(DeadLetterConfig{Flow: "f", Dir: t.TempDir(), MaxSize: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := letters.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v, want %v", err, context.Canceled)
	}
}

// TestShortLettersAreBounded: a million letters of a byte each take a quarter of a gigabyte, whatever their data add up to.
func TestShortLettersAreBounded(t *testing.T) {
	letters := NewDeadLetters(DeadLetterConfig{Flow: "web", Dir: t.TempDir(), MaxSize: 1 << 20})
	tracker := checkpoint.NewTracker(checkpoint.TrackerConfig{Flow: "web", Destinations: []string{"d"}, InFlight: 1 << 20, Wake: func() {}})
	claim, err := tracker.Claim(t.Context(), &tailer.Block{ID: fileID})
	if err != nil {
		t.Fatal(err)
	}
	full, cancel := context.WithCancel(t.Context())
	cancel() // a wait that would wait returns
	n := 0
	for letters.wait(full) == nil && n < 1<<20 {
		letters.add(Letter{Cause: CauseMismatch, Data: []byte("x")}, claim)
		n++
	}
	if most := maxQueued / 256; n > most {
		t.Errorf("%d letters of one byte wait for the disk, want at most %d", n, most)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	letters.Close()
	if err := letters.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := letters.wait(full); err != nil {
		t.Errorf("no room once all letters are on disk: %v", err)
	}
}
