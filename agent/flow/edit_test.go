package flow

import (
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/parsers/edit"
)

// odd drops records without a field n, as a step may.
type odd struct{ edit.Remove }

func (odd) Build() (edit.Step, error) { return odd{}, nil }
func (odd) Apply(rec *parsers.Record, _ *edit.Scratch) edit.Verdict {
	if rec.Lookup("n") == nil {
		return edit.Drop
	}
	return edit.Done
}

func addID() edit.Spec {
	return edit.Add{{Name: "id", Value: edit.Template{Parts: []edit.Part{{Variable: "record_id"}}}}}
}

// TestEdits: records are edited between parsing and encoding, a dropped one is acknowledged, failures are counted, and the id of a record
// is that of its place.
func TestEdits(t *testing.T) {
	d := newFake()
	key, _ := ParseKey("field:m", "")
	r := newRig(t, func(c *Config) {
		c.Parse = config.Parse{Format: "json", OnMismatch: config.MismatchKeep}
		c.Encode.Format = "json"
		c.Edit = []edit.Spec{odd{}, edit.Rename{{Old: "n", New: "m"}}, addID(), edit.ParseJSON{Field: "j"}}
		c.Sends[0].Key = key
	}, d)
	r.handle(t, `{"n":1}`+"\n", `{"x":1}`+"\n", `{"n":2,"j":"no"}`+"\n")
	id := fileID.String()
	want := []string{`{"m":1,"id":"` + id + `-0"}` + "\n", `{"m":2,"j":"no","id":"` + id + `-16"}` + "\n"}
	if got := d.records(); strings.Join(got, "") != strings.Join(want, "") {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := strings.Join(d.keys, " "); got != "1 2" {
		t.Errorf("keys %q", got)
	}
	if s := r.Stats(); s.DroppedEdit != 1 || s.EditFailed != 1 {
		t.Errorf("dropped %d, failed %d", s.DroppedEdit, s.EditFailed)
	}
	if got := r.frontier(); got != r.offset {
		t.Errorf("acknowledged up to %d of %d", got, r.offset)
	}
}

// TestRedactRaw: where lines leave as they are, what is hidden is hidden in them, and each keeps its line end.
func TestRedactRaw(t *testing.T) {
	d := newFake()
	r := newRig(t, func(c *Config) {
		c.Edit = []edit.Spec{edit.Redact{Kinds: []string{"ip"}, With: "***"}}
	}, d)
	r.handle(t, "from 10.0.0.1\r\n", "plain\n", "10.0.0.1")
	if got, want := strings.Join(d.records(), "|"), "from ***\r\n|plain\n|***\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLargeEdits: a record that is too long for a chunk is edited in the memory that all flows share, and nothing of it is kept.
func TestLargeEdits(t *testing.T) {
	d := newFake()
	r := newRig(t, func(c *Config) {
		c.ChunkBytes = 4 << 10
		c.Parse = config.Parse{Format: "json", OnMismatch: config.MismatchKeep}
		c.Encode.Format = "json"
		c.Edit = []edit.Spec{odd{}, edit.Redact{Pattern: "x", With: "y"}, edit.Redact{Pattern: "y", With: "z"}, addID()}
	}, d)
	d.limit = 200 << 10
	text := strings.Repeat("a", 100<<10)
	r.handle(t, `{"n":1}`+"\n", `{"n":"x`+text+`"}`+"\n", `{"o":"x`+text+`"}`+"\n", `{"n":"`+text+text+`"}`+"\n", `{"n":2}`+"\n")
	got := d.records()
	if len(got) != 3 || !strings.HasPrefix(got[1], `{"n":"z`+text+`","id":"`) || !strings.HasPrefix(got[2], `{"n":2,"id":`) {
		t.Errorf("%d records, %.60q", len(got), got)
	}
	if s := r.Stats(); s.DroppedEdit != 1 || s.Oversize != 1 || s.EditFailed != 0 {
		t.Errorf("%+v", s)
	}
	s, err := r.takeScratch()
	if err != nil {
		t.Fatal(err)
	}
	if n := s.chain.Memory(); n > 128<<10 {
		t.Errorf("the chain keeps %d bytes", n)
	}
}

func toEdited(c *Config) {
	toJSON(c)
	c.Edit = []edit.Spec{addID(), edit.Rename{{Old: "host", New: "client"}}, edit.Remove{"ident"},
		edit.Timestamp{Field: "time", From: []string{"apache"}}, edit.Truncate{Field: "agent", Size: 64}}
}

// BenchmarkEdited is BenchmarkCombinedToJSON with five edits.
func BenchmarkEdited(b *testing.B) { benchmarkFlow(b, toEdited) }
