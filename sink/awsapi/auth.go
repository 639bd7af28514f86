package awsapi

import (
	"net/http"
	"strings"
)

// maxAuthorization bounds the header, maxParameters what stands in it.
const (
	maxAuthorization = 8 << 10
	maxParameters    = 16
)

const algorithm = "AWS4-HMAC-SHA256"

// scope is what a signature says of its request: who signed, and for where.
type scope struct {
	accessKey string
	date      string
	region    string
	service   string
}

// authenticate reads the authentication of r: that it is there and complete. Signatures are not verified.
func authenticate(r *http.Request) (scope, error) {
	header := r.Header.Get("Authorization")
	query := strings.Contains(r.URL.RawQuery, "X-Amz-Algorithm=")
	switch {
	case header != "" && query:
		return scope{}, &Error{Code: codeInvalid,
			Message: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."}
	case query:
		return fromQuery(r)
	case header == "":
		return scope{}, &Error{Code: codeMissingToken, Message: "Missing Authentication Token"}
	}
	date := r.Header.Get("X-Amz-Date") != "" || r.Header.Get("Date") != ""
	return fromHeader(header, date)
}

// fromHeader reads an Authorization header, such as
//
//	AWS4-HMAC-SHA256 Credential=KEY/20260102/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0f
//
// where date says whether the request has a date header too.
func fromHeader(header string, date bool) (scope, error) {
	if len(header) > maxAuthorization {
		return scope{}, &Error{Code: codeIncomplete, Message: "The Authorization header is too long."}
	}
	given := parameters(header)
	var missing []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if given[name] == "" {
			missing = append(missing, "Authorization header requires '"+name+"' parameter.")
		}
	}
	if !date {
		missing = append(missing,
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if missing != nil {
		return scope{}, &Error{Code: codeIncomplete, Message: strings.Join(missing, " ")}
	}
	return parseScope(given["Credential"])
}

// parameters returns what an Authorization header of the algorithm says. Of another algorithm, or of too many, it is empty.
func parameters(header string) map[string]string {
	given := make(map[string]string, 3)
	rest, ok := strings.CutPrefix(header, algorithm)
	if !ok || rest == "" || (rest[0] != ' ' && rest[0] != '\t') {
		return given
	}
	for range maxParameters {
		field, more, found := strings.Cut(rest, ",")
		if name, text, ok := strings.Cut(strings.TrimSpace(field), "="); ok {
			given[name] = text
		}
		if !found {
			return given
		}
		rest = more
	}
	return map[string]string{}
}

func fromQuery(r *http.Request) (scope, error) {
	query := r.URL.Query()
	var missing []string
	for _, name := range []string{"Algorithm", "Credential", "Signature", "SignedHeaders", "Date"} {
		if query.Get("X-Amz-"+name) == "" {
			missing = append(missing, "AWS query-string parameters must include 'X-Amz-"+name+"'.")
		}
	}
	if missing != nil {
		missing = append(missing, "Re-examine the query-string parameters.")
		return scope{}, &Error{Code: codeIncomplete, Message: strings.Join(missing, " ")}
	}
	return parseScope(query.Get("X-Amz-Credential"))
}

// parseScope takes a credential apart: KEY/DATE/REGION/SERVICE/aws4_request. A key may itself hold slashes.
func parseScope(credential string) (scope, error) {
	parts := strings.Split(credential, "/")
	n := len(parts)
	if n < 5 || parts[n-1] != "aws4_request" {
		return scope{}, &Error{Code: codeIncomplete, Message: "Credential must have exactly 5 slash-delimited elements, " +
			"e.g. keyid/date/region/service/aws4_request."}
	}
	s := scope{
		accessKey: strings.Join(parts[:n-4], "/"),
		date:      parts[n-4],
		region:    parts[n-3],
		service:   parts[n-2],
	}
	if s.accessKey == "" || s.date == "" || s.region == "" || s.service == "" {
		return scope{}, &Error{Code: codeIncomplete, Message: "Credential has an empty element."}
	}
	return s, nil
}
