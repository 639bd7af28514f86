// Package sink says what a flow delivers to: records go in as entries, and each run of them is answered exactly once.
//
// The packages below it are the two ends of that road. On the sending side are kpl (the aggregated-record format) and
// producer (clients of PutRecords and PutRecordBatch); on the receiving side stream and delivery (the bundled Kinesis and
// Firehose), awsapi and server (the wire they speak).
package sink

import (
	"context"
	"errors"
)

// Entry is one encoded record on its way to a destination.
type Entry struct {
	Data []byte // owned by the caller, valid until Put returns

	// PartitionKey is the record's key on a stream. Empty means that the destination draws one; entries with an empty key
	// may share an aggregate under one key drawn for it. Delivery streams have no keys.
	PartitionKey string

	// Records is how many records were joined in Data, which is sent and answered as a whole; 0 means one. Delivery streams only.
	Records int
}

// Count returns how many records the entry is.
func (e *Entry) Count() int { return max(e.Records, 1) }

// Refusal is an entry that its destination will never take, however often it is sent.
type Refusal struct {
	Data    []byte // a copy, owned by the receiver
	Records int    // as in the Entry
	Err     error
}

// Count returns how many records were refused.
func (r *Refusal) Count() int { return max(r.Records, 1) }

// ErrGivenUp is in the Err of a Refusal whose entry was not taken for so long that it was given up. It may have been stored all the same, if a request
// of it stayed without an answer.
var ErrGivenUp = errors.New("given up")

// Result answers one Put. Every entry of it was either acknowledged by the destination or is among Refused.
type Result struct {
	Refused []Refusal
}

// Limits are the bounds of one record at a destination, in bytes.
type Limits struct {
	Record int // data and partition key together
}

// Destination takes entries and answers for them.
//
// An error that may pass (throttling, a dead network, a missing stream, a refused login) is retried inside, without
// end and with back-off, and shown in Stats; it is never an answer, unless the destination is told to give up (ErrGivenUp). Files are the buffer: Put blocks while the destination has no room.
type Destination interface {
	// Put takes entries in order and copies what it needs before it returns. It calls done exactly once, from any
	// goroutine, when all of them are answered; done must not block. If Put returns an error (the context's, or that the
	// destination is closed), done is never called and some of the entries may still be delivered.
	Put(ctx context.Context, entries []Entry, done func(Result)) error

	// Limits returns the bounds that an entry must keep; Put answers a larger one with a Refusal.
	Limits() Limits

	// Stats returns the counters so far and the state of the destination.
	Stats() Stats

	// Close sends what waits and returns when all of it is answered, or with the context's error when that ends first; what
	// is then unanswered stays so. It ends the destination's goroutines in both cases.
	Close(ctx context.Context) error
}

// Stats counts what a destination did since its start. Records are user records: members of an aggregate count one each.
type Stats struct {
	Records    int64  `json:"records"`                  // acknowledged
	Bytes      int64  `json:"bytes"`                    // of their data
	Requests   int64  `json:"requests"`                 // answered, whatever the answer
	Retried    int64  `json:"retried"`                  // records sent again because the service refused them: no duplicates
	Unanswered int64  `json:"unanswered"`               // records sent again because no answer came, or one that does not say whether they were stored: each may be a duplicate
	Refused    int64  `json:"refused"`                  // records refused for good
	GivenUp    int64  `json:"given_up"`                 // records given up because nothing was taken for too long
	Pending    int64  `json:"pending"`                  // records taken and not answered yet
	LastError  string `json:"last_error,omitempty"`     // of the newest failed request; empty again after a success
	FailingFor int64  `json:"failing_for_ms,omitempty"` // milliseconds since the first of the failures that no success has ended
}
