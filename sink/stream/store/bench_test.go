package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Input of the benchmarks: 500 records of 1 KiB of random bytes, the largest PutRecords that has that size of records.
const (
	benchRecords = 500
	benchSize    = 1 << 10
)

func benchInput() []store.Record {
	rng := rand.New(rand.NewPCG(1, 2))
	records := make([]store.Record, benchRecords)
	for i := range records {
		data := make([]byte, benchSize)
		for j := range data {
			data[j] = byte(rng.Uint32())
		}
		records[i] = store.Record{PartitionKey: fmt.Sprintf("key-%06d", i), Data: data}
	}
	return records
}

// BenchmarkLimit is the limit of the durable benchmarks: one goroutine writes the same bytes to one file, with an
// fsync for each MiB.
func BenchmarkLimit(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "limit"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var block []byte
	for _, r := range benchInput() {
		block = append(block, r.Data...)
	}
	b.SetBytes(int64(len(block)))
	unsynced := 0
	for b.Loop() {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if unsynced += len(block); unsynced >= 1<<20 {
			unsynced = 0
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkAppend: 8 goroutines append the input to 8 shards and wait for the fsync.
func BenchmarkAppend(b *testing.B) {
	s := open(b, b.TempDir(), store.PebbleOptions{})
	defer s.Close(b.Context())
	shards := make([]store.Shard, 8)
	for i := range shards {
		shards[i] = store.Shard{Stream: 1, Number: uint32(i)}
	}
	if err := s.Fence(b.Context(), 1, shards...); err != nil {
		b.Fatal(err)
	}
	records := benchInput()
	b.SetBytes(benchRecords * benchSize)
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var group sync.WaitGroup
	for _, shard := range shards {
		group.Go(func() {
			done := make(chan error, 1)
			for next.Add(1) <= int64(b.N) {
				s.Append(b.Context(), shard, 1, records, func(_ store.Appended, err error) { done <- err })
				if err := <-done; err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)*benchRecords/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkAppendOne: one goroutine appends one record at a time; p50 is the time to its durable answer.
func BenchmarkAppendOne(b *testing.B) {
	s := open(b, b.TempDir(), store.PebbleOptions{})
	defer s.Close(b.Context())
	shard := store.Shard{Stream: 1}
	if err := s.Fence(b.Context(), 1, shard); err != nil {
		b.Fatal(err)
	}
	records := benchInput()[:1]
	done := make(chan error, 1)
	var times []time.Duration
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		s.Append(b.Context(), shard, 1, records, func(_ store.Appended, err error) { done <- err })
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkRead reads 40,000 records of 1 KiB, in pages of 1000, from a store that was just written.
func BenchmarkRead(b *testing.B) {
	s := open(b, b.TempDir(), store.PebbleOptions{})
	defer s.Close(b.Context())
	shard := store.Shard{Stream: 1}
	if err := s.Fence(b.Context(), 1, shard); err != nil {
		b.Fatal(err)
	}
	records := benchInput()
	done := make(chan error, 1)
	for range 80 {
		s.Append(b.Context(), shard, 1, records, func(_ store.Appended, err error) { done <- err })
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(1000 * benchSize)
	b.ReportAllocs()
	from := uint64(1)
	n := 0
	for b.Loop() {
		page, err := s.Read(b.Context(), shard, from, store.Limit{Records: 1000, Bytes: 10 << 20})
		if err != nil {
			b.Fatal(err)
		}
		n += len(page.Records)
		if from = page.Next; page.Waiting == 0 {
			from = 1
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkReadLimit is the limit of BenchmarkRead: the same bytes copied once.
func BenchmarkReadLimit(b *testing.B) {
	src, dst := make([]byte, 1000*benchSize), make([]byte, 1000*benchSize)
	b.SetBytes(1000 * benchSize)
	for b.Loop() {
		copy(dst, src)
	}
}
