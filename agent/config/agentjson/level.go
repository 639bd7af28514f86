package agentjson

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-logs/weir/agent/config/strict"
)

// level is one object of a file with the keys that are known there: its values, coerced, by name.
type level struct {
	*reader
	object *value
	got    map[string]*value
}

// level reads the keys of an object: what is wrong is reported, what does nothing is warned of.
func (r *reader) level(v *value, keys []Key) level {
	l := level{r, v, make(map[string]*value)}
	if v.kind != object {
		r.problem(v, "must be an object, { ... }, not %s", v.kind)
		return l
	}
	for i, m := range v.members {
		if slices.ContainsFunc(v.members[i+1:], func(later member) bool { return later.name == m.name }) {
			r.warn(m.place, below(v.path, m.name), "stands again below; the last one counts")
			continue
		}
		at := slices.IndexFunc(keys, func(k Key) bool { return k.Name == m.name })
		if at < 0 {
			r.unknown(m, v.path, keys)
			continue
		}
		l.key(m, keys[at])
	}
	return l
}

// unknown warns of a key that the original agent does not know: it ignores such keys silently.
func (r *reader) unknown(m member, path string, keys []Key) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	text := "unknown key, ignored"
	if near := strict.Nearest(m.name, names); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	} else if elsewhere := Keys(); slices.ContainsFunc(elsewhere, func(k Key) bool { return k.Name == m.name }) {
		text = "ignored: it is no key of this level"
	}
	r.warn(m.place, below(path, m.name), "%s", text)
}

// key reads one key.
func (l *level) key(m member, k Key) {
	v := m.value
	if v.kind == null && k.Type != isInteger && k.Type != isLong {
		if k.Name == "flows" {
			l.problem(v, "must be a list of flows, [ ... ], not null")
			return
		}
		l.warn(v.place, v.path, "null is the same as no such key")
		return
	}
	if reason := coerce(v, k); reason != "" {
		l.problem(v, "%s", reason)
		return
	}
	l.got[k.Name] = v
	if k.Ignored != "" {
		l.warn(v.place, v.path, "ignored: %s", k.Ignored)
	}
}

// coerce makes of v what the type of k wants, as the original agent does, or says why that cannot be.
func coerce(v *value, k Key) string {
	if k.Type == isList {
		return "" // judged where it is used
	}
	if v.kind == object || v.kind == list {
		return fmt.Sprintf("must be %s, not %s", wants(k), v.kind)
	}
	switch k.Type {
	case isText:
		v.kind = text
		if k.Values != nil && !slices.Contains(k.Values, v.text) {
			reason := fmt.Sprintf("%q is not one of %s", v.text, strings.Join(k.Values, ", "))
			if near := strict.Nearest(v.text, k.Values); near != "" {
				reason += fmt.Sprintf("; did you mean %q?", near)
			}
			return reason
		}
	case isBoolean:
		truth, ok := truthOf(v.text)
		if !ok {
			return fmt.Sprintf("%q must be true or false", v.text)
		}
		v.kind, v.text = boolean, strconv.FormatBool(truth)
	default:
		return wholeNumber(v, k)
	}
	return ""
}

func wants(k Key) string {
	switch k.Type {
	case isBoolean:
		return "true or false"
	case isText:
		return "a text"
	}
	return "a whole number"
}

// truthOf reads the words for true and false, in any case.
func truthOf(word string) (truth, ok bool) {
	switch strings.ToLower(word) {
	case "true", "yes", "t", "y", "1":
		return true, true
	case "false", "no", "f", "n", "0":
		return false, true
	}
	return false, false
}

func wholeNumber(v *value, k Key) string {
	if v.kind == null || v.kind == boolean {
		return fmt.Sprintf("must be a whole number, not %s; leave the key out for the default, %s", v.kind, k.Default)
	}
	bits := 64
	if k.Type == isInteger {
		bits = 32
	}
	n, err := strconv.ParseInt(v.text, 10, bits)
	if err != nil {
		return fmt.Sprintf("%q must be a whole number of %d bits", v.text, bits)
	}
	if k.High != 0 && (n < k.Low || n > k.High) {
		return fmt.Sprintf("%d is out of range; from %d to %d", n, k.Low, k.High)
	}
	v.kind, v.text = number, strconv.FormatInt(n, 10)
	return ""
}

// has reports whether a key has a value that is not empty.
func (l *level) has(key string) bool { return l.text(key) != "" }

// text returns the value of a key, or "".
func (l *level) text(key string) string {
	if v := l.got[key]; v != nil {
		return v.text
	}
	return ""
}

// number returns the value of a key, or 0.
func (l *level) number(key string) int64 {
	n, _ := strconv.ParseInt(l.text(key), 10, 64) // coerced before
	return n
}
