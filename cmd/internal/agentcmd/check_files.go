package agentcmd

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

// matchedFile is a file that a flow's paths match now.
type matchedFile struct {
	Path     string    `json:"path"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Mode     string    `json:"mode"`
	Owner    string    `json:"owner"` // user:group
	Error    string    `json:"error,omitempty"`
}

// matchFiles lists the files of m's flow, the one written to last first, and says what keeps any of them from being read.
func (m *flowCheck) matchFiles(r *config.Read) {
	paths, err := tailer.Match(r.Paths, r.Exclude)
	if err != nil {
		m.warn("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	for _, path := range paths {
		f, ok := lookAt(path)
		if !ok {
			continue // it has just gone
		}
		m.Files = append(m.Files, f)
		m.Bytes += f.Size
		switch {
		case tailer.Compressed(path):
			m.note("%s is compressed by its name: only what goes on from a file that was followed is read of it; weir backfill ships all of it", path)
		case f.Error != "":
			m.warn("%s; it belongs to %s, mode %s: whoever runs weir must be able to read it, as the packaged service is", f.Error, f.Owner, f.Mode)
		}
	}
	slices.SortStableFunc(m.Files, func(a, b matchedFile) int { return b.Modified.Compare(a.Modified) })
	if len(m.Files) == 0 && !slices.ContainsFunc(r.Paths, isPipe) {
		m.warn("no file matches yet; weir waits for one")
	}
	m.otherPaths(r)
}

// otherPaths tells of paths that are something else than a file.
func (m *flowCheck) otherPaths(r *config.Read) {
	for _, path := range r.Paths {
		info, err := os.Stat(path)
		switch {
		case err != nil || info.Mode().IsRegular():
		case isPipe(path):
			m.note("%s is a named pipe: it is read as it comes, and cannot be read again after a crash", path)
		default:
			m.warn("%s is no regular file; a folder needs a pattern for its files, such as %s/*.log", path, path)
		}
	}
	for _, dir := range r.RotatedTo {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			m.warn("%s of rotated_to is no folder yet; nothing is found there", dir)
		}
	}
}

// lookAt describes a file, and tries to open it.
func lookAt(path string) (matchedFile, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return matchedFile{}, false
	}
	m := matchedFile{Path: path, Size: info.Size(), Modified: info.ModTime().UTC().Truncate(time.Second), Mode: info.Mode().String(), Owner: ownerOf(info)}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may have become a pipe
	if err != nil {
		m.Error = err.Error()
		return m, true
	}
	f.Close()
	return m, true
}

// ownerOf names user and group, by number if they have no name.
func ownerOf(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "unknown"
	}
	owner, group := strconv.FormatUint(uint64(st.Uid), 10), strconv.FormatUint(uint64(st.Gid), 10)
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return fmt.Sprintf("%s:%s", owner, group)
}

func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}
