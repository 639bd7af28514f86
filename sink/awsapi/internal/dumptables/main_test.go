package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestDump(t *testing.T) {
	var b bytes.Buffer
	if err := dump(&b); err != nil {
		t.Fatal(err)
	}
	var all []api
	if err := json.Unmarshal(b.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Target != "Kinesis_20131202" || all[1].Target != "Firehose_20150804" {
		t.Fatalf("%d APIs", len(all))
	}
	name := all[0].Shapes["StreamName"]
	if name.Kind != "string" || *name.Min != 1 || *name.Max != 128 || name.Pattern != "[a-zA-Z0-9_.-]+" {
		t.Errorf("StreamName is %+v", name)
	}
	for _, a := range all {
		for _, op := range a.Operations {
			if _, ok := a.Shapes[op.Input]; !ok {
				t.Errorf("%s: no shape %s", op.Name, op.Input)
			}
		}
		for n, s := range a.Shapes {
			if s.Kind == "" {
				t.Errorf("%s has no kind", n)
			}
			for _, m := range s.Members {
				if _, ok := a.Shapes[m.Shape]; !ok {
					t.Errorf("%s.%s: no shape %s", n, m.Name, m.Shape)
				}
			}
		}
	}
}
