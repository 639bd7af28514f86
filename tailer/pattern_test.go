package tailer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
)

func TestMatch(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"app.log", "app.log.1", "app.log.2.gz", "web/access.log", "web/error.log", "web/a/access.log", "web/a/b/access.log",
		"db/access.log", "db/slow.log", "odd[1].log", ".hidden.log",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		appendTo(t, path, name)
	}
	for target, link := range map[string]string{"web": "linked", "app.log": "link.log", "nowhere": "dangling.log"} {
		if err := os.Symlink(filepath.Join(dir, target), filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ paths, exclude, want string }{
		{"app.log", "", "app.log"},
		{"app.log*", "", "app.log app.log.1 app.log.2.gz"},
		{"app.log*", "*.gz", "app.log app.log.1"},
		{"app.log*", "*.gz *.[0-9]", "app.log"},
		{"*.log", "", ".hidden.log app.log link.log odd[1].log"},
		{`odd\[1\].log`, "", "odd[1].log"},
		{"*/access.log", "", "db/access.log linked/access.log web/access.log"},
		{"**/access.log", "", "db/access.log web/a/access.log web/a/b/access.log web/access.log"},
		{"web/**/access.log", "", "web/a/access.log web/a/b/access.log web/access.log"},
		{"web/**", "*/a/b/* **/error.log", "web/a/access.log web/a/b/access.log web/access.log"},
		{"web/**", "/**/a/**", "web/access.log web/error.log"},
		{"{web,db}/access.log", "", "db/access.log web/access.log"},
		{"{web/a,db}/{access,slow}.log", "", "db/access.log db/slow.log web/a/access.log"},
		{"**/a/**/access.log", "", "web/a/access.log web/a/b/access.log"},
		{"app.log app.*", "*.gz", "app.log app.log.1"},
		{"nowhere/*.log", "", ""},
		{"web", "", ""},
	} {
		var paths []string
		for _, p := range strings.Fields(c.paths) {
			paths = append(paths, dir+"/"+p)
		}
		got, err := Match(paths, strings.Fields(c.exclude))
		if err != nil {
			t.Errorf("Match(%s): %v", c.paths, err)
		}
		for i := range got {
			got[i], _ = filepath.Rel(dir, got[i])
		}
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("Match(%q, %q) = %q, want %q", c.paths, c.exclude, got, want)
		}
		p, err := newPatterns(paths, strings.Fields(c.exclude))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range got {
			if !strings.HasPrefix(name, "linked/") && !p.wants(filepath.Join(dir, name)) {
				t.Errorf("%q does not want %s, which it matches", c.paths, name)
			}
		}
	}
}

func TestMatchRefusesBadPatterns(t *testing.T) {
	_, err := Match([]string{"relative/*.log", "/a/[", "/logs/"}, []string{"{a"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"relative/*.log" is not absolute`, `"/a/["`, `"/logs/" ends in a slash`, `exclude "{a"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not mention %s", err, want)
		}
	}
}

func TestExpandBraces(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"/a/b", "/a/b"},
		{"/a/{b,c}", "/a/{b,c}"},
		{"/{a/b,c}/d", "/a/b/d /c/d"},
		{"/{a/{b,c},d}/e", "/a/{b,c}/e /d/e"},
		{"/{a,b}/{c/d,e}", "/{a,b}/c/d /{a,b}/e"},
		{`/\{a/b,c\}`, `/\{a/b,c\}`},
	} {
		if got := strings.Join(expandBraces(c.in), " "); got != c.want {
			t.Errorf("expandBraces(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if n := len(expandBraces(strings.Repeat("{a/b,c/d}", 30))); n > 4*maxExpansions {
		t.Errorf("%d patterns made of one", n)
	}
}

func TestOrigins(t *testing.T) {
	for _, c := range []struct{ base, want string }{
		{"app.log", ""},
		{"app.log.1", "app.log"},
		{"app.log-20261123", "app.log"},
		{"app.log.2026-11-23T10:00:00Z", "app.log app.log.2026 app.log.2026-11"},
		{"app.log_3", "app.log"},
		{"app.log.old", "app.log"},
		{"app.log.1.gz", ""},
		{"app-20261123.log", "app.log"},
		{"app-2026-11.log", "app.log"},
		{"app.2026-11-23T10-20-30.123.log", "app.log app.2026.log app.2026-11.log app.2026-11-23T10.log app.2026-11-23T10-20-30.log"},
		{"app.1.log", "app.log"},
		{"app-1.log", ""},
		{"worker-123456.log", ""},
		{"2026-11-23.log", ""},
		{"app-errors.log", ""},
		{"app.log-errors", ""},
		{"app.log.", ""},
		{".1", ""},
		{"app.log.T", ""},
		{"", ""},
	} {
		if got := strings.Join(slices.Collect(origins(c.base)), " "); got != c.want {
			t.Errorf("origins(%q) = %q, want %q", c.base, got, c.want)
		}
	}
}

// FuzzPatterns checks that no pattern makes matching fail, and that matching name by name is matching the whole path.
func FuzzPatterns(f *testing.F) {
	f.Add("/a/**/*.log", "/a/b/c/x.log")
	f.Add("/{a/b,c}/x", "/c/x")
	f.Add("/a/b*/[x-z]", "/a/bb/y")
	f.Fuzz(func(t *testing.T, glob, path string) {
		if len(glob) > 64 || len(path) > 64 || !filepath.IsAbs(path) || filepath.Clean(path) != path || path == "/" {
			return
		}
		p, err := newPatterns([]string{glob}, nil)
		if err != nil {
			return
		}
		wants := p.wants(path)
		alone := strings.ReplaceAll(strings.ReplaceAll(glob+"/", "/**/", "/"), "/**/", "/")
		if strings.ContainsAny(glob, `{[\`) || strings.Contains(alone, "**") || strings.HasSuffix(glob, "**") || filepath.Clean(glob) != glob {
			return // the library has its own mind about some of these
		}
		if strings.ContainsRune(strings.ToValidUTF8(glob, "\ufffd"), '\ufffd') {
			return // the library takes every byte that is no UTF-8 for the same character; names are compared byte by byte
		}
		if whole := doublestar.MatchUnvalidated(glob, path); wants != whole {
			t.Fatalf("pattern %q, path %q: wanted %t, as a whole %t", glob, path, wants, whole)
		}
	})
}
