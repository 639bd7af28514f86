package awsapi

import "context"

// discard is an operation that answers with an empty output.
func discard[In, Out any](context.Context, *In) (*Out, error) { return new(Out), nil }
