package agent

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDeletedFilesLeaveTheStore: the position of a file that is deleted under the agent's eyes goes once all of it is acknowledged; that of one
// that was only moved stays.
func TestDeletedFilesLeaveTheStore(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	b.write("b.log", 0, 10)
	r := b.run()
	r.idle()
	deleted, moved := filepath.Join(b.logs, "a.log"), filepath.Join(b.logs, "b.log")
	if err := os.Remove(deleted); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(moved, filepath.Join(t.TempDir(), "b.log")); err != nil {
		t.Skipf("the temporary folders are not on one file system: %v", err)
	}
	eventually(t, "both files are let go", func() bool {
		rows, err := r.Positions("web")
		return err == nil && len(rows) == 1 && rows[0].Path == moved && !rows[0].Vanished.IsZero()
	})
	r.mustStop()
}
