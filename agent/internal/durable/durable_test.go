package durable

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMkdirAll(t *testing.T) {
	top := t.TempDir()
	for range 2 { // what is there stays
		if err := MkdirAll(filepath.Join(top, "a", "b", "c")); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(top, "a", "b", "c"))
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		t.Errorf("made %v, %v", info, err)
	}
	t.Chdir(top)
	if err := MkdirAll("d/e/"); err != nil || !isDir(filepath.Join(top, "d", "e")) {
		t.Errorf("a relative name: %v", err)
	}
}

func TestWhatIsInTheWayIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if err := MkdirAll(dir); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("MkdirAll(%s) = %v", dir, err)
		}
	}
	if err := Dir(file + "-gone"); err == nil || !strings.Contains(err.Error(), "-gone") {
		t.Errorf("Dir = %v", err)
	}
}
