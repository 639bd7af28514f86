package dest

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weir-logs/weir/sink/delivery/internal/faulty"
)

func TestDirectory(t *testing.T) {
	for name, newFS := range map[string]func(t *testing.T) (vfs.FS, string){
		"disk":   func(t *testing.T) (vfs.FS, string) { return vfs.Default, filepath.Join(t.TempDir(), "deep", "out") },
		"memory": func(*testing.T) (vfs.FS, string) { return vfs.NewCrashableMem(), "out" },
	} {
		t.Run(name, func(t *testing.T) {
			conformance(t, func(t *testing.T) (Store, kept) {
				fsys, root := newFS(t)
				d, err := NewDirectory(fsys, root)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { checkTidy(t, fsys, root) })
				return d, func(key string) ([]byte, bool) { return readObject(t, fsys, root, key) }
			})
		})
	}
}

func readObject(t *testing.T, fsys vfs.FS, root, key string) ([]byte, bool) {
	t.Helper()
	path, err := filePath(key)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fsys.Open(root + "/" + path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false
	}
	if err != nil {
		t.Error(err)
		return nil, false
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Error(err)
	}
	return data, true
}

// checkTidy looks for what an attempt may have left.
func checkTidy(t *testing.T, fsys vfs.FS, root string) {
	names, err := fsys.List(root + "/" + tempFolder)
	if err != nil || len(names) > 0 {
		t.Errorf("left half-written: %v, %v", names, err)
	}
}

func TestFilePath(t *testing.T) {
	long := strings.Repeat("n", 255)
	seen := map[string]string{}
	for _, tt := range []struct{ key, want string }{
		{"web/2026/11/x.gz", "web/2026/11/x.gz"},
		{"/etc/passwd", "%/etc/passwd"},
		{"../../etc", "%2E./%2E./etc"},
		{"a/./b", "a/%2E/b"},
		{"a//b", "a/%/b"},
		{"a/", "a/%"},
		{"/", "%/%"},
		{"%", "%25"},
		{"%2E./x", "%252E./x"},
		{"a\x00b\n\x7f", "a%00b%0A%7F"},
		{"\xff\xc3", "%FF%C3"},
		{"é鍵\ufffd", "é鍵\ufffd"},
		{"...", "..."},
		{".hidden", ".hidden"},
		{tempFolder + "/1", "%2Eweir-tmp/1"},
		{long, long},
		{long + "n", ""},
		{strings.Repeat("\x01", 86), ""},
		{strings.Repeat("a/", 513), ""},
		{"", ""},
	} {
		got, err := filePath(tt.key)
		if got != tt.want || (err != nil) != (tt.want == "") || err != nil && !errors.Is(err, ErrKey) {
			t.Errorf("filePath(%.30q) = %.30q, %v, want %.30q", tt.key, got, err, tt.want)
		}
		if other, ok := seen[got]; ok && got != "" {
			t.Errorf("%q and %q have one path", other, tt.key)
		}
		seen[got] = tt.key
	}
}

func FuzzFilePath(f *testing.F) {
	for _, key := range []string{"a/b", "..", "%2E", "\x00", "//", ".weir-tmp/x"} {
		f.Add(key, key+"/")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		pa, err := filePath(a)
		if err != nil {
			return
		}
		if !filepath.IsLocal(pa) || filepath.Clean(pa) != pa || strings.ContainsRune(pa, 0) || strings.HasPrefix(pa, tempFolder) {
			t.Errorf("key %q leads to %q", a, pa)
		}
		if pb, err := filePath(b); err == nil && (pa == pb) != (a == b) {
			t.Errorf("keys %q and %q lead to %q and %q", a, b, pa, pb)
		}
	})
}

// What Put said is stored is there after a power cut, with everything above it.
func TestDirectoryPowerCut(t *testing.T) {
	mem := vfs.NewCrashableMem()
	d, err := NewDirectory(mem, "data/out")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"top", "a/b/c", "a/b/d", "a/e/f", "g/h"}
	for i, key := range keys {
		if err := d.Put(t.Context(), key, Meta{}, write("object ", key)); err != nil {
			t.Fatal(err)
		}
		after := mem.CrashClone(vfs.CrashCloneCfg{})
		for _, key := range keys[:i+1] {
			if got, ok := readObject(t, after, "data/out", key); !ok || string(got) != "object "+key {
				t.Errorf("after the cut %s holds %q (%v)", key, got, ok)
			}
		}
	}
}

// Whatever fails on the way, the error is told, nothing half-written shows, and the next attempt succeeds.
func TestDirectoryDiskErrors(t *testing.T) {
	for _, kind := range []errorfs.OpKind{
		errorfs.OpCreate, errorfs.OpFileWrite, errorfs.OpFileSync, errorfs.OpRename, errorfs.OpMkdirAll, errorfs.OpOpenDir,
	} {
		var fail error
		mem := vfs.NewMem()
		d, err := NewDirectory(errorfs.Wrap(mem, faulty.Inject(func(op errorfs.Op) error {
			if op.Kind == kind {
				return fail
			}
			return nil
		})), "out")
		if err != nil {
			t.Fatal(err)
		}
		fail = syscall.ENOSPC
		if err := d.Put(t.Context(), "a/b", Meta{}, write("x")); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "object a/b in folder out") {
			t.Errorf("op %v: %v, want ENOSPC with key and folder", kind, err)
		}
		fail = nil
		if err := d.Put(t.Context(), "a/b", Meta{}, write("x")); err != nil {
			t.Errorf("op %v: second attempt: %v", kind, err)
		}
		if got, _ := readObject(t, mem, "out", "a/b"); string(got) != "x" {
			t.Errorf("op %v: the object holds %q", kind, got)
		}
		checkTidy(t, mem, "out")
	}
}

func TestDirectoryLeftoversAndTidyUsers(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, tempFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, tempFolder, "old-1"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := NewDirectory(nil, root)
	if err != nil {
		t.Fatal(err)
	}
	checkTidy(t, vfs.Default, root)
	if err := d.Put(t.Context(), "a/b", Meta{}, write("x")); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"a", tempFolder} { // removed under our feet
		if err := os.RemoveAll(filepath.Join(root, folder)); err != nil {
			t.Fatal(err)
		}
	}
	// The folder is remembered as there: the first attempt may fail, the second one must not.
	if err := d.Put(t.Context(), "a/b", Meta{}, write("x")); err != nil {
		if err := d.Put(t.Context(), "a/b", Meta{}, write("x")); err != nil {
			t.Errorf("second attempt: %v", err)
		}
	}
	if got, _ := readObject(t, vfs.Default, root, "a/b"); string(got) != "x" {
		t.Errorf("holds %q", got)
	}
}

func TestDirectoryRefusals(t *testing.T) {
	if _, err := NewDirectory(nil, ""); err == nil {
		t.Error("no folder was taken")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := NewDirectory(nil, file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file as folder: %v", err)
	}
}
