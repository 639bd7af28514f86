package durable

import (
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

func TestMkdirAllSurvivesAPowerCut(t *testing.T) {
	for _, dir := range []string{"a", "a/b/c", "/x/y"} {
		mem := vfs.NewCrashableMem()
		if err := MkdirAll(mem, dir); err != nil {
			t.Fatalf("MkdirAll(%q): %v", dir, err)
		}
		after := mem.CrashClone(vfs.CrashCloneCfg{})
		if info, err := after.Stat(dir); err != nil || !info.IsDir() {
			t.Errorf("after the cut, folder %q: %v", dir, err)
		}
	}
}

// A predecessor made the folders and died before it synced them.
func TestMkdirAllSyncsWhatWasThere(t *testing.T) {
	mem := vfs.NewCrashableMem()
	if err := mem.MkdirAll("a/b/c", 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := mem.CrashClone(vfs.CrashCloneCfg{}).Stat("a"); err == nil {
		t.Fatal("the folder survived without a sync: this test cannot fail")
	}
	if err := MkdirAll(mem, "a/b/c"); err != nil {
		t.Fatal(err)
	}
	if _, err := mem.CrashClone(vfs.CrashCloneCfg{}).Stat("a/b/c"); err != nil {
		t.Errorf("after the cut: %v", err)
	}
}

func TestMkdirAllOnAFile(t *testing.T) {
	mem := vfs.NewMem()
	f, err := mem.Create("a", vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := MkdirAll(mem, "a"); err == nil || !strings.Contains(err.Error(), "there is a file of that name") {
		t.Errorf("got %v, want the file named", err)
	}
}

func TestDirNotThere(t *testing.T) {
	if err := Dir(vfs.NewMem(), "gone"); err == nil || !strings.Contains(err.Error(), "sync folder gone") {
		t.Errorf("got %v, want the folder named", err)
	}
}
