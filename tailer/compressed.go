package tailer

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/weir-logs/weir/tailer/inflate"
)

// Compressed tells whether a file's name says that its content is compressed. Such a file is not followed even if a pattern
// matches it: what log rotation leaves as access.log.2.gz is no text, and was read before it was compressed.
func Compressed(path string) bool {
	switch filepath.Ext(path) {
	case ".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip":
		return true
	}
	return false
}

// FormatOf tells how the file r is compressed, by its first bytes. It is an error if the format cannot be read, or if a file whose
// name says that it is compressed begins like none: it is damaged, and its bytes are no lines.
func FormatOf(path string, r io.ReaderAt) (inflate.Format, error) {
	var head [inflate.DetectSize]byte
	n, err := readAt(r, head[:], 0)
	if err != nil {
		return inflate.Plain, err
	}
	format := inflate.Detect(head[:n])
	if format == inflate.Plain {
		if n > 0 && Compressed(path) {
			err = fmt.Errorf("%s is compressed by its name, but not by its content: rename it if it is text, or leave it out", path)
		}
		return format, err
	}
	if err := format.Check(); err != nil {
		return format, fmt.Errorf("%s: %w", path, err)
	}
	return format, nil
}
