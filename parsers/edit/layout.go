package edit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// layout is how a time is written, as the parts that are read or written one after the other.
type layout []layoutPart

// layoutPart is a text, or one part of a time.
type layoutPart struct {
	verb byte   // as in strptime, or one of those below; 0: a text
	text string // of verb 0
	pad  byte   // of numbers when they are written: '0', ' ', or 0 for none
	size int    // of a fraction: its digits; of verbUnix: digits after the second
}

// Verbs beside those of strptime (Y y m b B d H I M S p z Z j a A s f).
const (
	verbFraction = '.' // a point and digits, if they are there, or if they are not zero
	verbColon    = ':' // an offset with a colon: +01:00
	verbZ        = 'o' // the same, but Z for UTC
	verbUnix     = 'U' // a number of seconds, or of parts of them
	verbT        = 'T' // T, or what stands for it in RFC 3339
)

// namedLayouts are the layouts with names, in the order of the documentation.
func namedLayouts() []struct {
	name  string
	parts string
} {
	return []struct{ name, parts string }{
		{"rfc3339", ""}, {"apache", "%d/%b/%Y:%H:%M:%S %z"}, {"apache_error", "%a %b %d %H:%M:%S.%f %Y"}, {"syslog", "%b %e %H:%M:%S"},
		{"unix", ""}, {"unix_ms", ""}, {"unix_us", ""}, {"unix_ns", ""},
	}
}

// Layouts returns the names of layouts.
func Layouts() []string {
	var names []string
	for _, l := range namedLayouts() {
		names = append(names, l.name)
	}
	return names
}

// newLayout reads a layout: a name, one of strptime if there is a percent sign, or one of Go's.
func newLayout(text string) (layout, error) {
	switch text {
	case "":
		return nil, errors.New("is empty")
	case "rfc3339":
		return append(must("%Y-%m-%d"), append(layout{{verb: verbT}}, append(must("%H:%M:%S"), layoutPart{verb: verbFraction}, layoutPart{verb: verbZ})...)...), nil
	case "unix":
		return layout{{verb: verbUnix}}, nil
	case "unix_ms":
		return layout{{verb: verbUnix, size: 3}}, nil
	case "unix_us":
		return layout{{verb: verbUnix, size: 6}}, nil
	case "unix_ns":
		return layout{{verb: verbUnix, size: 9}}, nil
	}
	for _, l := range namedLayouts() {
		if l.name == text {
			return strptime(l.parts)
		}
	}
	if strings.Contains(text, "%") {
		return strptime(text)
	}
	l := goLayout(text)
	if !l.has("YymbBdejHIMS") {
		return nil, fmt.Errorf("%q is no layout: want one of %s, one such as %%Y-%%m-%%d %%H:%%M:%%S, or one of Go's such as 2006-01-02 15:04:05", text, strings.Join(Layouts(), ", "))
	}
	return l, nil
}

// must is strptime for layouts that are right.
func must(text string) layout {
	l, err := strptime(text)
	if err != nil {
		panic(err)
	}
	return l
}

// has reports whether l has one of the verbs.
func (l layout) has(verbs string) bool {
	return slices.ContainsFunc(l, func(p layoutPart) bool { return p.verb != 0 && strings.IndexByte(verbs, p.verb) >= 0 })
}

// dated reports whether what is written so tells the day, with its year or without.
func (l layout) dated() bool { return l.has("sUj") || l.has("d") && l.has("mbB") }

// literal appends a text.
func (l layout) literal(text string) layout {
	if n := len(l) - 1; n >= 0 && l[n].verb == 0 {
		l[n].text += text
		return l
	}
	return append(l, layoutPart{text: text})
}

