package tailer

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// pattern is one glob, cut at its slashes: the names of it are matched directory by directory, so that a walk enters only
// directories in which something can match.
type pattern struct {
	root  string   // the leading part without wildcards, absolute
	comps []string // the rest; never empty, the last is never **
}

// patterns are the globs of a Tailer.
type patterns struct {
	paths   []pattern
	exclude []string
}

// spot is a place inside a pattern: comps[next:] of it are still to be matched below a directory.
type spot struct {
	pattern int
	next    int
}

const (
	anyDirs       = "**"
	maxExpansions = 1024 // patterns that one pattern with slashes inside braces may stand for
)

// newPatterns compiles globs, or reports every one that is wrong.
func newPatterns(paths, exclude []string) (*patterns, error) {
	p := &patterns{exclude: exclude}
	var problems []string
	for _, path := range paths {
		switch {
		case !filepath.IsAbs(path):
			problems = append(problems, fmt.Sprintf("path %q is not absolute: write it from / on", path))
		case !doublestar.ValidatePattern(path):
			problems = append(problems, fmt.Sprintf("path %q is no valid glob: check its brackets and braces", path))
		case strings.HasSuffix(path, "/"):
			problems = append(problems, fmt.Sprintf("path %q ends in a slash: it would match only directories; add *", path))
		default:
			expanded := expandBraces(path)
			if len(expanded) > maxExpansions {
				problems = append(problems, fmt.Sprintf("path %q stands for more than %d patterns", path, maxExpansions))
				continue
			}
			for _, e := range expanded {
				one, ok := compile(e)
				if !ok {
					problems = append(problems, fmt.Sprintf("path %q has two slashes in a row, or one inside brackets or after a backslash", path))
					break
				}
				p.paths = append(p.paths, one)
			}
		}
	}
	for _, e := range exclude {
		if !doublestar.ValidatePattern(e) {
			problems = append(problems, fmt.Sprintf("exclude %q is no valid glob: check its brackets and braces", e))
		}
	}
	if problems != nil {
		return nil, fmt.Errorf("tailer: %s", strings.Join(problems, "; "))
	}
	return p, nil
}

// compile cuts a path at its slashes. It is not ok if a name is empty or a slash is part of a wildcard.
func compile(path string) (one pattern, ok bool) {
	root, rest := doublestar.SplitPattern(path)
	comps := strings.Split(rest, "/")
	for _, c := range comps {
		if c == "" || !doublestar.ValidatePattern(c) {
			return pattern{}, false
		}
	}
	if comps[len(comps)-1] == anyDirs {
		comps = append(comps, "*")
	}
	return pattern{root: filepath.Clean(root), comps: slices.CompactFunc(comps, func(a, b string) bool {
		return a == anyDirs && b == anyDirs
	})}, true
}

// expandBraces writes out the brace groups that hold a slash or **, because a pattern is matched name by name.
func expandBraces(path string) []string {
	open, end, alternatives := braceWithSlash(path)
	if alternatives == nil {
		return []string{path}
	}
	var all []string
	for _, a := range alternatives {
		all = append(all, expandBraces(path[:open]+a+path[end:])...)
		if len(all) > maxExpansions {
			break
		}
	}
	return all
}

// braceWithSlash finds the first outermost group with a slash or ** in it and cuts it at its own commas.
func braceWithSlash(path string) (open, end int, alternatives []string) {
	depth, from := 0, 0
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '{':
			if depth++; depth == 1 {
				open, from, alternatives = i, i+1, nil
			}
		case ',':
			if depth == 1 {
				alternatives, from = append(alternatives, path[from:i]), i+1
			}
		case '}':
			if depth--; depth == 0 {
				alternatives = append(alternatives, path[from:i])
				if group := path[open:i]; strings.Contains(group, "/") || strings.Contains(group, anyDirs) {
					return open, i + 1, alternatives
				}
			}
		}
	}
	return 0, 0, nil
}

// rest returns the components that are to be matched at s.
func (p *patterns) rest(s spot) []string { return p.paths[s.pattern].comps[s.next:] }

// enter adds s to spots, and what s stands for when ** matches no directory at all.
func (p *patterns) enter(spots []spot, s spot) []spot {
	for {
		if slices.Contains(spots, s) {
			return spots
		}
		spots = append(spots, s)
		if p.rest(s)[0] != anyDirs {
			return spots
		}
		s.next++
	}
}

// below returns the spots that hold inside the directory name of a directory with these spots. A symbolic link to a
// directory is entered by a name or a *, never by **, which keeps out of loops.
func (p *patterns) below(spots []spot, name string, link bool) []spot {
	var in []spot
	for _, s := range spots {
		rest := p.rest(s)
		switch {
		case rest[0] == anyDirs:
			if !link {
				in = p.enter(in, s)
			}
		case len(rest) > 1 && doublestar.MatchUnvalidated(rest[0], name):
			in = p.enter(in, spot{s.pattern, s.next + 1})
		}
	}
	return in
}

// descends tells whether a directory with these spots may have others below that matter.
func (p *patterns) descends(spots []spot) bool {
	return slices.ContainsFunc(spots, func(s spot) bool { return len(p.rest(s)) > 1 })
}

// file tells whether a file called name, in a directory with these spots, matches and is not excluded.
func (p *patterns) file(spots []spot, dir, name string) bool {
	matches := slices.ContainsFunc(spots, func(s spot) bool {
		rest := p.rest(s)
		return len(rest) == 1 && doublestar.MatchUnvalidated(rest[0], name)
	})
	return matches && !p.excluded(dir, name)
}

func (p *patterns) excluded(dir, name string) bool {
	return slices.ContainsFunc(p.exclude, func(e string) bool {
		if strings.Contains(e, "/") {
			return doublestar.MatchUnvalidated(e, filepath.Join(dir, name))
		}
		return doublestar.MatchUnvalidated(e, name)
	})
}

// roots returns the directories where the patterns begin, with their spots.
func (p *patterns) roots() map[string][]spot {
	roots := map[string][]spot{}
	for i, pattern := range p.paths {
		roots[pattern.root] = p.enter(roots[pattern.root], spot{pattern: i})
	}
	return roots
}

// wants tells whether path matches and is not excluded, if no directory on the way is a symbolic link.
func (p *patterns) wants(path string) bool {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	for i, pattern := range p.paths {
		below, err := filepath.Rel(pattern.root, dir)
		if err != nil || below == ".." || strings.HasPrefix(below, "../") {
			continue
		}
		spots := p.enter(nil, spot{pattern: i})
		for sub := range strings.SplitSeq(below, "/") {
			if sub != "." {
				spots = p.below(spots, sub, false)
			}
		}
		if p.file(spots, dir, name) {
			return true
		}
	}
	return false
}
