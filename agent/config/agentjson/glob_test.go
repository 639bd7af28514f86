package agentjson

import (
	"testing"

	"github.com/weir-logs/weir/tailer"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, want string
		match, other  []string
	}{
		{"/var/log/app.log*", "/var/log/app.log*", []string{"/var/log/app.log", "/var/log/app.log.1"}, []string{"/var/log/x"}},
		{"/var/log/*", "/var/log/*", []string{"/var/log/.hidden", "/var/log/a"}, []string{"/var/log/a/b"}},
		{"/var/log/**", "/var/log/*", []string{"/var/log/a"}, []string{"/var/log/a/b"}},
		{"/srv/a*[b]{c,d}?\\/x.log", `/srv/a\*\[b\]\{c,d\}\?\\/x.log`, nil, []string{"/srv/ab/x.log"}},
		{"/l/{a,b*}.log", "/l/{a,b*}.log", []string{"/l/a.log", "/l/bc.log"}, []string{"/l/ac.log"}},
		{"/l/[!a-c]?.log", "/l/[^a-c]?.log", []string{"/l/dx.log"}, []string{"/l/ax.log", "/l/d.log"}},
		{"/l/[^a]", `/l/[\^a]`, []string{"/l/^", "/l/a"}, []string{"/l/b"}},
		{"/l/[-a]", `/l/[\-a]`, []string{"/l/-", "/l/a"}, []string{"/l/b"}},
		{`/l/[\\]`, `/l/[\\\\]`, []string{`/l/\`}, []string{"/l/b"}},
		{`/l/\*`, `/l/\*`, []string{"/l/*"}, []string{"/l/b"}},
		{"/l/ä?.log", "/l/ä?.log", []string{"/l/äö.log"}, nil},
	} {
		got := glob(tt.pattern)
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.pattern, got, tt.want)
		}
		m, err := tailer.NewMatcher([]string{got}, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		for _, path := range tt.match {
			if !m.Follows(path) {
				t.Errorf("%s does not match %s", got, path)
			}
		}
		for _, path := range tt.other {
			if m.Follows(path) {
				t.Errorf("%s matches %s", got, path)
			}
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("/a[b/{c}*")
	f.Fuzz(func(t *testing.T, pattern string) { glob(pattern) })
}
