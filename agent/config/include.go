package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/weir-logs/weir/agent/config/strict"
)

// Bounds of what a configuration includes. None is near what a person writes.
const (
	maxIncluded      = 1000    // files
	maxIncludedBytes = 4 << 20 // of all of them together
)

// sources are the files of a configuration, and which of them each of its flows came from. A key of the whole configuration, such as
// flows[3].name, is reported where it stands: in the file of that flow, by its number there.
type sources struct {
	set   strict.Set
	main  *strict.Document
	flows []origin // of Config.Flows
}

type origin struct {
	doc   *strict.Document
	index int
}

func newSources(main *strict.Document, flows int) *sources {
	s := &sources{main: main}
	s.add(main, flows)
	return s
}

// add takes the next file, with so many flows.
func (s *sources) add(doc *strict.Document, flows int) {
	s.set.Add(doc)
	for i := range flows {
		s.flows = append(s.flows, origin{doc, i})
	}
}

// report is the reporter of the whole configuration.
func (s *sources) report(key, format string, args ...any) {
	doc, key := s.locate(key)
	doc.Report(key, format, args...)
}

func (s *sources) locate(key string) (*strict.Document, string) {
	if rest, ok := strings.CutPrefix(key, "flows["); ok {
		number, rest, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(number); err == nil && i < len(s.flows) {
			return s.flows[i].doc, index("flows", s.flows[i].index) + rest
		}
	}
	return s.main, key
}

// flow names flow i in a message about flow from.
func (s *sources) flow(i, from int) string {
	doc, key := s.locate(index("flows", i))
	if other, _ := s.locate(index("flows", from)); other == doc {
		return key
	}
	return "the flow at " + doc.Place(key)
}

// include reads the files that the configuration names, and appends their flows.
func (c *Config) include(s *sources, env func(string) (string, bool)) {
	room := int64(maxIncludedBytes)
	for _, file := range c.findIncluded(s.report) {
		data, err := readIncluded(file, &room)
		var flows []Flow
		doc := strict.Decode(file, data, env, func(m *strict.Map) { readFlows(m, &flows) })
		if err != nil {
			doc.Report("", "%v", err)
		} else if len(flows) == 0 {
			c.Notes = append(c.Notes, file+" holds no flows")
		}
		s.add(doc, len(flows))
		c.Included = append(c.Included, file)
		c.Flows = append(c.Flows, flows...)
	}
}

// findIncluded returns the files that include names, each once: those of one pattern sorted by name, the patterns in their order.
func (c *Config) findIncluded(report reporter) (files []string) {
	for i, pattern := range c.Include {
		key := index("include", i)
		found, err := match(pattern, filepath.Dir(c.File))
		if err != nil {
			report(key, "%v", err)
			continue
		}
		if len(found) == 0 {
			c.Notes = append(c.Notes, fmt.Sprintf("include: nothing matches %s yet", pattern))
		}
		for _, file := range found {
			switch {
			case slices.Contains(files, file):
			case sameFile(file, c.File):
				report(key, "%q includes this file itself; keep flows in a folder of their own, such as flows.d", pattern)
			case len(files) == maxIncluded:
				report(key, "more than %d files are included", maxIncluded)
				return files
			default:
				files = append(files, file)
			}
		}
	}
	return files
}

// match returns the files that one item of include names, sorted. A relative one begins at dir. A folder stands for the *.yaml and *.yml
// files in it.
func match(pattern, dir string) ([]string, error) {
	switch {
	case pattern == "":
		return nil, errors.New("is empty")
	case strings.Contains(pattern, "**"):
		return nil, fmt.Errorf("%q: ** is not for include; name each folder", pattern)
	case !doublestar.ValidatePattern(pattern):
		return nil, fmt.Errorf("%q is not a pattern: a bracket or brace has no end", pattern)
	}
	plain := !strings.ContainsAny(pattern, meta)
	if !filepath.IsAbs(pattern) {
		if !plain {
			dir = escape(dir)
		}
		pattern = filepath.Join(dir, pattern)
	}
	if plain {
		return matchPlain(pattern)
	}
	return list(pattern)
}

// matchPlain is match for a name without anything special in it.
func matchPlain(name string) ([]string, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !isYAML(name): // a folder that may come
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot be looked at: %w", err)
	case info.IsDir():
		return list(escape(name) + "/*.{yaml,yml}")
	}
	return []string{name}, nil
}

// list returns the files of a glob, without those that an editor or a package manager has left.
func list(pattern string) (files []string, err error) {
	found, err := doublestar.FilepathGlob(pattern, doublestar.WithFailOnIOErrors())
	if err != nil {
		return nil, fmt.Errorf("cannot be listed: %w", err)
	}
	for _, file := range found {
		if info, err := os.Stat(file); leftover(filepath.Base(file)) || err == nil && info.IsDir() {
			continue
		}
		files = append(files, file)
	}
	slices.Sort(files)
	return files, nil
}

// leftover reports names that a pattern does not stand for: hidden files, and what editors and package managers leave beside one.
func leftover(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~") {
		return true
	}
	return slices.Contains([]string{".bak", ".orig", ".rej", ".swp", ".tmp", ".rpmnew", ".rpmorig", ".rpmsave", ".dpkg-dist", ".dpkg-new", ".dpkg-old"}, filepath.Ext(name))
}

func isYAML(name string) bool { ext := filepath.Ext(name); return ext == ".yaml" || ext == ".yml" }

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, other)
}

// meta is what has a meaning in patterns.
const meta = `*?[{\`

// escape makes a pattern of a name.
func escape(name string) string {
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune(meta, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// readIncluded reads a file within what room is left.
func readIncluded(file string, room *int64) ([]byte, error) {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file") // a pipe would be waited for
	}
	data, err := strict.ReadFile(file)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err // the message begins with the name
	}
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if *room -= int64(len(data)); *room < 0 {
		return nil, fmt.Errorf("the files that are included are larger than %s together; this one was not read", strict.FormatSize(maxIncludedBytes))
	}
	return data, nil
}
