package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	putBatch   = 500
	putSize    = 1000
	putClients = 8
	putSeconds = 8
)

// serverCases loads `weir serve` over HTTP with bodies made beforehand, so that the client costs little.
func (b *bench) serverCases(ctx context.Context) error {
	if !strings.Contains("backend", b.only) && b.only != "" {
		return nil
	}
	limit, err := b.syncLimit()
	if err != nil {
		return err
	}
	addr, cmd, err := b.startServer(ctx)
	if err != nil {
		return err
	}
	defer cmd.Process.Kill()
	c := client{addr: addr, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	if _, err := c.call(ctx, "CreateStream", []byte(`{"StreamName":"bench","ShardCount":8}`)); err != nil {
		return err
	}
	fmt.Printf("%-44s %12s %10s %10s\n", "backend, durable (fsync before the answer)", "rec/s", "MB/s", "p50 ms")
	fmt.Printf("%-44s %12s %10.0f\n", "limit: the bytes to one file, fsync each MB", "", limit)
	rate, p50, err := c.put(ctx, putClients, putBatch, putSeconds*time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("%-44s %12.0f %10.0f %10.2f\n", "PutRecords 500 x 1 KB, 8 connections", rate, rate*putSize/1e6, p50.Seconds()*1e3)
	rate, p50, err = c.put(ctx, 1, 1, putSeconds*time.Second/2)
	if err != nil {
		return err
	}
	fmt.Printf("%-44s %12.0f %10.2f %10.2f\n", "PutRecord-sized, one connection", rate, rate*putSize/1e6, p50.Seconds()*1e3)
	rate, err = c.drain(ctx, 8)
	if err != nil {
		return err
	}
	fmt.Printf("%-44s %12.0f %10.0f\n", "GetRecords, 8 connections, whole stream", rate, rate*putSize/1e6)
	u, err := finish(cmd)
	if err != nil {
		return err
	}
	fmt.Printf("server: %.1f CPU s in all, peak RSS %.0f MiB\n", u.cpu.Seconds(), float64(u.rss)/(1<<20))
	return nil
}

// syncLimit writes 256 MB to one file with an fsync each MB and returns MB/s.
func (b *bench) syncLimit() (float64, error) {
	f, err := os.Create(filepath.Join(b.dir, "limit"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	block, start := make([]byte, 1e6), time.Now()
	for range 256 {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return 256 / time.Since(start).Seconds(), nil
}

func (b *bench) startServer(ctx context.Context) (string, *exec.Cmd, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	addr := l.Addr().String()
	l.Close()
	cmd := exec.CommandContext(ctx, filepath.Join(b.bin, "weir"), "serve", "--listen", addr, "--data", filepath.Join(b.dir, "data"))
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	for range 200 {
		resp, err := http.Get("http://" + addr + "/_weir/health")
		if err == nil {
			resp.Body.Close()
			return addr, cmd, nil
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return "", nil, err
		}
	}
	return "", nil, fmt.Errorf("weir serve does not answer on %s", addr)
}

type client struct {
	addr string
	http *http.Client
}

func (c client) call(ctx context.Context, operation string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.addr+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	req.Header.Set("X-Amz-Date", "20260101T000000Z")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s", operation, resp.Status, answer)
	}
	return answer, err
}

// put sends batches from n connections for a while and returns the rate in records and the median time of a call.
func (c client) put(ctx context.Context, n, batch int, d time.Duration) (float64, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var wg sync.WaitGroup
	var records atomic.Int64
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	start := time.Now()
	for i := range n {
		wg.Go(func() {
			body := putBody(i, batch)
			for ctx.Err() == nil {
				began := time.Now()
				answer, err := c.call(ctx, "PutRecords", body)
				took := time.Since(began)
				mu.Lock()
				if err != nil && ctx.Err() == nil {
					failed = err
				} else if err == nil && !bytes.Contains(answer, []byte(`"FailedRecordCount":0`)) {
					failed = fmt.Errorf("records were refused: %.200s", answer)
				}
				if err == nil {
					times = append(times, took)
					records.Add(int64(batch))
				}
				stop := failed != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	if failed != nil || len(times) == 0 {
		return 0, 0, fmt.Errorf("put: %w", failed)
	}
	slices.Sort(times)
	return float64(records.Load()) / time.Since(start).Seconds(), times[len(times)/2], nil
}

func putBody(client, batch int) []byte {
	data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789"), putSize/10))
	var b bytes.Buffer
	b.WriteString(`{"StreamName":"bench","Records":[`)
	for i := range batch {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"PartitionKey":"key-%d-%d","Data":"%s"}`, client, i, data)
	}
	b.WriteString("]}")
	return b.Bytes()
}

// drain reads every shard once, from n connections, for at most some seconds.
func (c client) drain(ctx context.Context, n int) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, putSeconds*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	var records atomic.Int64
	errs := make([]error, n)
	start := time.Now()
	for i := range n {
		wg.Go(func() { errs[i] = c.drainShard(ctx, i, &records) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && ctx.Err() == nil {
			return 0, err
		}
	}
	return float64(records.Load()) / time.Since(start).Seconds(), nil
}

func (c client) drainShard(ctx context.Context, shard int, records *atomic.Int64) error {
	answer, err := c.call(ctx, "GetShardIterator",
		fmt.Appendf(nil, `{"StreamName":"bench","ShardId":"shardId-%012d","ShardIteratorType":"TRIM_HORIZON"}`, shard))
	if err != nil {
		return err
	}
	var page struct{ ShardIterator, NextShardIterator string }
	if err := json.Unmarshal(answer, &page); err != nil {
		return err
	}
	next := page.ShardIterator
	for {
		answer, err := c.call(ctx, "GetRecords", fmt.Appendf(nil, `{"ShardIterator":%q,"Limit":5000}`, next))
		if err != nil {
			return err
		}
		// Counting and cutting out what is needed: decoding JSON here would measure the client.
		n := bytes.Count(answer, []byte(`"SequenceNumber":`))
		if n == 0 {
			return nil
		}
		records.Add(int64(n))
		_, rest, ok := bytes.Cut(answer, []byte(`"NextShardIterator":"`))
		if !ok {
			return nil
		}
		iterator, _, _ := bytes.Cut(rest, []byte{'"'})
		next = string(iterator)
	}
}
