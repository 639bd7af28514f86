package flow

import (
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/framing"
)

// TestMetadata sends a block whose records came from a container: two of one stream around one of the other.
func TestMetadata(t *testing.T) {
	to := newFake()
	r := newRig(t, func(c *Config) {
		c.Container, c.Parse, c.Encode.Format = true, config.Parse{Format: "json", OnMismatch: config.MismatchDeadLetter}, "json"
	}, to)
	b := &tailer.Block{
		ID: fileID, Path: "/var/log/pods/shop_web-1_u-1/nginx/0.log", Offset: 0, Data: []byte("{\"time\":1}\n{\"pod\":\"x\"}\nodd\n"), Ends: []int{11, 23, 27},
		Starts: []int64{0, 90, 40}, Next: tailer.Position{ID: fileID, Offset: 150},
		Meta: []framing.Meta{
			{Stream: framing.Stdout, Time: []byte("2026-11-23T10:00:01Z")},
			{Stream: framing.Stderr, Time: []byte("2026-11-23T10:00:02Z"), Cut: framing.SplitOff},
			{Stream: framing.Stdout, Time: []byte("2026-11-23T10:00:03Z")},
		},
	}
	if err := r.Handle(t.Context(), t.Context(), b); err != nil {
		t.Fatal(err)
	}
	const where = `"namespace":"shop","pod":"web-1","container":"nginx"`
	want := `{"stream":"stdout","time":"2026-11-23T10:00:01Z",` + where + `,"log_time":1}` + "\n" +
		`{"stream":"stderr","time":"2026-11-23T10:00:02Z",` + where + `,"oversize":"split","log_pod":"x"}` + "\n"
	if got := strings.Join(to.records(), ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	eventually(t, "the dead letter is on disk", func() bool { return r.frontier() == 150 })
	letters := readLetters(t, r.letters.State().Path)
	if len(letters) != 1 || letters[0].Offset != 40 || letters[0].End != 0 || string(letters[0].Data) != "odd\n" {
		t.Errorf("letters %+v, want one at offset 40 without an end", letters)
	}
}

// TestOriginAllocatesNothing: the fields of a record are made in scratch memory.
func TestOriginAllocatesNothing(t *testing.T) {
	o := NewOrigin(true)
	meta := framing.Meta{Stream: framing.Stdout, Time: []byte("t"), Cut: framing.TruncatedAt}
	o.Open("/var/log/pods/shop_web-1_u-1/nginx/0.log")
	o.Fields(&meta)
	if n := testing.AllocsPerRun(100, func() {
		o.Open("/var/log/pods/shop_web-1_u-1/nginx/0.log")
		o.Fields(&meta)
	}); n > 1 { // the list of names, for each file
		t.Errorf("%v allocations", n)
	}
}
