package strict

import "fmt"

// Set is several documents that are one configuration. The zero value is empty.
type Set struct{ docs []*Document }

// Add takes the next document. Its problems may still come.
func (s *Set) Add(d *Document) { s.docs = append(s.docs, d) }

// Err returns an *Error with the problems of all documents, in the order that they were added in and then of their places, or nil.
func (s *Set) Err() error {
	all := &Error{}
	for _, d := range s.docs {
		err, _ := d.Err().(*Error)
		if err == nil {
			continue
		}
		n := min(len(err.Problems), maxProblems-len(all.Problems))
		all.Problems = append(all.Problems, err.Problems[:n]...)
		all.More += err.More + len(err.Problems) - n
	}
	if len(all.Problems) == 0 {
		return nil
	}
	return all
}

// Place says where a key is: file, line and column, as far as they are known.
func (d *Document) Place(path string) string {
	if n := d.places[path]; n != nil {
		return fmt.Sprintf("%s:%d:%d", d.name, n.Line, n.Column)
	}
	return d.name
}
