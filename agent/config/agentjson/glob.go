package agentjson

import (
	"strings"
)

// glob says a filePattern in weir's words: its folder is literal, its last name is a glob of Java.
func glob(pattern string) string {
	cut := strings.LastIndexByte(pattern, '/') + 1
	var b strings.Builder
	for _, c := range pattern[:cut] {
		if strings.ContainsRune(`*?[]{}\`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	name := pattern[cut:]
	for name != "" {
		switch name[0] {
		case '\\':
			n := min(2, len(name))
			b.WriteString(name[:n])
			name = name[n:]
		case '*': // several are one, for there are no folders in a name
			b.WriteByte('*')
			name = strings.TrimLeft(name, "*")
		case '[':
			name = class(&b, name)
		default:
			b.WriteByte(name[0])
			name = name[1:]
		}
	}
	return b.String()
}

// class copies the bracket expression that name begins with, and returns what follows it. In Java's only !, - and ] have a meaning.
func class(b *strings.Builder, name string) string {
	end := strings.IndexByte(name, ']')
	if end < 0 {
		b.WriteString(name) // is refused as a pattern
		return ""
	}
	inside := name[1:end]
	b.WriteByte('[')
	if rest, not := strings.CutPrefix(inside, "!"); not {
		b.WriteByte('^')
		inside = rest
	}
	for i, c := range inside {
		if strings.ContainsRune(`\^![`, c) || c == '-' && i == 0 {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	b.WriteByte(']')
	return name[end+1:]
}
