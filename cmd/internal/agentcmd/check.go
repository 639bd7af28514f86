package agentcmd

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/inflate"
)

// checkOptions are the flags of check.
type checkOptions struct {
	file, flow, sample string
	follow, asJSON     bool
}

func newCheck() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Validate the configuration, and show what each flow matches and sends",
		Long: `Check reads the configuration and reports every mistake in it, or shows which files each flow matches now and where their
records go. It sends nothing and changes nothing.

With --sample it prints the records that the flow would send for the lines of a file, exactly as they would be sent; with
--follow it does that for what is appended to the flow's files from now on.`,
		Example: `  weir check
  weir check -c ./weir.yaml --flow web --sample /var/log/nginx/access.log | head
  tail -n 3 app.log | weir check -c ./weir.yaml --sample -
  weir check -c ./weir.yaml --follow`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load(o.file)
			if err != nil {
				return err
			}
			if err := agent.Fits(c); err != nil {
				return usage(err)
			}
			switch {
			case o.sample != "" && o.follow:
				return cli.Usage(fmt.Errorf("--sample and --follow exclude each other"))
			case o.sample != "":
				return showSample(cmd, c, o)
			case o.follow:
				return follow(cmd, c, o)
			}
			return showMatches(cmd.OutOrStdout(), c, o)
		},
	}
	configFlag(cmd, &o.file)
	cmd.Flags().StringVar(&o.flow, "flow", "", "only this flow, by `NAME`")
	cmd.Flags().StringVar(&o.sample, "sample", "", "print the records for the lines of `FILE`, - for standard input")
	cmd.Flags().BoolVar(&o.follow, "follow", false, "print the records for lines as they are written")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	return cmd
}

// flows returns the flow with the given name, or all.
func flows(c *config.Config, name string) ([]config.Flow, error) {
	if name == "" {
		return c.Flows, nil
	}
	names := make([]string, len(c.Flows))
	for i, f := range c.Flows {
		if f.Name == name {
			return c.Flows[i : i+1], nil
		}
		names[i] = f.Name
	}
	return nil, cli.Usage(fmt.Errorf("%s has no flow %q; it has %s", c.File, name, strings.Join(names, ", ")))
}

// match is what check shows of one flow.
type match struct {
	Flow  string   `json:"flow"`
	Files []string `json:"files"`
	Send  []string `json:"send"`
	Notes []string `json:"notes,omitempty"`
}

func showMatches(w io.Writer, c *config.Config, o checkOptions) error {
	chosen, err := flows(c, o.flow)
	if err != nil {
		return err
	}
	matches := make([]match, len(chosen))
	for i, f := range chosen {
		matches[i] = matchOf(f)
	}
	if o.asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(matches)
	}
	fmt.Fprintf(w, "%s is valid\n", c.File)
	for _, m := range matches {
		fmt.Fprintf(w, "\nflow %s: %s now\n", m.Flow, cli.Counted(len(m.Files), "file"))
		for i, file := range m.Files {
			if i == statusFiles {
				fmt.Fprintf(w, "  and %d more; --json lists all\n", len(m.Files)-i)
				break
			}
			fmt.Fprintf(w, "  %s\n", file)
		}
		for _, s := range m.Send {
			fmt.Fprintf(w, "  -> %s\n", s)
		}
		for _, n := range m.Notes {
			fmt.Fprintf(w, "  note: %s\n", n)
		}
	}
	return nil
}

func matchOf(f config.Flow) match {
	m := match{Flow: f.Name, Files: []string{}}
	files, err := tailer.Match(f.Read.Paths, f.Read.Exclude)
	if err != nil {
		m.Notes = append(m.Notes, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	m.Files = append(m.Files, files...)
	if len(files) == 0 && !slices.ContainsFunc(f.Read.Paths, isPipe) {
		m.Notes = append(m.Notes, "no file matches yet; weir waits for one")
	}
	m.Notes = append(m.Notes, unreadable(f.Read.Paths, files)...)
	for _, dir := range f.Read.RotatedTo {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			m.Notes = append(m.Notes, dir+" of rotated_to is no folder yet; nothing is found there")
		}
	}
	for _, s := range f.Send {
		if s.Stream == "" {
			m.Send = append(m.Send, "delivery stream "+s.DeliveryStream)
			continue
		}
		how := "records as they are"
		if s.Aggregate && !strings.HasPrefix(s.PartitionKey, "field:") {
			how = "KPL aggregates"
			m.Notes = append(m.Notes, fmt.Sprintf("readers of stream %s must de-aggregate (the KCL and Firehose do); aggregate: false sends each record by itself", s.Stream))
		}
		m.Send = append(m.Send, fmt.Sprintf("stream %s, partition key %s, %s", s.Stream, s.PartitionKey, how))
	}
	return m
}

// unreadable says which files cannot be opened, and which paths without a wildcard are something else than a file.
func unreadable(paths, files []string) (notes []string) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil || info.Mode().IsRegular():
		case isPipe(path):
			notes = append(notes, path+" is a named pipe: it is read as it comes, and cannot be read again after a crash")
		default:
			notes = append(notes, path+" is no regular file; a folder needs a pattern for its files, such as "+path+"/*.log")
		}
	}
	for _, path := range files {
		if tailer.Compressed(path) {
			notes = append(notes, path+" is compressed by its name: only what goes on from a file that was followed is read of it; weir backfill ships all of it")
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			notes = append(notes, fmt.Sprintf("%v; the user that runs weir must be able to read it", err))
			continue
		}
		f.Close()
	}
	return notes
}

func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}

// showSample prints the records for the lines of a file.
func showSample(cmd *cobra.Command, c *config.Config, o checkOptions) error {
	p, err := newPreview(c, o.flow, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	in, name := cmd.InOrStdin(), o.sample
	if o.sample != "-" {
		f, err := os.Open(o.sample)
		if err != nil {
			return cli.Usage(fmt.Errorf("the sample: %w", err))
		}
		defer f.Close()
		if err := readable(f); err != nil {
			return cli.Usage(fmt.Errorf("the sample: %w", err))
		}
		in = f
		if name, err = filepath.Abs(o.sample); err != nil {
			return fmt.Errorf("the sample: %w", err)
		}
	}
	if err := p.copy(in, name); err != nil {
		return fmt.Errorf("the sample: %w", err)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), p.summary())
	return nil
}

// readable refuses a sample that holds no lines. What is not a file, such as /dev/stdin, is not looked into.
func readable(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	format, err := tailer.FormatOf(f.Name(), f)
	if err == nil && format != inflate.Plain {
		err = fmt.Errorf("%s is compressed; unpack it and give --sample - the lines, as in zcat FILE | weir check --sample -", f.Name())
	}
	return err
}
