package original

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxDepth is how deep JSON values may lie in one another, and maxNumber how many characters a number may have; both as in Jackson since 2.15.
const maxDepth, maxNumber = 1000, 1000

// maxValues is how many values a record may have, which bounds the memory that they take; more of them would be more than 5 MB.
const maxValues = 1 << 15

// value is JSON as Jackson has it once it was read into maps and lists.
type value struct {
	text    string // JSON text of what is neither list nor object
	list    []value
	object  *object
	isArray bool
}

// object is a map that keeps the order in which its keys came.
type object struct {
	members []member
	places  map[string]int // of keys in members; made when there are many
}

type member struct {
	key string
	value
}

const fewMembers = 16

// find returns the place of key, or -1.
func (o *object) find(key string) int {
	if o.places != nil {
		if i, ok := o.places[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].key == key {
			return i
		}
	}
	return -1
}

// set gives key a value: in its place if it is there already, otherwise at the end.
func (o *object) set(key string, v value) {
	if i := o.find(key); i >= 0 {
		o.members[i].value = v
		return
	}
	o.members = append(o.members, member{key, v})
	if o.places != nil {
		o.places[key] = len(o.members) - 1
	} else if len(o.members) > fewMembers {
		o.places = make(map[string]int, 4*fewMembers)
		for i := range o.members {
			o.places[o.members[i].key] = i
		}
	}
}

var (
	errDeep   = fmt.Errorf("more than %d values in one another", maxDepth)
	errNumber = fmt.Errorf("a number of more than %d characters", maxNumber)
	errMany   = fmt.Errorf("more than %d values", maxValues)
	errMore   = errors.New("something follows after the value")
)

// reader reads one JSON value.
type reader struct {
	*json.Decoder
	values int
}

// readTree reads the JSON value at the start of text, and returns what is left. Jackson does not look at that.
func readTree(text []byte) (v value, rest *json.Decoder, err error) {
	r := &reader{Decoder: json.NewDecoder(bytes.NewReader(text))}
	r.UseNumber()
	v, err = r.value(0)
	return v, r.Decoder, err
}

func (r *reader) value(depth int) (value, error) {
	token, err := r.Token()
	if err != nil {
		return value{}, err
	}
	if r.values++; r.values > maxValues {
		return value{}, errMany
	}
	switch t := token.(type) {
	case json.Delim:
		if depth == maxDepth {
			return value{}, errDeep
		}
		return r.nested(t == '[', depth+1)
	case string:
		return textValue(t), nil
	case json.Number:
		if len(t) > maxNumber {
			return value{}, errNumber
		}
		return value{text: number(string(t))}, nil
	case bool:
		return value{text: strconv.FormatBool(t)}, nil
	}
	return value{text: "null"}, nil
}

// nested reads a list or an object whose bracket was read.
func (r *reader) nested(array bool, depth int) (value, error) {
	v := value{isArray: array}
	if !array {
		v.object = new(object)
	}
	for r.More() {
		var key string
		if !array {
			token, err := r.Token()
			if err != nil {
				return v, err
			}
			key = token.(string) // of anything else the decoder makes an error
		}
		child, err := r.value(depth)
		if err != nil {
			return v, err
		}
		if array {
			v.list = append(v.list, child)
		} else {
			v.object.set(key, child)
		}
	}
	_, err := r.Token()
	return v, err
}

// textValue returns a string, whose bytes that are not UTF-8 become U+FFFD.
func textValue(s string) value {
	return value{text: string(append(appendText([]byte{'"'}, []byte(strings.ToValidUTF8(s, replacement))), '"'))}
}

// number returns how Java prints a number that it read: a whole one digit for digit, another as a double.
func number(text string) string {
	if text == "-0" {
		return "0"
	}
	for i := range len(text) {
		if c := text[i]; c == '.' || c|0x20 == 'e' {
			v, _ := strconv.ParseFloat(text, 64) // of one that is too large it is an infinity
			return double(v)
		}
	}
	return text
}

// double returns Double.toString(v): the shortest digits that give v again, but at least two, with an exponent below 10^-3 and from 10^7 on.
func double(v float64) string {
	if math.IsInf(v, 0) {
		return map[bool]string{true: `"Infinity"`, false: `"-Infinity"`}[v > 0]
	}
	short := strconv.AppendFloat(nil, v, 'e', -1, 64)
	if bytes.IndexByte(short, '.') < 0 { // one digit: the nearest of two digits, if that gives v again
		if two := strconv.AppendFloat(nil, v, 'e', 1, 64); v != 0 {
			if again, _ := strconv.ParseFloat(string(two), 64); again == v {
				short = two
			}
		}
	}
	if abs := math.Abs(v); v == 0 || 1e-3 <= abs && abs < 1e7 {
		plain := strconv.FormatFloat(v, 'f', -1, 64)
		if v == math.Trunc(v) {
			plain += ".0"
		}
		return plain
	}
	digits, exponent, _ := bytes.Cut(short, []byte{'e'})
	if bytes.IndexByte(digits, '.') < 0 {
		digits = append(bytes.Clone(digits), ".0"...)
	}
	n, _ := strconv.Atoi(string(exponent))
	return string(digits) + "E" + strconv.Itoa(n)
}

// append appends v, compact.
func (v *value) append(dst []byte) []byte {
	switch {
	case v.isArray:
		dst = append(dst, '[')
		for i := range v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.list[i].append(dst)
		}
		return append(dst, ']')
	case v.object != nil:
		dst = append(dst, '{')
		for i := range v.object.members {
			m := &v.object.members[i]
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendText(append(dst, '"'), []byte(m.key)), `":`...)
			dst = m.append(dst)
		}
		return append(dst, '}')
	}
	return append(dst, v.text...)
}

// appendPretty appends v as Jackson's printer does it: each member of an object on a line of its own, two blanks further in; the members of a list beside
// one another. It stops, with false, once dst has more than limit bytes.
func (v *value) appendPretty(dst []byte, indent, limit int) ([]byte, bool) {
	if len(dst) > limit {
		return dst, false
	}
	ok := true
	switch {
	case v.isArray:
		dst = append(dst, '[')
		for i := range v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, ok = v.list[i].appendPretty(append(dst, ' '), indent, limit); !ok {
				return dst, false
			}
		}
		return append(dst, " ]"...), true
	case v.object != nil:
		dst = append(dst, '{')
		for i := range v.object.members {
			m := &v.object.members[i]
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendText(append(newLine(dst, indent+1), '"'), []byte(m.key)), `" : `...)
			if dst, ok = m.appendPretty(dst, indent+1, limit); !ok {
				return dst, false
			}
		}
		if len(v.object.members) == 0 {
			return append(dst, " }"...), true
		}
		return append(newLine(dst, indent), '}'), true
	}
	return append(dst, v.text...), true
}

func newLine(dst []byte, indent int) []byte {
	dst = append(dst, '\n')
	for range indent {
		dst = append(dst, "  "...)
	}
	return dst
}
