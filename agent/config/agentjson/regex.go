package agentjson

import (
	"strings"

	"github.com/weir-logs/weir/parsers/javaregex"
)

// writeMultiline makes the keys for multiLineStartPattern.
func (f *flow) writeMultiline(all keys) {
	if !f.has("multiLineStartPattern") {
		return
	}
	v := f.got["multiLineStartPattern"]
	re2, err := javaregex.Translate(v.text)
	if err != nil {
		f.problem(v, "%v", err)
		return
	}
	lines := group(v.place)
	lines.set("start", str(`^(?:`+re2+`)`, v.place),
		f.agent.once("A record is complete when no line has come for a second, or with the next that matches. The original agent takes what it has read, so that a record written in two parts is two there."))
	lines.set("max_lines", whole(1_000_000, v.place), f.agent.once("The original agent bounds records by their size alone."))
	all.set("multiline", lines.node)
}

// nameGroups gives the groups of an RE2 expression that capture names, in their order, and returns how many there are.
func nameGroups(re2 string, names []string) (named string, count int) {
	var b strings.Builder
	class := false
	for i := 0; i < len(re2); i++ {
		b.WriteByte(re2[i])
		switch c := re2[i]; {
		case c == '\\' && i+1 < len(re2):
			i++
			b.WriteByte(re2[i])
		case class:
			class = c != ']'
		case c == '[':
			class = true
			for _, first := range []string{"^", "]"} { // a bracket that comes first is a member
				if strings.HasPrefix(re2[i+1:], first) {
					b.WriteString(first)
					i++
				}
			}
		case c == '(':
			rest, is := strings.CutPrefix(re2[i+1:], "?")
			if is && !strings.HasPrefix(rest, "P<") && !strings.HasPrefix(rest, "<") {
				continue
			}
			if is {
				i += strings.IndexByte(re2[i:], '>')
			}
			if count < len(names) {
				b.WriteString("?P<" + names[count] + ">")
			}
			count++
		}
	}
	return b.String(), count
}
