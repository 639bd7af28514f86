package servercmd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer"
)

// demoFile is one file that the demo ships.
type demoFile struct {
	path     string
	size     int64
	combined bool // most of its lines are in the combined format
	binary   bool // it holds NUL bytes
	info     os.FileInfo
}

// What the demo takes of a host's own logs when no file is named: enough to see something, not so much that it takes minutes.
const (
	hostLogs      = "/var/log"
	hostFiles     = 20
	hostBytes     = 64 << 20
	hostFileBytes = 16 << 20
)

// namedFiles looks at the files of the command line.
func namedFiles(paths []string) ([]demoFile, error) {
	var files []demoFile
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		// The agent sees the file by its own name; a symbolic link may change.
		if abs, err = filepath.EvalSymlinks(abs); err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", path, err)
		}
		if tailer.Compressed(abs) {
			return nil, fmt.Errorf("cannot ship %s: it is compressed by its name, and not followed; unpack it first", path)
		}
		f, err := lookAt(abs)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", path, err)
		}
		// The agent knows files by identity, and ships one that has two names once.
		if !slices.ContainsFunc(files, func(g demoFile) bool { return os.SameFile(g.info, f.info) }) {
			files = append(files, f)
		}
	}
	return files, nil
}

// hostsFiles finds text logs of this host that may be read: the newest first, bounded in number and size.
func hostsFiles() []demoFile {
	type candidate struct {
		path     string
		modified time.Time
	}
	var candidates []candidate
	// What cannot be listed is not for us; the demo takes what it finds.
	_ = filepath.WalkDir(hostLogs, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() && strings.Count(path, "/") > 4 {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err == nil && info.Mode().IsRegular() && info.Size() > 0 && info.Size() <= hostFileBytes && !packed(path) {
			candidates = append(candidates, candidate{path, info.ModTime()})
		}
		return nil
	})
	slices.SortFunc(candidates, func(a, b candidate) int { return b.modified.Compare(a.modified) })
	var files []demoFile
	total := int64(0)
	for _, c := range candidates {
		f, err := lookAt(c.path)
		if err != nil || f.binary || total+f.size > hostBytes {
			continue
		}
		if files = append(files, f); len(files) == hostFiles {
			break
		}
		total += f.size
	}
	return files
}

// packed reports whether a name says that the content is not lines of text.
func packed(path string) bool {
	switch filepath.Ext(path) {
	case ".journal", ".db":
		return true
	}
	return tailer.Compressed(path)
}

// lookAt reads the head of a file, which must be a regular one. It is not opened before that is known: a named pipe would
// not answer.
func lookAt(path string) (demoFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return demoFile{}, err
	}
	if !info.Mode().IsRegular() {
		return demoFile{}, fmt.Errorf("it is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return demoFile{}, err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return demoFile{}, err
	}
	return demoFile{path: path, size: info.Size(), combined: mostlyCombined(head), info: info, binary: bytes.IndexByte(head, 0) >= 0}, nil
}

// mostlyCombined reports whether at least nine of ten of the first lines are in the combined format.
func mostlyCombined(head []byte) bool {
	parser, err := parsers.New("combined", parsers.Options{})
	if err != nil {
		return false
	}
	var record parsers.Record
	matched, lines := 0, 0
	scanner := bufio.NewScanner(bytes.NewReader(head))
	for lines < 100 && scanner.Scan() {
		lines++
		record.Line = scanner.Bytes()
		if parser.Parse(&record) {
			matched++
		}
	}
	return lines > 0 && matched*10 >= lines*9
}
