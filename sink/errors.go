package sink

import (
	"fmt"
	"strings"
	"time"
)

// Class is what a failed request means for its records, and for whoever has to act.
type Class uint8

// The classes. All but Poison are retried without end, Poison until the record is alone.
const (
	Transient  Class = iota // passes by itself; nothing of the request was taken
	Throttled               // the destination has no room at present; nothing was taken
	Unanswered              // no answer that says what was taken: what is sent again may be a duplicate
	Blocked                 // somebody has to act first: create the stream, mend the login, set the clock
	Poison                  // a record of the request will never be taken
)

// String returns the class in lower case, for logs and labels.
func (c Class) String() string {
	switch c {
	case Transient:
		return "transient"
	case Throttled:
		return "throttled"
	case Unanswered:
		return "unanswered"
	case Blocked:
		return "blocked"
	case Poison:
		return "poison"
	}
	return fmt.Sprintf("class %d", uint8(c))
}

// Failure is a request, or one entry of it, that its destination did not take.
type Failure struct {
	Class      Class
	Status     int           // of HTTP; 0 without an answer
	Code       string        // the service's word for it, such as ResourceNotFoundException; empty without one
	Message    string        // the service's text, or ours
	RetryAfter time.Duration // how long the answer asks us to wait; 0 if it does not
	Err        error         // of the network or of the login, if there was no answer
}

// Error says what happened and what to do about it.
func (f *Failure) Error() string {
	var parts []string
	switch {
	case f.Code != "":
		parts = append(parts, f.Code)
	case f.Status != 0 && f.Status != 200:
		parts = append(parts, fmt.Sprintf("status %d", f.Status))
	}
	if f.Message != "" {
		parts = append(parts, f.Message)
	}
	if f.Err != nil {
		parts = append(parts, f.Err.Error())
	}
	text := strings.Join(parts, ": ")
	if advice := f.Advice(); advice != "" {
		text += "; " + advice
	}
	return text
}

// Unwrap returns the error of the network or of the login.
func (f *Failure) Unwrap() error { return f.Err }

// Advice says what the operator can do, and is empty if there is nothing but to wait.
func (f *Failure) Advice() string {
	switch {
	case adviceByCode[f.Code] != "":
		return adviceByCode[f.Code]
	case strings.HasPrefix(f.Code, "KMS") && f.Class == Blocked:
		return "check the stream's KMS key and the right to use it"
	case f.Code == "" && f.Status == 0 && f.Err != nil && f.Class == Transient:
		return "check the endpoint and the network"
	case f.Code == "" && f.Class == Blocked && f.Status != 0:
		return "check that the endpoint is the service's"
	}
	return ""
}

// adviceByCode is read only.
var adviceByCode = map[string]string{
	"ResourceNotFoundException":              "create it, or mend its name, region or endpoint",
	"AccessDeniedException":                  "allow these credentials to put records there",
	"NotAuthorized":                          "allow these credentials to put records there",
	"UnrecognizedClientException":            "check the access key",
	"InvalidClientTokenId":                   "check the access key",
	"InvalidAccessKeyId":                     "check the access key",
	"InvalidSignatureException":              "check the secret key and this host's clock",
	"SignatureDoesNotMatch":                  "check the secret key and this host's clock",
	"RequestTimeTooSkewed":                   "set this host's clock",
	"RequestExpired":                         "set this host's clock",
	"ExpiredTokenException":                  "renew the credentials",
	"ExpiredToken":                           "renew the credentials",
	"MissingAuthenticationTokenException":    "configure credentials",
	"UnknownOperationException":              "check that the endpoint is the service's",
	"ProvisionedThroughputExceededException": "if it lasts, give the stream more shards",
}

// Classify judges an answer by its status and the error code in it. Give status 200 for an entry of an answer that is a
// success as a whole.
//
// The order of the rules matters: a code says more than a status, and what is not known is taken for the kind of failure
// that costs least if the guess is wrong. Nothing is Poison that is not a plain verdict on the content, since that ends in
// a record being given up.
func Classify(status int, code string) Class {
	if class, known := classByCode[code]; known {
		return class
	}
	switch {
	case strings.Contains(code, "Throttl"):
		return Throttled
	case strings.HasPrefix(code, "KMS"): // the stream's key is disabled, gone or not ours to use
		return Blocked
	case status == 413: // of a proxy as a rule: a smaller request may pass
		return Poison
	case status == 429:
		return Throttled
	case status == 408 || status == 503: // the server did not start with it
		return Transient
	case status >= 500 && code == "": // a proxy lost the server, which may have done its work
		return Unanswered
	case status >= 500, status >= 200 && status < 300:
		return Transient
	}
	return Blocked // 3xx and 4xx: this is not the service, or it does not want us
}

// classByCode is read only. Codes are those of Kinesis, Firehose and what all of AWS has in common.
var classByCode = map[string]Class{
	// Rates. Firehose says ServiceUnavailableException where Kinesis says ProvisionedThroughputExceededException.
	"ProvisionedThroughputExceededException": Throttled,
	"ServiceUnavailableException":            Throttled,
	"ServiceUnavailable":                     Throttled,
	"LimitExceededException":                 Throttled,
	"RequestLimitExceeded":                   Throttled,
	"TooManyRequestsException":               Throttled,
	"BandwidthLimitExceeded":                 Throttled,
	"SlowDown":                               Throttled,

	// Faults of the service. It does not say whether the record was stored all the same.
	"InternalFailure":          Unanswered,
	"InternalFailureException": Unanswered,
	"InternalServerError":      Unanswered,
	"InternalServiceError":     Unanswered,
	"InternalError":            Unanswered,
	"RequestTimeout":           Transient,
	"RequestTimeoutException":  Transient,
	"ResourceInUseException":   Transient, // being created or changed

	// The content. These name a record of the request, or at least its form.
	"ValidationException":      Poison,
	"ValidationError":          Poison,
	"InvalidArgumentException": Poison,
	"SerializationException":   Poison,
	"InvalidParameterValue":    Poison,
	"RequestEntityTooLarge":    Poison,
}
