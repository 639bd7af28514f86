package sink

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   Class
	}{
		{400, "ProvisionedThroughputExceededException", Throttled},
		{200, "ProvisionedThroughputExceededException", Throttled},
		{500, "ServiceUnavailableException", Throttled},
		{400, "ThrottlingException", Throttled},
		{400, "KMSThrottlingException", Throttled},
		{400, "LimitExceededException", Throttled},
		{429, "", Throttled},
		{200, "InternalFailure", Unanswered},
		{500, "InternalFailure", Unanswered},
		{500, "SomethingNew", Transient},
		{200, "SomethingNew", Transient},
		{503, "", Transient},
		{408, "", Transient},
		{400, "ResourceInUseException", Transient},
		{500, "", Unanswered},
		{502, "", Unanswered},
		{504, "", Unanswered},
		{400, "ResourceNotFoundException", Blocked},
		{400, "AccessDeniedException", Blocked},
		{400, "UnrecognizedClientException", Blocked},
		{400, "ExpiredTokenException", Blocked},
		{403, "RequestTimeTooSkewed", Blocked},
		{403, "InvalidSignatureException", Blocked},
		{400, "KMSDisabledException", Blocked},
		{200, "KMSAccessDeniedException", Blocked},
		{400, "SomethingNew", Blocked},
		{400, "UnknownOperationException", Blocked},
		{301, "", Blocked},
		{404, "", Blocked},
		{400, "ValidationException", Poison},
		{400, "InvalidArgumentException", Poison},
		{400, "SerializationException", Poison},
		{413, "", Poison},
	} {
		if got := Classify(c.status, c.code); got != c.want {
			t.Errorf("Classify(%d, %q) = %v, want %v", c.status, c.code, got, c.want)
		}
	}
}

func TestClassNames(t *testing.T) {
	seen := map[string]bool{}
	for c := Transient; c <= Poison; c++ {
		if name := c.String(); seen[name] || strings.HasPrefix(name, "class") {
			t.Errorf("class %d has the name %q", c, name)
		} else {
			seen[name] = true
		}
	}
	if got := Class(99).String(); got != "class 99" {
		t.Errorf("an unknown class is called %q", got)
	}
}

func TestFailureText(t *testing.T) {
	for _, c := range []struct {
		failure Failure
		want    string
	}{
		{
			Failure{Class: Blocked, Status: 400, Code: "ResourceNotFoundException", Message: "Stream a not found."},
			"ResourceNotFoundException: Stream a not found.; create it, or mend its name, region or endpoint",
		},
		{Failure{Class: Transient, Message: "cannot connect", Err: io.EOF}, "cannot connect: EOF; check the endpoint and the network"},
		{Failure{Class: Unanswered, Status: 502}, "status 502"},
		{Failure{Class: Unanswered, Status: 200, Message: "3 entries for 5 records"}, "3 entries for 5 records"},
		{Failure{Class: Unanswered, Message: "no answer", Err: io.ErrUnexpectedEOF}, "no answer: unexpected EOF"},
		{Failure{Class: Blocked, Status: 404}, "status 404; check that the endpoint is the service's"},
		{Failure{Class: Blocked, Status: 400, Code: "KMSDisabledException"}, "KMSDisabledException; check the stream's KMS key and the right to use it"},
		{Failure{Class: Unanswered, Status: 500, Code: "InternalFailure"}, "InternalFailure"},
	} {
		if got := c.failure.Error(); got != c.want {
			t.Errorf("%+v reads\n%s, want\n%s", c.failure, got, c.want)
		}
	}
	if err := error(&Failure{Err: io.EOF}); !errors.Is(err, io.EOF) {
		t.Error("a failure hides the error of the network")
	}
}

// Every code that has an advice must be one that somebody can act on, and every advice must be reachable.
func TestAdviceIsShown(t *testing.T) {
	for code, advice := range adviceByCode {
		f := &Failure{Status: 400, Code: code, Class: Classify(400, code)}
		if f.Class != Blocked && f.Class != Throttled {
			t.Errorf("%s has advice but is %v", code, f.Class)
		}
		if !strings.HasSuffix(f.Error(), "; "+advice) {
			t.Errorf("%s does not show its advice: %s", code, f.Error())
		}
	}
}
