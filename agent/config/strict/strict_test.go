package strict

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// settings is a file with a key of every kind.
type settings struct {
	Text   string
	Level  string
	On     bool
	Count  int
	Size   int64
	Wait   time.Duration
	Names  []string
	Local  bool
	Nested string
	Items  []item
	Dirs   map[string]string
}

type item struct {
	Name  string
	Paths []string
}

func (s *settings) read(m *Map) {
	m.String("text", &s.Text)
	m.Enum("level", &s.Level, "debug", "info", "error")
	m.Bool("on", &s.On)
	Int(m, "count", &s.Count, 1, 10)
	Size(m, "size", &s.Size, 1<<10, 1<<20)
	m.Duration("wait", &s.Wait, time.Second, time.Hour)
	m.Strings("names", &s.Names)
	m.MapOr("login", "local", &s.Local, func(m *Map) { m.String("user", &s.Nested) })
	m.List("items", func(_ int, m *Map) {
		var it item
		m.String("name", &it.Name)
		m.Map("read", func(m *Map) { m.Strings("paths", &it.Paths) })
		s.Items = append(s.Items, it)
	})
	m.Dict("dirs", func(name string, m *Map) {
		var dir string
		m.String("directory", &dir)
		if s.Dirs == nil {
			s.Dirs = make(map[string]string)
		}
		s.Dirs[name] = dir
	})
}

func lookup(name string) (string, bool) {
	v, ok := map[string]string{"USER": "bob", "EMPTY": "", "SIZE": "64KiB", "ON": "true", "HOSTILE": "${USER}"}[name]
	return v, ok
}

func decode(text string) (*settings, *Document) {
	s := &settings{Text: "before", Size: 4096}
	return s, Decode("f.yaml", []byte(text), lookup, s.read)
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       settings
	}{
		{"empty", "", settings{}},
		{"comment only", "# nothing\n", settings{}},
		{"null", "~\n", settings{}},
		{"every kind", `
text: 010
level: error
on: true
count: 7
size: 64KiB
wait: 1m30s
names: [a, "b c", 1e3]
login: {user: u}
items:
  - name: x
    read: {paths: [/a, /b]}
  - {name: y}
dirs: {one: {directory: /1}, two: {directory: /2}}
`, settings{Text: "010", Level: "error", On: true, Count: 7, Size: 65536, Wait: 90 * time.Second, Names: []string{"a", "b c", "1e3"},
			Nested: "u", Items: []item{{"x", []string{"/a", "/b"}}, {Name: "y"}}, Dirs: map[string]string{"one": "/1", "two": "/2"}}},
		{"word for a group", "login: local", settings{Local: true}},
		{"words are texts", "text: true", settings{Text: "true"}},
		{"dates are texts", "text: 2024-02-05", settings{Text: "2024-02-05"}},
		{"quoted numbers", "count: '7'\nsize: \"2048\"\non: 'false'", settings{Count: 7, Size: 2048}},
		{"empty text", "text: ''", settings{Text: "-"}},
		{"block text", "text: |\n  a\n  b\n", settings{Text: "a\nb\n"}},
		{"empty list", "names: []", settings{Names: nil}},
		{"aliases", "items: [&a {name: x}, *a]\ntext: &t hi\nlevel: info\nnames: [*t]", settings{Text: "hi", Level: "info", Names: []string{"hi"}, Items: []item{{Name: "x"}, {Name: "x"}}}},
		{"variables", "text: a ${USER}-${NONE:-x y} $${USER} $$ $x ${EMPTY}${EMPTY:-e} ${HOSTILE}\nsize: ${SIZE}\non: ${ON}\nnames: ['${NONE:-}']",
			settings{Text: "a bob-x y ${USER} $$ $x e ${USER}", Size: 65536, On: true, Names: []string{""}}},
	} {
		got, doc := decode(c.text)
		if err := doc.Err(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.want.Text == "" {
			c.want.Text = "before"
		} else if c.want.Text == "-" {
			c.want.Text = ""
		}
		if c.want.Size == 0 {
			c.want.Size = 4096
		}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, *got, c.want)
		}
	}
}

func TestHostname(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if got, doc := decode("text: ${HOSTNAME}"); doc.Err() != nil || got.Text != host {
		t.Errorf("got %q (%v), want %q", got.Text, doc.Err(), host)
	}
}

