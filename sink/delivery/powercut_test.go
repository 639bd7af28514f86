package delivery

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weir-logs/weir/sink/consumer/consumertest"
	"github.com/weir-logs/weir/sink/delivery/dest"
	"github.com/weir-logs/weir/sink/stream/store"
)

// world is what a power cut leaves alone: what clients remember, the source stream, the definitions.
type world struct {
	rng    *rand.Rand
	meta   store.Meta
	source *consumertest.Stream
	shards []string // open ones of the source

	mu      sync.Mutex
	acked   map[string]bool   // direct puts that were answered
	asked   map[string]bool   // direct puts
	sourced map[string]bool   // records of the stream
	sums    map[string]uint64 // of the bytes that were written under a key
	faults  []string
	inBuf   int // records that were in a buffer at a cut
	cuts    int
}

func newWorld(seed uint64) *world {
	return &world{
		rng: rand.New(rand.NewPCG(seed, 3)), meta: store.NewMemory(nil), source: consumertest.New("in", 2), shards: []string{"0", "1"},
		acked: map[string]bool{}, asked: map[string]bool{}, sourced: map[string]bool{}, sums: map[string]uint64{},
	}
}

// power is a disk that can lose it.
type power struct {
	w      *world
	disk   *vfs.MemFS
	blocks *rand.Rand // chooses what the cut keeps
	mu     sync.Mutex
	ops    int
	at     int // the operation before which the power goes; 0: never
	after  *vfs.MemFS
}

func (p *power) MaybeError(op errorfs.Op) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
		p.ops++
	}
	if p.ops == p.at && p.after == nil && p.at > 0 {
		p.w.mu.Lock() // no answer is noted while the disk is copied
		p.after = p.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: p.blocks})
		p.w.mu.Unlock()
	}
	if p.after != nil {
		return errors.New("no power")
	}
	return nil
}

func (p *power) String() string { return "power" }

func (p *power) gone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.after != nil
}

// lyingFS says that it synced the buffers.
type lyingFS struct{ vfs.FS }
type lyingFile struct{ vfs.File }

func (f lyingFile) SyncData() error { return nil }
func (f lyingFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	file, err := f.FS.OpenReadWrite(name, c, o...)
	if err != nil {
		return nil, err
	}
	return lyingFile{file}, nil
}

// witness sees what is written under each key.
type witness struct {
	dest.Store
	w *world
}

func (s witness) Put(ctx context.Context, key string, meta dest.Meta, body func(io.Writer) error) error {
	return s.Store.Put(ctx, key, meta, func(w io.Writer) error {
		sum := fnv.New64a()
		if err := body(io.MultiWriter(w, sum)); err != nil {
			return err
		}
		s.w.mu.Lock()
		defer s.w.mu.Unlock()
		if old, ok := s.w.sums[key]; ok && old != sum.Sum64() {
			s.w.faults = append(s.w.faults, "other bytes under the key "+key)
		}
		s.w.sums[key] = sum.Sum64()
		return nil
	})
}

// life runs a server on the disk until the power goes, or until everything is delivered, and returns the disk then.
func (w *world) life(t *testing.T, disk *vfs.MemFS, cutAt int, lie bool) *vfs.MemFS {
	p := &power{w: w, disk: disk, at: cutAt, blocks: rand.New(rand.NewPCG(w.rng.Uint64(), 5))}
	left := func() *vfs.MemFS {
		if p.after != nil {
			return p.after
		}
		return disk
	}
	var fsys vfs.FS = errorfs.Wrap(disk, p)
	if lie {
		fsys = lyingFS{fsys}
	}
	out, err := dest.NewDirectory(fsys, "data/out")
	if err != nil && !p.gone() {
		t.Fatal(err)
	}
	if err != nil {
		return left()
	}
	s, err := New(context.Background(), Config{
		Dir: "data/delivery", FS: fsys, Meta: w.meta, Source: w.source, Region: "r", Account: "a",
		Buckets: map[string]dest.Store{"logs": witness{out, w}},
	})
	if err != nil && !p.gone() {
		t.Fatal(err)
	}
	if err != nil {
		return left()
	}
	defer func() { _ = s.Close(context.Background()) }() // without power it cannot give its lock back
	for name, change := range map[string]func(*firehose.CreateDeliveryStreamInput){"direct": gzipped, "sourced": fromStream("in")} {
		_, err := s.CreateDeliveryStream(context.Background(), input(name, change))
		var exists *types.ResourceInUseException
		if err != nil && !errors.As(err, &exists) && !p.gone() {
			t.Fatal(err)
		}
	}
	if cutAt == 0 {
		settle(30 * time.Minute)
		return disk
	}
	w.use(s, p)
	for _, stats := range s.Stats() {
		w.inBuf += int(stats.BufferedRecords)
	}
	w.cuts++
	return left()
}

func gzipped(in *firehose.CreateDeliveryStreamInput) {
	in.ExtendedS3DestinationConfiguration.CompressionFormat = types.CompressionFormatGzip
	in.ExtendedS3DestinationConfiguration.BufferingHints.IntervalInSeconds = aws.Int32(20)
}

