package strict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// scalar returns the text of a single value with its variables expanded. What it is to mean, the caller decides: YAML's
// own guess (010 is 8, 1e3 is 1000) is not asked for.
func (d *Document) scalar(path string, n *yaml.Node, want string) (string, bool) {
	if !d.single(path, n, want) {
		return "", false
	}
	text, err := expand(n.Value, d.lookup)
	if err != nil {
		d.add(path, n, err.Error())
		return "", false
	}
	return text, true
}

// single reports whether n is a single value, and what it is if not.
func (d *Document) single(path string, n *yaml.Node, want string) bool {
	if n.Kind != yaml.ScalarNode {
		d.add(path, n, fmt.Sprintf("must be %s, not %s", want, kindOf(n)))
		return false
	}
	switch tag := n.ShortTag(); tag {
	case "!!null":
		d.add(path, n, fmt.Sprintf("has no value; give %s, or leave the key out", want))
		return false
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
	default:
		d.add(path, n, fmt.Sprintf("the tag %s is not supported", tag))
		return false
	}
	return true
}

// read takes a key that holds a single value and gives its text to set, whose error is reported as a problem.
func (m *Map) read(k Key, want string, set func(text string) error) {
	path := m.Path(k.Path)
	n := m.take(k)
	if n == nil {
		return
	}
	text, ok := m.doc.scalar(path, n, want)
	if !ok {
		return
	}
	m.doc.places[path] = n
	if err := set(text); err != nil {
		m.doc.add(path, n, err.Error())
	}
}

// String reads a text. Numbers and words such as true are texts too, digit for digit.
func (m *Map) String(key string, dst *string) {
	m.read(Key{Path: key, Type: "text", Default: *dst}, "a text", func(text string) error {
		*dst = text
		return nil
	})
}

// Enum reads a text that must be one of values. Another one is stored all the same, so that checks of what goes together
// do not take the default for what was meant.
func (m *Map) Enum(key string, dst *string, values ...string) {
	m.read(Key{Path: key, Type: "text", Default: *dst, Values: values}, "one of "+strings.Join(values, ", "), func(text string) error {
		*dst = text
		if slices.Contains(values, text) {
			return nil
		}
		if near := Nearest(text, values); near != "" {
			return fmt.Errorf("%q is not one of %s; did you mean %q?", text, strings.Join(values, ", "), near)
		}
		return fmt.Errorf("%q is not one of %s", text, strings.Join(values, ", "))
	})
}

// Bool reads true or false.
func (m *Map) Bool(key string, dst *bool) {
	m.read(Key{Path: key, Type: "true or false", Default: strconv.FormatBool(*dst)}, "true or false", func(text string) error {
		if text != "true" && text != "false" {
			return fmt.Errorf("%q must be true or false", text)
		}
		*dst = text == "true"
		return nil
	})
}

// Strings reads a list of texts.
func (m *Map) Strings(key string, dst *[]string) {
	n := m.take(Key{Path: key, Type: "list of text", Default: strings.Join(*dst, ", ")})
	var list []string
	m.items(key, n, func(_ int, path string, item *yaml.Node) {
		text, _ := m.doc.scalar(path, item, "a text")
		list = append(list, text) // a wrong one keeps its place, so that indexes stay true
	})
	if n != nil && n.Kind == yaml.SequenceNode {
		*dst = list
	}
}

// Duration reads a time such as 10s or 500ms, from low to high.
func (m *Map) Duration(key string, dst *time.Duration, low, high time.Duration) {
	const want = "a time such as 10s, 500ms or 1h30m"
	m.read(Key{Path: key, Type: "duration", Default: FormatDuration(*dst), Low: int64(low), High: int64(high)}, want, func(text string) error {
		v, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q must be %s", text, want)
		}
		if v < low || v > high {
			return fmt.Errorf("%s is out of range; from %s to %s", text, FormatDuration(low), FormatDuration(high))
		}
		*dst = v
		return nil
	})
}

// Int reads a whole number from low to high. It is a function, as Size is, because methods have no type parameters.
func Int[T ~int | ~int64](m *Map, key string, dst *T, low, high T) {
	m.read(Key{Path: key, Type: "integer", Default: fmt.Sprint(*dst), Low: int64(low), High: int64(high)}, "a whole number", func(text string) error {
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q must be a whole number", text)
		}
		if v < int64(low) || v > int64(high) {
			return fmt.Errorf("%d is out of range; from %d to %d", v, low, high)
		}
		*dst = T(v)
		return nil
	})
}

// Size reads a number of bytes such as 64KiB, from low to high.
func Size[T ~int | ~int64](m *Map, key string, dst *T, low, high T) {
	m.read(Key{Path: key, Type: "size", Default: FormatSize(int64(*dst)), Low: int64(low), High: int64(high)}, "a size such as 64KiB", func(text string) error {
		v, err := ParseSize(text)
		if err != nil {
			return err
		}
		if v < int64(low) || v > int64(high) {
			return fmt.Errorf("%s is out of range; from %s to %s", text, FormatSize(int64(low)), FormatSize(int64(high)))
		}
		*dst = T(v)
		return nil
	})
}
