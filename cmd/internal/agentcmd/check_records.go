package agentcmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/inflate"
)

// records prints the records of a flow: the bytes that leave, once, however many destinations get them, or, as JSON, an object for
// each record and destination that gets it.
func records(f *config.Flow, asJSON bool, w io.Writer) (show, error) {
	if !asJSON {
		return func(_ *parsers.Record, data []byte, _ *routes) error {
			_, err := w.Write(data)
			return err
		}, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	keys := make([]flow.Key, len(f.Send))
	for i, s := range f.Send {
		if keys[i], err = flow.ParseKey(s.PartitionKey, host); err != nil {
			return nil, err
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(rec *parsers.Record, data []byte, to *routes) error {
		if data == nil {
			return nil
		}
		for i, s := range f.Send {
			if !to.takes(i) {
				continue
			}
			if err := encoder.Encode(newSent(f, s, keys[i], rec, data)); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// sent is one record on its way to one destination. Data that is not UTF-8 is in Bytes, in Base64.
type sent struct {
	Flow        string `json:"flow"`
	Destination string `json:"destination"`
	Key         string `json:"key,omitempty"` // nothing where it is drawn, or made of the file's id
	Matched     bool   `json:"matched"`
	Data        string `json:"data,omitempty"`
	Bytes       []byte `json:"data_base64,omitempty"`
}

func newSent(f *config.Flow, s config.Send, key flow.Key, rec *parsers.Record, data []byte) sent {
	one := sent{Flow: f.Name, Destination: s.Destination(), Matched: rec.Parsed}
	one.Key, _ = key.Of(rec, data)
	if utf8.Valid(data) {
		one.Data = string(data)
	} else {
		one.Bytes = data
	}
	return one
}

// showSample prints the records for the lines of a file.
func showSample(cmd *cobra.Command, c *config.Config, o checkOptions) error {
	chosen, err := flows(c, o.flow)
	if err != nil {
		return err
	}
	if len(chosen) > 1 {
		return cli.Usage(fmt.Errorf("%s has %d flows; name one with --flow: %s", c.File, len(chosen), flowNames(c)))
	}
	show, err := records(&chosen[0], o.asJSON, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	p, err := newPreview(&chosen[0], show, hostOf(cmd.Context(), cmd.ErrOrStderr(), chosen[:1]))
	if err != nil {
		return err
	}
	in, name := cmd.InOrStdin(), o.sample
	if o.sample != "-" {
		f, err := openSample(o.sample)
		if err != nil {
			return cli.Usage(fmt.Errorf("the sample: %w", err))
		}
		defer f.Close()
		in = f
		if name, err = filepath.Abs(o.sample); err != nil {
			return fmt.Errorf("the sample: %w", err)
		}
	}
	if err := p.copy(in, name); err != nil {
		return fmt.Errorf("the sample: %w", err)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), p.summary())
	if o.strict && p.mismatched > 0 {
		return fmt.Errorf("--strict: %s without the flow's format", cli.Counted(p.mismatched, "record"))
	}
	return nil
}

// openSample opens a file that holds lines. What is not a file, such as /dev/stdin, is not looked into.
func openSample(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := readable(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

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
