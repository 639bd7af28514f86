package tailer

import "bytes"

// lineEnd is how far past maxRecord a line may reach with its CR and LF.
const lineEnd = 2

// maxRecords is how many records a block has at most: the ends of more would take more memory than the records themselves.
const maxRecords = 32 << 10

// frame finds the records in data, which begins at the start of one, and appends the end of each to ends.
//
// LF ends a record. A line whose bytes before its line end (LF, or CR and LF) are more than maxRecord is cut into pieces
// of maxRecord bytes; the last piece has the line end. What is after the last end in the result is unfinished, fewer than
// maxRecord+lineEnd bytes without LF, unless there are maxRecords: then it was not looked at. Cutting needs no memory of what came before, so it is the same after a restart.
func frame(data []byte, maxRecord int, ends []int) (all []int, pieces int) {
	limit := maxRecord + lineEnd
	for pos := 0; pos < len(data) && len(ends) < maxRecords; {
		line := data[pos:]
		if len(line) > limit {
			line = line[:limit]
		}
		i := bytes.IndexByte(line, '\n')
		switch {
		case i >= 0 && (i <= maxRecord || line[i-1] == '\r'):
			pos += i + 1
		case len(line) == limit:
			pos += maxRecord
			pieces++
		default:
			return ends, pieces
		}
		ends = append(ends, pos)
	}
	return ends, pieces
}

// frameRest appends the ends of what frame left over, data from the last end on, where no more bytes are to come.
func frameRest(data []byte, maxRecord int, ends []int) (all []int, pieces int) {
	pos := lastEnd(ends)
	for len(data)-pos > maxRecord {
		pos += maxRecord
		ends = append(ends, pos)
		pieces++
	}
	if pos < len(data) {
		ends = append(ends, len(data))
	}
	return ends, pieces
}

// lastEnd is how many bytes the records take.
func lastEnd(ends []int) int {
	if len(ends) == 0 {
		return 0
	}
	return ends[len(ends)-1]
}
