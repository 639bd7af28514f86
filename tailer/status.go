package tailer

import (
	"cmp"
	"slices"
)

// FileStatus says how far a file was read and what becomes of it.
type FileStatus struct {
	ID     FileID `json:"id"`
	Path   string `json:"path"`
	Offset int64  `json:"offset"` // bytes handed out and taken
	Size   int64  `json:"size"`   // bytes, when it was last looked at; of a compressed file those of its content, estimated until it was inflated
	State  string `json:"state"`  // idle, reading, waiting (to be tried again), failed (with Once: it is not), rotated (it has no name that is followed), deleted (it has none at all, and is held open), pipe
	Error  string `json:"error,omitempty"`

	Format     string `json:"format,omitempty"`      // how the file is compressed: gzip, zstd, bzip2; empty if it is not
	Packed     int64  `json:"packed,omitempty"`      // bytes of a compressed file itself
	PackedRead int64  `json:"packed_read,omitempty"` // about so many of them hold what is before Offset
}

// StatePipe is the state of a named pipe. Its Offset counts from where it was opened, and its Size is what was read of it.
const StatePipe = "pipe"

// Files returns the state of every file that is followed, sorted by path. It may be called at any time, from any goroutine
// but not from Config.Handle or Config.Observe if those must not block.
func (t *Tailer) Files() []FileStatus {
	t.mu.Lock()
	all := make([]FileStatus, 0, t.files.count)
	t.files.each(func(f *file) {
		if f.state == shut && !(t.cfg.Once && f.lastErr != nil) { // with Once nothing is tried again
			return
		}
		s := FileStatus{ID: f.pos.ID, Path: f.path, Offset: f.pos.Offset, Size: max(f.size, f.sighted, f.pos.Offset), State: f.describe()}
		if p := f.packed; p != nil {
			s.Format, s.Packed, s.PackedRead = p.format.String(), f.size, p.done
			s.Size = p.estimate(&s)
		}
		if f.lastErr != nil {
			s.Error = f.lastErr.Error()
		}
		all = append(all, s)
	})
	for _, p := range t.pipes.open {
		all = append(all, p.status())
	}
	t.mu.Unlock()
	slices.SortFunc(all, func(a, b FileStatus) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), slices.Compare(a.ID[:], b.ID[:]))
	})
	return all
}

// sight notes the size of a file that a worker has: how much waits is of interest most while the handler takes nothing. Callers hold t.mu.
func (f *file) sight(st *fileStat) {
	if f.state == queued || f.state == busy {
		f.sighted = st.size
	}
}

func (f *file) describe() string {
	switch {
	case f.state == shut:
		return "failed"
	case f.state != idle:
		return "reading"
	case f.retryAt > 0:
		return "waiting"
	case f.deleted && f.links == 0:
		return "deleted"
	case f.ended():
		return "rotated"
	default:
		return "idle"
	}
}
