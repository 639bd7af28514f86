// Package original has the record converters of the Amazon Kinesis Agent, so that what it sent and what weir sends for the same dataProcessingOptions are the
// same bytes. docs/compat.md lists what they do, and where weir's own formats do better.
//
//	record --> converter --> converter --> ... --> what is sent
//	              |              |
//	              | nothing      | cannot
//	              v              v
//	           Dropped          Raw: the record as it is in the file
//
// A Chain works on whole records, their line ends included, in append style: it keeps its buffers from record to record and, but for ADDEC2METADATA, a
// matchPattern and a delimiter that is more than text, allocates nothing. One Chain is used from one goroutine at a time.
//
// Text is decoded as Java does it: what is not UTF-8 becomes U+FFFD, once for each longest run of bytes that could have begun a character, and once
// for each half of a surrogate pair. JSON is written as Jackson does it by default.
package original

import (
	"errors"
	"slices"
	"time"
)

// Option is one member of dataProcessingOptions, with the names of its keys. What a converter has no use for must be empty.
type Option struct {
	Name             string   // optionName, one of Names
	ParseOptions     []string // of SINGLELINE: NO_TRIM, ESCAPE_NEW_LINE
	CustomFieldNames []string // of CSVTOJSON, required; of LOGTOJSON
	Delimiter        string   // of CSVTOJSON: an expression of Java; empty means a comma
	LogFormat        string   // of LOGTOJSON, one of LogFormats, required; of ADDEC2METADATA, without effect
	MatchPattern     string   // of LOGTOJSON: an expression of Java; empty means that of the format
	Metadata         string   // of ADDMETADATA: JSON text, required
	Timestamp        string   // of ADDMETADATA: true or false; empty means false
	MetadataTTL      int      // of ADDEC2METADATA: seconds; 0 means 3600
	JSONFormat       string   // of all that write JSON: COMPACT or PRETTYPRINT; empty means COMPACT
}

// Names returns what Option.Name can be.
func Names() []string {
	return []string{"SINGLELINE", "CSVTOJSON", "LOGTOJSON", "ADDMETADATA", "ADDEC2METADATA", "ADDBRACKETS"}
}

// LogFormats returns what Option.LogFormat can be.
func LogFormats() []string {
	return []string{"COMMONAPACHELOG", "COMBINEDAPACHELOG", "APACHEERRORLOG", "SYSLOG", "RFC3339SYSLOG"}
}

// Outcome says what became of a record.
type Outcome uint8

// The outcomes.
const (
	Sent    Outcome = iota // converted
	Dropped                // a converter made nothing of it
	Raw                    // a converter could not take it; it is to be sent as it was
)

// Instance is what ADDEC2METADATA adds to records.
type Instance struct {
	PrivateIP, AvailabilityZone, InstanceID, InstanceType, AccountID, ImageID, Region string

	At   time.Time         // when all this was asked for
	Tags map[string]string // nil: they are not known
}

// Env is what converters need to know beside the record.
type Env struct {
	Now func() time.Time // nil means time.Now

	// Instance returns what is known of the machine, or nil; it does not block, and nobody changes what it returned. A nil func knows nothing.
	Instance func() *Instance
}

// converter is one step of a chain.
type converter interface {
	// convert appends to dst what it makes of the record in, which is UTF-8.
	convert(dst, in []byte) ([]byte, Outcome)
}

// Chain converts records. It is made by New.
type Chain struct {
	most  []int // bytes that each step makes at most of one of a record
	steps []converter
	bytes bool      // no step looks at characters
	bufs  [3][]byte // decoded text, and what goes from step to step
}

// New makes a Chain. Its error joins a *parsers.OptionError for every key that is wrong, named by its place, such as [1].matchPattern.
func New(options []Option, env Env) (*Chain, error) {
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Instance == nil {
		env.Instance = func() *Instance { return nil }
	}
	c := &Chain{most: growths(options), bytes: true}
	var problems []error
	for i := range options {
		m := &maker{Option: options[i], env: env, at: i}
		c.steps = append(c.steps, m.make())
		c.bytes = c.bytes && options[i].Name == "ADDBRACKETS"
		problems = append(problems, m.problems...)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return c, nil
}

// Append appends to dst what is to be sent for a record, which has its line end. Of a record that was Dropped nothing is appended, of one that is Raw
// the record itself.
func (c *Chain) Append(dst, record []byte) ([]byte, Outcome) {
	in, from := record, len(dst)
	if !c.bytes {
		if decoded, changed := decode(c.bufs[2][:0], record); changed {
			in, c.bufs[2] = decoded, decoded
		}
	}
	for i, step := range c.steps {
		var outcome Outcome
		if i == len(c.steps)-1 {
			dst, outcome = step.convert(c.room(dst, i, record), in)
		} else {
			c.bufs[i&1], outcome = step.convert(c.room(c.bufs[i&1][:0], i, record), in)
			in = c.bufs[i&1]
		}
		switch outcome {
		case Dropped:
			return dst[:from], Dropped
		case Raw:
			return append(dst[:from], record...), Raw
		}
	}
	if len(c.steps) == 0 {
		dst = append(dst, record...)
	}
	return dst, Sent
}

// room makes room in buf for what step i makes of a long record, at once: in steps, old and new buffers are there beside one another.
func (c *Chain) room(buf []byte, i int, record []byte) []byte {
	if len(record) < 32<<10 {
		return buf
	}
	return slices.Grow(buf, c.most[i]*len(record))
}

// Release gives back what a giant record needed.
func (c *Chain) Release() { clear(c.bufs[:]) }

// brackets is ADDBRACKETS: it puts braces around the record, its line end included.
type brackets struct{}

func (brackets) convert(dst, in []byte) ([]byte, Outcome) {
	return append(append(append(dst, '{'), in...), '}'), Sent
}
