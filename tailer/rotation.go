package tailer

import (
	"iter"
	"path/filepath"
	"strings"
)

// origins yields the names that base may have been rotated away from: by a suffix, as app.log.1 and app.log-20261123 from app.log, or by a
// date, or a dot and a number, before the extension, as app-2026-11-23.0.log and app.1.log.
func origins(base string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range splits(base) {
			if !yield(base[:i]) {
				return
			}
		}
		stem, extension := cutExtension(base)
		if extension == "" || Compressed(base) {
			return
		}
		for i := range splits(stem) {
			if (dated(stem[i+1:]) || indexed(stem[i:])) && !yield(stem[:i]+extension) {
				return
			}
		}
	}
}

// splits yields where in base a rotation's suffix, with its separator, may begin.
func splits(base string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 1; i < len(base)-1; i++ {
			if isSeparator(base[i]) && rotationSuffix(base[i+1:]) && !yield(i) {
				return
			}
		}
	}
}

// cutExtension splits app.log into app and .log; extension is empty where there is none.
func cutExtension(base string) (stem, extension string) {
	if dot := strings.LastIndexByte(base, '.'); dot > 0 && dot < len(base)-1 {
		return base[:dot], base[dot:]
	}
	return base, ""
}

// dated tells whether a rotation's suffix holds a date: 20261123, 2026-11. A number alone, as in worker-2.log, is as a rule one of several writers.
func dated(suffix string) bool {
	digits := 0
	for i := range len(suffix) {
		if c := suffix[i]; c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits >= 8 || digits >= 6 && digits < len(suffix)
}

// indexed tells whether a suffix is a dot and a number.
func indexed(suffix string) bool {
	return suffix[0] == '.' && strings.Trim(suffix[1:], "0123456789") == ""
}

func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' }

// rotationSuffix tells whether s, which follows a separator, is what log rotation appends.
func rotationSuffix(s string) bool {
	switch s {
	case "old", "prev", "previous", "bak":
		return true
	}
	digits := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = true
		case strings.IndexByte(".-_:+TZ", c) < 0:
			return false
		}
	}
	return digits
}

// root returns the name that all generations of a log have in common: base without a compression's extension, and without what
// rotation adds, at the end (app.log.1) or before the extension (app-20261123.log). It is a hint on where to look for
// content, never an identity.
func root(base string) string {
	if Compressed(base) {
		base = strings.TrimSuffix(base, filepath.Ext(base))
	}
	for i := range splits(base) {
		return base[:i] // the shortest comes first
	}
	stem, extension := cutExtension(base)
	for i := range splits(stem) {
		return stem[:i] + extension
	}
	return base
}

// kin tells whether the files at two paths may be generations of one log, by their names alone.
func kin(a, b string) bool { return root(filepath.Base(a)) == root(filepath.Base(b)) }

// kin tells whether the file at path may be a generation of the log that p is of.
func (p *Position) kin(path string) bool {
	return kin(path, p.Path) || p.Target != "" && kin(path, p.Target)
}
