package awsapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const goodAuth = algorithm + " Credential=AKID/20260102/eu-west-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=0f"

func TestAuthenticate(t *testing.T) {
	want := scope{accessKey: "AKID", date: "20260102", region: "eu-west-1", service: "kinesis"}
	const credential = "Authorization header requires 'Credential' parameter."
	const signature = "Authorization header requires 'Signature' parameter."
	const signed = "Authorization header requires 'SignedHeaders' parameter."
	const date = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
	const elements = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request."
	for _, c := range []struct{ name, header, date, query, code, message string }{
		{"good", goodAuth, "now", "", "", ""},
		{"no spaces", strings.ReplaceAll(goodAuth, ", ", ","), "now", "", "", ""},
		{"nothing", "", "now", "", codeMissingToken, "Missing Authentication Token"},
		{"no date", goodAuth, "", "", codeIncomplete, date},
		{"only the algorithm", algorithm, "now", "", codeIncomplete, credential + " " + signature + " " + signed},
		{"another algorithm", "Bearer x", "", "", codeIncomplete, credential + " " + signature + " " + signed + " " + date},
		{"no signature", algorithm + " Credential=a/b/c/d/aws4_request, SignedHeaders=host", "now", "", codeIncomplete, signature},
		{"short scope", algorithm + " Credential=a/b/c, SignedHeaders=host, Signature=0f", "now", "", codeIncomplete, elements},
		{"no terminator", algorithm + " Credential=a/b/c/d/e, SignedHeaders=host, Signature=0f", "now", "", codeIncomplete, elements},
		{"empty key", algorithm + " Credential=/b/c/d/aws4_request, SignedHeaders=host, Signature=0f", "now", "", codeIncomplete,
			"Credential has an empty element."},
		{"too long", goodAuth + strings.Repeat("0", maxAuthorization), "now", "", codeIncomplete, "The Authorization header is too long."},
		{"too many parameters", algorithm + " " + strings.Repeat("a=b,", 20) + goodAuth[len(algorithm)+1:], "now", "", codeIncomplete,
			credential + " " + signature + " " + signed},
		{"both", goodAuth, "now", "X-Amz-Algorithm=x", codeInvalid,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
		{"query", "", "", "X-Amz-Algorithm=a&X-Amz-Credential=AKID/20260102/eu-west-1/kinesis/aws4_request&X-Amz-Signature=0&X-Amz-SignedHeaders=h&X-Amz-Date=d", "", ""},
		{"part of a query", "", "", "X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=0", codeIncomplete,
			"AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."},
	} {
		r := httptest.NewRequest(http.MethodPost, "/?"+c.query, nil)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		if c.date != "" {
			r.Header.Set("X-Amz-Date", c.date)
		}
		got, err := authenticate(r)
		if c.code == "" {
			if err != nil || got != want {
				t.Errorf("%s: %+v, %v", c.name, got, err)
			}
			continue
		}
		var api *Error
		if !errors.As(err, &api) || api.Code != c.code || api.Message != c.message {
			t.Errorf("%s: %v\nwant %s: %s", c.name, err, c.code, c.message)
		}
	}
}

func TestScopeKeepsSlashesOfTheKey(t *testing.T) {
	got, err := parseScope("a/b/20260102/eu-west-1/kinesis/aws4_request")
	if err != nil || got.accessKey != "a/b" || got.region != "eu-west-1" {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzAuthorization(f *testing.F) {
	f.Add(goodAuth)
	f.Add(algorithm)
	f.Add(algorithm + " Credential=a/b/c/d/aws4_request,=,Signature==,SignedHeaders=x")
	f.Fuzz(func(t *testing.T, header string) {
		s, err := fromHeader(header, true)
		if err != nil {
			var api *Error
			if !errors.As(err, &api) || api.Code != codeIncomplete {
				t.Errorf("%q: %v", header, err)
			}
			return
		}
		again := algorithm + " Signature=0,SignedHeaders=h,Credential=" + s.accessKey + "/" + s.date + "/" + s.region + "/" + s.service +
			"/aws4_request"
		if got, err := fromHeader(again, true); len(again) <= maxAuthorization && (err != nil || got != s) {
			t.Errorf("%q gives %+v, and that %+v, %v", header, s, got, err)
		}
	})
}
