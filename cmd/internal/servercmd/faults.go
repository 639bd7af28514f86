package servercmd

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/sink/backend"
	"github.com/weir-logs/weir/sink/fault"
)

// readFaults reads the list of faults. That it is there, even empty, puts the backend in the way to make faults.
func readFaults(m *strict.Map, c *backend.Config) {
	var rules []fault.Rule
	m.List("faults", func(_ int, m *strict.Map) { rules = append(rules, readFault(m)) })
	if !m.Has("faults") {
		return
	}
	var err error
	c.Faults, err = fault.New(rules)
	var wrong *fault.Error
	if errors.As(err, &wrong) {
		for _, p := range wrong.Problems {
			m.Report(p.Path(), "%s", p.Message)
		}
	}
}

// readFault reads the keys of one fault.
func readFault(m *strict.Map) fault.Rule {
	r := fault.Rule{Seed: 1}
	m.String("operation", &r.Operation)
	m.String("stream", &r.Stream)
	m.String("delivery_stream", &r.DeliveryStream)
	readShare(m, "share", &r.Share)
	readShare(m, "records", &r.Records)
	m.String("error", &r.Error)
	m.Duration("delay", &r.Delay, 0, fault.MaxWait)
	m.Duration("stall", &r.Stall, 0, fault.MaxWait)
	m.Enum("drop", &r.Drop, fault.DropBefore, fault.DropAfter)
	var seed int64 = 1
	strict.Int(m, "seed", &seed, 1, 1<<62)
	r.Seed = uint64(seed)
	return r
}

// readShare reads a share in percent.
func readShare(m *strict.Map, key string, dst *float64) {
	text := ""
	if m.String(key, &text); text == "" {
		return
	}
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !percent || !(v > 0 && v <= 100) {
		m.Report(key, "%q must be a share such as 5%% or 0.5%%, above 0%% and up to 100%%", text)
		return
	}
	*dst = v / 100
}

// addFaults adds the faults of the command line, such as operation=PutRecords,share=5%,drop=after, to those of the file.
func addFaults(c *backend.Config, flags []string) error {
	if len(flags) == 0 {
		return nil
	}
	var rules []fault.Rule
	if c.Faults != nil {
		for _, r := range c.Faults.Reports() {
			rules = append(rules, r.Rule)
		}
	}
	var errs []error
	for _, flag := range flags {
		r, err := parseFault(flag)
		rules, errs = append(rules, r), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var err error
	c.Faults, err = fault.New(rules)
	return err
}

// parseFault reads one flag with the reader of the file.
func parseFault(flag string) (fault.Rule, error) {
	var text strings.Builder
	for setting := range strings.SplitSeq(flag, ",") {
		key, value, ok := strings.Cut(setting, "=")
		if !ok {
			return fault.Rule{}, fmt.Errorf("--fault %s: %q is no KEY=VALUE, such as operation=PutRecords", flag, setting)
		}
		fmt.Fprintf(&text, "%q: %q\n", strings.TrimSpace(key), strings.TrimSpace(value))
	}
	var r fault.Rule
	doc := strict.Decode("--fault "+flag, []byte(text.String()), os.LookupEnv, func(m *strict.Map) { r = readFault(m) })
	_, err := fault.New([]fault.Rule{r})
	var wrong *fault.Error
	if errors.As(err, &wrong) {
		for _, p := range wrong.Problems {
			doc.Report(p.Key, "%s", p.Message)
		}
	}
	err = doc.Err()
	var problems *strict.Error
	if errors.As(err, &problems) {
		for i := range problems.Problems {
			problems.Problems[i].Line = 0 // of a text that nobody wrote
		}
	}
	return r, err
}
