package agentjson

import (
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/weir-logs/weir/parsers/javaregex"
)

// native writes a chain of converters as parse, edit and encode, without the original agent's quirks.
type native struct {
	flow *flow
	keys keys
}

// write writes the chain, or returns what there are no words for; then nothing was written.
func (n native) write(chain []converter) (why string) {
	first := chain[0]
	if len(chain) > 1 {
		return "a chain of several converters"
	}
	switch first.name {
	case "LOGTOJSON":
		return n.log(first)
	case "CSVTOJSON":
		return n.csv(first)
	}
	return first.name
}

// format is how a format of LOGTOJSON is said: its fields, and the steps that make them of weir's.
type format struct {
	parse   string
	fields  []string // as the original agent calls them
	edits   []edit
	comment string
}

// edit is one step: its key, and names with their values, or names alone.
type edit struct {
	key   string
	pairs [][2]string
	names []string
}

const keepMismatch = "The original agent drops lines of another form. With keep, which is weir's default, they are sent as {\"message\": ...}; dead_letter keeps them in a file. They are counted in any case."

var (
	requestLine = []edit{
		{key: "add", pairs: [][2]string{{"request", "${field.method} ${field.path} ${field.protocol}"}}},
		{key: "remove", names: []string{"method", "path", "protocol", "extra"}},
		{key: "rename", pairs: [][2]string{{"time", "datetime"}, {"status", "response"}}},
	}
	syslogNames = []edit{
		{key: "rename", pairs: [][2]string{{"time", "timestamp"}, {"host", "hostname"}, {"app", "program"}, {"pid", "processid"}}},
	}
)

const (
	aboutApache = "The original agent drops lines with an IPv6 host, a quote within the request, an empty referer, an e-mail address as the user or a CR at the end; here they have the format. request comes last."
	aboutSyslog = "The original agent drops lines with a priority in front (<34>), with no tag, or with a CR at the end; here they have the format, and the fields priority, facility and severity. Without a pid, or a program, there is no such field in place of null."
	aboutErrors = "The original agent drops lines without a client or a process, with an IPv6 client, with [:error] or a CR at the end; here they have the format. What is not in a line is no field, in place of null; source and error_code are fields of their own."
)

// formats are the formats of LOGTOJSON.
func formats(name string) (format, bool) {
	common := []string{"host", "ident", "authuser", "datetime", "request", "response", "bytes"}
	syslog := []string{"timestamp", "hostname", "program", "processid", "message"}
	switch name {
	case "COMMONAPACHELOG":
		return format{"common", common, requestLine, aboutApache}, true
	case "COMBINEDAPACHELOG":
		return format{"combined", append(common, "referer", "agent"), requestLine, aboutApache}, true
	case "SYSLOG", "RFC3339SYSLOG":
		return format{"rfc3164", syslog, syslogNames, aboutSyslog}, true
	case "APACHEERRORLOG":
		return format{"apache_error", []string{"timestamp", "module", "severity", "processid", "threadid", "client", "message"}, []edit{
			{key: "add", pairs: [][2]string{{"client", "${field.client}:${field.port}"}, {"message", "${field.code}: ${field.message}"}}},
			{key: "remove", names: []string{"port", "code"}},
			{key: "rename", pairs: [][2]string{{"time", "timestamp"}, {"level", "severity"}, {"pid", "processid"}, {"tid", "threadid"}}},
		}, aboutErrors}, true
	}
	return format{}, false
}

// log writes LOGTOJSON.
func (n native) log(c converter) string {
	if pretty(c) {
		return "jsonFormat PRETTYPRINT"
	}
	names, ok := texts(c.get("customFieldNames"))
	if !ok {
		return "customFieldNames that are no list of texts"
	}
	logFormat := c.get("logFormat")
	if logFormat == nil {
		return "LOGTOJSON without a logFormat"
	}
	f, ok := formats(logFormat.text)
	if !ok {
		return "the logFormat " + logFormat.text
	}
	if pattern := c.get("matchPattern"); pattern != nil {
		return n.pattern(c, pattern, names)
	}
	if names != nil {
		if len(names) != len(f.fields) {
			return fmt.Sprintf("%d customFieldNames for the %d fields of %s", len(names), len(f.fields), logFormat.text)
		}
		f.edits = append(f.edits, renames(f.fields, names)...)
	}
	parse := group(c.place)
	parse.set("format", str(f.parse, logFormat.place), n.flow.agent.once(f.comment))
	parse.set("on_mismatch", str("drop", c.place), n.flow.agent.once(keepMismatch))
	n.keys.set("parse", parse.node)
	n.edits(c.place, f.edits, "The names of the original agent. Without these steps the fields have weir's names; see the formats in docs/configuration.md.")
	return ""
}

// renames gives fields other names in two steps, so that an exchange of names works.
func renames(from, to []string) []edit {
	aside, back := edit{key: "rename"}, edit{key: "rename"}
	for i := range from {
		if from[i] != to[i] {
			between := fmt.Sprintf("field %d", i+1)
			aside.pairs = append(aside.pairs, [2]string{from[i], between})
			back.pairs = append(back.pairs, [2]string{between, to[i]})
		}
	}
	if aside.pairs == nil {
		return nil
	}
	return []edit{aside, back}
}

