// Package key names objects as Data Firehose does:
//
//	prefix + stream + "-" + version + "-" + yyyy-MM-dd-HH-mm-ss + "-" + UUID + extension
//
// A prefix may hold expressions: !{timestamp:FORMAT}, a date in the notation of Java's DateTimeFormatter (pattern.go), and
// !{firehose:random-string}, eleven characters drawn anew at each use. A prefix without any gets yyyy/MM/dd/HH/ behind it.
// All dates in one key are of one instant, the arrival of the object's oldest record, in one time zone.
package key

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	maxPrefix       = 512 // characters of a prefix with its expressions evaluated
	randomLength    = 11
	defaultDate     = "yyyy/MM/dd/HH/"
	suffixDate      = "yyyy-MM-dd-HH-mm-ss"
	randomString    = "random-string"
	errorOutputType = "error-output-type"
)

// Namer makes the keys of one delivery stream. It may be used by many goroutines.
type Namer struct {
	prefix template
	suffix pattern
	middle string
	ext    string
	zone   *time.Location
}

// Config is what names depend on.
type Config struct {
	Stream      string
	Version     string
	Prefix      string
	ErrorPrefix string // only checked: a prefix with expressions needs one
	Extension   string // with its dot; empty for none
	Zone        *time.Location
}

// New checks the prefixes and returns what makes keys of them. The errors are meant for the one who wrote the prefix.
func New(c Config) (*Namer, error) {
	prefix, err := parse(c.Prefix)
	if err != nil {
		return nil, memberError{"Prefix", err}
	}
	errorPrefix, err := parse(c.ErrorPrefix)
	if err != nil {
		return nil, memberError{"ErrorOutputPrefix", err}
	}
	switch {
	case prefix.uses(errorOutputType):
		return nil, memberError{"Prefix", errors.New("!{firehose:error-output-type} can only be part of ErrorOutputPrefix")}
	case prefix.expressions && c.ErrorPrefix == "":
		return nil, memberError{"ErrorOutputPrefix", errors.New("it cannot be empty when Prefix contains expressions")}
	case errorPrefix.expressions && !errorPrefix.uses(errorOutputType):
		return nil, memberError{"ErrorOutputPrefix", errors.New("with expressions it must contain !{firehose:error-output-type}")}
	}
	suffix, err := parsePattern(suffixDate)
	if err != nil {
		return nil, err
	}
	n := &Namer{prefix: prefix, suffix: suffix, middle: c.Stream + "-" + c.Version + "-", ext: c.Extension, zone: c.Zone}
	sample := time.Date(2026, 9, 30, 23, 59, 59, 0, time.UTC) // a Wednesday in September: the longest names
	if size := len([]rune(string(prefix.append(nil, sample.In(c.Zone))))); size > maxPrefix {
		return nil, memberError{"Prefix", fmt.Errorf("it has %d characters with its expressions evaluated, and %d are allowed", size, maxPrefix)}
	}
	if !prefix.expressions {
		date, err := parsePattern(defaultDate)
		if err != nil {
			return nil, err
		}
		n.prefix.parts = append(n.prefix.parts, part{date: &date})
	}
	return n, nil
}

// Key returns a key that no other object has, for one whose oldest record arrived then.
func (n *Namer) Key(oldest time.Time) string {
	t := oldest.In(n.zone)
	key := n.prefix.append(nil, t)
	key = append(key, n.middle...)
	key = n.suffix.append(key, t)
	key = append(key, '-')
	key = append(key, uuid()...)
	return string(append(key, n.ext...))
}

// memberError is what is wrong with a member of the API.
type memberError struct {
	member string
	err    error
}

func (e memberError) Error() string { return e.member + ": " + e.err.Error() }
func (e memberError) Unwrap() error { return e.err }

// apiText is an error in the service's own words.
type apiText string

func (t apiText) Error() string { return string(t) }

const errDynamic apiText = "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled."

// template is a parsed prefix.
type template struct {
	parts       []part
	expressions bool
}

// part is a text, a date, or a name of the firehose namespace.
type part struct {
	text string
	date *pattern
	name string
}

func parse(s string) (template, error) {
	var t template
	for {
		before, rest, found := strings.Cut(s, "!{")
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !found {
			return t, nil
		}
		expression, after, closed := strings.Cut(rest, "}")
		if !closed {
			return t, fmt.Errorf("the expression !{%s has no end", rest)
		}
		p, err := parseExpression(expression)
		if err != nil {
			return t, err
		}
		t.parts = append(t.parts, p)
		t.expressions = true
		s = after
	}
}

func parseExpression(s string) (part, error) {
	namespace, value, ok := strings.Cut(s, ":")
	switch {
	case !ok || value == "":
		return part{}, fmt.Errorf("the expression !{%s} is not of the form !{namespace:value}", s)
	case namespace == "timestamp":
		date, err := parsePattern(value)
		if err != nil {
			return part{}, fmt.Errorf("the expression !{%s}: %w", s, err)
		}
		return part{date: &date}, nil
	case namespace == "firehose" && (value == randomString || value == errorOutputType):
		return part{name: value}, nil
	case namespace == "firehose":
		return part{}, fmt.Errorf("the expression !{%s}: the firehose namespace has %s and %s", s, randomString, errorOutputType)
	case namespace == "partitionKeyFromQuery" || namespace == "partitionKeyFromLambda":
		return part{}, errDynamic
	}
	return part{}, fmt.Errorf("the expression !{%s}: there is no namespace %q; timestamp and firehose are known", s, namespace)
}

func (t template) uses(name string) bool {
	for _, p := range t.parts {
		if p.name == name {
			return true
		}
	}
	return false
}

func (t template) append(dst []byte, at time.Time) []byte {
	for _, p := range t.parts {
		switch {
		case p.date != nil:
			dst = p.date.append(dst, at)
		case p.name == randomString:
			dst = append(dst, rand.Text()[:randomLength]...)
		default:
			dst = append(dst, p.text...)
		}
	}
	return dst
}

// uuid returns a random UUID, version 4.
func uuid() []byte {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	out := make([]byte, 0, 36)
	for i, end := range []int{4, 6, 8, 10, 16} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, b[[]int{0, 4, 6, 8, 10}[i]:end])
	}
	return out
}
