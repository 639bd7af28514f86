package config

import (
	"strings"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/parsers/original"
)

// readCompat reads the keys of flows that send what the original agent sends. The members of data_processing have its names.
func (f *Flow) readCompat(m *strict.Map) {
	m.Bool("compat", &f.Compat)
	m.List("data_processing", func(_ int, m *strict.Map) {
		var o original.Option
		m.String("optionName", &o.Name)
		m.Strings("parseOptions", &o.ParseOptions)
		m.Strings("customFieldNames", &o.CustomFieldNames)
		m.String("delimiter", &o.Delimiter)
		m.Enum("logFormat", &o.LogFormat, original.LogFormats()...)
		m.String("matchPattern", &o.MatchPattern)
		m.JSON("metadata", &o.Metadata)
		stamp := false
		if m.Bool("timestamp", &stamp); stamp {
			o.Timestamp = "true"
		}
		strict.Int(m, "metadataTTL", &o.MetadataTTL, 0, 1<<31-1)
		m.Enum("jsonFormat", &o.JSONFormat, "COMPACT", "PRETTYPRINT")
		f.Processing = append(f.Processing, o)
	})
	if m.Has("data_processing") && !f.Compat {
		m.Report("data_processing", "goes with compat: true; without it, use parse, edit and encode: weir convert agent.json shows them for a file of the original agent")
	}
	for _, key := range []string{"parse", "edit", "encode"} {
		if f.Compat && m.Has(key) {
			m.Report(key, "does not go with compat: true, where data_processing says what becomes of a record")
		}
	}
}

// completeCompat fills in and checks a flow that sends what the original agent sends.
func (f *Flow) completeCompat(report reporter) {
	if !f.Compat {
		return
	}
	f.Parse, f.Encode = DefaultFlow().Parse, DefaultFlow().Encode
	f.Parse.OnMismatch = MismatchDrop
	_, err := original.New(f.Processing, original.Env{})
	reportOptions(report.below("data_processing"), err, "", "")
	for i := range f.Send {
		if strings.HasPrefix(f.Send[i].PartitionKey, "field:") {
			report.item("send", i)("partition_key", "with compat: true records have no fields")
		}
	}
}
