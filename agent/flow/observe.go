package flow

import "github.com/weir-logs/weir/tailer"

// Observe counts what the tailer reports. It does not block.
func (f *Flow) Observe(e tailer.Event) {
	c := &f.counters
	switch e.Kind {
	case tailer.LineSplit:
		c.split.Add(int64(e.Count))
	case tailer.PartialSent:
		c.partial.Add(1)
	case tailer.FileTruncated, tailer.FileGone:
		if e.Bytes != 0 { // negative: nobody knows how many, or whether any
			c.gaps.Add(1)
			c.gapBytes.Add(max(e.Bytes, 0))
		}
	}
}
