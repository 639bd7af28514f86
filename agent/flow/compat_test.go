package flow

import (
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers/original"
	"github.com/weir-logs/weir/tailer"
)

// compat makes a flow that converts, and counts what its log is told.
func compat(t *testing.T, told *int, options ...original.Option) (*rig, *fake) {
	dest := newFake()
	return newRig(t, func(c *Config) {
		c.Compat = &Compat{Options: options}
		c.ChunkBytes = 4096
		c.Mismatched = func(_ *tailer.Block, lines int, first int64) { *told += lines }
	}, dest), dest
}

// TestCompat: records go through the converters, whole; dropped ones are acknowledged and counted.
func TestCompat(t *testing.T) {
	told := 0
	r, dest := compat(t, &told, original.Option{Name: "LOGTOJSON", LogFormat: "SYSLOG"})
	r.handle(t, "Feb 5 10:11:12 db01 kernel: x\n", "Feb 5 10:11:12 db01 kernel: x\r\n", "nothing\n", "Feb 5 10:11:12 db01 kernel: y")
	want := []string{
		`{"timestamp":"Feb 5 10:11:12","hostname":"db01","program":"kernel","processid":null,"message":"x"}` + "\n",
		`{"timestamp":"Feb 5 10:11:12","hostname":"db01","program":"kernel","processid":null,"message":"y"}` + "\n",
	}
	if got := dest.records(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := r.Stats(); s.Mismatched != 2 || s.DroppedMismatch != 2 || s.RecordsRead != 4 || told != 2 {
		t.Errorf("got %+v, told of %d", s, told)
	}
	if r.frontier() != r.offset {
		t.Errorf("acknowledged up to %d of %d", r.frontier(), r.offset)
	}
}

// TestCompatRaw: what a converter cannot take is sent as it is, and counted.
func TestCompatRaw(t *testing.T) {
	told := 0
	r, dest := compat(t, &told, original.Option{Name: "SINGLELINE"}, original.Option{Name: "ADDEC2METADATA"})
	r.handle(t, " no json\r\n", " {\"a\":1}\n")
	if got, want := dest.records(), []string{" no json\r\n", "{\"a\":1}\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := r.Stats(); s.Mismatched != 1 || s.DroppedMismatch != 0 || told != 1 {
		t.Errorf("got %+v, told of %d", s, told)
	}
}

// TestCompatWithoutConverters: records leave as they are.
func TestCompatWithoutConverters(t *testing.T) {
	told := 0
	r, dest := compat(t, &told)
	r.handle(t, "a\r\n", "b\n")
	if got, want := dest.records(), []string{"a\r\n", "b\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCompatLarge: long records are converted in memory that all flows share, and buried if no destination takes them then.
func TestCompatLarge(t *testing.T) {
	told := 0
	r, dest := compat(t, &told, original.Option{Name: "ADDMETADATA", Metadata: `{}`}, original.Option{Name: "ADDMETADATA", Metadata: `{}`})
	dest.limit = 500_000
	long, longer := strings.Repeat("\x01", 50_000), strings.Repeat("\x01", 90_000)
	r.handle(t, "a\n", long+"\n", longer+"\n", "b\n")
	wrapped := func(text string) string {
		return `{"metadata":{},"data":"{\"metadata\":{},\"data\":\"` + text + `\"}"}` + "\n"
	}
	want := []string{wrapped("a"), wrapped(strings.Repeat(`\\u0001`, 50_000)), wrapped("b")}
	if got := dest.records(); !slices.Equal(got, want) {
		t.Errorf("got %d records", len(got))
	}
	eventually(t, "the letter is written", func() bool { return r.letters.State().Written == 1 })
	if letters := readLetters(t, r.letters.State().Path); letters[0].Cause != CauseOversize || string(letters[0].Data) != longer+"\n" {
		t.Errorf("got %s, %d bytes", letters[0].Cause, len(letters[0].Data))
	}
}

// TestCompatBadOptions: what is wrong is said when the flow is made.
func TestCompatBadOptions(t *testing.T) {
	if _, _, err := (&Compat{Options: []original.Option{{Name: "USINGPLUGGIN"}}}).chain(); err == nil || !strings.Contains(err.Error(), "data_processing") {
		t.Errorf("got %v", err)
	}
}
