package tailer

import (
	"iter"
	"path/filepath"
	"strings"
)

// origins yields the names that base may have been rotated away from by a suffix: app.log.1, app.log-20261123.
func origins(base string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 1; i < len(base)-1; i++ {
			if isSeparator(base[i]) && rotationSuffix(base[i+1:]) && !yield(base[:i]) {
				return
			}
		}
	}
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
	for origin := range origins(base) {
		return origin // the shortest comes first
	}
	if dot := strings.LastIndexByte(base, '.'); dot > 0 && dot < len(base)-1 {
		for origin := range origins(base[:dot]) {
			return origin + base[dot:]
		}
	}
	return base
}

// kin tells whether the files at two paths may be generations of one log, by their names alone.
func kin(a, b string) bool { return root(filepath.Base(a)) == root(filepath.Base(b)) }

// stem is what the names of all generations of a log begin with: a quick way to see that two names have nothing in common.
func stem(base string) string {
	if i := strings.IndexAny(base, ".-_"); i > 0 {
		return base[:i]
	}
	return base
}
