package edit

// Copies is how many texts of a record, each perhaps all of it, the steps may keep beside what they make of them.
func Copies(specs []Spec) int {
	n := 0
	for _, spec := range specs {
		if c, ok := spec.(interface{ copies() int }); ok {
			n += c.copies()
		}
	}
	return n
}

// Memory is what a chain of these steps holds at most, beside the record itself, while it edits one of so many bytes: values that a step made,
// those that the next one makes of them, for a moment those in use moved together, and a text unescaped and one in the making.
func Memory(specs []Spec, record int64) int64 {
	for _, spec := range specs {
		if r, ok := spec.(interface{ rewrites() bool }); ok && r.rewrites() {
			return 5 * (record + MaxGrowth)
		}
	}
	return 2 * MaxGrowth
}
