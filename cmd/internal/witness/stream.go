package witness

import (
	"context"
	"fmt"
)

// Record is a record of a stream, as it lies there: one record, or an aggregate.
type Record struct {
	SequenceNumber string
	Data           []byte
}

// Stream reads all shards of a stream, from their beginning on. It is for one goroutine at a time.
type Stream struct {
	client *Client
	name   string
	last   map[string]string // shard to the sequence number of the last record that was shown
}

// Stream returns a reader of the stream with a name.
func (c *Client) Stream(name string) *Stream {
	return &Stream{client: c, name: name, last: map[string]string{}}
}

// Collect calls f with each record that has come since the last call, in order within a shard, until there are no more just now. An error of f
// ends it; the record counts as shown.
func (s *Stream) Collect(ctx context.Context, f func(Record) error) error {
	var list struct{ Shards []struct{ ShardId string } }
	if err := s.client.Call(ctx, "ListShards", map[string]any{"StreamName": s.name}, &list); err != nil {
		return err
	}
	for _, shard := range list.Shards {
		if err := s.shard(ctx, shard.ShardId, f); err != nil {
			return fmt.Errorf("%s: %w", shard.ShardId, err)
		}
	}
	return nil
}

func (s *Stream) shard(ctx context.Context, id string, f func(Record) error) error {
	ask := map[string]any{"StreamName": s.name, "ShardId": id, "ShardIteratorType": "TRIM_HORIZON"}
	if last := s.last[id]; last != "" {
		ask["ShardIteratorType"], ask["StartingSequenceNumber"] = "AFTER_SEQUENCE_NUMBER", last
	}
	var it struct{ ShardIterator string }
	if err := s.client.Call(ctx, "GetShardIterator", ask, &it); err != nil {
		return err
	}
	for next := it.ShardIterator; next != ""; {
		var page struct {
			Records            []Record
			NextShardIterator  string
			MillisBehindLatest int64
		}
		if err := s.client.Call(ctx, "GetRecords", map[string]any{"ShardIterator": next}, &page); err != nil {
			return err
		}
		for _, r := range page.Records {
			s.last[id] = r.SequenceNumber
			if err := f(r); err != nil {
				return fmt.Errorf("record %s: %w", r.SequenceNumber, err)
			}
		}
		if next = page.NextShardIterator; len(page.Records) == 0 && page.MillisBehindLatest == 0 {
			break
		}
	}
	return nil
}
