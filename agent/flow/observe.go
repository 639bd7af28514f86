package flow

import "github.com/weir-logs/weir/tailer"

// Observe counts what the tailer reports. It does not block.
func (f *Flow) Observe(e tailer.Event) {
	c := f.counters
	switch e.Kind {
	case tailer.LineSplit:
		c.split.Add(int64(e.Count))
	case tailer.LineTruncated:
		c.truncated.Add(int64(e.Count))
		c.truncatedBytes.Add(e.Bytes)
	case tailer.GroupForced:
		c.forced.Add(int64(e.Count))
	case tailer.LineForeign:
		c.foreign.Add(int64(e.Count))
	case tailer.PartialSent:
		c.partial.Add(1)
	case tailer.FileGone:
		switch {
		case e.Earlier && e.Bytes <= 0: // most often it was read to its end then
			c.vanished.Add(1)
		default: // negative: nobody knows how many
			c.gaps.Add(1)
			c.gapBytes.Add(max(e.Bytes, 0))
		}
	}
}
