package awsapi

import (
	"bytes"
	"reflect"
	"testing"
)

// TestCodecRoundTrip writes random valid inputs and outputs by the table and reads them back.
func TestCodecRoundTrip(t *testing.T) {
	r := seeded(t)
	for target, route := range routes(t) {
		for _, p := range []*plan{route.in, route.out} {
			if p == nil {
				continue
			}
			for range 50 {
				want := reflect.New(p.typ)
				fill(r, p, want.Elem())
				body := encode(nil, p, want)
				x, err := decodeJSON(p, body)
				if err == nil {
					err = validate(route.Operation, p, &x)
				}
				if err != nil {
					t.Fatalf("%s: %v\n%s", target, err, body)
				}
				got := reflect.New(p.typ)
				bind(p, &x, got.Elem())
				if !reflect.DeepEqual(got.Interface(), want.Interface()) {
					t.Fatalf("%s: read back %s\nas %+v", target, body, got.Elem())
				}
			}
		}
	}
}

// TestShortcutsEqualTheTable feeds random documents to both ways.
func TestShortcutsEqualTheTable(t *testing.T) {
	r := seeded(t)
	for target, route := range routes(t) {
		if route.short == nil {
			continue
		}
		taken := 0
		for range 500 {
			in := reflect.New(route.in.typ)
			fill(r, route.in, in.Elem())
			if sameInput(t, route, encode(nil, route.in, in)) {
				taken++
			}
		}
		if taken == 0 {
			t.Errorf("%s: the shortcut was never taken", target)
		}
	}
}

// sameInput compares the two ways on one body and says whether the shortcut was taken.
func sameInput(t *testing.T, r *route, body []byte) bool {
	t.Helper()
	clone := bytes.Clone(body)
	got, ok := r.short(body)
	if !ok {
		return false
	}
	clear(body) // what the shortcut returns must not lie in it
	table := *r
	table.short = nil
	want, err := table.read(clone)
	if err != nil {
		t.Fatalf("the shortcut takes what the table refuses with %v:\n%s", err, clone)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the shortcut reads\n%+v\nfrom %s", got, clone)
	}
	return true
}

// TestShortcutsTakeWhatClientsSend: no client of ours shall fall back to the table without a need.
func TestShortcutsTakeWhatClientsSend(t *testing.T) {
	all := routes(t)
	for _, c := range []struct {
		target, body string
		want         bool
	}{
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC","PartitionKey":"k"}`, true},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k"}`, true},
		{"Kinesis_20131202.PutRecord", ` { "Data" : "AAE=" , "StreamARN" : "arn:aws:kinesis:r:123456789012:stream/s" } `, true},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC","PartitionKey":"ä"}`, true},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC","PartitionKey":"\u00e4"}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC","PartitionKey":null}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","PartitionKey":"k"}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC","Data":"AAEC"}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC","DryRun":true}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AA` + "\n" + `EC"}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AA` + "\n\r\n\r" + `EC"}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAE"}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAF="}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s!","Data":"AAEC"}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC"} x`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC"`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC",}`, false},
		{"Kinesis_20131202.PutRecord", `{}`, false},
		{"Kinesis_20131202.PutRecord", `{"StreamName":"s","Data":"AAEC","PartitionKey":"` + "\xff" + `"}`, false},
		{"Kinesis_20131202.PutRecords", `{"StreamName":"s","Records":[{"Data":"AAEC","PartitionKey":"k"},{"Data":"","PartitionKey":"l","ExplicitHashKey":"0"}]}`, true},
		{"Kinesis_20131202.PutRecords", `{"StreamName":"s","Records":[]}`, false},
		{"Kinesis_20131202.PutRecords", `{"StreamName":"s","Records":[{}]}`, false},
		{"Kinesis_20131202.PutRecords", `{"Records":` + bodyWith(500, `{"Data":"AA==","PartitionKey":"k%d"}`) + `}`, true},
		{"Kinesis_20131202.PutRecords", `{"Records":` + bodyWith(501, `{"Data":"AA==","PartitionKey":"k%d"}`) + `}`, false},
		{"Kinesis_20131202.PutRecords", `{"Records":[{"Data":"AA==","PartitionKey":"k","ExplicitHashKey":"01"}]}`, false},
		{"Firehose_20150804.PutRecord", `{"DeliveryStreamName":"s","Record":{"Data":"AAEC"}}`, true},
		{"Firehose_20150804.PutRecord", `{"DeliveryStreamName":"s","Record":{}}`, false},
		{"Firehose_20150804.PutRecord", `{"DeliveryStreamName":"s","Record":{"Data":"AAEC"},"Record":{"Data":"AAEC"}}`, false},
		{"Firehose_20150804.PutRecordBatch", `{"DeliveryStreamName":"s","Records":[{"Data":"AAEC"},{"Data":""}]}`, true},
		{"Firehose_20150804.PutRecordBatch", `{"DeliveryStreamName":"s","Records":[{"Data":"AAEC","X":"y"}]}`, false},
	} {
		if got := sameInput(t, all[c.target], []byte(c.body)); got != c.want {
			t.Errorf("%s: taken %v, want %v: %.200s", c.target, got, c.want, c.body)
		}
	}
}

func FuzzShortcut(f *testing.F) {
	targets := []string{"Kinesis_20131202.PutRecord", "Kinesis_20131202.PutRecords", "Firehose_20150804.PutRecord",
		"Firehose_20150804.PutRecordBatch"}
	for i, seed := range []string{
		`{"StreamName":"s","Data":"AAEC","PartitionKey":"k","ExplicitHashKey":"1","SequenceNumberForOrdering":"2"}`,
		`{"StreamName":"s","Records":[{"Data":"AAEC","PartitionKey":"k"},{"Data":"","PartitionKey":"\u00e4"}],"StreamId":"x"}`,
		`{"DeliveryStreamName":"s","Record":{"Data":"AAEC"}}`,
		`{"DeliveryStreamName":"s","Records":[{"Data":"AAEC"},{"Data":""}]}`,
	} {
		f.Add(byte(i), []byte(seed))
	}
	all := routes(f)
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		sameInput(t, all[targets[int(which)%len(targets)]], body)
	})
}

// TestDirectWritersEqualTheTable compares both ways of writing, nil and empty members included.
func TestDirectWritersEqualTheTable(t *testing.T) {
	r := seeded(t)
	compared := 0
	for target, route := range routes(t) {
		if route.out == nil {
			continue
		}
		table, err := newPlan(route.Operation.Output, route.output)
		if err != nil {
			t.Fatal(err)
		}
		route.out.each(func(p *plan) {
			if p.direct != nil {
				compared++
			}
		})
		for range 200 {
			out := reflect.New(route.output)
			fill(r, route.out, out.Elem())
			got, want := encode(nil, route.out, out), encode(nil, table, out)
			if !bytes.Equal(got, want) {
				t.Fatalf("%s: direct\n%s\ntable\n%s", target, got, want)
			}
		}
		empty := reflect.New(route.output)
		if got, want := encode(nil, route.out, empty), encode(nil, table, empty); !bytes.Equal(got, want) {
			t.Errorf("%s, empty: direct %s, table %s", target, got, want)
		}
	}
	if compared != 3 {
		t.Errorf("%d lists have a direct writer, want 3", compared)
	}
}
