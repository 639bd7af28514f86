package awsapi

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// maxValues bounds how many values one request may hold, whatever its shape: 500 records have 1,500.
const maxValues = 100_000

// blobs is base64 as the services take it: padded, and with no bits left over.
var blobs = base64.StdEncoding.Strict()

// typeError is a value of a kind that its shape is not.
type typeError struct {
	path string // grows from the inside out
	what string
}

func (e *typeError) Error() string { return e.what + " at " + strings.TrimPrefix(e.path, ".") }

// reader reads JSON 1.1 into values, guided by a plan.
type reader struct {
	scanner
	left int // how many values may still come
}

// decodeJSON reads body as p says. All errors are SerializationExceptions.
func decodeJSON(p *plan, body []byte) (value, error) {
	r := reader{scanner: scanner{data: body}, left: maxValues}
	if r.peek() != '{' {
		if err := wellFormed(body); err != nil {
			return value{}, err
		}
		return value{}, &Error{Code: codeSerialization, Message: "The request body must be a JSON object"}
	}
	x, err := r.value(p, 0)
	if err == nil {
		err = r.end()
	}
	if wrong, ok := err.(*typeError); ok {
		err = &Error{Code: codeSerialization, Message: wrong.Error()}
	}
	return x, err
}

func (r *reader) value(p *plan, depth int) (value, error) {
	if r.left--; r.left < 0 {
		return value{}, r.fail("more than " + strconv.Itoa(maxValues) + " values are given")
	}
	c := r.peek()
	if c == 'n' {
		return value{}, r.word("null")
	}
	x := value{set: true}
	var err error
	switch kind := p.shape.Kind; {
	case c == '{' && kind == Structure:
		err = r.structure(p, &x, depth)
	case c == '{' && kind == Map:
		err = r.mapping(p, &x, depth)
	case c == '[' && kind == List:
		err = r.list(p, &x, depth)
	case c == '"' && kind == String:
		var text []byte
		text, err = r.text()
		x.text = string(text)
	case c == '"' && kind == Blob:
		err = r.blob(&x)
	case (c == 't' || c == 'f') && kind == Boolean:
		x.flag = c == 't'
		err = r.word(strconv.FormatBool(x.flag))
	case (c == '-' || '0' <= c && c <= '9') && isNumber(kind):
		err = r.numeric(p, &x)
	default:
		err = r.mismatch(c, kind)
	}
	return x, err
}

func (r *reader) structure(p *plan, x *value, depth int) error {
	x.parts = make([]value, len(p.members))
	return r.object(func(key []byte) error {
		i, known := p.index[string(key)]
		if !known {
			return r.skip(depth + 1)
		}
		var err error
		x.parts[i], err = r.value(p.members[i].plan, depth+1)
		return within(err, "."+p.members[i].name)
	})
}

func (r *reader) mapping(p *plan, x *value, depth int) error {
	return r.object(func(key []byte) error {
		name := string(key)
		part, err := r.value(p.elem, depth+1)
		if x.length++; x.kept(p.shape) {
			x.keys = append(x.keys, name)
			x.parts = append(x.parts, part)
		}
		return within(err, "."+name)
	})
}

func (r *reader) list(p *plan, x *value, depth int) error {
	return r.array(func(i int) error {
		part, err := r.value(p.elem, depth+1)
		if x.length++; x.kept(p.shape) {
			x.parts = append(x.parts, part)
		}
		return within(err, "["+strconv.Itoa(i)+"]")
	})
}

// kept says whether the newest element still lies within the bound; one that does not only counts.
func (x *value) kept(s *Shape) bool { return !s.HasMax || int64(x.length) <= s.Max }

func (r *reader) blob(x *value) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	for _, c := range text {
		if c == '\n' || c == '\r' { // which the decoder would skip
			return &typeError{what: "a string that is not base64 can not be converted to a Blob"}
		}
	}
	x.data = make([]byte, blobs.DecodedLen(len(text)))
	n, err := blobs.Decode(x.data, text)
	if err != nil {
		return &typeError{what: "a string that is not base64 can not be converted to a Blob"}
	}
	x.data = x.data[:n]
	return nil
}

func (r *reader) numeric(p *plan, x *value) error {
	text, err := r.number()
	if err != nil {
		return err
	}
	ok := true
	switch p.shape.Kind {
	case Integer:
		x.number, ok = parseInteger(text, 32)
	case Long:
		x.number, ok = parseInteger(text, 64)
	case Double:
		x.real, err = strconv.ParseFloat(string(text), 64)
		ok = err == nil
	case Timestamp:
		x.time, ok = parseTime(text)
	}
	if !ok {
		return &typeError{what: fmt.Sprintf("NUMBER_VALUE %.40s can not be converted to %s", text, p.shape.Kind)}
	}
	return nil
}

func isNumber(k Kind) bool { return k == Integer || k == Long || k == Double || k == Timestamp }

// mismatch is the error for a value that begins with c where a value of kind k should be.
func (r *reader) mismatch(c byte, k Kind) error {
	what := ""
	switch {
	case c == '{':
		what = "start of a structure or map"
	case c == '[':
		what = "start of a list"
	case c == '"':
		what = "STRING_VALUE"
	case c == 't':
		what = "TRUE_VALUE"
	case c == 'f':
		what = "FALSE_VALUE"
	case c == '-' || '0' <= c && c <= '9':
		what = "NUMBER_VALUE"
	default:
		return r.fail("a value is missing")
	}
	return &typeError{what: what + " can not be converted to " + k.String()}
}

// within says of an error of a part where that part is.
func within(err error, step string) error {
	if wrong, ok := err.(*typeError); ok {
		wrong.path = step + wrong.path
	}
	return err
}
