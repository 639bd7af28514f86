package delivery

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/sink/consumer/consumertest"
	"github.com/weir-logs/weir/sink/delivery/buffer"
)

// ahead is a clock that runs ahead of the one by which records arrive.
type ahead struct {
	buffer.SystemClock
	by time.Duration
}

func (a ahead) Now() time.Time { return time.Now().Add(a.by) }

// What a source holds when the delivery stream is made stays out, and all that comes later is delivered, even if the clock was
// set back in between, the program was restarted before it had read anything, and the shard was split.
func TestSourceIsReadFromTheMomentOfCreation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := consumertest.New("in", 2)
		s.Put("0", "k", []byte("old"))
		b := newBench(t, func(c *Config) { c.Source, c.Clock = s, ahead{by: time.Hour} })
		b.create("archive", fromStream("in"))
		b.close()
		s.Put("0", "k", []byte("a"))
		s.Put("1", "k", []byte("b"))
		left, right := s.Split("0")
		s.Put(left, "k", []byte("c"))
		s.Put(right, "k", []byte("d"))
		b.open()
		settle(2 * minute)
		got := strings.ReplaceAll(b.shelf.text(t), "|", "")
		if len(got) != 4 || strings.Contains(got, "old") || strings.Trim(got, "abcd") != "" {
			t.Errorf("delivered %q, want a, b, c and d", got)
		}
		if missed := b.Stats()["archive"].RecordsMissed; missed != 0 {
			t.Errorf("%d records are said to be missed", missed)
		}
	})
}

// Records that expire before they are read are counted and reported.
func TestSourceExpiresUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := consumertest.New("in", 1)
		var log bytes.Buffer
		b := newBench(t, func(c *Config) { c.Source, c.Log = s, slog.New(slog.NewTextHandler(&log, nil)) })
		b.create("archive", fromStream("in"))
		s.Put("0", "k", []byte("a"))
		settle(minute)
		b.close()
		for range 5 {
			s.Put("0", "k", []byte("x"))
		}
		s.Lose("0", 4)
		b.open()
		settle(2 * minute)
		b.close()
		if got := strings.ReplaceAll(b.shelf.text(t), "|", ""); got != "axx" {
			t.Errorf("delivered %q, want axx", got)
		}
		if n := b.Stats()["archive"].RecordsMissed; n != 3 {
			t.Errorf("%d records missed, want 3", n)
		}
		if got := log.String(); !strings.Contains(got, "expired before they were read") || !strings.Contains(got, "records=3") {
			t.Errorf("logged %s", got)
		}
		b.open()
	})
}