// pattern writes a matchPattern.
func (n native) pattern(c converter, pattern *value, names []string) string {
	if names == nil {
		return "a matchPattern without customFieldNames"
	}
	re2, err := javaregex.Translate(pattern.text)
	if err != nil {
		n.flow.problem(pattern, "%v", err)
		return ""
	}
	groups := make([]string, len(names))
	var back edit
	for i, name := range names {
		if groups[i] = name; !groupName.MatchString(name) || indexOf(names, name) != i {
			groups[i] = fmt.Sprintf("field_%d", i+1)
			back.key, back.pairs = "rename", append(back.pairs, [2]string{groups[i], name})
		}
	}
	named, count := nameGroups(re2, groups)
	if count != len(names) {
		n.flow.problem(pattern, "has %d groups, and there are %d customFieldNames: the original agent drops every line", count, len(names))
		return ""
	}
	parse := group(c.place)
	parse.set("format", str("regex", c.place))
	parse.set("pattern", str(named, pattern.place), n.flow.agent.once("matchPattern with its groups named. A dash is a text here; the original agent makes null of it in the three formats of Apache."))
	parse.set("on_mismatch", str("drop", c.place), n.flow.agent.once(keepMismatch))
	n.keys.set("parse", parse.node)
	if back.key != "" {
		n.edits(c.place, []edit{back}, "Names that a group of an expression cannot have.")
	}
	return ""
}

// groupName is what a group of an expression may be called.
var groupName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func indexOf(all []string, s string) int {
	for i, one := range all {
		if one == s {
			return i
		}
	}
	return -1
}

// csv writes CSVTOJSON.
func (n native) csv(c converter) string {
	if pretty(c) {
		return "jsonFormat PRETTYPRINT"
	}
	names, ok := texts(c.get("customFieldNames"))
	if !ok || names == nil {
		return "CSVTOJSON without customFieldNames"
	}
	delimiter := ","
	if v := c.get("delimiter"); v != nil {
		if delimiter = literal(v.text); delimiter == "" {
			return "a delimiter that is a regular expression"
		}
	}
	parse := group(c.place)
	parse.set("format", str("csv", c.place), n.flow.agent.once("With quotes as in RFC 4180; the original agent splits at every delimiter, and keeps the quotes. A line with more values than columns does not match, there they are dropped; on_mismatch: keep sends it as {\"message\": ...}. An empty value is an empty text; at the end of a line it is null there."))
	columns := sequence(c.get("customFieldNames").place)
	for _, name := range names {
		columns.Content = append(columns.Content, str(name, c.get("customFieldNames").place))
	}
	parse.set("columns", flat(columns))
	if delimiter == "\t" {
		delimiter = "tab"
	}
	if delimiter != "," {
		parse.set("delimiter", str(delimiter, c.get("delimiter").place))
	}
	n.keys.set("parse", parse.node)
	return ""
}

// literal returns the one ASCII character that a delimiter, which is an expression of Java, stands for, or "".
func literal(expression string) string {
	switch s := expression; {
	case s == `\t`:
		return "\t"
	case len(s) == 1 && s[0] < 0x80 && !strings.Contains(`\^$.|?*+()[]{}"`, s) && s != "\n" && s != "\r":
		return s
	case len(s) == 2 && s[0] == '\\' && strings.Contains(`^$.|?*+()[]{},;:-/#%&!=~ `, s[1:]):
		return s[1:]
	case len(s) == 3 && s[0] == '[' && s[2] == ']' && !strings.Contains(`\^]["`, s[1:2]) && s[1] < 0x80:
		return s[1:2]
	}
	return ""
}

// edits writes steps.
func (n native) edits(at place, steps []edit, comment string) {
	all := sequence(at)
	for _, step := range steps {
		var what *yaml.Node
		if step.names != nil {
			what = flat(sequence(at))
			for _, name := range step.names {
				what.Content = append(what.Content, str(name, at))
			}
		} else {
			pairs := group(at)
			for _, p := range step.pairs {
				value := raw(p[1], at)
				if step.key == "rename" {
					value = str(p[1], at)
				} else {
					value.Style = yaml.SingleQuotedStyle // a text, whatever it looks like
				}
				pairs.set(p[0], value)
			}
			what = flat(pairs.node)
		}
		one := group(at)
		one.set(step.key, what)
		all.Content = append(all.Content, one.node)
	}
	n.keys.set("edit", all, n.flow.agent.once(comment))
}

// pretty reports whether a converter writes JSON on several lines.
func pretty(c converter) bool {
	v := c.get("jsonFormat")
	return v != nil && v.text == "PRETTYPRINT"
}

// texts returns the items of a list of texts; nil is one that is not there.
func texts(v *value) (all []string, ok bool) {
	if v == nil {
		return nil, true
	}
	if v.kind != list {
		return nil, false
	}
	for _, one := range v.items {
		if one.kind != text {
			return nil, false
		}
		all = append(all, one.text)
	}
	return all, len(all) > 0
}
