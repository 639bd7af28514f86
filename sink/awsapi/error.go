package awsapi

import (
	"errors"
	"net/http"

	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/smithy-go"
)

// Error is an answer that the SDK has no type for. It implements smithy.APIError.
type Error struct {
	Code    string // the bare name that goes into __type, such as ValidationException
	Message string // may be empty: then the body has none
	Status  int    // of HTTP; 0 means 400, or 500 if Fault is the server's
	Fault   smithy.ErrorFault
}

// Error returns code and message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Code + ": " + e.Message
}

// ErrorCode returns the bare name of the error.
func (e *Error) ErrorCode() string { return e.Code }

// ErrorMessage returns the text for people.
func (e *Error) ErrorMessage() string { return e.Message }

// ErrorFault says whose fault it was.
func (e *Error) ErrorFault() smithy.ErrorFault { return e.Fault }

// The codes of errors that come before an operation, or from nowhere.
const (
	codeSerialization   = "SerializationException"
	codeValidation      = "ValidationException"
	codeUnknown         = "UnknownOperationException"
	codeAccessDenied    = "AccessDeniedException"
	codeTooLarge        = "RequestEntityTooLargeException"
	codeMissingToken    = "MissingAuthenticationTokenException"
	codeIncomplete      = "IncompleteSignatureException"
	codeInvalid         = "InvalidSignatureException"
	codeInternalFailure = "InternalFailure"
	codeUnavailable     = "ServiceUnavailableException"
)

// failure is what a client is told of an error.
type failure struct {
	status  int
	code    string
	message string
	detail  string // of the two Firehose errors that carry a code of their own
	hidden  bool   // the error itself is not shown: it is for the log
}

// failureOf says what to tell of err. An error that is no smithy.APIError is an InternalFailure without a word: its text
// may hold paths or data.
func failureOf(err error) failure {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return failure{status: http.StatusInternalServerError, code: codeInternalFailure, hidden: true}
	}
	f := failure{status: http.StatusBadRequest, code: api.ErrorCode(), message: api.ErrorMessage()}
	if api.ErrorFault() == smithy.FaultServer || f.code == codeUnavailable || f.code == codeInternalFailure {
		f.status = http.StatusInternalServerError
	}
	var own *Error
	if errors.As(err, &own) && own.Status != 0 {
		f.status = own.Status
	}
	f.detail = detailOf(err)
	return f
}

// detailOf returns the member `code` that InvalidKMSResourceException and InvalidSourceException have beside their message.
func detailOf(err error) string {
	var kms *firehosetypes.InvalidKMSResourceException
	if errors.As(err, &kms) && kms.Code != nil {
		return *kms.Code
	}
	var source *firehosetypes.InvalidSourceException
	if errors.As(err, &source) && source.Code != nil {
		return *source.Code
	}
	return ""
}

// append writes the JSON body. The API spells the text's member `message`, except that SerializationException, which
// comes from a layer before it, says `Message`.
func (f failure) append(dst []byte) []byte {
	dst = append(dst, `{"__type":`...)
	dst = appendString(dst, f.code)
	if f.detail != "" {
		dst = append(dst, `,"code":`...)
		dst = appendString(dst, f.detail)
	}
	if f.message != "" {
		name := `,"message":`
		if f.code == codeSerialization {
			name = `,"Message":`
		}
		dst = append(dst, name...)
		dst = appendString(dst, f.message)
	}
	return append(dst, '}')
}
