package servercmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// layout is where the demo keeps things, all absolute and below one folder.
type layout struct{ root, server, state, objects, live string }

// demoMark is the file by which a demo knows a folder that it may empty.
const demoMark = ".weir-demo"

// newLayout makes the demo's folder: a new or empty one, or one that an earlier demo made.
func newLayout(dir string) (layout, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return layout{}, err
	}
	l := layout{root, filepath.Join(root, "server"), filepath.Join(root, "state"), filepath.Join(root, "objects"), filepath.Join(root, "live")}
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return l, fmt.Errorf("the demo's folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, demoMark)); len(entries) > 0 && err != nil {
		return l, fmt.Errorf("the folder %s is not empty and no earlier demo made it; name another with --dir", root)
	}
	for _, sub := range []string{l.server, l.state, l.objects, l.live} {
		if err := os.RemoveAll(sub); err != nil {
			return l, err
		}
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return l, err
		}
	}
	return l, os.WriteFile(filepath.Join(root, demoMark), []byte("weir demo may empty this folder\n"), 0o644)
}
