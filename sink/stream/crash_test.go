package stream

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// crashDir names the environment variable that makes the test binary a server to be killed, on the folder in it.
const crashDir = "STREAM_TEST_CRASH_DIR"

// crashChild puts records from several goroutines as fast as it can and prints each acknowledgement, until it is killed.
func crashChild(dir string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	db, err := store.OpenPebble(dir, store.PebbleOptions{})
	fail(err)
	s, err := New(Config{Store: db})
	fail(err)
	_, err = s.Declare(ctx, Declaration{Name: "web", Shards: 3})
	fail(err)
	var mu sync.Mutex
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for n := 0; ; n++ {
				var entries []types.PutRecordsRequestEntry
				for i := range 20 {
					text := fmt.Sprintf("%d-%d-%d-%d", os.Getpid(), w, n, i)
					entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: &text, Data: []byte(text + strings.Repeat(".", 500))})
				}
				out, err := s.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: entries})
				fail(err)
				var lines strings.Builder
				for i, r := range out.Records {
					if r.ErrorCode == nil {
						fmt.Fprintf(&lines, "%s %s %s\n", *r.SequenceNumber, *r.ShardId, *entries[i].PartitionKey)
					}
				}
				mu.Lock()
				_, err = os.Stdout.WriteString(lines.String())
				mu.Unlock()
				fail(err)
			}
		})
	}
	group.Wait()
}

// TestKill kills a process in the middle of its puts, again and again on the same folder. Every acknowledged sequence
// number must hold its record.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]string{}
	for round := range 3 {
		before := len(acknowledged)
		killChild(t, dir, 500*(round+1), acknowledged)
		t.Logf("round %d: %d acknowledged before the kill", round, len(acknowledged)-before)
		found := readStore(t, dir)
		missing := 0
		for number, text := range acknowledged {
			if found[number] != text {
				missing++
			}
		}
		if missing > 0 {
			t.Errorf("round %d: %d of %d acknowledged records are missing", round, missing, len(acknowledged))
		}
	}
}

// killChild runs a child until it has acknowledged n records and kills it; what it printed up to its end counts.
func killChild(t *testing.T, dir string, n int, acknowledged map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(stdout)
	for lines := 0; ; lines++ {
		if lines == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		line, err := r.ReadString('\n')
		if err == io.EOF {
			break // a torn last line is no acknowledgement
		}
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(line)
		acknowledged[fields[0]] = fields[1] + " " + fields[2]
	}
	if err := cmd.Wait(); err == nil || len(acknowledged) < n {
		t.Fatalf("the child ended by itself: %v, %d acknowledged", err, len(acknowledged))
	}
}

// readStore reads all shards through the service: shard and partition key by sequence number.
func readStore(t *testing.T, dir string) map[string]string {
	t.Helper()
	db, err := store.OpenPebble(dir, store.PebbleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Store: db})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Service: s, t: t, ctx: t.Context()}
	found := map[string]string{}
	for shard := range uint32(3) {
		for it := f.iterator("web", shardID(shard), types.ShardIteratorTypeTrimHorizon); ; {
			out := f.get(it, 10000)
			for _, r := range out.Records {
				if strings.TrimRight(string(r.Data), ".") != *r.PartitionKey {
					t.Errorf("record %s is torn: key %s, data %s", *r.SequenceNumber, *r.PartitionKey, r.Data)
				}
				found[*r.SequenceNumber] = shardID(shard) + " " + *r.PartitionKey
			}
			if it = out.NextShardIterator; *out.MillisBehindLatest == 0 {
				break
			}
		}
	}
	f.must(s.Close(t.Context()))
	f.must(db.Close(t.Context()))
	return found
}
