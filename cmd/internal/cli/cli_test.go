package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// run is one command line of a program with the command "do", which returns err.
func run(err error, args ...string) (code int, out, errOut string) {
	do := &cobra.Command{Use: "do", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		fmt.Fprintln(cmd.OutOrStdout(), "did")
		return err
	}}
	do.Flags().Int("n", 0, "a number")
	var o, e bytes.Buffer
	code = Main(context.Background(), Build{Name: "weir", Version: "v1", Commit: "abc"}, Streams{&o, &e}, args, do)
	return code, o.String(), e.String()
}

func TestExitCodes(t *testing.T) {
	plain := errors.New("it broke")
	for _, test := range []struct {
		name   string
		err    error
		args   []string
		code   int
		errOut string
	}{
		{"done", nil, []string{"do"}, ExitDone, ""},
		{"failed", plain, []string{"do"}, ExitFailed, "weir: it broke\n"},
		{"usage", Usage(plain), []string{"do"}, ExitUsage, "weir: it broke\n"},
		{"wrapped usage", fmt.Errorf("do: %w", Usage(plain)), []string{"do"}, ExitUsage, "weir: do: it broke\n"},
		{"quiet", Quiet(plain), []string{"do"}, ExitFailed, ""},
		{"many lines", Usage(errors.New("f:1:1: a\nf:2:1: b\n")), []string{"do"}, ExitUsage, "f:1:1: a\nf:2:1: b\n"},
		{"unknown flag", nil, []string{"do", "--m"}, ExitUsage, "weir: unknown flag: --m; see weir do --help\n"},
		{"wrong value", nil, []string{"do", "--n", "x"}, ExitUsage, "see weir do --help"},
		{"surplus", nil, []string{"do", "more"}, ExitUsage, "see weir do --help"},
		{"unknown command", nil, []string{"dont"}, ExitUsage, `weir: unknown command "dont"`},
		{"help", plain, []string{"do", "--help"}, ExitDone, ""},
		{"nothing", plain, nil, ExitDone, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, errOut := run(test.err, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if !strings.Contains(errOut, test.errOut) || (test.errOut == "") != (errOut == "") {
				t.Errorf("standard error %q, want %q in it", errOut, test.errOut)
			}
		})
	}
}

func TestUsageOfNothingIsNothing(t *testing.T) {
	if err := Usage(nil); err != nil {
		t.Errorf("Usage(nil) = %v", err)
	}
}

func TestVersion(t *testing.T) {
	if _, out, _ := run(nil, "version"); !strings.HasPrefix(out, "weir v1 (commit abc, go") {
		t.Errorf("version prints %q", out)
	}
	if _, out, _ := run(nil, "version", "--json"); !strings.Contains(out, `"commit":"abc"`) {
		t.Errorf("version --json prints %q", out)
	}
}

func TestForPeople(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Bytes(0), "0 B"}, {Bytes(1023), "1023 B"}, {Bytes(1024), "1.0 KiB"}, {Bytes(1536), "1.5 KiB"}, {Bytes(5 << 20), "5.0 MiB"},
		{Bytes(3 << 40), "3.0 TiB"}, {Bytes(-2048), "-2.0 KiB"}, {Bytes(1<<63 - 1), "8.0 EiB"},
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(1234567), "1,234,567"}, {Count(-1234), "-1,234"}, {Count(-100), "-100"},
		{Duration(1500 * time.Microsecond), "2ms"}, {Duration(2340 * time.Millisecond), "2.3s"}, {Duration(90*time.Second + time.Millisecond), "1m30s"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, [][]string{{"NAME", "N"}, {"longer name", "1"}, {"x", "22"}}); err != nil {
		t.Fatal(err)
	}
	want := "NAME         N\nlonger name  1\nx            22\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", &b, want)
	}
}
