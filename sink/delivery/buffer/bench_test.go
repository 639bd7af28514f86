package buffer

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// BenchmarkAppend: batches of 500 records of 1 KiB, on the disk of the temporary folder, durable. Segments of 5 MiB are
// removed as they are sealed.
func BenchmarkAppend(b *testing.B) {
	batch := Batch{}
	for range 500 {
		batch.Records = append(batch.Records, Record{Data: make([]byte, 1024), Arrival: time.Now()})
	}
	for _, parallel := range []int{1, 8} {
		b.Run(fmt.Sprintf("%d at a time", parallel), func(b *testing.B) {
			cfg := config(vfs.Default)
			cfg.Dir, cfg.Size, cfg.Interval = b.TempDir(), 5<<20, time.Hour
			buffer := open(b, cfg)
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					s, err := buffer.Next(context.Background())
					if err != nil {
						return
					}
					if err := s.Delivered(); err != nil {
						b.Error(err)
					}
				}
			}()
			b.SetBytes(500 * 1024)
			b.ReportAllocs()
			b.SetParallelism(parallel)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := buffer.Append(context.Background(), batch); err != nil {
						b.Error(err)
					}
				}
			})
			b.StopTimer()
			buffer.Close()
			<-done
		})
	}
}

// BenchmarkLimitWriteSync is the limit of the above: the same bytes written to one file, with an fsync each time.
func BenchmarkLimitWriteSync(b *testing.B) {
	f, err := os.CreateTemp(b.TempDir(), "limit")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	data := make([]byte, 500*1024)
	b.SetBytes(int64(len(data)))
	for i := 0; b.Loop(); i++ {
		if _, err := f.WriteAt(data, int64(i%10)*int64(len(data))); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}
