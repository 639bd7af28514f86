package stream

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func (s *Service) arn(name string) string {
	return "arn:aws:kinesis:" + s.cfg.Region + ":" + s.cfg.Account + ":stream/" + name
}

// name returns the stream that a request names by name, by ARN or, in agreement, by both.
func (s *Service) name(name, arn *string) (string, error) {
	if arn == nil && name == nil {
		return "", invalid("Either StreamName or StreamARN must be given.")
	}
	if arn == nil {
		return *name, nil
	}
	_, fromARN, _ := strings.Cut(*arn, ":stream/")
	if name != nil && *name != fromARN {
		return "", invalid("StreamName %s and StreamARN %s do not name the same stream.", *name, *arn)
	}
	if *arn != s.arn(fromARN) { // of another region or account
		return "", s.streamNotFound(fromARN)
	}
	return fromARN, nil
}

// find returns the stream that a request names, whatever its status.
func (s *Service) find(name, arn *string) (*stream, error) {
	n, err := s.name(name, arn)
	if err != nil {
		return nil, err
	}
	st := s.catalog.Load().byName[n]
	if st == nil {
		return nil, s.streamNotFound(n)
	}
	return st, nil
}

// findUsable is find for records: a stream that is being made or removed is not there.
func (s *Service) findUsable(name, arn *string) (*stream, error) {
	st, err := s.find(name, arn)
	if err != nil {
		return nil, err
	}
	if !st.is(types.StreamStatusActive, types.StreamStatusUpdating) {
		return nil, s.streamNotFound(st.Name)
	}
	return st, nil
}

// findShard returns the shard that a request names.
func (s *Service) findShard(st *stream, id *string) (*shard, error) {
	number, ok := parseShardID(aws.ToString(id))
	if sh := st.shard(number); ok && sh != nil {
		return sh, nil
	}
	return nil, s.shardNotFound(aws.ToString(id), st.Name)
}

// dryRun is the answer to a request that would have been done.
func dryRun(in *bool) error {
	if aws.ToBool(in) {
		return &types.DryRunOperationException{Message: aws.String("Request would have succeeded, but DryRun flag is set.")}
	}
	return nil
}
