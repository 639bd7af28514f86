package original

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// jsonOption is an Option with the names of the original's keys.
type jsonOption struct {
	OptionName, Delimiter, LogFormat, MatchPattern, Timestamp, JSONFormat string
	ParseOptions, CustomFieldNames                                        []string
	Metadata                                                              json.RawMessage
	MetadataTTL                                                           int
}

func (o *jsonOption) option() Option {
	return Option{Name: o.OptionName, ParseOptions: o.ParseOptions, CustomFieldNames: o.CustomFieldNames, Delimiter: o.Delimiter, LogFormat: o.LogFormat,
		MatchPattern: o.MatchPattern, Metadata: string(o.Metadata), Timestamp: o.Timestamp, MetadataTTL: o.MetadataTTL, JSONFormat: o.JSONFormat}
}

// testEnv is a machine at the time of the cases.
func testEnv() Env {
	at := time.Date(2024, 2, 5, 11, 11, 12, 345678901, time.FixedZone("", 3600))
	known := &Instance{PrivateIP: "10.0.0.9", AvailabilityZone: "eu-west-1a", InstanceID: "i-0abc", InstanceType: "t4g.small", AccountID: "123456789012",
		ImageID: "ami-0abc", Region: "eu-west-1", At: at, Tags: map[string]string{"Team": "a", "Name": "web"}}
	return Env{Now: func() time.Time { return at }, Instance: func() *Instance { return known }}
}

// TestConformance: what the original agent makes of lines, byte for byte. out is null for what it drops, and raw for what it sends as it is.
func TestConformance(t *testing.T) {
	data, err := os.ReadFile("testdata/conformance.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(data) {
		var c struct {
			Case, In string
			Out      *string
			Options  []jsonOption
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		var options []Option
		for _, o := range c.Options {
			options = append(options, o.option())
		}
		chain, err := New(options, testEnv())
		if err != nil {
			t.Errorf("%s: %v", c.Case, err)
			continue
		}
		want, expected := "kept", Dropped
		if c.Out != nil && *c.Out == "raw" {
			want, expected = want+c.In, Raw
		} else if c.Out != nil {
			want, expected = want+*c.Out, Sent
		}
		for range 2 { // the second time with buffers that were used
			got, outcome := chain.Append([]byte("kept"), []byte(c.In))
			if string(got) != want || outcome != expected {
				t.Errorf("%s: got outcome %d, %s, want %d, %s", c.Case, outcome, got, expected, want)
			}
		}
		n++
	}
	if n < 70 {
		t.Errorf("only %d cases", n)
	}
}
