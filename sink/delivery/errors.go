package delivery

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/weir-logs/weir/sink/delivery/buffer"
)

func invalid(format string, args ...any) error {
	return &types.InvalidArgumentException{Message: aws.String(fmt.Sprintf(format, args...))}
}

func (s *Service) notFound(name string) error {
	return &types.ResourceNotFoundException{Message: aws.String(fmt.Sprintf("Firehose %s not found under account %s.", name, s.cfg.Account))}
}

func (s *Service) notActive(name string) error {
	return &types.ResourceNotFoundException{Message: aws.String(fmt.Sprintf("Firehose %s is not active in account %s.", name, s.cfg.Account))}
}

func (s *Service) inUse(name string) error {
	return &types.ResourceInUseException{Message: aws.String(fmt.Sprintf("Firehose %s under accountId %s already exists", name, s.cfg.Account))}
}

// unavailable is the answer of a put that could not be made durable; it is worth another try. The disk's own words are for the
// log: they hold paths.
func unavailable(err error) *types.ServiceUnavailableException {
	text := "The buffer of the delivery stream cannot be written at present. Please retry."
	switch {
	case errors.Is(err, buffer.ErrFull):
		text = "The buffer of the delivery stream is full until its destination takes more. Please retry."
	case errors.Is(err, buffer.ErrClosed):
		text = "The server is stopping. Please retry."
	}
	return &types.ServiceUnavailableException{Message: &text}
}
