package tailer

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/weir-logs/weir/tailer/framing"
)

func TestFrame(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	for _, c := range []struct {
		name string
		cfg  framing.Config
		data string
		want string
	}{
		{"nothing", framing.Config{}, "", ""},
		{"lines", framing.Config{}, "a\r\nb", "a\r\n|b|"},
		{"pieces", framing.Config{MaxRecord: 5}, "12345\n123456\r\n", "12345\n|12345|6\r\n|"},
		{"large", framing.Config{MaxRecord: 1 << 20}, long + "\nb\n", long + "\n|b\n|"},
		{"truncated", framing.Config{Oversize: framing.Truncate, MaxRecord: 4}, long + "\nb\n" + long, "xxxx\n|b\n|xxxx\n|"},
		{"header", framing.Config{SkipHeaderLines: 1, MaxRecord: 1 << 20}, "\xef\xbb\xbf" + long + "\nb\n", "b\n|"},
		{"header only", framing.Config{SkipHeaderLines: 3}, "a\nb\n", ""},
		{"utf-16", framing.Config{Encoding: framing.UTF16}, "\xfe\xff\x00a\x00\n\x00b", "a\n|b|"},
		{"groups", framing.Config{Multiline: framing.Multiline{Continue: `^\s`}}, "a\n b\nc", "a\n b\n|c|"},
	} {
		if c.cfg.MaxRecord == 0 {
			c.cfg.MaxRecord = 100
		}
		var got strings.Builder
		next := int64(0)
		err := Frame(iotest.HalfReader(strings.NewReader(c.data)), "x.log", c.cfg, func(b *Block) error {
			for i := range b.Ends {
				got.Write(b.Record(i))
				got.WriteByte('|')
				if start := b.Start(i); start < next {
					t.Errorf("%s: record %d starts at %d", c.name, i, start)
				}
			}
			next = max(next, b.Offset)
			return nil
		})
		if err != nil || got.String() != c.want {
			t.Errorf("%s: got %.60q, %v; want %.60q", c.name, got.String(), err, c.want)
		}
	}
	if err := Frame(&bytes.Buffer{}, "x.log", framing.Config{}, nil); err == nil {
		t.Error("a configuration without max_record is taken")
	}
	if err := Frame(iotest.ErrReader(bytes.ErrTooLarge), "x.log", framing.Config{MaxRecord: 9}, nil); err == nil || !strings.Contains(err.Error(), "x.log") {
		t.Errorf("reading fails: %v", err)
	}
}
