package flow

import "sync/atomic"

// counters count what happens, from any goroutine.
type counters struct {
	records, bytes                atomic.Int64
	mismatched                    atomic.Int64
	droppedMismatch, droppedEmpty atomic.Int64
	droppedHeader                 atomic.Int64
	droppedEdit, editFailed       atomic.Int64
	oversize, refused, givenUp    atomic.Int64
	keysMissing                   atomic.Int64
	conditionFailed, unrouted     atomic.Int64
	split, partial                atomic.Int64
	truncated, truncatedBytes     atomic.Int64
	forced, foreign               atomic.Int64
	gaps, gapBytes, vanished      atomic.Int64
	sends                         []sendCounters
}

type sendCounters struct{ records, bytes atomic.Int64 }

// Stats is what a flow did since its start. Records are counted once, however many destinations get them.
type Stats struct {
	RecordsRead      int64 `json:"records_read"`
	BytesRead        int64 `json:"bytes_read"`
	RecordsDelivered int64 `json:"records_delivered"` // acknowledged, at the destination that is furthest behind of those that get every record; if there is none, at all of them together
	BytesDelivered   int64 `json:"bytes_delivered"`   // encoded, likewise
	Mismatched       int64 `json:"mismatched"`        // lines that did not have the flow's format, whatever happened to them
	DroppedMismatch  int64 `json:"dropped_mismatch"`  // of those: dropped, as on_mismatch says
	DroppedEmpty     int64 `json:"dropped_empty"`     // records with no byte left once their line end was off
	DroppedHeader    int64 `json:"dropped_header"`    // lines that named the columns of csv
	DroppedEdit      int64 `json:"dropped_edit"`      // records that a step of edit drops
	EditFailed       int64 `json:"edit_failed"`       // times that a step of edit could not be done to a record, which was left as it was
	Oversize         int64 `json:"oversize"`          // entries too large for a destination
	Refused          int64 `json:"refused"`           // entries that a destination will never take
	GivenUp          int64 `json:"given_up"`          // entries that a destination did not take for give_up_after
	DeadLettered     int64 `json:"dead_lettered"`     // mismatched, oversize, refused, given up and unrouted ones that are on disk
	KeysMissing      int64 `json:"keys_missing"`      // records without the field of their partition key; they got a random one
	ConditionFailed  int64 `json:"condition_failed"`  // times that a destination's condition failed on a record; it does not hold then
	Unrouted         int64 `json:"unrouted"`          // records that no destination's condition held for
	Split            int64 `json:"split"`             // records that go on in the next one: they were longer than max_record or max_lines
	Truncated        int64 `json:"truncated"`         // records that were longer and lost their end
	TruncatedBytes   int64 `json:"truncated_bytes"`   // of the files, that were left out so
	Forced           int64 `json:"forced"`            // groups and partial lines of containers ended early because too much else was open
	Foreign          int64 `json:"foreign"`           // lines without the container's format, sent as they are
	Partial          int64 `json:"partial"`           // unfinished last lines sent after partial_timeout
	Gaps             int64 `json:"gaps"`              // times that bytes were gone before they could be read
	GapBytes         int64 `json:"gap_bytes"`         // how many, as far as is known
	Vanished         int64 `json:"vanished"`          // files of an earlier run that are nowhere and had been read as far as they were seen; what was written since nobody knows
	InFlight         int64 `json:"in_flight"`         // bytes read that no durable checkpoint covers

	DeadLetters  DeadLetterState `json:"dead_letters"`
	Destinations []SendStats     `json:"destinations"`
}

// SendStats is what one destination acknowledged of a flow.
type SendStats struct {
	Name    string `json:"name"`
	Records int64  `json:"records"`
	Bytes   int64  `json:"bytes"`
	Part    bool   `json:"-"` // it does not get every record of the flow
}

// Stats returns the counters so far.
func (f *Flow) Stats() Stats {
	c := f.counters
	state := f.cfg.Letters.State()
	s := Stats{
		RecordsRead: c.records.Load(), BytesRead: c.bytes.Load(), Mismatched: c.mismatched.Load(),
		DroppedMismatch: c.droppedMismatch.Load(), DroppedEmpty: c.droppedEmpty.Load(), DroppedHeader: c.droppedHeader.Load(),
		DroppedEdit: c.droppedEdit.Load(), EditFailed: c.editFailed.Load(),
		Oversize: c.oversize.Load(), Refused: c.refused.Load(), GivenUp: c.givenUp.Load(), DeadLettered: state.Written, KeysMissing: c.keysMissing.Load(),
		ConditionFailed: c.conditionFailed.Load(), Unrouted: c.unrouted.Load(),
		Split: c.split.Load(), Truncated: c.truncated.Load(), TruncatedBytes: c.truncatedBytes.Load(),
		Forced: c.forced.Load(), Foreign: c.foreign.Load(), Partial: c.partial.Load(), Gaps: c.gaps.Load(), GapBytes: c.gapBytes.Load(), Vanished: c.vanished.Load(),
		InFlight: f.cfg.Tracker.InFlight(), DeadLetters: state,
	}
	for i := range c.sends {
		to := &f.cfg.Sends[i]
		s.Destinations = append(s.Destinations, SendStats{Name: to.Name, Records: c.sends[i].records.Load(), Bytes: c.sends[i].bytes.Load(), Part: to.part()})
	}
	s.RecordsDelivered, s.BytesDelivered = Delivered(s.Destinations)
	return s
}

// Delivered is what a flow delivered, by what its destinations acknowledged.
func Delivered(all []SendStats) (records, bytes int64) {
	whole := false // a destination that gets every record was seen
	for _, d := range all {
		switch {
		case d.Part:
			if !whole {
				records, bytes = records+d.Records, bytes+d.Bytes
			}
		case !whole || d.Records < records:
			records, bytes, whole = d.Records, d.Bytes, true
		}
	}
	return records, bytes
}
