package tailer

import "path/filepath"

// Compressed tells whether a file's name says that its content is compressed. Such a file is not followed even if a pattern
// matches it: what log rotation leaves as access.log.2.gz is no text, and was read before it was compressed.
func Compressed(path string) bool {
	switch filepath.Ext(path) {
	case ".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip":
		return true
	}
	return false
}
