// Package strict reads YAML configuration files and reports everything that is wrong with one at once: unknown and
// duplicate keys, wrong types, values out of range, each with file, line, column, the full path of the key and the nearest
// valid spelling.
//
// A file is read by asking for its keys:
//
//	doc := strict.Decode("weir.yaml", data, os.LookupEnv, func(m *strict.Map) {
//		m.String("region", &c.Region)
//		strict.Size(m, "memory", &c.Memory, 8<<20, 1<<40)
//		m.List("flows", func(i int, m *strict.Map) { ... })
//	})
//	doc.Report("region", "there is no such region")
//	return doc.Err()
//
// What is asked for is what is known: any other key is a problem, and Keys lists them all for a reference page. A value that is
// not in the file leaves its destination as it was, so defaults are set before. ${VAR} and ${VAR:-default} stand for variables
// inside scalars, $${ for the characters themselves; HOSTNAME is always there.
//
// Nothing here is kept between calls and no goroutine is started. Input is hostile: its size, the number of values
// visited (aliases included) and the number of problems kept are bounded.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Bounds of a file. None is near what a person writes.
const (
	MaxSize     = 1 << 20 // bytes of a file
	maxVisits   = 100_000 // values looked at, each alias as often as it is used
	maxProblems = 200     // problems kept; more are only counted
)

// Document is one decoded file: the places of its keys, and its problems so far.
type Document struct {
	name      string
	lookup    func(string) (string, bool)
	places    map[string]*yaml.Node // by path
	problems  []Problem
	more      int      // problems beyond maxProblems
	blamed    []string // paths that have a problem already
	visits    int
	recording bool // Keys: no file, every key is asked for
	keys      []Key
}

// Decode reads the YAML text data, called name in messages, with read. lookup gives the values of variables. Decode always
// returns a document; what is wrong is in its Err.
func Decode(name string, data []byte, lookup func(string) (string, bool), read func(*Map)) *Document {
	d := &Document{name: name, lookup: lookup, places: make(map[string]*yaml.Node)}
	if place := notUTF8(data); place != nil {
		d.add("", place, "the file is not UTF-8 from here on: save it as UTF-8")
		return d
	}
	root, err := parse(data)
	if err != nil {
		d.syntax(err, data)
		return d
	}
	d.use(root, read)
	return d
}

// Tree is Decode for a tree that was not read from YAML text, but made of something else, called name in messages: its nodes say where that is.
func Tree(name string, root *yaml.Node, lookup func(string) (string, bool), read func(*Map)) *Document {
	d := &Document{name: name, lookup: lookup, places: make(map[string]*yaml.Node)}
	d.use(root, read)
	return d
}

func (d *Document) use(root *yaml.Node, read func(*Map)) {
	if root != nil {
		d.places[""] = root
	}
	if root != nil && root.Kind != yaml.MappingNode {
		d.add("", root, "the file must hold keys and values, not "+kindOf(root))
		return
	}
	newMap(d, "", root).use(read)
}

// ReadFile returns the bytes of a file, of one that is too large just enough for Decode to say so.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxSize+1))
}

// parse returns the top value of the text, or nil if there is none.
func parse(data []byte) (*yaml.Node, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the file is larger than %s", FormatSize(MaxSize))
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return nil, fmt.Errorf("line %d: a second document begins; a file must hold one", next.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	root := resolve(doc.Content[0])
	if root.ShortTag() == "!!null" {
		return nil, nil
	}
	return root, nil
}

// notUTF8 returns the place of the first byte that is no part of UTF-8 text, or nil. Text that begins with the mark of UTF-16 is
// the library's to read.
func notUTF8(data []byte) *yaml.Node {
	if bytes.HasPrefix(data, []byte{0xfe, 0xff}) || bytes.HasPrefix(data, []byte{0xff, 0xfe}) {
		return nil
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			start := bytes.LastIndexByte(data[:i], '\n') + 1
			return &yaml.Node{Line: 1 + bytes.Count(data[:i], []byte{'\n'}), Column: 1 + utf8.RuneCount(data[start:i])}
		}
		i += size
	}
	return nil
}

// Report adds a problem with the value of a key, named by its full path, such as flows[0].read.paths. It is dropped if the
// key, one above or one below it has a problem already: what was misread is not judged. A path that is not in
// the file is placed at the nearest one above it that is.
func (d *Document) Report(path, format string, args ...any) {
	for _, b := range d.blamed {
		if within(b, path) || within(path, b) {
			return
		}
	}
	var place *yaml.Node
	for p := path; place == nil; p = parent(p) {
		if place = d.places[p]; p == "" {
			break
		}
	}
	d.add(path, place, fmt.Sprintf(format, args...))
}

// within reports whether inner is outer or lies below it. Everything lies below "", the file as a whole.
func within(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// parent returns the path above p.
func parent(p string) string {
	if i := strings.LastIndexAny(p, ".["); i >= 0 {
		return p[:i]
	}
	return ""
}

func (d *Document) add(path string, place *yaml.Node, message string) {
	d.blamed = append(d.blamed, path)
	if len(d.problems) == maxProblems {
		d.more++
		d.blamed = d.blamed[:len(d.blamed)-1]
		return
	}
	p := Problem{File: d.name, Key: path, Message: message}
	if place != nil {
		p.Line, p.Column = place.Line, place.Column
	}
	d.problems = append(d.problems, p)
}

// visit counts one value and reports whether it may be looked at.
func (d *Document) visit(path string, n *yaml.Node) bool {
	d.visits++
	if d.visits == maxVisits {
		d.add(path, n, fmt.Sprintf("more than %d values, aliases included; the rest of the file was not read", maxVisits))
	}
	return d.visits < maxVisits
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// kindOf names what n is, for messages.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a group of keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	}
	return "a single value"
}
