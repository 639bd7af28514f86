package agentjson

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config/strict"
)

// with returns a configuration whose agent, or one flow, has one more key.
func with(k Key, value string) string {
	flow, agent := "", ""
	if own := fmt.Sprintf("%q: %s", k.Name, value); k.Flow {
		flow = ",\n" + own
	} else {
		agent = ",\n" + own
	}
	destination := `"kinesisStream": "s"`
	if k.Name == "deliveryStream" || k.Name == "aggregatedRecordSizeBytes" {
		destination = `"deliveryStream": "d"`
	}
	if k.Name == "flows" {
		return "{\n" + fmt.Sprintf("%q: %s", k.Name, value) + "}"
	}
	return fmt.Sprintf(`{"flows": [{"filePattern": "/l/a*", %s%s}]%s}`, destination, flow, agent)
}

func translated(t *testing.T, text string, o Options) (*Translation, []string) {
	t.Helper()
	tr := Translate(Source{"agent.json", []byte(text)}, nil, o)
	var problems []string
	if err := tr.Err(nil); err != nil {
		problems = strings.Split(err.Error(), "\n")
	}
	return tr, problems
}

// path of a key that with adds.
func (k Key) path() string {
	if k.Flow {
		return "flows[0]." + k.Name
	}
	return k.Name
}

// TestKeys tries each key with values that the original agent takes and with some that it refuses.
func TestKeys(t *testing.T) {
	for _, k := range Keys() {
		if k.Type == isList {
			continue
		}
		good, bad := examples(k)
		for _, v := range good {
			tr, problems := translated(t, with(k, v), Options{})
			problems = slices.DeleteFunc(problems, func(p string) bool { return strings.Contains(p, "goes with aws") }) // one key of two
			if len(problems) > 0 {
				t.Errorf("%s: %s: %v", k.path(), v, problems)
			}
			said := slices.ContainsFunc(tr.Warnings, func(w strict.Problem) bool {
				return w.Key == k.path() && w.Message == "ignored: "+k.Ignored && w.Line == 2 && w.File == "agent.json"
			})
			if said != (k.Ignored != "") {
				t.Errorf("%s: %s: warned %v, ignored for %q: %v", k.path(), v, said, k.Ignored, tr.Warnings)
			}
		}
		for v, want := range bad {
			_, problems := translated(t, with(k, v), Options{})
			place := fmt.Sprintf("agent.json:2:%d: %s: ", len(k.Name)+5, k.path())
			if len(problems) != 1 || !strings.HasPrefix(problems[0], place+want) {
				t.Errorf("%s: %s: got %q, want %s", k.path(), v, problems, place+want)
			}
		}
		if slices.Contains([]string{"filePattern", "kinesisStream", "deliveryStream"}, k.Name) {
			continue // needed
		}
		tr, problems := translated(t, with(k, "null"), Options{})
		if number := k.Type == isInteger || k.Type == isLong; number != (problems != nil) {
			t.Errorf("%s: null: %v", k.path(), problems)
		} else if !number && (len(tr.Warnings) == 0 || !strings.Contains(tr.Warnings[0].Message, "null is the same as no such key")) {
			t.Errorf("%s: null: no warning", k.path())
		}
	}
}

// examples returns values for a key, and those that are refused with the beginning of the reason.
func examples(k Key) (good []string, bad map[string]string) {
	switch {
	case k.Values != nil:
		bad = map[string]string{strings.ToLower(fmt.Sprintf("%q", k.Values[0])): fmt.Sprintf("%q is not one of", strings.ToLower(k.Values[0])), "[]": "must be a text, not a list"}
		for _, v := range k.Values {
			good = append(good, fmt.Sprintf("%q", v))
		}
	case k.Type == isBoolean:
		for _, word := range []string{"true", "YES", "t", "Y", "1", "False", "no", "F", "n", "0"} {
			good = append(good, fmt.Sprintf("%q", word))
		}
		return append(good, "true", "false", "1", "0"), map[string]string{`"on"`: `"on" must be true or false`, "2": `"2" must be`, `""`: `"" must be`, "{}": "must be true or false, not an object"}
	case k.Type == isText:
		return []string{`"x"`, "7", "true", `""`}[:3], map[string]string{"[]": "must be a text, not a list", "{}": "must be a text, not an object"}
	default:
		good = []string{"1000", `"1000"`, `"+1000"`}
		bad = map[string]string{`"x"`: `"x" must be a whole number`, `""`: `"" must be`, "1.5": `"1.5" must be`, `" 1"`: `" 1" must be`, "true": "must be a whole number, not true or false", "[1]": "must be a whole number, not a list"}
		if k.Type == isInteger {
			bad["3000000000"] = `"3000000000" must be a whole number of 32 bits`
		}
		if k.High != 0 {
			good = []string{fmt.Sprint(k.Low), fmt.Sprintf("%q", fmt.Sprint(k.High))}
			bad[fmt.Sprint(k.Low-1)] = fmt.Sprintf("%d is out of range; from %d to %d", k.Low-1, k.Low, k.High)
			bad[fmt.Sprint(k.High+1)] = fmt.Sprintf("%d is out of range; from %d to %d", k.High+1, k.Low, k.High)
		}
	}
	return good, bad
}

// TestPage keeps docs/migrating.md in step with the keys: one row for each, in order, with its default and range; rows of keys that do nothing say so.
func TestPage(t *testing.T) {
	data, err := os.ReadFile("../../../docs/migrating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(data), "## Keys of the agent")
	table, _, _ = strings.Cut(table, "## Converters")
	var rows [][]string
	for line := range strings.SplitSeq(table, "\n") {
		if strings.HasPrefix(line, "| `") {
			var cells []string
			for _, cell := range strings.Split(strings.Trim(line, "|"), " |") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			rows = append(rows, cells)
		}
	}
	for i, k := range Keys() {
		if i >= len(rows) || len(rows[i]) != 4 {
			t.Fatalf("no row for %s, or not with four cells", k.path())
		}
		want := []string{"`" + k.Name + "`", "none", "any"}
		if k.Default != "" {
			want[1] = "`" + strings.ReplaceAll(k.Default, "\n", `\n`) + "`"
		}
		switch {
		case k.High != 0:
			want[2] = fmt.Sprintf("%d to %d", k.Low, k.High)
		case k.Values != nil:
			want[2] = strings.Join(k.Values, ", ")
		case k.Type == isBoolean:
			want[2] = "true, false"
		}
		if !slices.Equal(rows[i][:3], want) {
			t.Errorf("row %d is %q, want %q", i, rows[i][:3], want)
		}
		if says := strings.HasPrefix(rows[i][3], "Ignored: "+k.Ignored); k.Ignored != "" && !says || k.Ignored == "" && strings.HasPrefix(rows[i][3], "Ignored") {
			t.Errorf("%s: the page says %q; ignored for %q", k.Name, rows[i][3], k.Ignored)
		}
	}
	if n := len(Keys()); len(rows) != n {
		t.Errorf("the page has %d rows, there are %d keys", len(rows), n)
	}
}
