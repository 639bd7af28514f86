package delivery

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/weir-logs/weir/sink/delivery/buffer"
)

const (
	maxRecord  = 1_024_000
	maxRecords = 500
	maxBatch   = 4 << 20
	// chunk bounds what goes into the buffer as one: so much can an object pass its size.
	chunk = 1 << 20
)

// PutRecord keeps a record; it is durable when PutRecord answers.
func (s *Service) PutRecord(ctx context.Context, in *firehose.PutRecordInput) (*firehose.PutRecordOutput, error) {
	d, err := s.putTarget(aws.ToString(in.DeliveryStreamName))
	if err != nil {
		return nil, err
	}
	if in.Record == nil || len(in.Record.Data) > maxRecord {
		return nil, invalid("Record: its data must be there and have at most %d bytes.", maxRecord)
	}
	batch := buffer.Batch{Records: []buffer.Record{{Data: in.Record.Data, Arrival: s.cfg.Clock.Now()}}}
	if err := d.keep(ctx, batch); err != nil {
		return nil, err
	}
	ids := newIDs()
	return &firehose.PutRecordOutput{RecordId: ids.next(), Encrypted: aws.Bool(false)}, nil
}

// PutRecordBatch keeps up to 500 records in order. If the buffer takes only some of them, those are answered with an id,
// and the rest, which is always the end of the batch, with an error.
func (s *Service) PutRecordBatch(ctx context.Context, in *firehose.PutRecordBatchInput) (*firehose.PutRecordBatchOutput, error) {
	d, err := s.putTarget(aws.ToString(in.DeliveryStreamName))
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.Records); err != nil {
		return nil, err
	}
	kept, err := d.keepAll(ctx, in.Records, s.cfg.Clock.Now())
	var failed *types.ServiceUnavailableException
	if err != nil && !errors.As(err, &failed) {
		return nil, err
	}
	out := &firehose.PutRecordBatchOutput{
		FailedPutCount: aws.Int32(int32(len(in.Records) - kept)), Encrypted: aws.Bool(false),
		RequestResponses: make([]types.PutRecordBatchResponseEntry, len(in.Records)),
	}
	ids := newIDs()
	for i := range out.RequestResponses {
		if i < kept {
			out.RequestResponses[i].RecordId = ids.next()
		} else {
			out.RequestResponses[i].ErrorCode, out.RequestResponses[i].ErrorMessage = aws.String(failed.ErrorCode()), failed.Message
		}
	}
	return out, nil
}

// putTarget returns a delivery stream that takes puts.
func (s *Service) putTarget(name string) (*deliveryStream, error) {
	d, err := s.lookup(name)
	if err != nil || d.definition().Deleting {
		return nil, s.notActive(name)
	}
	if d.source() {
		return nil, invalid("This operation is not permitted on KinesisStreamAsSource delivery stream type.")
	}
	return d, nil
}

func checkBatch(records []types.Record) error {
	if len(records) == 0 || len(records) > maxRecords {
		return invalid("Records: there must be 1 to %d, and there are %d.", maxRecords, len(records))
	}
	total := 0
	for i, r := range records {
		if len(r.Data) > maxRecord {
			return invalid("Records: number %d has %d bytes, and %d are allowed.", i+1, len(r.Data), maxRecord)
		}
		total += len(r.Data)
	}
	if total > maxBatch {
		return invalid("Records size exceeds 4 MB limit")
	}
	return nil
}

// keepAll keeps the records in order, in chunks, and returns how many are durable.
func (d *deliveryStream) keepAll(ctx context.Context, records []types.Record, now time.Time) (kept int, err error) {
	for kept < len(records) {
		var batch buffer.Batch
		size, end := 0, kept
		for end < len(records) && (end == kept || size+len(records[end].Data) <= chunk) {
			batch.Records = append(batch.Records, buffer.Record{Data: records[end].Data, Arrival: now})
			size += len(records[end].Data)
			end++
		}
		if err := d.keep(ctx, batch); err != nil {
			return kept, err
		}
		kept = end
	}
	return kept, nil
}

// keep makes a batch durable. What the disk says is for the log, the caller is told to try again.
func (d *deliveryStream) keep(ctx context.Context, batch buffer.Batch) error {
	err := d.buf.Append(ctx, batch)
	if err == nil {
		d.took(batch)
		return nil
	}
	if ctx.Err() != nil {
		return err
	}
	if !errors.Is(err, buffer.ErrClosed) {
		d.failing(putTrouble, err)
	}
	return unavailable(err)
}

// ids makes the ids of the records of one request.
type ids struct {
	raw [20]byte
	n   uint32
}

func newIDs() *ids {
	i := &ids{}
	_, _ = rand.Read(i.raw[:]) // never fails
	return i
}

func (i *ids) next() *string {
	binary.BigEndian.PutUint32(i.raw[16:], i.n)
	i.n++
	return aws.String(base64.RawURLEncoding.EncodeToString(i.raw[:]))
}