func TestProblems(t *testing.T) {
	const known = "text, level, on, count, size, wait, names, login, items, dirs"
	for _, c := range []struct{ name, text, want string }{
		{"misspelt", "on: true\n  \nlevl: info", `3:1: levl: unknown key; did you mean "level"?`},
		{"case", "Text: x", `1:1: Text: unknown key; did you mean "text"?`},
		{"unknown", "zzzzzz: x", `1:1: zzzzzz: unknown key; known here: ` + known},
		{"nested", "items:\n- name: a\n- read:\n    pahts: [x]", `4:5: items[1].read.pahts: unknown key; did you mean "paths"?`},
		{"in a named group", "dirs:\n  one: {dirctory: x}", `2:9: dirs.one.dirctory: unknown key; did you mean "directory"?`},
		{"twice", "text: a\non: true\ntext: b", `3:1: text: this key stands on line 1 already`},
		{"unknown twice", "q: a\nq: b", "1:1: q: unknown key; known here: " + known + "\n2:1: q: this key stands on line 1 already"},
		{"list for a text", "text: [a]", `1:7: text: must be a text, not a list`},
		{"group for a size", "size: {a: 1}", `1:7: size: must be a size such as 64KiB, not a group of keys`},
		{"text for a list", "names: a", `1:8: names: must be a list, such as [a, b], not a single value`},
		{"group in a list", "names: [a, {b: c}]", `1:12: names[1]: must be a text, not a group of keys`},
		{"text for a group", "items: [a]", `1:9: items[0]: must hold keys and values, not a single value`},
		{"group for a list", "items: {a: b}", `1:8: items: must be a list, such as [a, b], not a group of keys`},
		{"nothing", "text:\ncount: ~", "1:6: text: has no value; give a text, or leave the key out\n2:8: count: has no value; give a whole number, or leave the key out"},
		{"no group", "login:", `1:7: login: must hold keys and values, not nothing`},
		{"wrong word for a group", "login: remote", `1:8: login: "remote" must be local, or keys and values`},
		{"not a size", "size: 5 apples", `1:7: size: "5 apples" must be a size such as 64KiB, 5MB or 1024`},
		{"misspelt unit", "size: 32kb", `1:7: size: "32kb" must be a size such as 64KiB, 5MB or 1024; did you mean "32KB"?`},
		{"half a unit", "size: 32 k", `1:7: size: "32 k" must be a size such as 64KiB, 5MB or 1024; did you mean "32KiB"?`},
		{"unit of its own", "size: KiB", `1:7: size: "KiB" must be a size such as 64KiB, 5MB or 1024`},
		{"size out of range", "size: 2MiB", `1:7: size: 2MiB is out of range; from 1KiB to 1MiB`},
		{"not a time", "wait: 10", `1:7: wait: "10" must be a time such as 10s, 500ms or 1h30m`},
		{"time out of range", "wait: 2h", `1:7: wait: 2h is out of range; from 1s to 1h`},
		{"not a number", "count: 1.5", `1:8: count: "1.5" must be a whole number`},
		{"number out of range", "count: 11", `1:8: count: 11 is out of range; from 1 to 10`},
		{"not a bool", "on: yes", `1:5: on: "yes" must be true or false`},
		{"misspelt value", "level: inof", `1:8: level: "inof" is not one of debug, info, error; did you mean "info"?`},
		{"unknown value", "level: loud", `1:8: level: "loud" is not one of debug, info, error`},
		{"unset variable", "text: ${NOPE}", `1:7: text: the variable NOPE is not set; set it, or give a default: ${NOPE:-default}`},
		{"open variable", "text: '${NOPE'", `1:7: text: "${NOPE" has no closing brace; write $${ for the characters themselves`},
		{"no name", "text: '${a b}'", `1:7: text: ${a b} is not a variable: a name is letters, digits and underscores; write $${ for the characters themselves`},
		{"merge", "a: &a {user: x}\nlogin: {<<: *a}", "1:1: a: unknown key; known here: " + known + "\n2:9: login.<<: merge keys are not supported; write the keys out"},
		{"tag", "text: !!binary aGk=", `1:7: text: the tag !!binary is not supported`},
		{"own tag", "text: !mine x", `1:7: text: the tag !mine is not supported`},
		{"key that is a list", "[a]: b", `1:1: a key must be a single word, not a list`},
		{"not a group", "- a\n- b", `1:1: the file must hold keys and values, not a list`},
		{"two documents", "text: a\n---\ntext: b", `2:1: a second document begins; a file must hold one`},
		{"no YAML", "text: a\n  b: c: d", `2:1: mapping values are not allowed in this context; a blank follows each colon, the keys of one group begin in the same column, and a value with ': ' in it needs quotes`},
		{"open bracket", "on: true\nitems:\n- name: [a}\n", `3:1: did not find expected ',' or ']' for what begins here; a value with braces, brackets or commas in it, such as ${VAR}, needs quotes there: '${VAR}'`},
		{"variable in braces", "items:\n- {name: ${USER}}", `2:1: did not find expected ',' or '}' for what begins here; a value with braces, brackets or commas in it, such as ${VAR}, needs quotes there: '${VAR}'`},
		{"percent", "text: %{WORD:x}", `1:1: found character that cannot start any token; a value that begins with %, @ or a backquote needs quotes: '%{WORD:x}'`},
		{"star", "names: [*.log]", `1:1: did not find expected alphabetic or numeric character; a value that begins with * or & needs quotes: '*.log'`},
		{"star and a word", "names: [*log]", `1:1: unknown anchor 'log' referenced; a value that begins with * needs quotes: '*.log'`},
		{"escape", `text: "\d+"`, `1:1: found unknown escape character; between double quotes a backslash begins an escape: write patterns between single ones: '\d+'`},
		{"open quote", "on: true\ntext: 'a\n", `2:1: found unexpected end of stream; a quote or bracket is not closed`},
		{"indentation", "on: true\n  text: a\n", `2:1: mapping values are not allowed in this context; a blank follows each colon, the keys of one group begin in the same column, and a value with ': ' in it needs quotes`},
		{"byte order mark and CRLF", "\ufeffon: true\r\ncount: 11\r\n", `2:8: count: 11 is out of range; from 1 to 10`},
		{"old Macintosh", "on: true\rcount: 11\r", `2:8: count: 11 is out of range; from 1 to 10`},
		{"octal and hexadecimal", "count: 010\nsize: 0x400", `2:7: size: "0x400" must be a size such as 64KiB, 5MB or 1024`},
		{"words of YAML 1.1", "on: On\ntext: no\nnames: [yes, ~]", "1:5: on: \"On\" must be true or false\n3:14: names[1]: has no value; give a text, or leave the key out"},
		{"twice in a nested group", "items: [{name: a, read: {paths: [b], paths: [c]}}]", `1:38: items[0].read.paths: this key stands on line 1 already`},
		{"tab", "items:\n\t- a", `2:1: a tab in the indentation: YAML wants blanks there`},
		{"Latin-1", "on: true\ntext: caf\xe9", `2:10: the file is not UTF-8 from here on: save it as UTF-8`},
		{"several, in the order of the file", "on: 1\nzzzzzz: 1\ncount: 0\ntext: [x]",
			"1:5: on: \"1\" must be true or false\n2:1: zzzzzz: unknown key; known here: " + known + "\n3:8: count: 0 is out of range; from 1 to 10\n4:7: text: must be a text, not a list"},
	} {
		_, doc := decode(c.text)
		var want []string
		for _, line := range strings.Split(c.want, "\n") {
			want = append(want, "f.yaml:"+line)
		}
		if got := fmt.Sprint(doc.Err()); got != strings.Join(want, "\n") {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, strings.Join(want, "\n"))
		}
	}
}

