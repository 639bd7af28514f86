package framing

import "bytes"

// maxLines is how many records of the file as it is one Result has at most: the ends of more would take more memory than the records.
const maxLines = 32 << 10

// lines finds the records where each is one line of the file as it lies there: no copy. It gives up (false) at a line that is over-long,
// at an unfinished one that is to go out, and where records before Stop may not be all.
func (f *Framer) lines(in Input) (Result, bool) {
	data, limit := in.Data, f.cfg.MaxRecord
	ends := f.ends[:0]
	pos := 0
	for pos < len(data) && len(ends) < maxLines {
		line := data[pos:]
		if len(line) > limit+2 {
			line = line[:limit+2]
		}
		i := bytes.IndexByte(line, '\n')
		if i < 0 && len(line) < limit+2 {
			break
		}
		if i < 0 || i > limit && line[i-1] != '\r' {
			f.ends = ends
			return Result{}, false
		}
		pos += i + 1
		ends = append(ends, pos)
	}
	f.ends = ends
	if in.Close >= Lines && pos < len(data) && len(ends) < maxLines {
		return Result{}, false
	}
	if in.Stop > 0 && in.At+int64(pos) > in.Stop {
		ends, pos = before(ends, in.Stop-in.At)
	}
	return Result{Data: data[:pos:pos], Ends: ends, Taken: pos, More: len(ends) == maxLines}, true
}

// before returns the ends of the records that begin before stop, and the last of them.
func before(ends []int, stop int64) ([]int, int) {
	from := 0
	for i, end := range ends {
		if int64(from) >= stop {
			return ends[:i], from
		}
		from = end
	}
	return ends, from
}
