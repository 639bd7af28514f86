// Command dumptables writes the shape tables of package awsapi to standard output as JSON, one object per API, for
// comparison with other descriptions of the same APIs.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/weir-logs/weir/sink/awsapi"
)

func main() {
	if err := dump(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dumptables:", err)
		os.Exit(1)
	}
}

type api struct {
	Target     string           `json:"target"`
	Operations []operation      `json:"operations"`
	Shapes     map[string]shape `json:"shapes"` // by name, those that an operation reaches
}

type operation struct {
	Name   string `json:"name"`
	Input  string `json:"input"`
	Output string `json:"output,omitempty"`
}

type shape struct {
	Kind    string   `json:"kind"`
	Members []member `json:"members,omitempty"`
	Elem    string   `json:"elem,omitempty"`
	Key     string   `json:"key,omitempty"`
	Min     *int64   `json:"min,omitempty"`
	Max     *int64   `json:"max,omitempty"`
	Pattern string   `json:"pattern,omitempty"`
	Enum    []string `json:"enum,omitempty"`
}

type member struct {
	Name     string `json:"name"`
	Shape    string `json:"shape"`
	Required bool   `json:"required,omitempty"`
}

// kinds are the names that AWS's models use.
func kinds() map[awsapi.Kind]string {
	return map[awsapi.Kind]string{
		awsapi.Structure: "structure", awsapi.List: "list", awsapi.Map: "map", awsapi.String: "string", awsapi.Blob: "blob",
		awsapi.Integer: "integer", awsapi.Long: "long", awsapi.Double: "double", awsapi.Boolean: "boolean",
		awsapi.Timestamp: "timestamp",
	}
}

func dump(w io.Writer) error {
	var all []api
	for _, table := range awsapi.Tables() {
		a := api{Target: table.Target, Shapes: map[string]shape{}}
		for _, op := range table.Operations {
			o := operation{Name: op.Name, Input: a.add(op.Input)}
			if op.Output != nil {
				o.Output = a.add(op.Output)
			}
			a.Operations = append(a.Operations, o)
		}
		all = append(all, a)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(all)
}

// add enters s and what it is made of, and returns its name.
func (a *api) add(s *awsapi.Shape) string {
	if _, known := a.Shapes[s.Name]; known {
		return s.Name
	}
	row := shape{Kind: kinds()[s.Kind], Pattern: s.Pattern, Enum: s.Enum}
	if s.HasMin {
		row.Min = &s.Min
	}
	if s.HasMax {
		row.Max = &s.Max
	}
	if s.Elem != nil {
		row.Elem = a.add(s.Elem)
	}
	if s.Key != nil {
		row.Key = a.add(s.Key)
	}
	for _, m := range s.Members {
		row.Members = append(row.Members, member{Name: m.Name, Shape: a.add(m.Shape), Required: m.Required})
	}
	a.Shapes[s.Name] = row
	return s.Name
}
