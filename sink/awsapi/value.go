package awsapi

import (
	"reflect"
	"time"
)

// value is what a request says for one shape, read but not yet checked against its bounds. It belongs to no encoding of
// the wire and to no Go type: a reader makes it, the validator judges it, bind turns it into the SDK's type.
type value struct {
	set    bool // false: absent or null
	flag   bool
	number int64 // of Integer and Long
	real   float64
	text   string
	data   []byte
	time   time.Time
	parts  []value  // members as in the shape, elements of a list, values of a map
	keys   []string // of a map
	length int      // of a list or map: also counts what lies over the upper bound, which is not kept
}

// bind stores x, which has been checked, into v. Members that are not set leave their fields alone.
func bind(p *plan, x *value, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch p.shape.Kind {
	case Structure:
		for i := range x.parts {
			if m := &p.members[i]; x.parts[i].set && m.field >= 0 {
				bind(m.plan, &x.parts[i], v.Field(m.field))
			}
		}
	case List:
		list := reflect.MakeSlice(v.Type(), len(x.parts), len(x.parts))
		for i := range x.parts {
			bind(p.elem, &x.parts[i], list.Index(i))
		}
		v.Set(list)
	case Map:
		v.Set(reflect.MakeMapWithSize(v.Type(), len(x.parts)))
		for i := range x.parts {
			elem := reflect.New(v.Type().Elem()).Elem()
			bind(p.elem, &x.parts[i], elem)
			v.SetMapIndex(reflect.ValueOf(x.keys[i]).Convert(v.Type().Key()), elem)
		}
	case String:
		v.SetString(x.text)
	case Blob:
		v.SetBytes(x.data)
	case Integer, Long:
		v.SetInt(x.number)
	case Double:
		v.SetFloat(x.real)
	case Boolean:
		v.SetBool(x.flag)
	case Timestamp:
		v.Set(reflect.ValueOf(x.time))
	}
}
