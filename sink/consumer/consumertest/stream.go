// Package consumertest is a stream in memory for the tests of whoever reads streams: records, splits and merges, trimming,
// and errors on demand, without a limit and without a wait. It has the three methods that reading takes, and answers
// them with the SDK's types and errors.
package consumertest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Stream is a stream. Its methods may be called at the same time.
type Stream struct {
	name string

	mu     sync.Mutex
	shards []*shard
	page   int // records of one answer
	fail   func(call string) error
	next   int // sequence number
	calls  map[string]int
}

type shard struct {
	id      string
	parents []string
	first   int
	closed  bool
	lost    int // of the first records
	records []types.Record
}

// New returns a stream with so many shards, named 0, 1 and so on.
func New(name string, shards int) *Stream {
	s := &Stream{name: name, page: 10, next: 1, calls: map[string]int{}}
	for range shards {
		s.add(nil)
	}
	return s
}

func (s *Stream) add(parents []string) string {
	id := strconv.Itoa(len(s.shards))
	s.shards = append(s.shards, &shard{id: id, parents: parents, first: s.next})
	s.next++
	return id
}

// Put appends a record to a shard that is open.
func (s *Stream) Put(shard, key string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.find(shard)
	if sh == nil || sh.closed {
		panic("no open shard " + shard)
	}
	sh.records = append(sh.records, types.Record{
		Data: data, PartitionKey: &key, SequenceNumber: aws.String(number(s.next)), ApproximateArrivalTimestamp: aws.Time(time.Now()),
	})
	s.next++
}

// Split closes a shard and returns its two children.
func (s *Stream) Split(shard string) (string, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(shard).closed = true
	return s.add([]string{shard}), s.add([]string{shard})
}

// Merge closes two shards and returns their child.
func (s *Stream) Merge(a, b string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(a).closed, s.find(b).closed = true, true
	return s.add([]string{a, b})
}

// Expire takes a shard off the stream, as the end of its retention does.
func (s *Stream) Expire(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shards[slices.Index(s.shards, s.find(id))] = &shard{closed: true} // keeps the place
}

// Recreate deletes the stream and makes one of the same name.
func (s *Stream) Recreate(shards int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shards = nil
	for range shards {
		s.add(nil)
	}
}

// Ends returns the number behind which the next record of each shard comes.
func (s *Stream) Ends(_ context.Context, name string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enter("Ends"); err != nil {
		return nil, err
	}
	if name != s.name {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Stream not found.")}
	}
	ends := map[string]string{}
	for _, sh := range s.shards {
		switch n := len(sh.records); {
		case sh.id == "":
		case n == 0:
			ends[sh.id] = number(sh.first)
		default:
			ends[sh.id] = aws.ToString(sh.records[n-1].SequenceNumber)
		}
	}
	return ends, nil
}

// Lose takes the first n records of a shard away, as the end of their retention does.
func (s *Stream) Lose(shard string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(shard).lost = n
}

// Missing returns how many lost records of a shard lie between two of its numbers.
func (s *Stream) Missing(after, next string) (missing uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sh := range s.shards {
		is := func(number string) func(types.Record) bool {
			return func(r types.Record) bool { return aws.ToString(r.SequenceNumber) == number }
		}
		if !slices.ContainsFunc(sh.records, is(next)) {
			continue
		}
		for _, r := range sh.records[:sh.lost] {
			if aws.ToString(r.SequenceNumber) > after {
				missing++
			}
		}
	}
	return missing
}

