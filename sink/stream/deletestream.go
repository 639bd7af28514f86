package stream

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// DeleteStream removes a stream with its records, whatever its status. EnforceConsumerDeletion has no effect, because
// there are no registered consumers yet.
func (s *Service) DeleteStream(ctx context.Context, in *kinesis.DeleteStreamInput) (*kinesis.DeleteStreamOutput, error) {
	st, err := s.find(in.StreamName, in.StreamARN)
	if err != nil {
		return nil, err
	}
	if err := s.remove(ctx, st.Name); err != nil {
		return nil, err
	}
	return &kinesis.DeleteStreamOutput{}, nil
}
