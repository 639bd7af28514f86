package awsapi

import (
	"context"
	"reflect"
)

// Operation is one row of an API: its name and what goes in and out. A nil Output means an empty body.
type Operation struct {
	Name       string
	Input      *Shape
	Output     *Shape
	MaxBody    int64 // of a request, in bytes; 0 means 2 MiB
	Memory     int64 // bytes that making an answer may take; 0 means little
	HideValues bool  // a refused constraint names the member but not its value, as Firehose does it
}

// Handler joins an operation to the function that answers it.
type Handler struct {
	Operation *Operation
	newInput  func() any
	output    reflect.Type
	call      Call
}

// Call answers one request: in is a pointer to the SDK's input of the operation, out one to its output, nil with an error.
type Call func(ctx context.Context, in any) (out any, err error)

// Around returns a handler of the same operation that answers with what around makes of h's own call.
func (h Handler) Around(around func(Call) Call) Handler {
	h.call = around(h.call)
	return h
}

// Handle joins op to f, whose input and output are the SDK's types of that operation. An error of f that is a
// smithy.APIError is sent with its code and message; any other is an InternalFailure, logged and not shown.
//
// The input belongs to f, which may keep it; the data of all its records lies in one piece of memory, so keeping one keeps
// all. The output is read after f has returned and must not change then.
func Handle[In, Out any](op *Operation, f func(context.Context, *In) (*Out, error)) Handler {
	return Handler{
		Operation: op,
		newInput:  func() any { return new(In) },
		output:    reflect.TypeFor[Out](),
		call:      func(ctx context.Context, in any) (any, error) { return f(ctx, in.(*In)) },
	}
}

// Service is one API that a server offers.
type Service struct {
	Target   string // the prefix of X-Amz-Target, such as Kinesis_20131202
	Signing  string // the name in a signature's scope, such as kinesis
	Handlers []Handler
}
