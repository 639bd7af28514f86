package agent

import (
	"testing"

	"github.com/weir-logs/weir/agent/status"
)

func TestUnreadable(t *testing.T) {
	for _, test := range []struct {
		files []status.File
		want  string
	}{
		{nil, ""},
		{[]status.File{{Path: "/a"}}, ""},
		{[]status.File{{Path: "/a"}, {Path: "/b", Error: "permission denied"}}, "cannot read /b: permission denied"},
		{[]status.File{{Path: "/a", Error: "no"}, {Path: "/b", Error: "never"}}, "cannot read 2 files, such as /a: no"},
	} {
		if got := unreadable(test.files); got != test.want {
			t.Errorf("%v: %q, want %q", test.files, got, test.want)
		}
	}
}
