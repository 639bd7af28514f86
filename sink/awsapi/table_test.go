package awsapi

import (
	"reflect"
	"slices"
	"testing"
)

// Members that the SDK does not know yet. They are read, checked and dropped.
var unknownToSDK = []string{"StreamDescriptionSummary.QueueCount"}

// Members of the SDK's types that are no part of the wire.
var notOnWire = []string{"ResultMetadata"}

func TestEachRowFitsItsGoType(t *testing.T) {
	var missing []string
	for target, r := range routes(t) {
		for _, p := range []*plan{r.in, r.out} {
			if p == nil {
				continue
			}
			p.each(func(q *plan) {
				for _, m := range q.members {
					if name := q.shape.Name + "." + m.name; m.field < 0 && !slices.Contains(missing, name) {
						missing = append(missing, name)
					}
				}
				if len(q.shape.Members) == 0 { // unoffered, or truly empty
					return
				}
				for i := range q.typ.NumField() {
					f := q.typ.Field(i)
					if _, known := q.index[f.Name]; q.shape.Kind == Structure && f.IsExported() && !known &&
						!slices.Contains(notOnWire, f.Name) {
						t.Errorf("%s: %s has a field %s that the table lacks", target, q.typ, f.Name)
					}
				}
			})
		}
	}
	if !slices.Equal(missing, unknownToSDK) {
		t.Errorf("members without a Go field: %v, want %v", missing, unknownToSDK)
	}
}

func TestTablesHoldEachOperationOnce(t *testing.T) {
	want := 0
	for _, s := range allOperations() {
		want += len(s.Handlers)
	}
	got := 0
	for _, api := range Tables() {
		seen := map[string]bool{}
		for _, op := range api.Operations {
			if op == nil || op.Input == nil || op.Input.Kind != Structure {
				t.Fatalf("%s: row %+v has no input structure", api.Target, op)
			}
			if seen[op.Name] {
				t.Errorf("%s has %s twice", api.Target, op.Name)
			}
			seen[op.Name] = true
			got++
		}
	}
	if got != want {
		t.Errorf("the tables have %d operations, the tests %d", got, want)
	}
}

func TestFieldNamesAreThoseOfTheOperations(t *testing.T) {
	for _, rows := range []reflect.Value{reflect.ValueOf(Kinesis), reflect.ValueOf(Firehose)} {
		for i := range rows.NumField() {
			if got, want := rows.Field(i).Interface().(*Operation).Name, rows.Type().Field(i).Name; got != want {
				t.Errorf("%s.%s is the row of %s", rows.Type(), want, got)
			}
		}
	}
}

func TestShapesAreSound(t *testing.T) {
	for _, r := range routes(t) {
		r.in.each(func(p *plan) {
			s := p.shape
			if s.HasMin && s.HasMax && s.Min > s.Max {
				t.Errorf("%s: at least %d and at most %d", s.Name, s.Min, s.Max)
			}
			names := map[string]bool{}
			for _, m := range s.Members {
				if names[m.Name] {
					t.Errorf("%s has %s twice", s.Name, m.Name)
				}
				names[m.Name] = true
			}
			if s.Kind.String() == "an unknown kind" {
				t.Errorf("%s is of kind %d", s.Name, s.Kind)
			}
		})
	}
}

func TestNewMuxRefusesWhatDoesNotFit(t *testing.T) {
	type wrong struct{ StreamName *int64 }
	for name, services := range map[string][]Service{
		"a field of another type": {{Target: "T", Handlers: []Handler{
			Handle(Kinesis.DeleteStream, discard[wrong, struct{}]),
		}}},
		"an output of another type": {{Target: "T", Handlers: []Handler{
			Handle(&Operation{Name: "X", Input: structure("In"), Output: structure("Out")}, discard[struct{}, int]),
		}}},
		"two handlers for one name": {{Target: "T", Handlers: []Handler{
			Handle(&Operation{Name: "X", Input: structure("In")}, discard[struct{}, struct{}]),
			Handle(&Operation{Name: "X", Input: structure("In")}, discard[struct{}, struct{}]),
		}}},
		"no operation": {{Target: "T", Handlers: []Handler{{}}}},
		"a bad pattern": {{Target: "T", Handlers: []Handler{
			Handle(&Operation{Name: "X", Input: structure("In", optional("A", text("A", none, none, "(")))},
				discard[struct{ A *string }, struct{}]),
		}}},
	} {
		if _, err := NewMux(services, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{`[a-z]+`, "abc", true},
		{`[a-z]+`, "abc1", false},
		{`[a-z]+`, "abc\n", false},
		{`^$|\.[a-z]+`, "", true},
		{`^$|\.[a-z]+`, ".gz", true},
		{`^$|\.[a-z]+`, "x.gz", false},
		{`^(?!\s*$).+`, "  x ", true},
		{`^(?!\s*$).+`, "   ", false},
		{`^(?!\s*$).+`, "", false},
		{`^(?!aws:)[a-z:]*$`, "aws:x", false},
		{`^(?!aws:)[a-z:]*$`, "law:x", true},
		{`^(?!(a|b)\)c)[abc)]*$`, "a)c", false},
		{`^(?!(a|b)\)c)[abc)]*$`, "c)c", true},
		{`a|b`, "ab", false},
	} {
		p, err := newPattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.match([]byte(c.s)); got != c.want {
			t.Errorf("%s on %q: %v, want %v", c.pattern, c.s, got, c.want)
		}
	}
	for _, bad := range []string{"(?!x", "^(?!(", "[", "(?!()x"} {
		if _, err := newPattern(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
