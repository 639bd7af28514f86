package delivery

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/sink/delivery/buffer"
)

// Stats counts what a delivery stream did since the start of the program, and says what it holds. Members of an aggregate
// count one each; bytes are those of the records' data, but for ObjectBytes.
type Stats struct {
	RecordsIn       int64     `json:"records_in"` // durable in the buffer
	BytesIn         int64     `json:"bytes_in"`
	RecordsMissed   int64     `json:"records_missed"` // of the source stream, expired before they were read
	RecordsOut      int64     `json:"records_out"`    // durable in an object
	BytesOut        int64     `json:"bytes_out"`
	Objects         int64     `json:"objects"`
	ObjectBytes     int64     `json:"object_bytes"` // as stored, compressed
	BufferedRecords int64     `json:"buffered_records"`
	BufferedBytes   int64     `json:"buffered_bytes"`
	BufferSpace     int64     `json:"buffer_space"` // bytes on disk
	Failures        int64     `json:"failures"`
	LastError       string    `json:"last_error,omitempty"` // of what is failing now; empty again after a success
	FailingSince    time.Time `json:"failing_since,omitzero"`
}

// What can fail. A trouble of the source is over when it was not seen for sourceQuiet: its shards fail and work side by side.
const (
	putTrouble      = "put"
	sourceTrouble   = "source"
	stoppedTrouble  = "reading the source has stopped"
	deliveryTrouble = "delivery"

	sourceQuiet = 30 * time.Second
	logAgain    = time.Minute // at most so often for the same trouble, if its text changes
)

// trouble is a failure that no success has ended.
type trouble struct {
	text   string
	since  time.Time
	last   time.Time
	logged time.Time
}

// over reports whether a trouble ended by itself.
func over(what string, t trouble, now time.Time) bool {
	return what == sourceTrouble && now.Sub(t.last) > sourceQuiet
}

func (d *deliveryStream) snapshot() Stats {
	buffered, now := d.buf.Stats(), d.s.cfg.Clock.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.BufferedRecords, s.BufferedBytes, s.BufferSpace = buffered.Records, buffered.Bytes, buffered.Space
	var texts []string
	for _, what := range slices.Sorted(maps.Keys(d.trouble)) {
		t := d.trouble[what]
		if over(what, t, now) {
			continue
		}
		texts = append(texts, what+": "+t.text)
		if s.FailingSince.IsZero() || t.since.Before(s.FailingSince) {
			s.FailingSince = t.since
		}
	}
	s.LastError = strings.Join(texts, "; ")
	return s
}

// took counts a batch that is durable in the buffer.
func (d *deliveryStream) took(b buffer.Batch) {
	bytes := int64(0)
	for _, r := range b.Records {
		bytes += int64(len(r.Data))
	}
	d.mu.Lock()
	d.stats.RecordsIn += int64(len(b.Records))
	d.stats.BytesIn += bytes
	d.mu.Unlock()
	d.working(putTrouble)
}

// delivered counts an object.
func (d *deliveryStream) delivered(seal buffer.Seal, size int64) {
	d.mu.Lock()
	d.stats.RecordsOut += seal.Records
	d.stats.BytesOut += seal.Bytes
	d.stats.Objects++
	d.stats.ObjectBytes += size
	name := d.def.Name
	d.mu.Unlock()
	d.s.cfg.Log.Info("object delivered", "delivery_stream", name, "bucket", seal.Bucket, "key", seal.Key, "records", seal.Records, "bytes", size)
}

// failing notes a failure, and logs it if it is a new one.
func (d *deliveryStream) failing(what string, err error) {
	now := d.s.cfg.Clock.Now()
	d.mu.Lock()
	t, was := d.trouble[what]
	if !was || over(what, t, now) {
		t = trouble{since: now}
	}
	text := err.Error()
	tell := t.logged.IsZero() || t.text != text && now.Sub(t.logged) >= logAgain
	t.text, t.last = text, now
	if tell {
		t.logged = now
	}
	d.trouble[what] = t
	d.stats.Failures++
	name := d.def.Name
	d.mu.Unlock()
	if tell {
		d.s.cfg.Log.Error("delivery stream is in trouble and goes on trying", "delivery_stream", name, "with", what, "error", err)
	}
}

// working ends a failure.
func (d *deliveryStream) working(what string) {
	d.mu.Lock()
	old, was := d.trouble[what]
	delete(d.trouble, what)
	name := d.def.Name
	d.mu.Unlock()
	if was {
		d.s.cfg.Log.Info("delivery stream works again", "delivery_stream", name, "with", what, "failed_for", d.s.cfg.Clock.Now().Sub(old.since))
	}
}
