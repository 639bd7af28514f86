package config

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/weir-logs/weir/agent/config/strict"
)

// Complete fills in the defaults that follow from other keys and checks everything, as Decode does, for a configuration
// that was made in code. Its error is a *strict.Error with every problem.
func (c *Config) Complete() error {
	doc := strict.Decode(c.File, nil, nil, func(*strict.Map) {})
	c.complete(newSources(doc, 0))
	return doc.Err()
}

// reporter takes the problems of one part of a configuration; keys are below that part.
type reporter func(key, format string, args ...any)

func (report reporter) below(prefix string) reporter {
	return func(key, format string, args ...any) {
		switch {
		case key == "":
			report(prefix, format, args...)
		case key[0] == '[':
			report(prefix+key, format, args...)
		default:
			report(prefix+"."+key, format, args...)
		}
	}
}

// item is the reporter of item i of the list under key.
func (report reporter) item(key string, i int) reporter { return report.below(index(key, i)) }

func (c *Config) complete(s *sources) {
	report := reporter(s.report)
	c.completePlaces(report)
	for i := range c.Flows {
		c.completeFlow(&c.Flows[i], report.item("flows", i))
	}
	c.checkNames(report, s.flow)
	c.completeAWS(report)
	c.checkMemory(report)
	if len(c.Flows) == 0 {
		report("flows", "at least one flow is needed")
	}
}

// longestSocket is what a unix socket's address holds on Linux (unix(7)): 108 bytes with the zero at its end.
const longestSocket = 107

func (c *Config) completePlaces(report reporter) {
	checkAbsolute(report, "state_dir", c.StateDir)
	if c.Socket == "" {
		c.Socket = filepath.Join(c.StateDir, "weir.sock")
	} else {
		checkAbsolute(report, "socket", c.Socket)
	}
	if len(c.Socket) > longestSocket {
		report("socket", "%s has %d bytes; the system takes at most %d: name a shorter one", c.Socket, len(c.Socket), longestSocket)
	}
}

func checkAbsolute(report reporter, key, path string) {
	if !filepath.IsAbs(path) {
		report(key, "%q must be an absolute path", path)
	}
}

func (c *Config) completeFlow(f *Flow, report reporter) {
	f.Read.check(report.below("read"))
	f.checkFraming(report.below("read"))
	f.completeCompat(report)
	fields := completeFormats(f, report)
	for i := range f.Send {
		f.Send[i].complete(f.shape(), fields, report.item("send", i))
		f.Send[i].checkDestination(f, report.item("send", i))
	}
	c.checkSend(f, report)
	f.checkRoutes(fields, report)
	if f.DeadLetter.Dir == "" {
		f.DeadLetter.Dir = filepath.Join(c.StateDir, "dead-letter")
	} else {
		checkAbsolute(report, "dead_letter.dir", f.DeadLetter.Dir)
	}
	if record := int64(f.Read.MaxRecord); f.InFlight < record {
		report("in_flight", "%s is less than one record; read.max_record is %s", strict.FormatSize(f.InFlight), strict.FormatSize(record))
	} else if f.DeadLetter.MaxSize < record {
		report("dead_letter.max_size", "%s is less than one record; read.max_record is %s", strict.FormatSize(f.DeadLetter.MaxSize), strict.FormatSize(record))
	}
}

// check judges which files are read.
func (r *Read) check(report reporter) {
	if len(r.Paths) == 0 {
		report("paths", "at least one path is needed, such as /var/log/nginx/*.log")
	}
	for i, path := range r.Paths {
		switch {
		case !filepath.IsAbs(path):
			report(index("paths", i), "%q must be an absolute path", path)
		case !doublestar.ValidatePattern(path):
			report(index("paths", i), "%q is not a pattern: a bracket or brace has no end", path)
		case strings.HasSuffix(path, "/"):
			report(index("paths", i), "%q is a folder; name its files, such as %s*.log", path, path)
		}
	}
	for i, pattern := range r.Exclude {
		switch {
		case pattern == "":
			report(index("exclude", i), "is empty")
		case !doublestar.ValidatePattern(pattern):
			report(index("exclude", i), "%q is not a pattern: a bracket or brace has no end", pattern)
		case strings.Contains(pattern, "/") && pattern[0] != '/' && !strings.HasPrefix(pattern, "**"):
			report(index("exclude", i), "%q matches no file: with a slash it is compared with the whole path; begin it with / or **", pattern)
		}
	}
	r.checkRotatedTo(report)
}

// checkRotatedTo judges the folders that files are rotated to.
func (r *Read) checkRotatedTo(report reporter) {
	for i, dir := range r.RotatedTo {
		switch {
		case !filepath.IsAbs(dir):
			report(index("rotated_to", i), "%q must be an absolute path", dir)
		case strings.ContainsAny(dir, "*?[{"):
			report(index("rotated_to", i), "%q is a pattern; name each folder", dir)
		}
	}
}

// flowName is what a flow may be called: the name becomes part of file names, keys and metrics.
var flowName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// checkNames judges the names of the flows, and those that they had before.
func (c *Config) checkNames(report reporter, place func(i, from int) string) {
	const rule = "must begin with a letter or digit and have at most 64 letters, digits, dots, dashes and underscores"
	first, was := make(map[string]int), make(map[string]int)
	for i, f := range c.Flows {
		key := index("flows", i) + ".name"
		if f.Name == "" {
			report(key, "every flow needs a name: its positions are kept under it")
		} else if !flowName.MatchString(f.Name) {
			report(key, "%q %s", f.Name, rule)
		} else if other, ok := first[f.Name]; ok {
			report(key, "%s is called %q already", place(other, i), f.Name)
		} else {
			first[f.Name] = i
		}
	}
	for i, f := range c.Flows {
		key := index("flows", i) + ".was"
		if f.Was == "" {
			continue
		}
		if !flowName.MatchString(f.Was) {
			report(key, "%q %s", f.Was, rule)
		} else if other, ok := first[f.Was]; ok {
			report(key, "%s is called %q now; its positions are its own", place(other, i), f.Was)
		} else if other, ok := was[f.Was]; ok {
			report(key, "%s takes over the positions of %q already", place(other, i), f.Was)
		} else {
			was[f.Was] = i
		}
	}
}

// checkMemory judges memory by the largest record: half of it is data, and a record is there once as it was read and once encoded.
func (c *Config) checkMemory(report reporter) {
	for _, f := range c.Flows {
		if need := 4 * int64(f.Read.MaxRecord); c.Memory < need {
			report("memory", "%s is too little: flow %q has read.max_record %s, and four times that is needed, %s",
				strict.FormatSize(c.Memory), f.Name, strict.FormatSize(int64(f.Read.MaxRecord)), strict.FormatSize(need))
			return
		}
	}
}
