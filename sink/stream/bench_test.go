package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Input of the benchmarks: 500 records of 1 KiB of random bytes with keys that spread over 8 shards.
const (
	benchRecords = 500
	benchSize    = 1 << 10
)

func benchEntries() []types.PutRecordsRequestEntry {
	rng := rand.New(rand.NewPCG(1, 2))
	entries := make([]types.PutRecordsRequestEntry, benchRecords)
	for i := range entries {
		data := make([]byte, benchSize)
		for j := range data {
			data[j] = byte(rng.Uint32())
		}
		entries[i] = types.PutRecordsRequestEntry{PartitionKey: aws.String(fmt.Sprintf("key-%06d", i)), Data: data}
	}
	return entries
}

// benchService is a service on a disk, with a stream of that many shards.
func benchService(b *testing.B, shards int) *Service {
	b.Helper()
	db, err := store.OpenPebble(b.TempDir(), store.PebbleOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	s := openService(b, Config{Store: db})
	if _, err := s.Declare(b.Context(), Declaration{Name: "web", Shards: shards}); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkDiskLimit is the limit of the durable puts: one goroutine writes the same bytes to one file, with an fsync for
// each MiB.
func BenchmarkDiskLimit(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "limit"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var block []byte
	for _, e := range benchEntries() {
		block = append(block, e.Data...)
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

// BenchmarkPutRecords: 8 goroutines put the input, each call answered after the fsync.
func BenchmarkPutRecords(b *testing.B) {
	s := benchService(b, 8)
	in := &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: benchEntries()}
	b.SetBytes(benchRecords * benchSize)
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if out, err := s.PutRecords(b.Context(), in); err != nil || *out.FailedRecordCount != 0 {
					b.Error(out, err)
					return
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)*benchRecords/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkPutRecord: one goroutine puts one record of 1 KiB at a time; p50 and p99 are the times of a call.
func BenchmarkPutRecord(b *testing.B) {
	s := benchService(b, 1)
	e := benchEntries()[0]
	in := &kinesis.PutRecordInput{StreamName: aws.String("web"), PartitionKey: e.PartitionKey, Data: e.Data}
	var times []time.Duration
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		if _, err := s.PutRecord(b.Context(), in); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkGetRecords drains 40,000 records of 1 KiB again and again, 1000 at a time.
func BenchmarkGetRecords(b *testing.B) {
	s := benchService(b, 1)
	for range 80 {
		if _, err := s.PutRecords(b.Context(), &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: benchEntries()}); err != nil {
			b.Fatal(err)
		}
	}
	first, err := s.GetShardIterator(b.Context(), &kinesis.GetShardIteratorInput{StreamName: aws.String("web"), ShardId: aws.String("0"),
		ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(1000 * benchSize)
	b.ReportAllocs()
	it, n := first.ShardIterator, 0
	for b.Loop() {
		out, err := s.GetRecords(b.Context(), &kinesis.GetRecordsInput{ShardIterator: it, Limit: aws.Int32(1000)})
		if err != nil {
			b.Fatal(err)
		}
		n += len(out.Records)
		if it = out.NextShardIterator; *out.MillisBehindLatest == 0 {
			it = first.ShardIterator
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkCopyLimit is the limit of BenchmarkGetRecords: the same bytes copied once.
func BenchmarkCopyLimit(b *testing.B) {
	src, dst := make([]byte, 1000*benchSize), make([]byte, 1000*benchSize)
	b.SetBytes(1000 * benchSize)
	for b.Loop() {
		copy(dst, src)
	}
}

func BenchmarkSequence(b *testing.B) {
	buf := make([]byte, 0, sequenceDigits)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		buf = sequence{1700000000, 3, uint64(i), 1700000001}.append(buf[:0])
	}
}
