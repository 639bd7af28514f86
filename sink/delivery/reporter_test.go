package delivery

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/sink/delivery/buffer"
)

func TestReporterDoesNotRepeatItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		d := &deliveryStream{s: &Service{cfg: Config{Clock: buffer.SystemClock{}, Log: slog.New(slog.NewTextHandler(&log, nil))}}}
		report := d.reporter()
		for range 3 {
			report(errors.New("disk full"))
			time.Sleep(time.Second)
		}
		report(errors.New("disk broken"))
		report(errors.New("disk full"))
		if n := strings.Count(log.String(), "disk full"); n != 2 {
			t.Errorf("said %d times, want once, and once more after something else:\n%s", n, &log)
		}
		time.Sleep(logAgain)
		report(errors.New("disk full"))
		if n := strings.Count(log.String(), "disk full"); n != 3 {
			t.Errorf("said %d times after a while, want 3:\n%s", n, &log)
		}
	})
}
