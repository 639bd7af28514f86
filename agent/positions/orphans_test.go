package positions

import (
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

// TestOrphans: which positions a configuration has no use for, and whose they most likely are.
func TestOrphans(t *testing.T) {
	flow := func(name, was, path string, streams ...string) config.Flow {
		f := config.Flow{Name: name, Was: was, Read: config.Read{Paths: []string{path}}}
		for _, s := range streams {
			f.Send = append(f.Send, config.Send{Stream: s})
		}
		return f
	}
	row := func(flow, stream, path string, id byte, lag int64) Row {
		return Row{Flow: flow, Destination: "stream/" + stream, Path: path, ID: tailer.FileID{id}, Lag: lag}
	}
	web := []Row{row("web", "a", "/l/x.log", 1, 7), row("web", "a", "/l/y.log", 2, 3), row("web", "b", "/l/x.log", 1, 9)}
	for _, c := range []struct {
		name  string
		flows []config.Flow
		rows  []Row
		want  []string
	}{
		{"all used", []config.Flow{flow("web", "", "/l/*.log", "a", "b")}, web, nil},
		{"no rows", []config.Flow{flow("web", "", "/l/*.log", "a", "b")}, nil, nil},
		{"taken over", []config.Flow{flow("new", "web", "/l/*.log", "a")}, web, nil},
		{"one that was it, but has its own", []config.Flow{flow("new", "web", "/l/*.log", "a")}, append([]Row{row("new", "a", "/l/x.log", 9, 0)}, web...),
			[]string{"no flow is called web, and there are positions of 2 files under that name, with 12 bytes not shipped yet; flow new, which follows the same files, has positions of its own. " +
				"If it is gone for good: weir positions forget --flow web --yes"}},
		{"the same files", []config.Flow{flow("wbe", "", "/m/*.log", "a"), flow("nginx", "", "/l/*.log", "a")}, web,
			[]string{"12 bytes not shipped yet. If it is flow nginx that was called so, give that one was: web, or it reads its files from their beginning. If it is gone"}},
		{"a near name", []config.Flow{flow("wbe", "", "/m/*.log", "a")}, web, []string{"If it is flow wbe that was called so"}},
		{"nobody", []config.Flow{flow("application", "", "/m/*.log", "a")}, web, []string{"not shipped yet. If it is gone for good"}},
		{"a destination", []config.Flow{flow("web", "", "/l/*.log", "a", "c")}, web,
			[]string{"flow web does not send to stream/b any more: the positions of 1 file for it, with 9 bytes not shipped yet go"}},
		{"two", []config.Flow{flow("x", "", "/x", "a")}, append([]Row{row("old", "a", "/gone", 3, 0)}, web...), []string{"no flow is called old, and there are positions of 1 file under that name. If", "no flow is called web"}},
	} {
		got := Orphans(&config.Config{Flows: c.flows}, c.rows)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %d", c.name, got, len(c.want))
			continue
		}
		for i := range got {
			if !strings.Contains(got[i].String(), c.want[i]) {
				t.Errorf("%s: got  %s\nwant %s", c.name, got[i], c.want[i])
			}
		}
	}
}

// TestLedgerOrphans: the store says the same, with what is behind.
func TestLedgerOrphans(t *testing.T) {
	b := newBook(t)
	path := b.write("a.log", "one\ntwo\n")
	if _, err := b.Edit(Edit{Flow: "web", Set: []Place{{File: path, Offset: 4}}}); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Orphans(); err != nil || len(got) > 0 {
		t.Errorf("orphans %v, %v; want none", got, err)
	}
	b.Config.Flows[0].Name, b.Config.Flows[0].Was = "site", ""
	got, err := b.Orphans()
	if err != nil || len(got) != 1 || got[0] != (Orphan{Flow: "web", Files: 1, Behind: 4, Heir: "site"}) {
		t.Errorf("orphans %+v, %v", got, err)
	}
	rows, err := b.List("")
	if err != nil || len(Orphans(b.Config, rows)) != 1 || Orphans(b.Config, rows)[0] != got[0] {
		t.Errorf("of rows: %+v, %v", Orphans(b.Config, rows), err)
	}
	b.Config.Flows[0].Was = "web"
	if got, err := b.Orphans(); err != nil || len(got) > 0 {
		t.Errorf("with was: orphans %v, %v; want none", got, err)
	}
}
