package awsapi

import "reflect"

// none is an absent bound in a row of a table.
const none = -1

func text(name string, least, most int64, pattern string) *Shape {
	s := bounded(name, String, least, most)
	s.Pattern = pattern
	return s
}

func enum(name string, values ...string) *Shape {
	return &Shape{Name: name, Kind: String, Enum: values}
}

func blob(name string, least, most int64) *Shape { return bounded(name, Blob, least, most) }

func number(name string, kind Kind, least, most int64) *Shape {
	return bounded(name, kind, least, most)
}

func plain(name string, kind Kind) *Shape { return &Shape{Name: name, Kind: kind} }

func listOf(name string, elem *Shape, least, most int64) *Shape {
	s := bounded(name, List, least, most)
	s.Elem = elem
	return s
}

func mapOf(name string, key, elem *Shape, least, most int64) *Shape {
	s := bounded(name, Map, least, most)
	s.Key, s.Elem = key, elem
	return s
}

func structure(name string, members ...Member) *Shape {
	return &Shape{Name: name, Kind: Structure, Members: members}
}

// unoffered is a structure whose members the table leaves out: enough to see that a request has it, and to refuse it by
// name.
func unoffered(name string) *Shape { return structure(name) }

func required(name string, s *Shape) Member { return Member{Name: name, Shape: s, Required: true} }

func optional(name string, s *Shape) Member { return Member{Name: name, Shape: s} }

// bounded is a shape with a lower and an upper bound, either of which may be none.
func bounded(name string, kind Kind, least, most int64) *Shape {
	s := &Shape{Name: name, Kind: kind}
	if least != none {
		s.Min, s.HasMin = least, true
	}
	if most != none {
		s.Max, s.HasMax = most, true
	}
	return s
}

// API is one table: an API's name on the wire and its operations.
type API struct {
	Target     string
	Signing    string
	Operations []*Operation
}

// Tables returns the tables of all APIs, for documentation and for comparison with other descriptions of the same APIs.
// The shapes are the tables' own and must not be changed.
func Tables() []API {
	return []API{
		{Target: KinesisTarget, Signing: KinesisSigning, Operations: operations(reflect.ValueOf(Kinesis))},
		{Target: FirehoseTarget, Signing: FirehoseSigning, Operations: operations(reflect.ValueOf(Firehose))},
	}
}

// operations are the fields of a struct of rows.
func operations(rows reflect.Value) []*Operation {
	ops := make([]*Operation, rows.NumField())
	for i := range ops {
		ops[i] = rows.Field(i).Interface().(*Operation)
	}
	return ops
}
