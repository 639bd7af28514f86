package tailer

import (
	"bytes"
	"time"

	"github.com/weir-logs/weir/tailer/framing"
)

// A writer may reserve space before it writes: with fallocate, or by mapping more of the file than it has written yet. Such a file ends in NUL
// bytes that become text without any change of its size. They are no unfinished line: were they sent, reading would go on behind them, and
// what is written there would be missed. So a run of NUL bytes that reaches to the end of a file is left unread until something comes behind it, or the
// file has lost its name.

// written cuts the NUL bytes off the end of b, where they can be no text. NUL bytes are part of text in UTF-16, and may end lines.
func written(b []byte, rules *framing.Rules) []byte {
	if len(b) == 0 || b[len(b)-1] != 0 || !rules.Padded() {
		return b
	}
	return bytes.TrimRight(b, "\x00")
}

// trimReserved takes reserved space off the end of c, and tells whether there was any.
func (w *worker) trimReserved(c *chunk) (bool, error) {
	data := c.data()
	n := len(written(data, w.t.rules))
	if n == len(data) || w.t.cfg.Once || w.f.packed != nil || w.flush == framing.EndOfFile || w.overlong() {
		return false, nil
	}
	if only, err := w.onlyNULs(w.pos.Offset + int64(len(data))); !only || err != nil {
		return false, err
	}
	c.buf, c.end = c.buf[:c.lead+n], true
	return true, nil
}

// mapped is for how long after its last change a mapped file may be written to without another: until the kernel writes its pages back, it sees
// only the first store to each.
const mapped = int64(time.Minute)

// touched tells whether reserved space may become text without any change that the file system shows.
func (w *worker) touched() bool { return w.t.wall()-w.st.mtime < mapped }

// onlyNULs tells whether nothing but NUL bytes is in the file from an offset on.
func (w *worker) onlyNULs(from int64) (bool, error) {
	var buf []byte
	for {
		from = nextData(w.fd, from)
		if from >= w.st.size {
			return true, nil
		}
		if buf == nil {
			buf = make([]byte, 64<<10)
		}
		n, err := readAt(w.fd, buf, from)
		if n == 0 || err != nil {
			return err == nil, err
		}
		if len(bytes.TrimRight(buf[:n], "\x00")) > 0 {
			return false, nil
		}
		from += int64(n)
	}
}
