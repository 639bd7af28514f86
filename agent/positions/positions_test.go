package positions

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/framing"
)

// book is a ledger over a store of its own, and a folder with logs.
type book struct {
	Ledger
	t    *testing.T
	logs string
}

func newBook(t *testing.T) *book {
	t.Helper()
	store, err := checkpoint.Open(checkpoint.StoreConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &book{t: t, logs: t.TempDir()}
	b.Ledger = Ledger{Store: store, Config: &config.Config{Flows: []config.Flow{{
		Name: "web", Was: "old-web", Read: config.Read{Paths: []string{b.path("*.log")}, MaxRecord: 1 << 20},
		Send: []config.Send{{Stream: "a"}, {DeliveryStream: "b"}},
	}}}}
	return b
}

func (b *book) path(name string) string { return filepath.Join(b.logs, name) }

func (b *book) write(name, text string) string {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return b.path(name)
}

func (b *book) rename(from, to string) {
	b.t.Helper()
	if err := os.Rename(b.path(from), b.path(to)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) edit(e Edit) []Change {
	b.t.Helper()
	e.Flow = "web"
	changes, err := b.Edit(e)
	if err != nil {
		b.t.Fatalf("Edit: %v", err)
	}
	return changes
}

func (b *book) set(file string, offset int64) Change {
	b.t.Helper()
	changes := b.edit(Edit{Set: []Place{{File: file, Offset: offset}}})
	return changes[len(changes)-1]
}

func (b *book) rows() []Row {
	b.t.Helper()
	rows, err := b.List("")
	if err != nil {
		b.t.Fatal(err)
	}
	return rows
}

func (b *book) refuses(e Edit, want string) {
	b.t.Helper()
	if e.Flow == "" {
		e.Flow = "web"
	}
	before := len(b.rows())
	_, err := b.Edit(e)
	var r *RefusedError
	if !errors.As(err, &r) || !strings.Contains(r.Reason, want) {
		b.t.Errorf("Edit = %v, want a refusal with %q", err, want)
	}
	if after := len(b.rows()); after != before {
		b.t.Errorf("a refused edit left %d positions of %d", after, before)
	}
}

func TestSetAndForget(t *testing.T) {
	b := newBook(t)
	path := b.write("x.log", "one\ntwo\n")
	c := b.set(path, 4)
	if c.From != -1 || c.To != 4 || c.Note != "" {
		t.Errorf("change %+v", c)
	}
	rows := b.rows()
	if len(rows) != 2 || rows[0].Destination != "delivery/b" || rows[1].Destination != "stream/a" || rows[0].Offset != 4 || rows[1].Lag != 4 || rows[0].Size != 8 {
		t.Fatalf("rows %+v, want one for each destination", rows)
	}
	b.rename("x.log", "x.log.1") // followed under its new name: by id, and by path
	if c := b.set(rows[0].ID.String(), tailer.End); c.ID != rows[0].ID || c.To != 8 || c.Path != b.path("x.log.1") {
		t.Errorf("set by id: %+v", c)
	}
	if c := b.set(b.path("x.log.1"), 0); c.ID != rows[0].ID || c.From != 8 {
		t.Errorf("set by the new path: %+v", c)
	}
	changes := b.edit(Edit{Set: []Place{{File: b.path("x.log.1"), Offset: 4, Keep: true}}})
	if changes[0].To != 0 || b.rows()[0].Offset != 0 {
		t.Errorf("a position to be kept: %+v", changes)
	}
	if changes := b.edit(Edit{Forget: []string{b.path("x.log.1")}}); len(changes) != 1 || changes[0].To != -1 || len(b.rows()) != 0 {
		t.Errorf("forget: %+v, left %+v", changes, b.rows())
	}
}

// TestCompressedSizes: what a compressed file says of its content is shown, and nothing that it does not say.
func TestCompressedSizes(t *testing.T) {
	b := newBook(t)
	text := strings.Repeat("a line\n", 100)
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, content     string
		offset, size, lag int64
	}{
		{"read.gz", gz.String(), 700, 700, 0},
		{"unread.gz", gz.String(), 7, 700, 693},
		{"members.gz", gz.String() + gz.String(), 1050, -1, 0}, // says 700
		{"a.zst", string(z.EncodeAll([]byte(text), nil)), 7, 700, 693},
		{"a.bz2", "BZh91AY&SY", 7, -1, 0},
		{"text.gz", text, 7, -1, 0},
	} {
		id, _, err := tailer.Look(b.write(tt.name, tt.content))
		if err != nil {
			t.Fatal(err)
		}
		p := tailer.Position{ID: tailer.FileID{byte(tt.size), byte(tt.offset), tt.name[0]}, Path: b.path(tt.name), Identity: id, Offset: tt.offset}
		if err := b.Store.Save(checkpoint.Batch{Flow: "web", Destinations: []string{"stream/a"}, Positions: []tailer.Position{p}}); err != nil {
			t.Fatal(err)
		}
		rows := b.rows()
		if r := rows[slices.IndexFunc(rows, func(r Row) bool { return r.ID == p.ID })]; !r.Found || r.Size != tt.size || r.Lag != tt.lag {
			t.Errorf("%s at %d: %+v, want %d bytes, %d of them unread", tt.name, tt.offset, r, tt.size, tt.lag)
		}
	}
}

// TestRotatedElsewhere: a file that lies in a folder of rotated_to is shown there, and named by it.
func TestRotatedElsewhere(t *testing.T) {
	b := newBook(t)
	archive := b.path("archive")
	b.Config.Flows[0].Read.RotatedTo = []string{archive}
	if err := os.Mkdir(archive, 0o755); err != nil {
		t.Fatal(err)
	}
	c := b.set(b.write("x.log", "one\ntwo\n"), 4)
	b.rename("x.log", "archive/x.log-1")
	moved := b.path("archive/x.log-1")
	if r := b.rows()[0]; !r.Found || r.Path != moved || r.Lag != 4 {
		t.Errorf("row %+v", r)
	}
	if c := b.set(c.ID.String(), 0); c.Path != moved || c.From != 4 {
		t.Errorf("set by id: %+v", c)
	}
	if changes := b.edit(Edit{Forget: []string{moved}}); len(changes) != 1 || changes[0].ID != c.ID || changes[0].Path != moved {
		t.Errorf("forget by its path there: %+v", changes)
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	b := newBook(t)
	if changes := b.edit(Edit{Set: []Place{{File: b.write("x.log", "one\n"), Offset: tailer.End}}, DryRun: true}); len(changes) != 1 || changes[0].To != 4 || len(b.rows()) != 0 {
		t.Errorf("changes %+v, rows %+v", changes, b.rows())
	}
}

// TestRewrittenFile: a file that was cut since gets a position of its own, and the old one goes.
func TestRewrittenFile(t *testing.T) {
	b := newBook(t)
	old := b.set(b.write("x.log", "one\ntwo\n"), tailer.End)
	path := b.write("x.log", "new\n")
	b.refuses(Edit{Set: []Place{{File: old.ID.String()}}}, "was cut or rewritten since; set it by its path")
	changes := b.edit(Edit{Set: []Place{{File: path, Offset: tailer.End}}})
	if len(changes) != 2 || changes[0].ID != old.ID || changes[0].To != -1 || changes[1].To != 4 || len(b.rows()) != 2 {
		t.Errorf("changes %+v, rows %+v", changes, b.rows())
	}
}

func TestRefusals(t *testing.T) {
	b := newBook(t)
	path := b.write("x.log", "one\n")
	first := b.set(path, 0)
	b.rename("x.log", "elsewhere")
	second := b.set(b.write("x.log", "other\n"), 0)
	if first.ID == second.ID {
		t.Fatal("two files have one id")
	}
	b.rename("x.log", "elsewhere2")
	for want, e := range map[string]Edit{
		`there is no flow "wbe"; did you mean "web"?`: {Flow: "wbe", All: true},
		`there is no flow "zzzzzz"; there are web`:    {Flow: "zzzzzz", All: true},
		"changes nothing": {},
		"does not follow": {Set: []Place{{File: b.write("x.txt", "")}}},
		"beyond the end of the file: offset 1, size 0":             {Set: []Place{{File: b.write("y.log", ""), Offset: 1}}},
		"is neither an absolute path nor a file id":                {Set: []Place{{File: "x.log"}}},
		"knows no file with the id 0123456789abcdef01234567":       {Set: []Place{{File: "0123456789abcdef01234567"}}},
		"has no position of a file /none":                          {Forget: []string{"/none"}},
		"it is no regular file":                                    {Set: []Place{{File: b.logs}}},
		"these had the name":                                       {Set: []Place{{File: path}}},
		"2 files of flow web had the name " + path + "; say which": {Forget: []string{path}},
		"is compressed; an offset in it cannot be set":             {Set: []Place{{File: b.write("x.log.gz", "")}}},
	} {
		b.refuses(e, want)
	}
	if err := os.Remove(b.path("elsewhere")); err != nil {
		t.Fatal(err)
	}
	b.refuses(Edit{Set: []Place{{File: first.ID.String()}}}, "its position can be forgotten, not set")
	// One that can be done does not make up for one that cannot.
	b.refuses(Edit{Set: []Place{{File: b.path("y.log")}, {File: "/none"}}}, "there is no file /none")
	b.edit(Edit{Forget: []string{first.ID.String()}})
	if rows := b.rows(); len(rows) != 2 || rows[0].ID != second.ID {
		t.Errorf("rows %+v, want the second file's", rows)
	}
}

// TestFlowThatWas: the positions of the name that a flow had are its own, and those of a flow that is not configured can be forgotten.
func TestFlowThatWas(t *testing.T) {
	b := newBook(t)
	path := b.write("x.log", "one\n")
	rules, err := framing.Compile(framing.Config{MaxRecord: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	p, err := tailer.Identify(path, tailer.End, rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, flow := range []string{"old-web", "retired"} {
		if err := b.Store.Save(checkpoint.Batch{Flow: flow, Destinations: []string{"stream/a"}, Positions: []tailer.Position{p}, Started: true}); err != nil {
			t.Fatal(err)
		}
	}
	if changes := b.edit(Edit{Set: []Place{{File: path}}, DryRun: true}); changes[0].From != 4 {
		t.Errorf("dry run: %+v, want it to know the position", changes)
	}
	if c := b.set(path, 0); c.ID != p.ID || c.From != 4 {
		t.Errorf("set: %+v", c)
	}
	if _, err := b.Edit(Edit{Flow: "retired", All: true}); err != nil {
		t.Errorf("forget a flow that is not configured: %v", err)
	}
	b.refuses(Edit{Flow: "retired", All: true}, "there is no flow")
	rows, err := b.List("web")
	if err != nil || len(rows) != 2 || len(b.rows()) != 2 {
		t.Errorf("rows %+v, %v; all %+v", rows, err, b.rows())
	}
	if _, err := b.List("wev"); err == nil {
		t.Error("a flow that is not there was listed")
	}
}
