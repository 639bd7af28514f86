package stream

import (
	"reflect"
	"testing"

	"github.com/weir-logs/weir/sink/awsapi"
)

// Every row of the table is answered, and by the method of its name.
func TestHandlers(t *testing.T) {
	f := newFixture(t)
	service := f.Handlers()
	if service.Target != "Kinesis_20131202" || service.Signing != "kinesis" {
		t.Errorf("target %q, signing %q", service.Target, service.Signing)
	}
	have := map[string]bool{}
	for _, h := range service.Handlers {
		if _, ok := reflect.TypeFor[*Service]().MethodByName(h.Operation.Name); !ok || have[h.Operation.Name] {
			t.Errorf("operation %s", h.Operation.Name)
		}
		have[h.Operation.Name] = true
	}
	rows := reflect.ValueOf(awsapi.Kinesis)
	for i := range rows.NumField() {
		if name := rows.Type().Field(i).Name; !have[name] {
			t.Errorf("no handler for %s", name)
		}
	}
}
