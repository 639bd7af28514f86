package packaging

import (
	"strings"
	"testing"
)

func TestUnitOfThePackageIsTheFile(t *testing.T) {
	if got := Unit("/usr/bin/weir", "/etc/weir/weir.yaml"); got != unit {
		t.Errorf("Unit with the packaged paths differs from weir.service:\n%s", got)
	}
	for _, line := range []string{packagedExec, packagedReload} {
		if !strings.Contains(unit, line) {
			t.Errorf("weir.service has no line %q", line)
		}
	}
}

func TestUnitQuotesPaths(t *testing.T) {
	for _, test := range []struct{ program, config, want string }{
		{"/opt/weir", "/etc/w.yaml", "ExecStart=/opt/weir run -c /etc/w.yaml\n"},
		{"/opt/my apps/weir", "/etc/w.yaml", `ExecStart="/opt/my apps/weir" run -c /etc/w.yaml` + "\n"},
		{"/opt/100%/$x", `/a"b\c`, `ExecStart=/opt/100%%/$$x run -c "/a\"b\\c"` + "\n"},
	} {
		got := Unit(test.program, test.config)
		if !strings.Contains(got, test.want) {
			t.Errorf("Unit(%q, %q) has no line %q:\n%s", test.program, test.config, test.want, got)
		}
		reload := strings.NewReplacer("ExecStart=", "ExecReload=", " run -c ", " reload -c ").Replace(test.want)
		if !strings.Contains(got, reload) {
			t.Errorf("Unit(%q, %q) has no line %q:\n%s", test.program, test.config, reload, got)
		}
		if n := strings.Count(got, "ExecStart="); n != 1 {
			t.Errorf("Unit(%q, %q) has %d ExecStart lines", test.program, test.config, n)
		}
	}
}

func TestUnitNamesWritableFolders(t *testing.T) {
	got := Unit("/usr/bin/weir", "/etc/weir/weir.yaml", "/srv/state", "/srv/dead letters")
	if want := "StateDirectoryMode=0700\nReadWritePaths=/srv/state\nReadWritePaths=\"/srv/dead letters\"\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
