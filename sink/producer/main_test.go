package producer

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/weir-logs/weir/sink"
)

type result = sink.Result

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
