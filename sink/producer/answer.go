package producer

import (
	"encoding/json"
	"errors"
	"fmt"
)

// maxAnswer bounds what is read of an answer: 500 entries with a long message each stay far below.
const maxAnswer = 1 << 20

// answer is what a service said to a request that it took as a whole: one entry for each record, in order.
type answer struct {
	entries int
	failed  []failedEntry
}

// failedEntry is a record that was not taken.
type failedEntry struct {
	index   int
	code    string
	message string
}

var errAnswer = errors.New("the answer is not what the service documents")

// parse reads an answer in which member is the list of entries. It keeps a.failed's memory and nothing of data. An entry
// counts as taken only if it says so, by a sequence number or a record id.
func (a *answer) parse(data []byte, member string) error {
	a.entries, a.failed = 0, a.failed[:0]
	s := scanner{data: data}
	seen := false
	ok := s.object(func(key []byte) bool {
		if string(key) != member {
			return s.skip(0)
		}
		twice := seen
		seen = true
		return !twice && s.array(func() bool { return a.entry(&s) })
	})
	if !ok || !s.end() || !seen {
		return fmt.Errorf("%w: byte %d of %d", errAnswer, s.at, len(data))
	}
	return nil
}

// entry reads the answer for one record.
func (a *answer) entry(s *scanner) bool {
	taken := false
	entry := failedEntry{index: a.entries}
	ok := s.object(func(key []byte) bool {
		switch string(key) {
		case "SequenceNumber", "RecordId":
			text, ok := s.optional()
			taken = taken || len(text) > 0
			return ok
		case "ErrorCode":
			text, ok := s.optional()
			if last := len(a.failed) - 1; last >= 0 && a.failed[last].code == string(text) {
				entry.code = a.failed[last].code // hundreds of entries fail for one reason
			} else {
				entry.code = string(text)
			}
			return ok
		case "ErrorMessage":
			text, ok := s.optional()
			if last := len(a.failed) - 1; last >= 0 && a.failed[last].message == string(text) {
				entry.message = a.failed[last].message
			} else {
				entry.message = unquote(text)
			}
			return ok
		}
		return s.skip(1)
	})
	a.entries++
	if entry.code != "" {
		a.failed = append(a.failed, entry)
		taken = true // not, but it is answered
	}
	return ok && taken && a.entries <= maxRecords
}

// unquote decodes the inside of a JSON string.
func unquote(text []byte) string {
	var s string
	if json.Unmarshal([]byte(`"`+string(text)+`"`), &s) != nil {
		return string(text)
	}
	return s
}
