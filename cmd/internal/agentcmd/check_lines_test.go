package agentcmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config"
)

func TestMismatchString(t *testing.T) {
	for _, c := range []struct {
		m    mismatch
		want string
	}{
		{mismatch{Text: "ab", At: -1}, "ab"},
		{mismatch{Text: "éa;", At: 3, Wanted: "a comma"}, "éa;\n        ^ from here on, where a comma is wanted"},
		{mismatch{Text: "ab", At: 2}, "ab\n        ^ from here on"},
		{mismatch{Text: "ab", At: 200, Wanted: "x"}, "ab, from byte 201 on, where x is wanted"},
		{mismatch{Text: "a\x00b", At: 1, Wanted: strings.Repeat("é", 60)}, `"a\x00b", from byte 2 on, where ` + strings.Repeat("é", 30) + " is wanted"},
	} {
		if got := c.m.String(); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

// TestCheckLines: the newest file that holds lines is looked at, complete records only, and formats that all of them have are named.
func TestCheckLines(t *testing.T) {
	const line = `h - - [05/Feb/2024:10:11:12 +0000] "GET / HTTP/1.1" 200 17 "-" "x"` + "\n"
	for _, c := range []struct {
		name, format, text string
		records, matched   int
		others             []string
	}{
		{"all", "combined", line + line, 2, 2, nil},
		{"many", "combined", strings.Repeat(line, 50), 20, 20, nil},
		{"an unfinished line", "combined", line + "h - ", 1, 1, nil},
		{"not parsed, of two formats", "none", line, 1, 1, []string{"combined"}},
		{"a virtual host", "combined", "v " + line, 1, 0, []string{"vhost_combined"}},
		{"cut off", "combined", line + strings.Replace(line, `x"`, "x", 1), 2, 1, nil},
		{"not parsed", "none", "{\"a\":1}\n", 1, 1, []string{"json"}},
		{"header", "csv", "a,b\n1,2\n1,2,3\n", 2, 1, nil},
	} {
		path := filepath.Join(t.TempDir(), "x.log")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		f := config.DefaultFlow()
		f.Read.Paths, f.Parse.Format, f.Encode.Format = []string{path}, c.format, "json"
		f.Parse.Header = c.format == "csv"
		empty, packed := matchedFile{Path: "/absent"}, matchedFile{Path: "/absent.gz", Size: 1}
		got, err := checkLines(&f, []matchedFile{empty, packed, {Path: path, Size: int64(len(c.text)), Modified: time.Now()}})
		if err != nil || got == nil {
			t.Fatalf("%s: %v, %v", c.name, got, err)
		}
		if got.Records != c.records || got.Matched != c.matched || !slices.Equal(got.Others, c.others) || (got.First != nil) != (c.matched < c.records) {
			t.Errorf("%s: %d of %d, %v, %v; want %d of %d, %v", c.name, got.Matched, got.Records, got.Others, got.First, c.matched, c.records, c.others)
		}
	}
}
