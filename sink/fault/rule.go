package fault

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/weir-logs/weir/sink/awsapi"
)

// When a connection is dropped.
const (
	DropBefore = "before" // the request is not carried out
	DropAfter  = "after"  // it is carried out, and the client never learns that
)

// MaxWait bounds Delay and Stall: together they stay below the time that the server gives an answer.
const MaxWait = 2 * time.Minute

// Rule says which requests go wrong, and how. What is set happens in this order: Delay, Drop before, then the request is
// refused by Error, or its records by Records, or it is carried out; Stall, Drop after.
type Rule struct {
	Operation      string        // as AWS calls it, such as PutRecords
	Stream         string        // only requests that name this stream
	DeliveryStream string        // only requests that name this delivery stream
	Share          float64       // of these requests, 0 to 1; 0 means all
	Records        float64       // of the records of each of them, refused inside the answer; PutRecords and PutRecordBatch
	Error          string        // by its AWS name: of the records if Records is set, of the whole request otherwise
	Delay          time.Duration // before the request is carried out
	Stall          time.Duration // before it is answered, when it is carried out
	Drop           string        // the connection, without an answer: DropBefore, DropAfter or never
	Seed           uint64        // of what is drawn; default 1
}

func (r *Rule) setDefaults() {
	if r.Share == 0 {
		r.Share = 1
	}
	if r.Seed == 0 {
		r.Seed = 1
	}
	if r.Records > 0 && r.Error == "" {
		r.Error = r.recordErrors()[0]
	}
}

// Problem is one thing that is wrong with a rule.
type Problem struct {
	Rule    int    // from 0
	Key     string // in lower case with _, such as delivery_stream; empty for the rule as a whole
	Message string
}

// Path returns where the problem is in a list called faults.
func (p Problem) Path() string {
	return strings.TrimSuffix(fmt.Sprintf("faults[%d].%s", p.Rule, p.Key), ".")
}

// Error holds everything that is wrong with a list of rules.
type Error struct{ Problems []Problem }

// Error returns one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Path() + ": " + p.Message
	}
	return strings.Join(lines, "\n")
}

func check(rules []Rule) error {
	var e Error
	for i, r := range rules {
		r.check(func(key, format string, args ...any) {
			e.Problems = append(e.Problems, Problem{i, key, fmt.Sprintf(format, args...)})
		})
	}
	if e.Problems != nil {
		return &e
	}
	return nil
}

// report adds a problem with a key.
type report func(key, format string, args ...any)

// check reports what is wrong with the rule.
func (r Rule) check(report report) {
	switch {
	case r.Operation == "":
		report("operation", "missing: a fault needs an operation, such as PutRecords")
		return
	case !slices.Contains(operationNames(), r.Operation):
		report("operation", "the operation %q is not offered; there are %s", r.Operation, strings.Join(operationNames(), ", "))
		return
	case !r.checkTarget(report):
		return
	}
	r.checkEffect(report)
	r.checkShare("share", r.Share, report)
	r.checkShare("records", r.Records, report)
	r.checkWait("delay", r.Delay, report)
	r.checkWait("stall", r.Stall, report)
	if r.Drop != "" && r.Drop != DropBefore && r.Drop != DropAfter {
		report("drop", "%q is neither %s nor %s", r.Drop, DropBefore, DropAfter)
	}
}

func (r Rule) checkShare(key string, share float64, report report) {
	if !(share >= 0 && share <= 1) { // not a number is neither
		report(key, "must be from 0%% to 100%%")
	}
}

func (r Rule) checkWait(key string, d time.Duration, report report) {
	if d < 0 || d > MaxWait {
		report(key, "must be from 0s to %v", MaxWait)
	}
}

func (r Rule) checkTarget(report report) bool {
	switch {
	case r.Stream != "" && r.DeliveryStream != "":
		report("delivery_stream", "a request names a stream or a delivery stream, never both: keep one of the two keys")
	case r.Stream != "" && !r.names("StreamName"):
		report("stream", "a request of %s names no stream: leave the key out", r.Operation)
	case r.DeliveryStream != "" && !r.names("DeliveryStreamName"):
		report("delivery_stream", "a request of %s names no delivery stream: leave the key out", r.Operation)
	default:
		return true
	}
	return false
}

func (r Rule) checkEffect(report report) {
	known := r.errors()
	if r.Records > 0 {
		if known = r.recordErrors(); known == nil {
			report("records", "only the records of PutRecords and PutRecordBatch can be refused one by one: use share")
			return
		}
	}
	switch {
	case r.Error != "" && !slices.Contains(known, r.Error):
		report("error", "%q is not one of %s", r.Error, strings.Join(known, ", "))
	case r.Error != "" && r.Records == 0 && r.Drop != "":
		report("drop", "a request is refused or dropped: keep one of error and drop")
	case r.Error == "" && r.Records == 0 && r.Delay == 0 && r.Stall == 0 && r.Drop == "":
		report("", "nothing is to go wrong: say error, records, delay, stall or drop")
	}
}

// meets reports whether the rule is about this request.
func (r Rule) meets(t target) bool {
	if r.Operation != t.operation {
		return false
	}
	switch {
	case r.Stream != "":
		return t.service == awsapi.KinesisSigning && r.Stream == streamOf(t.in)
	case r.DeliveryStream != "":
		return t.service == awsapi.FirehoseSigning && r.DeliveryStream == text(t.in, "DeliveryStreamName")
	}
	return true
}

// streamOf returns the stream that a request names, by its name or at the end of its ARN.
func streamOf(in any) string {
	if name := text(in, "StreamName"); name != "" {
		return name
	}
	_, name, _ := strings.Cut(text(in, "StreamARN"), ":stream/")
	return name
}

// text returns a member of an SDK input, or "" if it has none or it is not given.
func text(in any, member string) string {
	field := reflect.ValueOf(in).Elem().FieldByName(member)
	if !field.IsValid() {
		return ""
	}
	s, _ := field.Interface().(*string)
	return aws.ToString(s)
}
