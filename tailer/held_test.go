package tailer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestHeldWhileTheHandlerBlocks: max_held bounds what deleted files take when it is needed most, while every worker waits for a destination that
// does not answer, whether the handler listens to its context or not. All that is lost is reported.
func TestHeldWhileTheHandlerBlocks(t *testing.T) {
	for name, deaf := range map[string]bool{"until its context ends": false, "whatever happens": true} {
		t.Run(name, func(t *testing.T) {
			const files, size = 8, 1000
			dir, back, seen := t.TempDir(), make(chan struct{}), recorder{}
			blocks := func(ctx context.Context, b *Block) error {
				if len(b.Ends) > 0 {
					if deaf {
						ctx = t.Context()
					}
					select {
					case <-back:
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				}
				return seen.handle(ctx, b)
			}
			path := func(i int) string { return filepath.Join(dir, fmt.Sprintf("%d.log", i)) }
			for i := range files / 2 {
				appendTo(t, path(i), strings.Repeat("x", size-1)+"\n")
			}
			tl, stop := run(t, Config{Paths: []string{filepath.Join(dir, "*.log")}, Handle: blocks, Observe: seen.observe,
				ScanInterval: 10 * time.Millisecond, MaxHeld: 2*size + size/2})
			release := sync.OnceFunc(func() { close(back) })
			t.Cleanup(release)
			met := func(n int) func() bool {
				return func() bool { tl.mu.Lock(); defer tl.mu.Unlock(); return len(tl.opened) == n }
			}
			eventually(t, "the first files are open", met(files/2))
			for i := files / 2; i < files; i++ { // nobody gets to look into these, so that their size is not known
				appendTo(t, path(i), "")
			}
			eventually(t, "all files are open", met(files))
			for i := files / 2; i < files; i++ {
				appendTo(t, path(i), strings.Repeat("x", size-1)+"\n")
			}
			for i := range files {
				if err := os.Remove(path(i)); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "two files are left", func() bool { return len(deletedOpen(t, dir)) <= 2 })
			release()
			eventually(t, "all is sent or reported", func() bool {
				seen.mu.Lock()
				defer seen.mu.Unlock()
				bytes := int64(len(seen.records) * size)
				for _, e := range seen.events {
					if e.Kind == FileGone && e.Deleted {
						bytes += e.Bytes
					}
				}
				return bytes == files*size
			})
			stop()
		})
	}
}

// TestStopReportsDeleted: what a deleted file holds that is unread when the run ends is gone with its descriptor, and is a gap. A file with a name
// is none.
func TestStopReportsDeleted(t *testing.T) {
	dir, seen := t.TempDir(), recorder{}
	deleted, kept := filepath.Join(dir, "deleted.log"), filepath.Join(dir, "kept.log")
	blocks := func(ctx context.Context, b *Block) error {
		if len(b.Ends) > 0 && string(b.Record(0)) != "1\n" {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		return seen.handle(ctx, b)
	}
	appendTo(t, deleted, "1\n")
	appendTo(t, kept, "1\n")
	_, stop := run(t, Config{Paths: []string{filepath.Join(dir, "*.log")}, Handle: blocks, Observe: seen.observe, ScanInterval: 10 * time.Millisecond})
	eventually(t, "both are read", func() bool { return seen.count() == 2 })
	appendTo(t, deleted, "22\n")
	appendTo(t, kept, "22\n")
	if err := os.Remove(deleted); err != nil {
		t.Fatal(err)
	}
	stop()
	var gaps []Event
	for _, e := range seen.events {
		if e.Kind == FileGone {
			gaps = append(gaps, e)
		}
	}
	if len(gaps) != 1 || gaps[0].Path != deleted || gaps[0].Offset != 2 || gaps[0].Bytes != 3 || !gaps[0].Deleted || gaps[0].ID == (FileID{}) {
		t.Errorf("gaps %+v, want the 3 bytes of %s behind offset 2", gaps, deleted)
	}
}

// deletedOpen returns the deleted files of a directory that this process holds open.
func deletedOpen(t *testing.T, dir string) (names []string) {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	for _, fd := range fds {
		name, _ := os.Readlink(filepath.Join("/proc/self/fd", fd.Name()))
		if strings.HasPrefix(name, dir) && strings.HasSuffix(name, " (deleted)") {
			names = append(names, name)
		}
	}
	return names
}
