package stream

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// namesPage is the largest and the default number of streams in one answer of ListStreams.
const namesPage = 100

// namePage is the content of a page token of ListStreams.
type namePage struct {
	After string `json:"after"`
}

// ListStreams shows names and summaries, sorted by name. Pages go on by NextToken or by ExclusiveStartStreamName.
func (s *Service) ListStreams(_ context.Context, in *kinesis.ListStreamsInput) (*kinesis.ListStreamsOutput, error) {
	if in.NextToken != nil && in.ExclusiveStartStreamName != nil {
		return nil, invalid("NextToken and ExclusiveStartStreamName cannot be provided together.")
	}
	after := aws.ToString(in.ExclusiveStartStreamName)
	if in.NextToken != nil {
		var p namePage
		if err := s.openPage(kindNamePage, *in.NextToken, &p); err != nil {
			return nil, tokenError(err)
		}
		after = p.After
	}
	c := s.catalog.Load()
	from, found := slices.BinarySearch(c.names, after)
	if found {
		from++
	}
	names, more := page(c.names[from:], in.Limit, namesPage)
	out := &kinesis.ListStreamsOutput{
		StreamNames:     append([]string{}, names...),
		StreamSummaries: make([]types.StreamSummary, len(names)),
		HasMoreStreams:  aws.Bool(more),
	}
	for i, name := range names {
		out.StreamSummaries[i] = s.summarize(c.byName[name])
	}
	if more {
		token, err := s.sealPage(kindNamePage, namePage{After: names[len(names)-1]})
		if err != nil {
			return nil, err
		}
		out.NextToken = &token
	}
	return out, nil
}

func (s *Service) summarize(st *stream) types.StreamSummary {
	return types.StreamSummary{
		StreamName:              aws.String(st.Name),
		StreamARN:               aws.String(s.arn(st.Name)),
		StreamStatus:            types.StreamStatus(st.Status),
		StreamModeDetails:       st.modeDetails(),
		StreamCreationTimestamp: aws.Time(time.UnixMilli(st.Created)),
	}
}

// tokenError is the answer to a page token that cannot be used.
func tokenError(err error) error {
	if err == errExpired {
		return &types.ExpiredNextTokenException{Message: aws.String("The NextToken has expired. A NextToken is valid for 300 seconds.")}
	}
	return invalid("Invalid NextToken.")
}
