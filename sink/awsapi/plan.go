package awsapi

import (
	"fmt"
	"reflect"
	"time"
)

// plan is a shape made ready for use: patterns compiled, members found by name, and joined to a Go type. It is built once
// per operation and does not change afterwards.
type plan struct {
	shape   *Shape
	pattern *pattern // nil if the shape has none
	typ     reflect.Type
	members []memberPlan   // as in the shape
	index   map[string]int // of members, by name
	elem    *plan          // of a list, and the values of a map
	key     *plan          // of a map

	// direct, if set, writes a value of typ faster than the table does, byte for byte the same.
	direct func(dst []byte, v reflect.Value) []byte
}

// memberPlan is one member of a structure.
type memberPlan struct {
	*plan
	name     string
	required bool
	field    int    // of the Go struct; -1 if the SDK does not know the member yet
	label    string // as it is written: the name in quotes and the colon
}

// newPlan joins s to t, which is the SDK's type for s or a pointer to it.
func newPlan(s *Shape, t reflect.Type) (*plan, error) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	p := &plan{shape: s, typ: t}
	if !fits(s.Kind, t) {
		return nil, fmt.Errorf("shape %s does not fit the Go type %s", s.Name, t)
	}
	var err error
	if s.Pattern != "" {
		if p.pattern, err = newPattern(s.Pattern); err != nil {
			return nil, fmt.Errorf("shape %s: %w", s.Name, err)
		}
	}
	switch s.Kind {
	case Structure:
		err = p.addMembers()
	case Map:
		if p.key, err = newPlan(s.Key, t.Key()); err != nil {
			return nil, err
		}
		p.elem, err = newPlan(s.Elem, t.Elem())
	case List:
		p.elem, err = newPlan(s.Elem, t.Elem())
	}
	return p, err
}

func (p *plan) addMembers() error {
	p.index = make(map[string]int, len(p.shape.Members))
	for i, m := range p.shape.Members {
		mp := memberPlan{name: m.Name, required: m.Required, field: -1, label: `"` + m.Name + `":`}
		t := stand(m.Shape)
		if f, ok := p.typ.FieldByName(m.Name); ok {
			mp.field, t = f.Index[0], f.Type
		}
		var err error
		if mp.plan, err = newPlan(m.Shape, t); err != nil {
			return fmt.Errorf("%s.%s: %w", p.shape.Name, m.Name, err)
		}
		p.members = append(p.members, mp)
		p.index[m.Name] = i
	}
	return nil
}

// fits says whether t can hold values of kind k.
func fits(k Kind, t reflect.Type) bool {
	switch k {
	case Structure:
		return t.Kind() == reflect.Struct
	case List:
		return t.Kind() == reflect.Slice
	case Map:
		return t.Kind() == reflect.Map && t.Key().Kind() == reflect.String
	case String:
		return t.Kind() == reflect.String
	case Blob:
		return t == reflect.TypeFor[[]byte]()
	case Integer:
		return t.Kind() == reflect.Int32
	case Long:
		return t.Kind() == reflect.Int64
	case Double:
		return t.Kind() == reflect.Float64
	case Boolean:
		return t.Kind() == reflect.Bool
	case Timestamp:
		return t == reflect.TypeFor[time.Time]()
	}
	return false
}

// stand is a Go type for a member that the SDK does not know: its values are read and checked, and then dropped.
func stand(s *Shape) reflect.Type {
	switch s.Kind {
	case List:
		return reflect.SliceOf(stand(s.Elem))
	case Map:
		return reflect.MapOf(reflect.TypeFor[string](), stand(s.Elem))
	case String:
		return reflect.TypeFor[string]()
	case Blob:
		return reflect.TypeFor[[]byte]()
	case Integer:
		return reflect.TypeFor[int32]()
	case Long:
		return reflect.TypeFor[int64]()
	case Double:
		return reflect.TypeFor[float64]()
	case Boolean:
		return reflect.TypeFor[bool]()
	case Timestamp:
		return reflect.TypeFor[time.Time]()
	}
	return reflect.TypeFor[struct{}]()
}

// each calls f for p and every plan below it.
func (p *plan) each(f func(*plan)) {
	f(p)
	for _, m := range p.members {
		m.each(f)
	}
	for _, q := range []*plan{p.key, p.elem} {
		if q != nil {
			q.each(f)
		}
	}
}
