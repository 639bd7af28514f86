package original

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-logs/weir/parsers"
)

// Keys returns the keys that a converter has beside optionName, in the order of the documentation, or nil if there is no such converter.
func Keys(name string) []string {
	switch name {
	case "SINGLELINE":
		return []string{"parseOptions"}
	case "CSVTOJSON":
		return []string{"customFieldNames", "delimiter", "jsonFormat"}
	case "LOGTOJSON":
		return []string{"logFormat", "matchPattern", "customFieldNames", "jsonFormat"}
	case "ADDMETADATA":
		return []string{"metadata", "timestamp", "jsonFormat"}
	case "ADDEC2METADATA":
		return []string{"logFormat", "metadataTTL", "jsonFormat"}
	case "ADDBRACKETS":
		return []string{}
	}
	return nil
}

// maker makes one converter, and notes what is wrong with its option.
type maker struct {
	Option
	env      Env
	at       int
	problems []error
}

// wrong notes that the value of a key is wrong; without a key, the option as a whole.
func (m *maker) wrong(key, format string, args ...any) {
	place := fmt.Sprintf("[%d]", m.at)
	if key != "" {
		place += "." + key
	}
	m.problems = append(m.problems, &parsers.OptionError{Option: place, Reason: fmt.Sprintf(format, args...)})
}

func (m *maker) make() converter {
	keys := Keys(m.Name)
	if keys == nil {
		m.wrongName()
		return nil
	}
	m.strays(keys)
	pretty := m.JSONFormat == "PRETTYPRINT"
	m.oneOf("jsonFormat", m.JSONFormat, "COMPACT", "PRETTYPRINT")
	switch m.Name {
	case "SINGLELINE":
		return m.singleLine()
	case "CSVTOJSON":
		return m.csv(pretty)
	case "LOGTOJSON":
		return m.log(pretty)
	case "ADDMETADATA":
		return m.metadata(pretty)
	case "ADDEC2METADATA":
		return &ec2{instance: m.env.Instance, pretty: pretty}
	}
	return brackets{}
}

func (m *maker) wrongName() {
	switch m.Name {
	case "":
		m.wrong("optionName", "is missing; there are %s", strings.Join(Names(), ", "))
	case "USINGPLUGGIN":
		m.wrong("optionName", "USINGPLUGGIN loads a class of Java, and there is no Java here; parse, edit and encode of a flow without compat may do what it did")
	default:
		m.wrong("optionName", "there is no %q; there are %s", m.Name, strings.Join(Names(), ", "))
	}
}

// strays notes keys that belong to other converters.
func (m *maker) strays(keys []string) {
	for _, k := range []struct {
		name  string
		given bool
	}{
		{"parseOptions", len(m.ParseOptions) > 0}, {"customFieldNames", len(m.CustomFieldNames) > 0}, {"delimiter", m.Delimiter != ""},
		{"logFormat", m.LogFormat != ""}, {"matchPattern", m.MatchPattern != ""}, {"metadata", m.Metadata != ""}, {"timestamp", m.Timestamp != ""},
		{"metadataTTL", m.MetadataTTL != 0}, {"jsonFormat", m.JSONFormat != ""},
	} {
		if k.given && !slices.Contains(keys, k.name) {
			m.wrong(k.name, "%s has no such key; it has %s", m.Name, strings.Join(append([]string{"optionName"}, keys...), ", "))
		}
	}
}

// oneOf notes a text that is neither empty nor one of values.
func (m *maker) oneOf(key, text string, values ...string) {
	if text != "" && !slices.Contains(values, text) {
		m.wrong(key, "%q is not one of %s", text, strings.Join(values, ", "))
	}
}

// Growth returns how many bytes Append may need at most for each byte of a record, in the chain's buffers and in dst.
func Growth(options []Option) int {
	sum := 1 // decoded
	for _, n := range growths(options) {
		sum += n
	}
	return sum
}

// growths returns what each step makes at most of a byte of the record: of that which grows most. A control character is 6 bytes in JSON, of which one is a
// backslash; each further JSON doubles backslashes and quotes. A line end that SINGLELINE escapes is three bytes, two of them backslashes.
func growths(options []Option) []int {
	all := make([]int, 0, len(options))
	control, quote, feed := []int{0, 0, 1}, []int{1, 0, 0}, []int{0, 0, 1} // each: to escape, plain, control
	for i := range options {
		o := &options[i]
		switch o.Name {
		case "SINGLELINE":
			if feed[2] > 0 && slices.Contains(o.ParseOptions, escapeLines) {
				feed = []int{2, 1, 0}
			}
		case "CSVTOJSON", "LOGTOJSON", "ADDMETADATA":
			for _, class := range [][]int{control, quote, feed} {
				class[0], class[1], class[2] = 2*class[0]+class[2], class[1]+5*class[2], 0
			}
		}
		most := 3 // a byte that is not UTF-8
		for _, class := range [][]int{control, quote, feed} {
			most = max(most, class[0]+class[1]+class[2])
		}
		if o.Name == "ADDEC2METADATA" {
			most = max(most, reprinted)
		}
		all = append(all, most)
	}
	return all
}
