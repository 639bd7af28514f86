package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config/strict"
)

// folder writes files, by name, into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "we[i]r*") // a name that is a pattern
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// flowText is a file with one flow.
func flowText(name string) string {
	return "flows:\n  - name: " + name + "\n    read: {paths: ['${LOGS:-/var/log}/" + name + ".log']}\n    send: [{stream: logs}]\n"
}

func flowNames(c *Config) (names []string) {
	for _, f := range c.Flows {
		names = append(names, f.Name)
	}
	return names
}

const mainText = "endpoint: http://127.0.0.1:4567\ninclude: [%s]\n"

func TestInclude(t *testing.T) {
	files := map[string]string{
		"d/b.yaml": flowText("b"), "d/a.yml": flowText("a"), "d/c.yaml": flowText("c1") + strings.TrimPrefix(flowText("c2"), "flows:\n"), "d/empty.yaml": "# nothing yet\n",
		"d/.hidden.yaml": "x", "d/#b.yaml#": "x", "d/b.yaml~": "x", "d/b.yaml.bak": "x", "d/.b.yaml.swp": "x", "d/b.yaml.rpmnew": "x", "d/README": "x", "d/sub/d.yaml": flowText("d"),
		"e/x.conf": flowText("x"),
	}
	for _, c := range []struct {
		include string
		want    []string
		notes   int
	}{
		{"d", []string{"a", "b", "c1", "c2"}, 1},
		{"d/", []string{"a", "b", "c1", "c2"}, 1},
		{"d/*.yaml", []string{"b", "c1", "c2"}, 1},
		{"'d/c*', d/*/*.yaml", []string{"c1", "c2", "d"}, 0},
		{"d/b.yaml, d", []string{"b", "a", "c1", "c2"}, 1},
		{"e/*, 'absent', 'absent/*.yaml'", []string{"x"}, 2},
		{"'${PART:-e}/x.conf'", []string{"x"}, 0},
	} {
		files["weir.yaml"] = fmt.Sprintf(mainText, c.include)
		dir := folder(t, files)
		got, err := Load(filepath.Join(dir, "weir.yaml"), noEnv)
		if err != nil {
			t.Errorf("%s: %v", c.include, err)
			continue
		}
		if names := flowNames(got); !slices.Equal(names, c.want) || len(got.Notes) != c.notes || got.File != filepath.Join(dir, "weir.yaml") {
			t.Errorf("%s: flows %v of %v, notes %q; want %v, %d notes", c.include, names, got.Included, got.Notes, c.want, c.notes)
		}
		if got.Flows[0].Read.Paths[0][:9] != "/var/log/" {
			t.Errorf("%s: path %s: variables are not replaced", c.include, got.Flows[0].Read.Paths[0])
		}
	}
}

// TestIncludeMistakes: every mistake of every file at once, each at its place.
func TestIncludeMistakes(t *testing.T) {
	dir := folder(t, map[string]string{
		"weir.yaml": "endpoint: http://127.0.0.1:4567\nregoin: x\ninclude: [d, absent.yaml, 'd/**', 'd/[', '*.yaml', '']\n" + flowText("web"),
		"d/a.yaml":  "region: eu-west-1\ninclude: [x]\n" + flowText("app"),
		"d/b.yaml":  "flows:\n  - name: web\n    was: app\n    read: {pahts: [/x]}\n    send: [{}]\n",
		"d/c.yaml":  flowText("app") + "  - name: app\n    read: {paths: [x.log]}\n    send: [{stream: '${UNSET}'}]\n",
		"d/d.yaml":  "flows: [\n",
		"d/e.yaml":  "flows: {}\n",
	})
	if err := os.Symlink("nowhere", filepath.Join(dir, "d/f.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", filepath.Join(dir, "d/g.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err := Load(filepath.Join(dir, "weir.yaml"), noEnv)
	got := strings.ReplaceAll(fmt.Sprint(err), dir+"/", "")
	want := strings.TrimSpace(`
weir.yaml:2:1: regoin: unknown key; did you mean "region"?
weir.yaml:3:14: include[1]: cannot be looked at: stat absent.yaml: no such file or directory
weir.yaml:3:27: include[2]: "d/**": ** is not for include; name each folder
weir.yaml:3:35: include[3]: "d/[" is not a pattern: a bracket or brace has no end
weir.yaml:3:42: include[4]: "*.yaml" includes this file itself; keep flows in a folder of their own, such as flows.d
weir.yaml:3:52: include[5]: is empty
d/a.yaml:1:1: region: unknown key; known here: flows
d/a.yaml:2:1: include: unknown key; known here: flows
d/b.yaml:2:11: flows[0].name: the flow at weir.yaml:5:5 is called "web" already
d/b.yaml:3:10: flows[0].was: the flow at d/a.yaml:4:5 is called "app" now; its positions are its own
d/b.yaml:4:12: flows[0].read.pahts: unknown key; did you mean "paths"?
d/b.yaml:5:12: flows[0].send[0]: a destination is needed: stream or delivery_stream
d/c.yaml:2:11: flows[0].name: the flow at d/a.yaml:4:5 is called "app" already
d/c.yaml:5:11: flows[1].name: the flow at d/a.yaml:4:5 is called "app" already
d/c.yaml:6:20: flows[1].read.paths[0]: "x.log" must be an absolute path
d/c.yaml:7:21: flows[1].send[0].stream: the variable UNSET is not set; set it, or give a default: ${UNSET:-default}
d/d.yaml:1:1: did not find expected node content
d/e.yaml:1:8: flows: must be a list, such as [a, b], not a group of keys
d/f.yaml: cannot be read: no such file or directory
d/g.yaml: is no regular file`)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSocketOf(t *testing.T) {
	for text, want := range map[string]string{
		"": "/var/lib/weir/weir.sock", "state_dir: /s\nflows: [{nmae: x}]\nmemory: none\ninclude: {}": "/s/weir.sock", "socket: /a.sock\nregion: []": "/a.sock",
		"flows: [": "", "state_dir: s": "", "sockte: /a.sock": "", "state_dir: ${UNSET}": "", "- x": "",
	} {
		path := filepath.Join(t.TempDir(), "weir.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := SocketOf(path, noEnv); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := SocketOf(filepath.Join(t.TempDir(), "absent"), noEnv); got != "" {
		t.Errorf("absent: %q", got)
	}
}

func TestIncludeBounds(t *testing.T) {
	files := map[string]string{"weir.yaml": fmt.Sprintf(mainText, "d")}
	for i := range maxIncluded + 1 {
		files[fmt.Sprintf("d/%04d.yaml", i)] = flowText(fmt.Sprintf("f%d", i))
	}
	dir := folder(t, files)
	if _, err := Load(filepath.Join(dir, "weir.yaml"), noEnv); err == nil || !strings.Contains(err.Error(), "more than 1000 files are included") {
		t.Errorf("many files: %v", err)
	}
	files = map[string]string{"weir.yaml": fmt.Sprintf(mainText, "d")}
	for i := range 5 {
		files[fmt.Sprintf("d/%d.yaml", i)] = flowText(fmt.Sprintf("f%d", i)) + "#" + strings.Repeat("x", strict.MaxSize-1000)
	}
	dir = folder(t, files)
	_, err := Load(filepath.Join(dir, "weir.yaml"), noEnv)
	if want := "d/4.yaml: the files that are included are larger than 4MiB together; this one was not read"; err == nil || strings.Count(err.Error(), want) != 1 || strings.Contains(err.Error(), "\n") {
		t.Errorf("large files: %v, want %s", err, want)
	}
}
