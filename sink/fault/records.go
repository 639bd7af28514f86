package fault

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/awsapi"
)

// refuseRecords refuses some records of a put, has the others carried out, and makes one answer in the order of the request.
func (a *armed) refuseRecords(ctx context.Context, in any, next awsapi.Call) (any, error) {
	switch in := in.(type) {
	case *kinesis.PutRecordsInput:
		return a.putRecords(ctx, in, next)
	case *firehose.PutRecordBatchInput:
		return a.putRecordBatch(ctx, in, next)
	}
	return nil, fmt.Errorf("fault: records of a %T cannot be refused", in)
}

func (a *armed) putRecords(ctx context.Context, in *kinesis.PutRecordsInput, next awsapi.Call) (any, error) {
	refused := kinesistypes.PutRecordsResultEntry{ErrorCode: &a.Error, ErrorMessage: aws.String(a.message())}
	taken, results := divide(a, in.Records, refused)
	out := &kinesis.PutRecordsOutput{}
	if len(taken) > 0 {
		reduced := *in
		reduced.Records = taken
		if err := carryOut(ctx, &reduced, out, next); err != nil {
			return nil, err
		}
	}
	out.FailedRecordCount = aws.Int32(aws.ToInt32(out.FailedRecordCount) + int32(len(in.Records)-len(taken)))
	out.Records = merge(results, out.Records)
	return out, nil
}

func (a *armed) putRecordBatch(ctx context.Context, in *firehose.PutRecordBatchInput, next awsapi.Call) (any, error) {
	refused := firehosetypes.PutRecordBatchResponseEntry{ErrorCode: &a.Error, ErrorMessage: aws.String(a.message())}
	taken, results := divide(a, in.Records, refused)
	out := &firehose.PutRecordBatchOutput{}
	if len(taken) > 0 {
		reduced := *in
		reduced.Records = taken
		if err := carryOut(ctx, &reduced, out, next); err != nil {
			return nil, err
		}
	}
	out.FailedPutCount = aws.Int32(aws.ToInt32(out.FailedPutCount) + int32(len(in.Records)-len(taken)))
	out.RequestResponses = merge(results, out.RequestResponses)
	return out, nil
}

// carryOut sets out to the answer of the service.
func carryOut[Output any](ctx context.Context, in any, out *Output, next awsapi.Call) error {
	answer, err := next(ctx, in)
	if err != nil {
		return err
	}
	*out = *answer.(*Output)
	return nil
}

// divide draws which records are refused. It returns the others, and a list with a result for each record that is refused and
// nil for each that is taken.
func divide[Record, Result any](a *armed, records []Record, refused Result) (taken []Record, results []*Result) {
	results = make([]*Result, len(records))
	for i, r := range records {
		if a.hit(a.Records) {
			results[i] = &refused
			a.refusedRecords.Add(1)
		} else {
			taken = append(taken, r)
		}
	}
	return taken, results
}

// merge puts the results of the records that were taken where results has none.
func merge[Result any](results []*Result, taken []Result) []Result {
	all := make([]Result, len(results))
	for i, r := range results {
		if r != nil {
			all[i] = *r
		} else {
			all[i], taken = taken[0], taken[1:]
		}
	}
	return all
}
