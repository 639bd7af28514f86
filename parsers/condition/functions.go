package condition

import "slices"

// functionNames returns the functions that there are, in the order of the documentation.
func functionNames() []string {
	return []string{
		"field", "len", "lower", "upper", "trim", "trimPrefix", "trimSuffix", "hasPrefix", "hasSuffix", "indexOf", "lastIndexOf", "string",
		"int", "float", "abs", "floor", "ceil", "round", "first", "last", "all", "any", "none", "one", "count",
	}
}

// functions returns what the arguments of a function of the language are wanted as, and whether it may be used. Those that are left out
// make something long of something short (repeat, split), walk lists of lists, or depend on the time of day, which a record does not.
func functions(name string) (mode, bool) {
	switch {
	case slices.Contains([]string{"lower", "upper", "trim", "trimPrefix", "trimSuffix", "hasPrefix", "hasSuffix", "indexOf", "lastIndexOf"}, name):
		return asText, true
	case slices.Contains([]string{"int", "float", "abs", "floor", "ceil", "round"}, name):
		return asNumber, true
	}
	return asValue, name != "field" && slices.Contains(functionNames(), name)
}
