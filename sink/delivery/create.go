package delivery

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/delivery/dest"
	"github.com/weir-logs/weir/sink/stream/store"
)

const maxStreams = 5000

// CreateDeliveryStream makes a delivery stream; it is ACTIVE at once. Sources: direct puts, a stream of this server.
// Destination: S3, which is whatever store the bucket's name stands for. Everything else is refused by name.
func (s *Service) CreateDeliveryStream(ctx context.Context, in *firehose.CreateDeliveryStreamInput) (*firehose.CreateDeliveryStreamOutput, error) {
	def, err := s.define(in)
	if err != nil {
		return nil, err
	}
	s.admin.Lock()
	defer s.admin.Unlock()
	if err := s.checkRoom(def.Name); err != nil {
		return nil, err
	}
	if err := s.checkBucket(def); err != nil {
		return nil, err
	}
	if def.Source != nil {
		if err := s.locate(ctx, def.Source); err != nil {
			return nil, err
		}
	}
	value, err := def.encode()
	if err != nil {
		return nil, err
	}
	revision, err := s.cfg.Meta.Put(ctx, metaPrefix+def.Name, value, 0)
	if errors.Is(err, store.ErrConflict) {
		if err := s.adopt(ctx, def.Name); err != nil {
			return nil, err
		}
		return nil, s.inUse(def.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("keep the definition of delivery stream %s: %w", def.Name, err)
	}
	d := s.prepare(def, revision)
	if err := d.start(); err != nil {
		return nil, errors.Join(err, s.cfg.Meta.Delete(ctx, metaPrefix+def.Name, revision))
	}
	if !s.add(d) {
		d.stop()
		return nil, unavailable(nil)
	}
	s.cfg.Log.Info("delivery stream made", "delivery_stream", def.Name, "bucket", def.Destination.Bucket)
	return &firehose.CreateDeliveryStreamOutput{DeliveryStreamARN: &def.ARN}, nil
}

// adopt takes up a definition that is in the store's table and not known here: on a full disk a write may be refused and done
// all the same.
func (s *Service) adopt(ctx context.Context, name string) error {
	e, err := s.cfg.Meta.Get(ctx, metaPrefix+name)
	if err != nil {
		return fmt.Errorf("read the definition of delivery stream %s: %w", name, err)
	}
	def, err := decodeDefinition(e.Value)
	if err != nil {
		return fmt.Errorf("read the definition of delivery stream %s: %w", name, err)
	}
	d := s.prepare(def, e.Revision)
	if def.Deleting {
		return d.erase(ctx)
	}
	if err := d.start(); err != nil {
		return err
	}
	if !s.add(d) {
		d.stop()
	}
	return nil
}

// checkBucket refuses a bucket that is not there, and a prefix that makes keys which the bucket could never take.
func (s *Service) checkBucket(def definition) error {
	bucket, err := s.bucket(def.Destination.Bucket)
	if err != nil {
		return invalid("BucketARN: %s.", err)
	}
	namer, err := def.namer()
	if err != nil {
		return invalid("%s", err)
	}
	if checker, ok := bucket.(dest.Checker); ok {
		if err := checker.Check(namer.Key(s.cfg.Clock.Now())); err != nil {
			return invalid("Prefix: the bucket cannot take such a key: %s.", err)
		}
	}
	return nil
}

// add shows a delivery stream, unless the service was closed meanwhile.
func (s *Service) add(d *deliveryStream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.streams[d.def.Name] = d
	return true
}

func (s *Service) checkRoom(name string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, ok := s.streams[name]; ok {
		return s.inUse(name)
	}
	if len(s.streams) >= maxStreams {
		return &types.LimitExceededException{Message: aws.String(fmt.Sprintf("You have reached the limit of %d delivery streams.", maxStreams))}
	}
	return nil
}

// locate finds out where the source is read from, or that it is not there.
func (s *Service) locate(ctx context.Context, src *source) error {
	if s.cfg.Source == nil {
		return invalid("KinesisStreamSourceConfiguration: this server has no streams.")
	}
	from, err := s.cfg.Source.Ends(ctx, src.Stream)
	var missing *kinesistypes.ResourceNotFoundException
	if errors.As(err, &missing) {
		return invalid("KinesisStreamSourceConfiguration: stream %s not found under account %s.", src.Stream, s.cfg.Account)
	}
	src.From = from
	return err
}

// define turns a request into a definition, or says what is wrong with it.
func (s *Service) define(in *firehose.CreateDeliveryStreamInput) (definition, error) {
	name := aws.ToString(in.DeliveryStreamName)
	if !regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`).MatchString(name) {
		return definition{}, invalid("DeliveryStreamName %q is not of the form [a-zA-Z0-9_.-]{1,64}.", name)
	}
	dst, err := defineDestination(in)
	if err != nil {
		return definition{}, err
	}
	now := s.cfg.Clock.Now().Truncate(time.Millisecond).UTC()
	def := definition{
		Format: definitionFormat, Name: name, Version: "1", Created: now, Destination: dst,
		ARN:    fmt.Sprintf("arn:aws:firehose:%s:%s:deliverystream/%s", s.cfg.Region, s.cfg.Account, name),
		Folder: fmt.Sprintf("%s@%d", name, now.UnixMilli()),
	}
	for _, t := range in.Tags {
		def.Tags = append(def.Tags, tag{aws.ToString(t.Key), aws.ToString(t.Value)})
	}
	if err := defineSource(in, &def); err != nil {
		return definition{}, err
	}
	if _, err := def.namer(); err != nil {
		return definition{}, invalid("%s", err)
	}
	return def, nil
}

func defineSource(in *firehose.CreateDeliveryStreamInput, def *definition) error {
	switch {
	case in.MSKSourceConfiguration != nil:
		return unsupported("MSKSourceConfiguration")
	case in.DatabaseSourceConfiguration != nil:
		return unsupported("DatabaseSourceConfiguration")
	case in.DeliveryStreamEncryptionConfigurationInput != nil:
		return unsupported("DeliveryStreamEncryptionConfigurationInput")
	}
	kinesisSource, direct := in.KinesisStreamSourceConfiguration, in.DirectPutSourceConfiguration
	switch in.DeliveryStreamType {
	case types.DeliveryStreamTypeDirectPut, "":
		if kinesisSource != nil {
			return invalid("KinesisStreamSourceConfiguration is only for the DeliveryStreamType KinesisStreamAsSource.")
		}
		if direct != nil {
			def.Throughput = aws.ToInt32(direct.ThroughputHintInMBs)
		}
		return nil
	case types.DeliveryStreamTypeKinesisStreamAsSource:
		if direct != nil {
			return invalid("DirectPutSourceConfiguration is only for the DeliveryStreamType DirectPut.")
		}
		if kinesisSource == nil {
			return invalid("KinesisStreamSourceConfiguration is needed for the DeliveryStreamType KinesisStreamAsSource.")
		}
		arn := aws.ToString(kinesisSource.KinesisStreamARN)
		before, stream, ok := strings.Cut(arn, ":stream/")
		if !ok || !strings.HasPrefix(before, "arn:") || !strings.Contains(before, ":kinesis:") || stream == "" || strings.Contains(stream, "/") {
			return invalid("KinesisStreamARN %q is not the ARN of a stream.", arn)
		}
		def.Source = &source{StreamARN: arn, Stream: stream, RoleARN: aws.ToString(kinesisSource.RoleARN)}
		return nil
	}
	return unsupported("DeliveryStreamType " + string(in.DeliveryStreamType))
}

func unsupported(member string) error {
	return invalid("%s is not supported yet by this server.", member)
}