func TestReport(t *testing.T) {
	for _, c := range []struct{ name, text, path, want string }{
		{"a value", "on: true\ntext: x", "text", "f.yaml:2:7: text: bad"},
		{"an item", "names: [a, b]", "names[1]", "f.yaml:1:12: names[1]: bad"},
		{"a missing key is placed at its group", "on: true\nlogin: {}", "login.user", "f.yaml:2:1: login.user: bad"},
		{"a missing key of an item", "items: [{name: a}, {name: b}]", "items[1].read.paths", "f.yaml:1:20: items[1].read.paths: bad"},
		{"a missing key of the file", "on: true", "text", "f.yaml:1:1: text: bad"},
		{"an empty file", "", "text", "f.yaml: text: bad"},
		{"a misread key is not judged", "text: [x]", "text", "f.yaml:1:7: text: must be a text, not a list"},
		{"nor is one below it", "items: x", "items[0].name", "f.yaml:1:8: items: must be a list, such as [a, b], not a single value"},
		{"nor one above it", "names: [[]]", "names", "f.yaml:1:9: names[0]: must be a text, not a list"},
		{"nor a missing one that is misspelt", "txet: x", "text", `f.yaml:1:1: txet: unknown key; did you mean "text"?`},
		{"nor anything of a broken file", "- x", "text", `f.yaml:1:1: the file must hold keys and values, not a list`},
		{"a name that only begins alike", "text: [x]", "texts", "f.yaml:1:1: texts: bad\nf.yaml:1:7: text: must be a text, not a list"},
	} {
		_, doc := decode(c.text)
		doc.Report(c.path, "bad")
		if got := fmt.Sprint(doc.Err()); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestMapReport(t *testing.T) {
	doc := Decode("f.yaml", []byte("login:\n  user: a"), lookup, func(m *Map) {
		m.Map("login", func(m *Map) {
			var user string
			m.String("user", &user)
			if m.Has("user") && !m.Has("password") {
				m.Report("password", "%s needs one", user)
			}
		})
	})
	if got, want := fmt.Sprint(doc.Err()), "f.yaml:1:1: login.password: a needs one"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBounds(t *testing.T) {
	list := func(n int, s string) string { return "[" + strings.Repeat(s+",", n) + "]" }
	for _, c := range []struct{ name, text, want string }{
		{"size", "text: '" + strings.Repeat("x", MaxSize) + "'", "the file is larger than 1MiB"},
		{"many problems", "names: " + list(1000, "[]"), "problems beyond these: 800"},
		{"an alias bomb", "text: " + "&a " + list(9, "x") + "\nitems:\n- &i {name: n, read: {paths: &p " + list(1000, "x") + "}}\n" + strings.Repeat("- *i\n", 1000), "more than 100000 values"},
		{"an alias of itself", "items: &i [{read: {paths: *i}}, *i]", "items[0].read.paths[0]: must be a text, not a group of keys"},
		{"deep nesting", "text: " + strings.Repeat("[", 20000), "exceeded max depth"},
	} {
		_, doc := decode(c.text)
		if got := fmt.Sprint(doc.Err()); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %.300s, want %s", c.name, got, c.want)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"empty": 0, "largest": MaxSize, "larger": MaxSize + 1, "largest of all": MaxSize + 100} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadFile(path); err != nil || len(got) != min(size, MaxSize+1) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := ReadFile(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

func TestKeys(t *testing.T) {
	s := settings{Text: "x", Level: "info", Size: 64 << 10, Wait: time.Minute, Count: 3}
	var got []string
	for _, k := range Keys(s.read) {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s|%s|%s %s", k.Path, k.Type, k.Default, strings.Join(k.Values, ","))))
	}
	want := []string{"text|text|x", "level|text|info debug,info,error", "on|true or false|false", "count|integer|3", "size|size|64KiB", "wait|duration|1m",
		"names|list of text|", "login|keys, or local|", "login.user|text|", "items|list of keys|", "items[].name|text|", "items[].read|keys|",
		"items[].read.paths|list of text|", "dirs|names with keys|", "dirs.NAME.directory|text|"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{"", "text: a", "items: [&a {name: ${USER}}, *a]", "dirs: {<<: {a: b}}", "a: &a [*a]", "? [x]\n: y", "\xff", "text: |\n  ${", "--- !!map\n...\n---\n", "size: 99999999999999TiB"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &settings{}
		doc := Decode("f.yaml", data, lookup, s.read)
		doc.Report("items[0].name", "bad")
		if doc.Err() == nil {
			t.Fatal("the reported problem is gone")
		}
		if s.Size != 0 && (s.Size < 1<<10 || s.Size > 1<<20) || s.Count < 0 || s.Count > 10 {
			t.Fatalf("out of range: %+v", s)
		}
	})
}
