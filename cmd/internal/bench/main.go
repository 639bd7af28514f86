// Command bench measures the programs in bin/ as their users run them, against limits measured in the same run, and
// prints the first figures of the budget table. It is no test: it asserts nothing. docs/benchmarks.md says how to read it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	var b bench
	flag.StringVar(&b.bin, "bin", "bin", "folder with weir and weir-agent")
	flag.Int64Var(&b.size, "mb", 500, "size of the generated log in MB (10^6 bytes)")
	flag.IntVar(&b.runs, "runs", 3, "runs of each case; the median is printed")
	flag.StringVar(&b.only, "only", "", "run only the cases whose name holds this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run of the program.
type bench struct {
	bin  string
	size int64 // MB
	runs int
	only string
	dir  string
	log  string // the generated file
}

func (b *bench) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir, b.log = dir, filepath.Join(dir, "access.log")
	if b.bin, err = filepath.Abs(b.bin); err != nil {
		return err
	}
	lines, err := generate(b.log, b.size*1e6)
	if err != nil {
		return err
	}
	fmt.Printf("input: %d MB, %d generated lines in the combined format, one file, in the page cache; median of %d runs\n\n",
		b.size, lines, b.runs)
	if err := b.agentCases(ctx); err != nil {
		return err
	}
	if err := b.largeCase(ctx); err != nil {
		return err
	}
	for _, files := range []int{5000, 10_000} {
		if err := b.idleCase(ctx, files); err != nil {
			return err
		}
	}
	if err := b.downCase(ctx); err != nil {
		return err
	}
	if err := b.scaleTable(ctx); err != nil {
		return err
	}
	return b.serverCases(ctx)
}
