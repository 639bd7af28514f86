package awsapi

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
)

func TestFailureOf(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		body   string
		hidden bool
	}{
		{&kinesistypes.ResourceNotFoundException{Message: aws.String("Stream s under account 1 not found.")}, 400,
			`{"__type":"ResourceNotFoundException","message":"Stream s under account 1 not found."}`, false},
		{fmt.Errorf("wrapped: %w", &kinesistypes.ResourceInUseException{Message: aws.String("x")}), 400,
			`{"__type":"ResourceInUseException","message":"x"}`, false},
		{&kinesistypes.LimitExceededException{}, 400, `{"__type":"LimitExceededException"}`, false},
		{&kinesistypes.InternalFailureException{Message: aws.String("x")}, 500,
			`{"__type":"InternalFailureException","message":"x"}`, false},
		{&firehosetypes.ServiceUnavailableException{Message: aws.String("Slow down.")}, 500,
			`{"__type":"ServiceUnavailableException","message":"Slow down."}`, false},
		{&firehosetypes.InvalidKMSResourceException{Code: aws.String("KMS.Disabled"), Message: aws.String("m")}, 400,
			`{"__type":"InvalidKMSResourceException","code":"KMS.Disabled","message":"m"}`, false},
		{&firehosetypes.InvalidSourceException{Code: aws.String("c")}, 400, `{"__type":"InvalidSourceException","code":"c"}`, false},
		{&Error{Code: "SerializationException", Message: "m"}, 400, `{"__type":"SerializationException","Message":"m"}`, false},
		{&Error{Code: "ValidationException", Message: `a "b" <c>`}, 400, `{"__type":"ValidationException","message":"a \"b\" <c>"}`, false},
		{&Error{Code: "ServiceUnavailableException"}, 500, `{"__type":"ServiceUnavailableException"}`, false},
		{&Error{Code: "ServiceUnavailableException", Status: 503}, 503, `{"__type":"ServiceUnavailableException"}`, false},
		{&Error{Code: "X", Fault: smithy.FaultServer}, 500, `{"__type":"X"}`, false},
		{&Error{Code: "InternalFailure"}, 500, `{"__type":"InternalFailure"}`, false},
		{errors.New("open /secret: no space left"), 500, `{"__type":"InternalFailure"}`, true},
	} {
		got := failureOf(c.err)
		if got.status != c.status || string(got.append(nil)) != c.body || got.hidden != c.hidden {
			t.Errorf("%v: %d %s hidden %v, want %d %s %v", c.err, got.status, got.append(nil), got.hidden, c.status, c.body, c.hidden)
		}
	}
}

func TestErrorIsASmithyError(t *testing.T) {
	var api smithy.APIError
	err := fmt.Errorf("x: %w", &Error{Code: "C", Message: "m", Fault: smithy.FaultClient})
	if !errors.As(err, &api) || api.ErrorCode() != "C" || api.ErrorMessage() != "m" || api.ErrorFault() != smithy.FaultClient {
		t.Errorf("seen as %v", api)
	}
	for e, want := range map[*Error]string{{Code: "C"}: "C", {Code: "C", Message: "m"}: "C: m"} {
		if e.Error() != want {
			t.Errorf("%q, want %q", e.Error(), want)
		}
	}
}
