package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// client speaks to the backend as any client of Kinesis does, with a signature that nobody checks.
type client struct {
	addr string
	http *http.Client
}

func newClient(addr string) *client {
	return &client{addr, &http.Client{Timeout: 30 * time.Second}}
}

func (c *client) call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, "/", map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202." + operation, "X-Amz-Date": "20260101T000000Z",
		"Authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
	}, body, out)
}

func (c *client) do(ctx context.Context, method, path string, header map[string]string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.addr+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s %.500s", method, path, resp.Status, answer)
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// source is where delivered lines are read back.
type source interface {
	// collect adds to the tally what came since the last call.
	collect(ctx context.Context, t *tally) error
}

// streamSource reads all shards of a stream.
type streamSource struct {
	client *client
	stream string
	last   map[string]string // shard to the sequence number of the last record read
}

func (s *streamSource) collect(ctx context.Context, t *tally) error {
	var list struct{ Shards []struct{ ShardId string } }
	if err := s.client.call(ctx, "ListShards", map[string]any{"StreamName": s.stream}, &list); err != nil {
		return err
	}
	for _, shard := range list.Shards {
		if err := s.shard(ctx, shard.ShardId, t); err != nil {
			return fmt.Errorf("%s: %w", shard.ShardId, err)
		}
	}
	return nil
}

func (s *streamSource) shard(ctx context.Context, id string, t *tally) error {
	ask := map[string]any{"StreamName": s.stream, "ShardId": id, "ShardIteratorType": "TRIM_HORIZON"}
	if last := s.last[id]; last != "" {
		ask["ShardIteratorType"], ask["StartingSequenceNumber"] = "AFTER_SEQUENCE_NUMBER", last
	}
	var it struct{ ShardIterator string }
	if err := s.client.call(ctx, "GetShardIterator", ask, &it); err != nil {
		return err
	}
	for next := it.ShardIterator; next != ""; {
		var page struct {
			Records []struct {
				SequenceNumber string
				Data           []byte
			}
			NextShardIterator  string
			MillisBehindLatest int64
		}
		if err := s.client.call(ctx, "GetRecords", map[string]any{"ShardIterator": next}, &page); err != nil {
			return err
		}
		for _, r := range page.Records {
			s.last[id] = r.SequenceNumber
			if err := deaggregate(r.Data, t.add); err != nil {
				return fmt.Errorf("record %s: %w", r.SequenceNumber, err)
			}
		}
		if next = page.NextShardIterator; len(page.Records) == 0 && page.MillisBehindLatest == 0 {
			break
		}
	}
	return nil
}

// objectSource reads the gzip objects that a delivery stream writes below a folder.
type objectSource struct {
	dir  string
	read map[string]bool // by path
}

func (s *objectSource) collect(_ context.Context, t *tally) error {
	return filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != s.dir:
			return fs.SkipDir // where objects are put together
		case d.IsDir() || s.read[path]:
			return nil
		}
		content, err := unzip(path)
		if err != nil {
			return fmt.Errorf("object %s: %w", path, err)
		}
		s.read[path] = true
		t.add(content)
		return nil
	})
}

func unzip(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
