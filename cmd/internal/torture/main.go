// Command torture writes numbered lines at a steady rate through every way in which logs are rotated, kills and stalls the
// agent, makes the backend refuse and the disk fill up, reads back what arrived, and prints one row per case: written, delivered,
// lost, duplicated, and what it cost. It uses the programs in bin/ as their users run them, with default settings, and decodes what
// arrived with code that has nothing of weir. docs/torture.md says how to read the table.
//
// It ends with exit code 1 if any case breaks a promise, 2 if it is called wrongly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// options are how a run is made.
type options struct {
	bin      string
	dir      string // for the folders of the cases; default the system's
	only     string
	seed     uint64
	rate     float64 // lines a second
	duration time.Duration
	patience time.Duration // how long nothing may arrive before the rest counts as lost
	keep     bool
	json     bool
}

func (o options) program(name string) string { return filepath.Join(o.bin, name) }

func main() {
	o := options{patience: 20 * time.Second}
	flag.StringVar(&o.bin, "bin", "bin", "`FOLDER` with weir and weir-agent")
	flag.StringVar(&o.dir, "dir", "", "`FOLDER` for logs and data (default: the system's for temporary files)")
	flag.StringVar(&o.only, "only", "", "run only the cases whose name matches this `REGEXP`")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of everything that is drawn; printed")
	flag.Float64Var(&o.rate, "rate", 50000, "lines a second, of about 200 bytes")
	flag.DurationVar(&o.duration, "duration", 8*time.Second, "of the writing of a case, about")
	flag.BoolVar(&o.keep, "keep", false, "keep the folders of the cases")
	flag.BoolVar(&o.json, "json", false, "print a JSON object for each case")
	flag.Parse()
	if flag.NArg() > 0 || o.rate < 100 || o.duration < time.Second {
		fmt.Fprintln(os.Stderr, "torture: no arguments beside flags; --rate is at least 100, --duration at least 1s")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	broken, err := torture(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
	}
	if err != nil || broken > 0 {
		os.Exit(1)
	}
}

// torture runs the cases and returns how many broke a promise.
func torture(ctx context.Context, o options, out io.Writer) (broken int, err error) {
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return 0, err
	}
	chosen, err := choose(o.only)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if !o.json {
		fmt.Fprintf(out, "%d cases, seed %d, %.0f lines/s of about %d bytes for about %v each\n\n", len(chosen), o.seed, o.rate, meanLine, o.duration)
		header(out)
	}
	skipped := 0
	for _, c := range chosen {
		r := run(ctx, c, o)
		if err := ctx.Err(); err != nil {
			return broken, errors.New("stopped")
		}
		if o.json {
			if err := r.printJSON(out); err != nil {
				return broken, err
			}
		} else {
			r.print(out)
		}
		if r.Skipped != "" {
			skipped++
		} else if !r.ok() {
			broken++
		}
	}
	if !o.json {
		fmt.Fprintf(out, "\n%d cases in %.0f s: %d kept all promises, %d did not, %d could not be tried here\n",
			len(chosen), time.Since(start).Seconds(), len(chosen)-broken-skipped, broken, skipped)
	}
	return broken, nil
}

// choose returns the cases whose name matches a pattern.
func choose(only string) ([]scenario, error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("--only: %w", err)
	}
	var chosen []scenario
	for _, c := range scenarios() {
		if pattern.MatchString(c.name) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("--only: no case matches %q", only)
	}
	return chosen, nil
}
