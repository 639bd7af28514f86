package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"

	"github.com/weir-logs/weir/sink/awsapi"
	"github.com/weir-logs/weir/sink/stream/store"
)

// The texts are those of AWS where clients are known to compare them.

func (s *Service) streamNotFound(name string) error {
	return &types.ResourceNotFoundException{Message: aws.String(fmt.Sprintf("Stream %s under account %s not found.", name, s.cfg.Account))}
}

func (s *Service) shardNotFound(id, name string) error {
	return &types.ResourceNotFoundException{Message: aws.String(
		fmt.Sprintf("Shard %s in stream %s under account %s does not exist", id, name, s.cfg.Account))}
}

func (s *Service) streamExists(name string) error {
	return &types.ResourceInUseException{Message: aws.String(fmt.Sprintf("Stream %s under account %s already exists.", name, s.cfg.Account))}
}

func invalid(format string, args ...any) error {
	return &types.InvalidArgumentException{Message: aws.String(fmt.Sprintf(format, args...))}
}

func limitExceeded(format string, args ...any) error {
	return &types.LimitExceededException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// violation is the answer to one member outside its bounds, where the bound is not in the API's table but in the stream.
func violation(value, path, must string) error {
	return &types.ValidationException{Message: aws.String(fmt.Sprintf(
		"1 validation error detected: Value %s at '%s' failed to satisfy constraint: Member must %s", value, path, must))}
}

const (
	codeInternalFailure = "InternalFailure"
	textInternalFailure = "Internal service failure."
)

// internalFailure is what clients are told of a failed store; the log has the cause.
func internalFailure() error {
	return &awsapi.Error{Code: codeInternalFailure, Message: textInternalFailure, Status: 500, Fault: smithy.FaultServer}
}

// health logs when the store begins to fail and when it works again, not each request that fails meanwhile.
type health struct {
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex
	failing bool
	shown   bool      // this failure was logged
	last    string    // text of the failure logged last
	at      time.Time // of that
}

// repeatAfter is when the same failure is worth a line again, if it comes and goes.
const repeatAfter = time.Minute

// report takes the outcome of an operation of the store.
func (h *health) report(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err == nil && h.failing:
		h.failing = false
		if h.shown {
			h.log.Info("the store of the streams works again")
		}
	case err != nil && !h.failing:
		now := h.now()
		h.failing = true
		if h.shown = err.Error() != h.last || now.Sub(h.at) >= repeatAfter; h.shown {
			h.last, h.at = err.Error(), now
			h.log.Error("the store of the streams fails: requests get InternalFailure until it works again", "error", err)
		}
	}
}

// failed reports a failure of the store and returns the answer to it. A request that was given up says nothing about
// the store, nor does a shard that was closed meanwhile: the client tries again and finds its children.
func (s *Service) failed(err error) error {
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case !errors.Is(err, store.ErrFenced):
		s.health.report(err)
	}
	return internalFailure()
}