// strptime reads a layout with percent signs.
func strptime(text string) (layout, error) {
	var l layout
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			l = l.literal(text[i : i+1])
			continue
		}
		i++
		if i < len(text)-1 && text[i] == ':' && text[i+1] == 'z' {
			i++
			l = append(l, layoutPart{verb: verbColon})
			continue
		}
		if i == len(text) {
			return nil, errors.New("a percent sign at the end; write %% for the character")
		}
		switch c := text[i]; c {
		case '%':
			l = l.literal("%")
		case 'Y', 'y', 'm', 'd', 'H', 'I', 'M', 'S', 'j':
			l = append(l, layoutPart{verb: c, pad: '0'})
		case 'b', 'B', 'p', 'z', 'Z', 'a', 'A', 's':
			l = append(l, layoutPart{verb: c})
		case 'h':
			l = append(l, layoutPart{verb: 'b'})
		case 'e':
			l = append(l, layoutPart{verb: 'd', pad: ' '})
		case 'f':
			l = append(l, layoutPart{verb: 'f', size: 6})
		case 'L':
			l = append(l, layoutPart{verb: 'f', size: 3})
		case 'N':
			l = append(l, layoutPart{verb: 'f', size: 9})
		case 'T':
			l = append(l, must("%H:%M:%S")...)
		case 'F':
			l = append(l, must("%Y-%m-%d")...)
		default:
			return nil, fmt.Errorf("there is no %%%c; there are %%Y %%y %%m %%b %%B %%d %%e %%j %%H %%I %%M %%S %%p %%f %%L %%N %%z %%:z %%Z %%a %%A %%s %%T %%F %%%%", c)
		}
	}
	return l, nil
}

// goParts are the pieces of Go's layouts (package time), longer ones before those that they begin with.
func goParts() []struct {
	text string
	part layoutPart
} {
	type part = struct {
		text string
		part layoutPart
	}
	return []part{
		{"January", layoutPart{verb: 'B'}}, {"Jan", layoutPart{verb: 'b'}}, {"Monday", layoutPart{verb: 'A'}}, {"Mon", layoutPart{verb: 'a'}},
		{"MST", layoutPart{verb: 'Z'}}, {"2006", layoutPart{verb: 'Y', pad: '0'}}, {"002", layoutPart{verb: 'j', pad: '0'}},
		{"Z07:00", layoutPart{verb: verbZ}}, {"Z0700", layoutPart{verb: verbZ}}, {"-07:00", layoutPart{verb: verbColon}}, {"-0700", layoutPart{verb: 'z'}},
		{"01", layoutPart{verb: 'm', pad: '0'}}, {"02", layoutPart{verb: 'd', pad: '0'}}, {"03", layoutPart{verb: 'I', pad: '0'}},
		{"04", layoutPart{verb: 'M', pad: '0'}}, {"05", layoutPart{verb: 'S', pad: '0'}}, {"06", layoutPart{verb: 'y', pad: '0'}},
		{"15", layoutPart{verb: 'H', pad: '0'}}, {"_2", layoutPart{verb: 'd', pad: ' '}}, {"PM", layoutPart{verb: 'p'}},
		{"1", layoutPart{verb: 'm'}}, {"2", layoutPart{verb: 'd'}}, {"3", layoutPart{verb: 'I'}}, {"4", layoutPart{verb: 'M'}}, {"5", layoutPart{verb: 'S'}},
	}
}

// goLayout reads a layout of Go's.
func goLayout(text string) layout {
	var l layout
	parts := goParts()
next:
	for len(text) > 0 {
		for _, p := range parts {
			if strings.HasPrefix(text, p.text) {
				l, text = append(l, p.part), text[len(p.text):]
				continue next
			}
		}
		if digits := len(text[1:]) - len(strings.TrimLeft(text[1:], "0")); digits > 0 && digits <= 9 && (text[0] == '.' || text[0] == ',') {
			l = append(l.literal(text[:1]), layoutPart{verb: 'f', size: digits})
			text = text[1+digits:]
			continue
		}
		if digits := len(text[1:]) - len(strings.TrimLeft(text[1:], "9")); digits > 0 && (text[0] == '.' || text[0] == ',') {
			l = append(l, layoutPart{verb: verbFraction})
			text = text[1+digits:]
			continue
		}
		l, text = l.literal(text[:1]), text[1:]
	}
	return l
}
