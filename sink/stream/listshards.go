package stream

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// shardsPage is the largest and the default number of shards in one answer of ListShards.
const shardsPage = 1000

// shardPage is the content of a page token of ListShards: the filter lives in it, because it may not be given again.
type shardPage struct {
	Stream uint64      `json:"stream"`
	After  int64       `json:"after"`
	Filter shardFilter `json:"filter"`
}

// shardFilter selects shards. Horizon and time are fixed at the first page, so that all pages belong together.
type shardFilter struct {
	Type    types.ShardFilterType `json:"type"`
	After   int64                 `json:"after,omitempty"`
	Time    int64                 `json:"time,omitempty"`
	Horizon int64                 `json:"horizon"`
}

// ListShards shows the shards of a stream, by number. Without a filter these are all whose records may still be there.
func (s *Service) ListShards(_ context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
	st, p, err := s.shardPage(in)
	if err != nil {
		return nil, err
	}
	var selected []*shard
	for _, sh := range st.after(p.After) {
		if p.Filter.selects(sh) {
			selected = append(selected, sh)
		}
	}
	if st.is(types.StreamStatusCreating) {
		selected = nil
	}
	shards, more := page(selected, in.MaxResults, shardsPage)
	out := &kinesis.ListShardsOutput{Shards: describeShards(shards)}
	if more {
		p.After = int64(shards[len(shards)-1].Number)
		token, err := s.sealPage(kindShardPage, p)
		if err != nil {
			return nil, err
		}
		out.NextToken = &token
	}
	return out, nil
}

// shardPage says which shards a request wants: those after its token, or those of its members.
func (s *Service) shardPage(in *kinesis.ListShardsInput) (*stream, shardPage, error) {
	if in.NextToken != nil {
		return s.nextShardPage(in)
	}
	st, err := s.find(in.StreamName, in.StreamARN)
	if err != nil {
		return nil, shardPage{}, err
	}
	if t := in.StreamCreationTimestamp; t != nil && t.Unix() != st.Created/1000 {
		return nil, shardPage{}, s.streamNotFound(st.Name)
	}
	p := shardPage{Stream: st.ID}
	if p.After, err = s.startAfter(st, in.ExclusiveStartShardId); err != nil {
		return nil, shardPage{}, err
	}
	p.Filter, err = s.shardFilter(st, in.ShardFilter)
	return st, p, err
}

func (s *Service) nextShardPage(in *kinesis.ListShardsInput) (*stream, shardPage, error) {
	for _, other := range []struct {
		name  string
		given bool
	}{
		{"StreamName", in.StreamName != nil},
		{"StreamCreationTimestamp", in.StreamCreationTimestamp != nil},
		{"ExclusiveStartShardId", in.ExclusiveStartShardId != nil},
		{"ShardFilter", in.ShardFilter != nil},
	} {
		if other.given {
			return nil, shardPage{}, invalid("NextToken and %s cannot be provided together.", other.name)
		}
	}
	var p shardPage
	if err := s.openPage(kindShardPage, *in.NextToken, &p); err != nil {
		return nil, shardPage{}, tokenError(err)
	}
	st := s.catalog.Load().byID[p.Stream]
	if st == nil || in.StreamARN != nil && *in.StreamARN != s.arn(st.Name) {
		return nil, shardPage{}, invalid("Invalid NextToken.")
	}
	return st, p, nil
}

// shardFilter checks a filter.
func (s *Service) shardFilter(st *stream, in *types.ShardFilter) (shardFilter, error) {
	f := shardFilter{Type: types.ShardFilterTypeFromTrimHorizon, Horizon: max(st.horizon(s.now()), st.Created)}
	if in == nil {
		return f, nil
	}
	f.Type = in.Type
	switch in.Type {
	case types.ShardFilterTypeAfterShardId:
		if in.ShardId == nil {
			return f, invalid("ShardFilter of type %s needs a ShardId.", in.Type)
		}
		var err error
		f.After, err = s.startAfter(st, in.ShardId)
		return f, err
	case types.ShardFilterTypeAtTimestamp, types.ShardFilterTypeFromTimestamp:
		if in.Timestamp == nil {
			return f, invalid("ShardFilter of type %s needs a Timestamp.", in.Type)
		}
		f.Time = in.Timestamp.UnixMilli()
	}
	return f, nil
}

// selects tells whether the shard is wanted.
func (f shardFilter) selects(sh *shard) bool {
	openAt := func(t int64) bool { return sh.Closed == 0 || sh.Closed >= t }
	switch f.Type {
	case types.ShardFilterTypeAfterShardId:
		return int64(sh.Number) > f.After && openAt(f.Horizon)
	case types.ShardFilterTypeAtLatest:
		return sh.Closed == 0
	case types.ShardFilterTypeAtTrimHorizon:
		return sh.Created <= f.Horizon && openAt(f.Horizon)
	case types.ShardFilterTypeAtTimestamp:
		return sh.Created <= f.Time && openAt(f.Time)
	case types.ShardFilterTypeFromTimestamp:
		return openAt(max(f.Time, f.Horizon))
	}
	return openAt(f.Horizon)
}
