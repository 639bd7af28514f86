package agent

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// TestHeaderNamesColumns: the columns of a file are those of its own first line, also after a restart in the middle of it, a rename, the compression of
// what is left, and beside a new file with other columns.
func TestHeaderNamesColumns(t *testing.T) {
	b := newBench(t)
	f := &b.cfg.Flows[0]
	f.Parse.Format, f.Parse.Header, f.Encode.Format = "csv", true, "json"
	path := func(name string) string { return filepath.Join(b.logs, name) }
	add := func(name, text string) {
		t.Helper()
		file, err := os.OpenFile(path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	rename := func(from, to string) {
		t.Helper()
		if err := os.Rename(path(from), path(to)); err != nil {
			t.Fatal(err)
		}
	}
	add("a.log", "user,took\r\nbob,1\r\n")
	r := b.run()
	r.idle()
	add("a.log", "eve,2\r\n")
	r.idle()
	r.mustStop()

	add("a.log", "joe,3\r\n")
	rename("a.log", "a.log.1")
	add("a.log", "took,user,path\n4,ann,/x\n")
	r = b.run()
	r.idle()
	add("a.log.1", "kim,5\r\n") // by a writer that has it open still
	r.idle()
	r.mustStop()

	add("a.log", "6,lee,/y\n")
	rename("a.log", "a.log.2")
	pack(t, path("a.log.2"))
	add("a.log", "only\n7\n")
	r = b.run()
	r.idle()
	eventually(t, "what was compressed is read on", func() bool { return b.stream.count()[`{"took":"6","user":"lee","path":"/y"}`+"\n"] == 1 })
	r.mustStop()
	got := b.stream.count()
	for _, want := range []string{`{"user":"bob","took":"1"}`, `{"user":"eve","took":"2"}`, `{"user":"joe","took":"3"}`, `{"took":"4","user":"ann","path":"/x"}`,
		`{"user":"kim","took":"5"}`, `{"took":"6","user":"lee","path":"/y"}`, `{"only":"7"}`} {
		if got[want+"\n"] != 1 {
			t.Errorf("%s arrived %d times", want, got[want+"\n"])
		}
		delete(got, want+"\n")
	}
	if len(got) > 0 {
		t.Errorf("these arrived, too: %v", got)
	}
}

// pack compresses a file, as gzip does.
func pack(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := gzip.NewWriter(f)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), os.Remove(path)); err != nil {
		t.Fatal(err)
	}
}
