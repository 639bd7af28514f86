// Command corpus parses every log of a folder with the format that fits it, and says how that went: which lines match, which do not, how long a line
// takes, and whether each record is valid JSON for a decoder that is not weir's. It prints no line of the logs.
//
//	go run ./cmd/internal/corpus DIR
//
// It fails if the folder is missing or holds no log, and if a record is wrong. Files that begin with a dot or end in .md are not logs.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: corpus DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

// run reports on every log in dir.
func run(dir string, out io.Writer) error {
	paths, err := logs(dir)
	if err != nil {
		return err
	}
	var all []*report
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r, err := examine(filepath.Base(path), data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, r)
	}
	print(out, all)
	return nil
}

// logs returns the files of dir that may be logs.
func logs(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("DATA must name a folder of logs: %w", err)
	}
	var paths []string
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") && !strings.HasSuffix(e.Name(), ".md") {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s holds no logs", dir)
	}
	return paths, nil
}

func print(out io.Writer, all []*report) {
	fmt.Fprintln(out, "| file | lines | format | matched | ns/line | MB/s | allocations/line |")
	fmt.Fprintln(out, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, r := range all {
		fmt.Fprintf(out, "| %s | %d | %s | %d (%s) | %.0f | %.0f | %.0f |\n", r.file, r.lines, r.format.name, r.matched, share(r.matched, r.lines), r.nanos, r.rate, r.allocs)
	}
	for _, r := range all {
		if len(r.unmatched) > 0 {
			fmt.Fprintf(out, "\n%s: %d lines do not match:\n", r.file, r.lines-r.matched)
			for _, u := range r.unmatched {
				fmt.Fprintf(out, "  line %d: %s\n", u.line, u.why)
			}
		}
	}
}

// share is rounded down, so that 100 % means all.
func share(part, whole int) string {
	if whole == 0 {
		return "100 %"
	}
	n := part * 10000 / whole
	return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%d.%02d", n/100, n%100), "0"), ".0") + " %"
}
