package condition

// typ is what is known of a value before there is a record.
type typ struct {
	kind typeKind
	of   *typ // elements of a list; nil: anything
}

type typeKind uint8

const (
	unknownType typeKind = iota
	anyType              // what a field or an element is
	nilType
	boolType
	wholeType
	floatType
	textType
	listType
)

// String is the name that expr has for it.
func (t typ) String() string {
	return [...]string{"unknown", "unknown", "nil", "bool", "int", "float64", "string", "list"}[t.kind]
}

func (t typ) open() bool     { return t.kind == unknownType || t.kind == anyType }
func (t typ) isNumber() bool { return t.kind == wholeType || t.kind == floatType }

// element is what the elements of a list are.
func (t typ) element() typ {
	if t.kind == listType && t.of != nil {
		return *t.of
	}
	return typ{kind: anyType}
}

// assignable reports whether what is t may stand where u is.
func (t typ) assignable(u typ) bool {
	switch {
	case t.kind == nilType:
		return u.kind == anyType || u.kind == listType
	case t.kind == unknownType || u.kind == unknownType || u.kind == nilType:
		return false
	}
	return t.kind == u.kind || u.kind == anyType
}

func (t typ) comparable(u typ) bool {
	return t.open() || u.open() || t.kind == nilType || u.kind == nilType || t.isNumber() && u.isNumber() || t.kind == u.kind
}

// both reports whether two values may be of one of the kinds: either is, and the other is or is not known.
func both(t, u typ, kinds func(typ) bool) bool {
	return t.open() && (u.open() || kinds(u)) || u.open() && kinds(t)
}

func isBool(t typ) bool         { return t.kind == boolType }
func isWhole(t typ) bool        { return t.kind == wholeType }
func isTextType(t typ) bool     { return t.kind == textType }
func isNumberOrText(t typ) bool { return t.isNumber() || t.kind == textType }

// arithmetic is the type of a sum, a difference or a product.
func arithmetic(t, u typ) typ {
	switch {
	case !t.isNumber() || !u.isNumber():
		return typ{}
	case t.kind == floatType || u.kind == floatType:
		return typ{kind: floatType}
	}
	return typ{kind: wholeType}
}

// coalesced is the type of a ?? b.
func coalesced(t, u typ) typ {
	switch {
	case t.kind == nilType:
		return u
	case u.kind == nilType || u.assignable(t):
		return t
	}
	return typ{}
}

// chosen is the type of one of two.
func chosen(t, u typ) typ {
	switch {
	case t.kind == nilType:
		return u
	case u.kind == nilType:
		return t
	case t.kind == listType && u.kind == listType && !(t.element().assignable(u.element()) && u.element().assignable(t.element())):
		return typ{kind: listType}
	case t.assignable(u):
		return t
	}
	return typ{}
}

// listOf is the type of a list of values: of what the last is, if all are alike.
func listOf(elements []operand) typ {
	last := typ{}
	for i, e := range elements {
		if i > 0 && alike(e.typ.kind) != alike(last.kind) {
			return typ{kind: listType}
		}
		last = e.typ
	}
	return typ{kind: listType, of: &last}
}

// alike makes one of nil and what is not known.
func alike(k typeKind) typeKind {
	if k == nilType {
		return unknownType
	}
	return k
}
