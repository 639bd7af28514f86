package condition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/weir-logs/weir/parsers"
)

// place is where a value of a record is: a field, or something inside one that is JSON.
type place struct {
	name string
	path []step

	text                              string      // as in the expression
	missing, null, noNumber, noScalar *fieldError // made once, not per record
	noBool, noList, tooLarge          *fieldError
}

// step goes to a member, or to an element.
type step struct {
	name    string
	element bool
	index   int
}

// fieldError says why there is no answer for a record.
type fieldError struct{ reason string }

func (e *fieldError) Error() string { return e.reason }

func newPlace(name string) *place { return (&place{name: name, text: name}).withErrors() }

// inside is the place one step further.
func (p *place) inside(s step) *place {
	text := p.text + "." + s.name
	if s.element {
		text = p.text + "[" + strconv.Itoa(s.index) + "]"
	}
	return (&place{name: p.name, path: append(p.path[:len(p.path):len(p.path)], s), text: text}).withErrors()
}

func (p *place) withErrors() *place {
	because := func(format string) *fieldError { return &fieldError{fmt.Sprintf(format, p.text)} }
	p.missing, p.null = because("the record has no %s"), because("%s is null")
	p.noNumber, p.noBool = because("%s is no number"), because("%s is neither true nor false")
	p.noScalar, p.noList = because("%s is a list or an object"), because("%s is no list and no object")
	p.tooLarge = because("%s is larger than " + strconv.Itoa(mostDecoded>>10) + "KiB")
	return p
}

// find looks for the value; ok is false if there is none, which is not the same as null. The whole line is the field message
// of a record that was not parsed, as it is when it is sent.
func (p *place) find(rec *parsers.Record) (value parsers.Field, ok bool) {
	f := rec.Lookup(p.name)
	switch {
	case f != nil:
		value = *f
	case !rec.Parsed && p.name == parsers.Message:
		value = parsers.Field{Name: p.name, Value: rec.Line}
	default:
		return value, false
	}
	for _, s := range p.path {
		if s.element {
			value, ok = value.Element(s.index)
		} else {
			value, ok = value.Member(s.name)
		}
		if !ok {
			return value, false
		}
	}
	return value, true
}

// plain returns the text of a value that is no list and no object. It is valid until the next call with the same buffer.
func (c *Condition) plain(f *parsers.Field, buffer int) []byte {
	if f.Kind != parsers.Escaped {
		return f.Value
	}
	c.scratch[buffer] = f.AppendText(c.scratch[buffer][:0])
	return c.scratch[buffer]
}

// fetch is the value of a place, in the form that is wanted.
func (w *compiler) fetch(p *place, want mode) operand {
	c := w.condition
	switch want {
	case asBool:
		return decided(func() (bool, error) { return c.boolean(p) })
	case asText:
		return operand{typ: typ{kind: textType}, eval: func() (value, error) { return c.string(p) }}
	case asNumber, asNumberOrNil:
		return operand{typ: typ{kind: anyType}, eval: func() (value, error) { return c.number(p, want == asNumberOrNil) }}
	}
	return operand{typ: typ{kind: anyType}, eval: func() (value, error) { return c.value(p) }}
}

// boolean is for a field that stands where true or false is needed; nil is false.
func (c *Condition) boolean(p *place) (bool, error) {
	f, ok := p.find(c.rec)
	if !ok || f.Kind == parsers.Null {
		return false, nil
	}
	if is, ok := truth(&f); ok {
		return is, nil
	}
	return false, p.noBool
}

// truth tells whether a value is a boolean, or text that is one, and which.
func truth(f *parsers.Field) (is, ok bool) {
	if f.Kind == parsers.Bool || f.Kind == parsers.String {
		return string(f.Value) == "true", string(f.Value) == "true" || string(f.Value) == "false"
	}
	return false, false
}

// string is for a field that stands where text is needed; nil has none.
func (c *Condition) string(p *place) (value, error) {
	f, ok := p.find(c.rec)
	switch {
	case !ok || f.Kind == parsers.Null:
		return plainText(nil), nil
	case f.Kind == parsers.JSON:
		return value{}, p.noScalar
	}
	return plainText(c.lasting(&f)), nil
}

// lasting is plain for as long as the evaluation takes.
func (c *Condition) lasting(f *parsers.Field) []byte {
	if f.Kind != parsers.Escaped {
		return f.Value
	}
	return c.keep(func(dst []byte) []byte { return f.AppendText(dst) })
}

// keep returns what fn appends, for as long as the evaluation takes.
func (c *Condition) keep(fn func(dst []byte) []byte) []byte {
	from := len(c.texts)
	c.texts = fn(c.texts)
	return c.texts[from:len(c.texts):len(c.texts)]
}

// number is for a field that stands where a number is needed.
func (c *Condition) number(p *place, orNil bool) (value, error) {
	f, ok := p.find(c.rec)
	if !ok || f.Kind == parsers.Null {
		switch {
		case orNil:
			return value{}, nil
		case !ok:
			return value{}, p.missing
		}
		return value{}, p.null
	}
	if n, ok := c.numeric(&f, 0); ok {
		return numeric(n), nil
	}
	return value{}, p.noNumber
}

// value is for a field of which nothing is known but its kind.
func (c *Condition) value(p *place) (value, error) {
	f, ok := p.find(c.rec)
	if !ok {
		return value{}, nil
	}
	switch f.Kind {
	case parsers.Null:
		return value{}, nil
	case parsers.Bool:
		return truthOf(string(f.Value) == "true"), nil
	case parsers.Number:
		if n, ok := c.numeric(&f, 0); ok {
			return numeric(n), nil
		}
	case parsers.JSON:
		return p.decode(f.Value)
	}
	return plainText(c.lasting(&f)), nil
}

// mostDecoded bounds the lists and objects that are made into values, which take many times their text.
const mostDecoded = 64 << 10

func (p *place) decode(text []byte) (value, error) {
	if len(text) > mostDecoded {
		return value{}, p.tooLarge
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return value{}, fmt.Errorf("%s: %w", p.text, err)
	}
	return decodedValue(decoded), nil
}

// decodedValue is the value of what was decoded.
func decodedValue(decoded any) value {
	switch d := decoded.(type) {
	case bool:
		return truthOf(d)
	case string:
		return plainText([]byte(d))
	case json.Number:
		if n, ok := parseNumber([]byte(d)); ok {
			return numeric(n)
		}
		return plainText([]byte(d))
	case []any:
		v := value{kind: isList, list: make([]value, len(d))}
		for i := range d {
			v.list[i] = decodedValue(d[i])
		}
		return v
	case map[string]any:
		v := value{kind: isObject, object: make(map[string]value, len(d))}
		for name, member := range d {
			v.object[name] = decodedValue(member)
		}
		return v
	}
	return value{}
}
