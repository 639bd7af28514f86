package servercmd

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestLayoutEmptiesOnlyItsOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	l, err := newLayout(dir)
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(l.objects, "old.gz")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newLayout(dir); err == nil || !strings.Contains(err.Error(), "another demo runs in "+dir) {
		t.Errorf("a folder in use: %v; want an error that names it", err)
	}
	if _, err := os.Stat(old); err != nil {
		t.Errorf("the folder of a running demo was emptied: %v", err)
	}
	l.close()
	again, err := newLayout(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("an object of the earlier demo is still there: %v", err)
	}

	foreign := t.TempDir()
	keep := filepath.Join(foreign, "objects", "keep")
	if err := os.MkdirAll(keep, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := newLayout(foreign); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("a folder of somebody else: %v; want an error that names it", err)
	}
	if _, err := os.Stat(keep); err != nil {
		t.Errorf("a folder of somebody else was touched: %v", err)
	}
}

func TestNamedFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	access := write("access.log", strings.Repeat(logLine+"\n", 20)+"odd\n")
	plain := write("plain [1].log", "one\ntwo\n")
	link := filepath.Join(dir, "link.log")
	if err := os.Symlink(plain, link); err != nil {
		t.Fatal(err)
	}
	files, err := namedFiles([]string{access, plain, link, write("empty.log", "")})
	if err != nil {
		t.Fatal(err)
	}
	hard := filepath.Join(dir, "hard.log")
	if err := os.Link(plain, hard); err != nil {
		t.Fatal(err)
	}
	if twice, err := namedFiles([]string{plain, hard}); err != nil || len(twice) != 1 {
		t.Errorf("a file and its hard link: %+v, %v; want it once", twice, err)
	}
	if len(files) != 3 || !files[0].combined || files[1].combined || files[2].combined {
		t.Errorf("got %+v; want the access log as combined, and the link as the file it means", files)
	}
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{filepath.Join(dir, "absent"), dir, fifo, write("old.log.gz", "a\n")} {
		if _, err := namedFiles([]string{bad}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v; want an error that names it", bad, err)
		}
	}
}