// Fail asks f before each call, "ListShards" and so on, for an error to answer; nil ends that.
func (s *Stream) Fail(f func(call string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// Calls returns how often an operation was called.
func (s *Stream) Calls(call string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[call]
}

func number(n int) string { return fmt.Sprintf("%020d", n) }

func (s *Stream) find(id string) *shard {
	for _, sh := range s.shards {
		if sh.id == id && id != "" {
			return sh
		}
	}
	return nil
}

func (s *Stream) enter(call string) error {
	s.calls[call]++
	if s.fail != nil {
		return s.fail(call)
	}
	return nil
}

// ListShards answers two shards at a time.
func (s *Stream) ListShards(_ context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enter("ListShards"); err != nil {
		return nil, err
	}
	from, err := strconv.Atoi(aws.ToString(in.NextToken))
	if (err != nil) == (in.StreamName == nil) {
		return nil, &types.InvalidArgumentException{Message: aws.String("NextToken and StreamName exclude each other")}
	}
	out := &kinesis.ListShardsOutput{}
	for i := from; i < len(s.shards); i++ {
		if i == from+2 {
			out.NextToken = aws.String(strconv.Itoa(i))
			break
		}
		if sh := s.shards[i]; sh.id != "" {
			out.Shards = append(out.Shards, describe(sh))
		}
	}
	return out, nil
}

func describe(sh *shard) types.Shard {
	d := types.Shard{ShardId: &sh.id, SequenceNumberRange: &types.SequenceNumberRange{StartingSequenceNumber: aws.String(number(sh.first))}}
	if len(sh.parents) > 0 {
		d.ParentShardId = &sh.parents[0]
	}
	if len(sh.parents) > 1 {
		d.AdjacentParentShardId = &sh.parents[1]
	}
	return d
}

// GetShardIterator answers a shard and an index into it.
func (s *Stream) GetShardIterator(_ context.Context, in *kinesis.GetShardIteratorInput) (*kinesis.GetShardIteratorOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enter("GetShardIterator"); err != nil {
		return nil, err
	}
	sh := s.find(aws.ToString(in.ShardId))
	if sh == nil || aws.ToString(in.StreamName) != s.name {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Shard not found.")}
	}
	at := 0
	switch in.ShardIteratorType {
	case types.ShardIteratorTypeAfterSequenceNumber:
		n, err := strconv.Atoi(aws.ToString(in.StartingSequenceNumber))
		if err != nil || n < sh.first {
			return nil, &types.InvalidArgumentException{Message: aws.String("StartingSequenceNumber is of another shard.")}
		}
		for at < len(sh.records) && *sh.records[at].SequenceNumber <= number(n) {
			at++
		}
	case types.ShardIteratorTypeAtTimestamp:
		for at < len(sh.records) && sh.records[at].ApproximateArrivalTimestamp.Before(*in.Timestamp) {
			at++
		}
	case types.ShardIteratorTypeTrimHorizon:
	default:
		return nil, &types.InvalidArgumentException{Message: aws.String("unexpected iterator type")}
	}
	return &kinesis.GetShardIteratorOutput{ShardIterator: iterator(sh, at)}, nil
}

func iterator(sh *shard, at int) *string {
	return aws.String(fmt.Sprintf("%s/%d/%d", sh.id, sh.first, at))
}

// GetRecords answers at most ten records.
func (s *Stream) GetRecords(_ context.Context, in *kinesis.GetRecordsInput) (*kinesis.GetRecordsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enter("GetRecords"); err != nil {
		return nil, err
	}
	parts := strings.Split(aws.ToString(in.ShardIterator), "/")
	if len(parts) != 3 {
		return nil, &types.InvalidArgumentException{Message: aws.String("Invalid ShardIterator.")}
	}
	sh := s.find(parts[0])
	if sh == nil || strconv.Itoa(sh.first) != parts[1] {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Shard not found.")}
	}
	at, err := strconv.Atoi(parts[2])
	if err != nil {
		return nil, &types.InvalidArgumentException{Message: aws.String("Invalid ShardIterator.")}
	}
	at = max(at, sh.lost)
	end := min(at+s.page, len(sh.records))
	out := &kinesis.GetRecordsOutput{Records: slices.Clone(sh.records[at:end]), MillisBehindLatest: aws.Int64(0)}
	if end < len(sh.records) {
		out.MillisBehindLatest = aws.Int64(1)
	}
	if !sh.closed || end < len(sh.records) {
		out.NextShardIterator = iterator(sh, end)
	}
	return out, nil
}
