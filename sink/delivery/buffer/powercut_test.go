package buffer

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weir-logs/weir/sink/delivery/internal/faulty"
)

// world is what there is beside the buffer: what was acknowledged, and the objects that were stored.
type world struct {
	mu      sync.Mutex
	acked   map[string]bool
	maybe   map[string]bool // appended, no answer seen
	objects map[string]string
	faults  []string
}

func (w *world) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// store keeps an object; the same key must come with the same bytes.
func (w *world) store(key, data string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old, ok := w.objects[key]; ok && old != data {
		w.fault("object %s came again with other bytes", key)
	}
	w.objects[key] = data
}

// check compares what was acknowledged with what the objects hold.
func (w *world) check() []string {
	count := map[string]int{}
	for _, data := range w.objects {
		for line := range strings.Lines(data) {
			count[strings.TrimSpace(line)]++
		}
	}
	faults := slices.Clone(w.faults)
	for _, line := range slices.Sorted(maps.Keys(w.acked)) {
		if count[line] == 0 {
			faults = append(faults, "lost: "+line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(count)) {
		if count[line] > 1 {
			faults = append(faults, fmt.Sprintf("%d times: %s", count[line], line))
		}
		if !w.acked[line] && !w.maybe[line] {
			faults = append(faults, "never appended: "+line)
		}
	}
	return faults
}

// life runs a buffer until the disk has seen so many operations, and returns the disk as a power cut leaves it then.
func (w *world) life(t *testing.T, disk *vfs.MemFS, rng *rand.Rand, cutAfter int, lieAboutSync bool) *vfs.MemFS {
	var after *vfs.MemFS
	ops := 0
	blocks := rand.New(rand.NewPCG(rng.Uint64(), 2)) // chooses what the cut keeps
	cutMu := sync.Mutex{}
	cfg := config(errorfs.Wrap(disk, faulty.Inject(func(op errorfs.Op) error {
		cutMu.Lock()
		defer cutMu.Unlock()
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			ops++
		}
		if ops == cutAfter && after == nil {
			w.mu.Lock() // no answer may be noted between the cut and the end of this life
			defer w.mu.Unlock()
			after = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: blocks})
		}
		if after != nil {
			return fmt.Errorf("no power")
		}
		return nil
	})))
	if lieAboutSync {
		cfg.FS = lyingFS{cfg.FS}
	}
	cfg.Report = nil
	generation := rng.Uint64()
	cfg.Object = func(time.Time) Object { return Object{Key: fmt.Sprintf("%x", rand.Uint64())} }
	b, err := Open(cfg)
	if err != nil {
		if after == nil {
			t.Fatal(err)
		}
		return after
	}
	defer b.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	dead := func() bool {
		cutMu.Lock()
		defer cutMu.Unlock()
		return after != nil
	}
	group.Go(func() { w.deliver(ctx, b, dead) })
	for worker := range 4 {
		seed := rng.Uint64()
		group.Go(func() {
			w.produce(ctx, b, fmt.Sprintf("%x-%d", generation, worker), rand.New(rand.NewPCG(seed, 0)), dead)
		})
	}
	for !dead() {
		time.Sleep(100 * time.Millisecond) // of the bubble's time: lets the workers go on, and intervals pass
	}
	return after
}

// lyingFS says that it synced.
type lyingFS struct{ vfs.FS }
type lyingFile struct{ vfs.File }

func (f lyingFile) SyncData() error { return nil }
func (f lyingFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	file, err := f.FS.OpenReadWrite(name, c, o...)
	return lyingFile{file}, err
}

func (w *world) produce(ctx context.Context, b *Buffer, name string, rng *rand.Rand, dead func() bool) {
	for n := 0; !dead(); n++ {
		var all Batch
		var lines []string
		for i := range 1 + rng.IntN(4) {
			line := fmt.Sprintf("%s-%d-%d-%s", name, n, i, strings.Repeat("x", rng.IntN(200)))
			lines = append(lines, line)
			all.Records = append(all.Records, Record{Data: []byte(line + "\n"), Arrival: time.Now()})
		}
		w.mu.Lock()
		for _, line := range lines {
			w.maybe[line] = true
		}
		w.mu.Unlock()
		err := b.Append(ctx, all)
		if dead() {
			return // the answer came after the cut: nobody heard it
		}
		if err == nil {
			w.mu.Lock()
			for _, line := range lines {
				w.acked[line] = true
			}
			w.mu.Unlock()
		}
		time.Sleep(time.Duration(rng.IntN(20)) * time.Second)
	}
}

func (w *world) deliver(ctx context.Context, b *Buffer, dead func() bool) {
	for {
		s, err := b.Next(ctx)
		if err != nil || dead() {
			return
		}
		var data strings.Builder
		if _, err := s.WriteTo(&data); err != nil {
			if !dead() {
				w.mu.Lock()
				w.fault("read %s: %v", s.File(), err)
				w.mu.Unlock()
			}
			return
		}
		w.store(s.Seal().Key, data.String())
		if s.Delivered() != nil {
			return
		}
	}
}

// drain delivers what the last cut left.
func (w *world) drain(t *testing.T, disk *vfs.MemFS) {
	cfg := config(disk)
	cfg.Report = nil
	cfg.Object = func(time.Time) Object { return Object{Key: fmt.Sprintf("%x", rand.Uint64())} }
	b := open(t, cfg)
	time.Sleep(2 * time.Minute)
	synctest.Wait()
	for s := tryNext(t, b); s != nil; s = tryNext(t, b) {
		w.store(s.Seal().Key, content(t, s))
	}
	b.Close()
}

func cutPower(t *testing.T, seed uint64, lie bool) *world {
	w := &world{acked: map[string]bool{}, maybe: map[string]bool{}, objects: map[string]string{}}
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(seed, 1))
		disk := vfs.NewCrashableMem()
		for range 5 {
			disk = w.life(t, disk, rng, 1+rng.IntN(60), lie)
		}
		w.drain(t, disk)
	})
	return w
}

func TestPowerCuts(t *testing.T) {
	acked := 0
	for seed := range uint64(150) {
		w := cutPower(t, seed, false)
		acked += len(w.acked)
		if faults := w.check(); len(faults) > 0 {
			t.Errorf("seed %d: %d acknowledged, faults:\n%s", seed, len(w.acked), strings.Join(faults, "\n"))
		}
	}
	if acked < 1000 {
		t.Errorf("only %d records were acknowledged before the cuts: the test looks at nothing", acked)
	}
	t.Logf("150 seeds, 5 cuts each, %d records acknowledged", acked)
}

// The check finds what it is there for.
func TestPowerCutCheckCanFail(t *testing.T) {
	lost := 0
	for seed := range uint64(10) {
		for _, fault := range cutPower(t, seed, true).check() {
			if strings.HasPrefix(fault, "lost: ") {
				lost++
			}
		}
	}
	if lost == 0 {
		t.Error("a disk that does not sync loses nothing, it says")
	}
	w := &world{acked: map[string]bool{"a": true, "b": true}, objects: map[string]string{"k": "b\nb\n"}}
	w.store("k", "b\n")
	want := "object k came again with other bytes; lost: a"
	if got := strings.Join(w.check(), "; "); got != want {
		t.Errorf("check says %q, want %q", got, want)
	}
	w.store("l", "b\nc\n")
	if got := strings.Join(w.check(), "; "); got != want+"; 2 times: b; never appended: c" {
		t.Errorf("check says %q", got)
	}
}
