package flow

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"testing"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
)

// discard takes everything and keeps nothing.
type discard struct{}

func (discard) Put(_ context.Context, _ []sink.Entry, done func(sink.Result)) error {
	done(sink.Result{})
	return nil
}
func (discard) Limits() sink.Limits         { return sink.Limits{Record: 1 << 20} }
func (discard) Stats() sink.Stats           { return sink.Stats{} }
func (discard) Close(context.Context) error { return nil }

// accessBlock makes a block of 256 KiB of generated combined lines of about 200 bytes.
func accessBlock() *tailer.Block {
	b := &tailer.Block{ID: fileID, Path: "/var/log/access.log"}
	for i := 0; len(b.Data) < 256<<10; i++ {
		b.Data = fmt.Appendf(b.Data, `203.0.113.%d - user%d [10/Oct/2025:13:%02d:%02d +0000] "GET /shop/item/%d?ref=%x HTTP/1.1" %d %d `+
			`"https://www.example.com/list/%d" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"`+"\n",
			i%256, i%50, i/60%60, i%60, i*7919%100000, i*104729, []int{200, 304, 404, 500}[i%4], i*31%50000, i%300)
		b.Ends = append(b.Ends, len(b.Data))
	}
	b.Next = tailer.Position{ID: fileID, Path: b.Path, Offset: int64(len(b.Data))}
	return b
}

func benchFlow(t testing.TB, change func(*Config)) *rig {
	return newRig(t, func(c *Config) {
		c.Sends = []Send{{Name: "stream/a", Destination: discard{}}}
		change(c)
	})
}

func toRaw(c *Config) { c.Encode.Format = "raw" }

func toJSON(c *Config) {
	c.Parse = config.Parse{Format: "combined", Infer: true, OnMismatch: config.MismatchKeep}
	c.Encode.Format = "json"
}

func toJSONByField(c *Config) {
	toJSON(c)
	key, _ := ParseKey("field:authuser", "")
	c.Sends[0].Key = key
}

func toRawByHash(c *Config) {
	toRaw(c)
	c.Sends[0].Key = Key{kind: keyHash}
}

func toPacks(c *Config) {
	toRaw(c)
	c.Sends[0].Pack = 5 << 10
}

// TestAllocations: what a block costs must not depend on how many records it has.
func TestAllocations(t *testing.T) {
	b := accessBlock()
	for name, change := range map[string]func(*Config){"raw": toRaw, "json": toJSON, "field": toJSONByField, "hash": toRawByHash, "pack": toPacks, "edited": toEdited, "routes": discardRoutes} {
		r := benchFlow(t, change)
		do := func() {
			if err := r.Handle(t.Context(), t.Context(), b); err != nil {
				t.Fatal(err)
			}
			r.tracker.Saved(r.tracker.Pending())
		}
		do()
		if got := testing.AllocsPerRun(20, do); got > 150 { // a few; the pool of scratch memory may forget one, which the race detector makes it do
			t.Errorf("%s: %.0f allocations for a block of %d records", name, got, len(b.Ends))
		}
	}
}

func benchmarkFlow(b *testing.B, change func(*Config)) {
	r, blk := benchFlow(b, change), accessBlock()
	b.ReportAllocs()
	b.SetBytes(int64(len(blk.Data)))
	for b.Loop() {
		if err := r.Handle(b.Context(), b.Context(), blk); err != nil {
			b.Fatal(err)
		}
		r.tracker.Saved(r.tracker.Pending())
	}
}

// The input of all of them is one block of 256 KiB of combined lines of about 200 bytes; the destination discards.
func BenchmarkRaw(b *testing.B)            { benchmarkFlow(b, toRaw) }
func BenchmarkCombinedToJSON(b *testing.B) { benchmarkFlow(b, toJSON) }
func BenchmarkFieldKeys(b *testing.B)      { benchmarkFlow(b, toJSONByField) }
func BenchmarkHashKeys(b *testing.B)       { benchmarkFlow(b, toRawByHash) }
func BenchmarkPacks(b *testing.B)          { benchmarkFlow(b, toPacks) }

// BenchmarkLimitMD5 is the floor for keys that are hashes.
func BenchmarkLimitMD5(b *testing.B) {
	blk := accessBlock()
	b.SetBytes(int64(len(blk.Data)))
	for b.Loop() {
		for i := range blk.Ends {
			md5.Sum(blk.Record(i))
		}
	}
}

// BenchmarkLimitSplit is the floor for raw: finding the line ends.
func BenchmarkLimitSplit(b *testing.B) {
	data := accessBlock().Data
	b.SetBytes(int64(len(data)))
	lines := 0
	for b.Loop() {
		for rest := data; len(rest) > 0; lines++ {
			rest = rest[bytes.IndexByte(rest, '\n')+1:]
		}
	}
}

// BenchmarkLimitCopy is the floor for anything that writes its output: one copy of the bytes.
func BenchmarkLimitCopy(b *testing.B) {
	data := accessBlock().Data
	out := make([]byte, len(data))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		copy(out, data)
	}
}