// use puts records directly and into the stream until the power goes.
func (w *world) use(s *Service, p *power) {
	var group sync.WaitGroup
	for range 3 {
		seed := w.rng.Uint64()
		group.Go(func() { w.putDirect(s, p, rand.New(rand.NewPCG(seed, 4))) })
	}
	for !p.gone() {
		for range w.rng.IntN(6) {
			line := fmt.Sprintf("s%x", w.rng.Uint64())
			w.sourced[line] = true
			w.source.Put(w.shards[w.rng.IntN(len(w.shards))], "k", []byte(line+"\n"))
		}
		if w.rng.IntN(10) == 0 {
			i := w.rng.IntN(len(w.shards))
			a, b := w.source.Split(w.shards[i])
			w.shards[i] = a
			w.shards = append(w.shards, b)
		}
		time.Sleep(time.Duration(1+w.rng.IntN(5000)) * time.Millisecond) // of the bubble
	}
	group.Wait()
}

func (w *world) putDirect(s *Service, p *power, rng *rand.Rand) {
	for !p.gone() {
		var lines []string
		in := &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("direct")}
		for range 1 + rng.IntN(5) {
			line := fmt.Sprintf("d%x", rng.Uint64())
			lines = append(lines, line)
			in.Records = append(in.Records, types.Record{Data: []byte(line + strings.Repeat(" ", padding(rng)) + "\n")})
		}
		w.mu.Lock()
		for _, line := range lines {
			w.asked[line] = true
		}
		w.mu.Unlock()
		out, err := s.PutRecordBatch(context.Background(), in)
		if p.gone() {
			return // nobody heard the answer
		}
		if err == nil {
			w.mu.Lock()
			for i, line := range lines {
				if out.RequestResponses[i].RecordId != nil {
					w.acked[line] = true
				}
			}
			w.mu.Unlock()
		}
		time.Sleep(time.Duration(rng.IntN(4000)) * time.Millisecond) // of the bubble
	}
}

// padding makes most records small and some so large that they fill a buffer.
func padding(rng *rand.Rand) int {
	if rng.IntN(20) == 0 {
		return rng.IntN(200_000)
	}
	return rng.IntN(500)
}

// objects returns how often each line is in the objects on a disk.
func objects(t *testing.T, disk *vfs.MemFS, dir string, count map[string]int) map[string]int {
	names, err := disk.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		path := dir + "/" + name
		info, err := disk.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			objects(t, disk, path, count)
			continue
		}
		f, err := disk.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(unpack(t, name, data)) {
			count[strings.TrimSpace(line)]++
		}
	}
	return count
}

// check compares what had to arrive with what did.
func (w *world) check(count map[string]int) []string {
	faults := slices.Clone(w.faults)
	for _, must := range []map[string]bool{w.acked, w.sourced} {
		for _, line := range slices.Sorted(maps.Keys(must)) {
			if count[line] == 0 {
				faults = append(faults, "lost: "+line)
			}
		}
	}
	for _, line := range slices.Sorted(maps.Keys(count)) {
		if count[line] > 1 {
			faults = append(faults, fmt.Sprintf("%d times: %s", count[line], line))
		}
		if !w.asked[line] && !w.sourced[line] {
			faults = append(faults, "from nowhere: "+line)
		}
	}
	return faults
}

func cutPower(t *testing.T, seed uint64, lie bool) (*world, []string) {
	w := newWorld(seed)
	var faults []string
	synctest.Test(t, func(t *testing.T) {
		disk := vfs.NewCrashableMem()
		for range 5 {
			disk = w.life(t, disk, 1+w.rng.IntN(250), lie)
		}
		disk = w.life(t, disk, 0, false)
		faults = w.check(objects(t, disk, "data/out", map[string]int{}))
	})
	return w, faults
}

// After any number of power cuts, everything acknowledged is in an object, a record of the stream exactly once.
func TestPowerCuts(t *testing.T) {
	acked, sourced, buffered, cuts := 0, 0, 0, 0
	for seed := range uint64(15) {
		w, faults := cutPower(t, seed, false)
		acked, sourced, buffered, cuts = acked+len(w.acked), sourced+len(w.sourced), buffered+w.inBuf, cuts+w.cuts
		if len(faults) > 0 {
			t.Errorf("seed %d, %d acknowledged, %d in the stream:\n%s", seed, len(w.acked), len(w.sourced), strings.Join(faults[:min(len(faults), 20)], "\n"))
		}
	}
	t.Logf("%d cuts: %d direct puts acknowledged, %d records in the stream, on average %d records buffered at a cut", cuts, acked, sourced, buffered/max(cuts, 1))
	if acked < 500 || sourced < 500 || buffered < cuts {
		t.Error("the cuts found too little under way: the test looks at nothing")
	}
}

// The check finds what it is there for.
func TestPowerCutCheckCanFail(t *testing.T) {
	lost := 0
	for seed := range uint64(4) {
		_, faults := cutPower(t, seed, true)
		for _, fault := range faults {
			if strings.HasPrefix(fault, "lost: d") {
				lost++
			}
		}
	}
	if lost == 0 {
		t.Error("a disk that does not sync loses nothing, it says")
	}
	w := newWorld(1)
	w.acked["d1"], w.asked["d1"], w.sourced["s1"], w.sourced["s2"] = true, true, true, true
	w.faults = []string{"other bytes under the key k"}
	got := strings.Join(w.check(map[string]int{"d1": 1, "s2": 2, "x": 1}), "; ")
	if want := "other bytes under the key k; lost: s1; 2 times: s2; from nowhere: x"; got != want {
		t.Errorf("the check says %q, want %q", got, want)
	}
}
