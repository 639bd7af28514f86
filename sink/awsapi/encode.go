package awsapi

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// encode writes v, which is of p's type or a pointer to it, as JSON 1.1. Members stand in the order of the table; what is
// nil is left out, except a required list, map or blob, which is written empty because clients walk over it.
func encode(dst []byte, p *plan, v reflect.Value) []byte {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if p.direct != nil {
		return p.direct(dst, v)
	}
	switch p.shape.Kind {
	case Structure:
		return encodeStructure(dst, p, v)
	case List:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = encode(dst, p.elem, v.Index(i))
		}
		return append(dst, ']')
	case Map:
		return encodeMap(dst, p, v)
	case String:
		return appendString(dst, v.String())
	case Blob:
		return appendBlob(dst, v.Bytes())
	case Integer, Long:
		return strconv.AppendInt(dst, v.Int(), 10)
	case Double:
		return appendDouble(dst, v.Float())
	case Boolean:
		return strconv.AppendBool(dst, v.Bool())
	}
	return appendTime(dst, v.Interface().(time.Time))
}

func encodeStructure(dst []byte, p *plan, v reflect.Value) []byte {
	dst = append(dst, '{')
	start := len(dst)
	for i := range p.members {
		m := &p.members[i]
		if m.field < 0 {
			continue
		}
		f := v.Field(m.field)
		if absent(f) && !(m.required && f.Kind() != reflect.Pointer && f.Kind() != reflect.String) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = encode(append(dst, m.label...), m.plan, f)
	}
	return append(dst, '}')
}

// absent says whether a member is left out: a nil pointer, list, map or blob, or an enumeration's empty string.
func absent(f reflect.Value) bool {
	switch f.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return f.IsNil()
	case reflect.String:
		return f.Len() == 0
	}
	return false
}

func encodeMap(dst []byte, p *plan, v reflect.Value) []byte {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, k.String()), ':')
		dst = encode(dst, p.elem, v.MapIndex(k))
	}
	return append(dst, '}')
}

func appendBlob(dst, data []byte) []byte {
	dst = append(dst, '"')
	dst = blobs.AppendEncode(dst, data)
	return append(dst, '"')
}

// appendDouble writes f without an exponent. JSON has no words for infinity and for what is no number: they become 0.
func appendDouble(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		f = 0
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}
