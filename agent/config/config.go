// Package config holds the configuration of the agent: the keys of weir.yaml, their defaults, and what makes sense together.
//
// A file goes through three steps. Default and DefaultFlow give every key its value; the file's keys, read strictly,
// replace them; Complete fills in what follows from other keys and reports everything that is wrong, all problems at once, each with
// file, line, column, key and what to do. docs/configuration.md is the reference of the keys; a test keeps it in step.
package config

import (
	"time"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/parsers/edit"
	"github.com/weir-logs/weir/parsers/original"
	"github.com/weir-logs/weir/tailer/framing"
)

// Config is a whole agent configuration, defaults filled in and validated. It does not change after Load.
type Config struct {
	File        string // where it was read from, for messages
	Region      string
	Endpoint    string // for every service; empty means AWS
	Endpoints   Endpoints
	Credentials Credentials
	StateDir    string   // checkpoints, the admin socket, dead letters; default /var/lib/weir
	Socket      string   // the admin socket; default StateDir/weir.sock
	Memory      int64    // bytes; default 24 MiB
	Include     []string // files with more flows: patterns, or folders; relative ones begin at the folder of File
	Flows       []Flow   // those of File, then those of each included file

	Included []string         // the files that Include stood for
	Notes    []string         // what is no mistake, and may not be meant
	Warnings []strict.Problem // what the file says and weir ignores, and why; of the original agent's files only, as others are refused
}

// Endpoints override Endpoint per service; empty means Endpoint.
type Endpoints struct {
	Kinesis  string
	Firehose string
	STS      string // where roles are assumed
}

// Credentials say how requests are signed. The zero value is the SDK's default chain.
type Credentials struct {
	Local      bool // dummy keys; only together with an endpoint
	Profile    string
	RoleARN    string
	ExternalID string

	AccessKeyID     string
	SecretAccessKey Secret
	SessionToken    Secret // of temporary keys
}

// Flow is one path from files to destinations.
type Flow struct {
	Name       string
	Was        string // the name it had before; its positions are taken over
	Read       Read
	Parse      Parse
	Edit       []edit.Spec // in order
	Encode     Encode
	Compat     bool              // DataProcessing in place of Parse and Encode; the bytes are those of the original agent
	Processing []original.Option // the key data_processing
	Send       []Send
	OnUnrouted Unrouted

	Region      string // these three go before those of the configuration
	Endpoint    string
	Endpoints   Endpoints
	Credentials Credentials

	InFlight   int64 // bytes read and not yet covered by a durable checkpoint; default 16 MiB
	DeadLetter DeadLetter
}

// Start says where files that were never seen are read from.
type Start string

// The values of Start.
const (
	StartBeginning Start = "beginning"
	StartEnd       Start = "end" // only for files present at the very first start of the flow
)

// Read says which files, and how they are cut into records.
type Read struct {
	Paths          []string // absolute globs, ** included
	Exclude        []string // globs on the base name, or on the whole path if they hold a slash
	RotatedTo      []string // absolute folders that files are rotated to: searched for what is followed, not for new logs
	MaxHeld        int64    // bytes of deleted files kept open until they are shipped; 0: no bound
	Start          Start
	MaxRecord      int           // bytes of a record; default 1 MB, which every destination takes
	ScanInterval   time.Duration // how often directories are listed; default 1s
	PartialTimeout time.Duration // an unfinished last line is sent after this long; default 5s

	Encoding        framing.Encoding  // default utf-8
	LineEnd         string            // empty: LF or CRLF
	Oversize        framing.Oversize  // what becomes of a longer record; default split
	TruncateMark    string            // ends a truncated record where it is sent raw; default [truncated]
	SkipHeaderLines int               // lines at the start of each file that are not sent
	Multiline       framing.Multiline // which lines are one record; default each line; timeout 1s, max_lines 500
	Container       framing.Container // whose wrapping comes off each line; default none
}

// Mismatch says what happens to a line that does not have its flow's format.
type Mismatch string

// The values of Mismatch.
const (
	MismatchKeep       Mismatch = "keep"
	MismatchDrop       Mismatch = "drop"
	MismatchDeadLetter Mismatch = "dead_letter"
)

// Unrouted says what happens to a record that no destination's condition holds for.
type Unrouted string

// The values of Unrouted.
const (
	UnroutedDrop       Unrouted = "drop"
	UnroutedDeadLetter Unrouted = "dead_letter"
)

// Parse says how a line becomes fields.
type Parse struct {
	Format     string // one of parsers.Formats; default none
	Infer      bool   // numbers, booleans and null get their type
	OnMismatch Mismatch
	Pattern    string   // of regex, with named groups (RE2); of grok
	Patterns   []string // of grok: further patterns, each a name, a space and an expression
	Columns    []string // of csv: the names of the columns
	Header     bool     // of csv: the first line of each file names the columns
	Delimiter  string   // of csv: one byte, or the word tab; default a comma
	KeepLine   string   // the name of a field with the whole line; empty: none
}

// Encode says how fields become bytes.
type Encode struct {
	Format    string   // json, csv, raw; default raw without a parse format, json with one
	Pretty    bool     // of json: one member a line
	Columns   []string // of csv: which fields, in which order; default the parser's
	Delimiter string   // of csv: one byte, or the word tab; default a comma
	Quote     string   // of csv: one of parsers.Quotes; default needed
	Header    bool     // of csv: the names of the columns before each record
	Newline   bool     // default true
}

// Send is one destination of a flow: exactly one of Stream and DeliveryStream is set, a name or an ARN.
type Send struct {
	Stream         string
	DeliveryStream string
	When           string        // the records that it gets: an expression of parsers/condition; empty: every one
	Default        bool          // it gets those that no other entry's When takes
	PartitionKey   string        // random, file, host, hash, field:NAME, constant:TEXT; default random; streams only
	Aggregate      bool          // KPL aggregation; default true; streams only
	Linger         time.Duration // how long a record may wait for company; default 100ms
	AggregateSize  int           // bytes; default 50 KiB
	Pack           int           // bytes of records that go out as one; 0: each by itself; delivery streams only

	Region      string // these three go before those of the flow
	Endpoint    string
	Credentials Credentials

	OnFailure   Failure       // what becomes of records while they cannot be delivered; default block
	GiveUpAfter time.Duration // with dead_letter: how long nothing may be taken; default 1h

	Name string // tells two destinations of a flow apart whose streams have the same name; set by Complete
}

// Destination is the stable name that checkpoints are kept under: stream/NAME or delivery/NAME, and more only where that is not unique in a flow.
func (s Send) Destination() string {
	if s.Name != "" {
		return s.Name
	}
	if s.Stream != "" {
		return "stream/" + s.Stream
	}
	return "delivery/" + s.DeliveryStream
}

// DeadLetter is where records go that no destination can take, and lines that did not match where on_mismatch says so.
type DeadLetter struct {
	Dir     string // default StateDir/dead-letter
	MaxSize int64  // bytes in all; full means that reading waits; default 64 MiB
}
