package fault

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/weir-logs/weir/sink/awsapi"
)

// common are the errors that any operation may be answered with.
func common() []string {
	return []string{"InternalFailure", "ServiceUnavailable", "ThrottlingException", "AccessDeniedException", "ValidationException",
		"ExpiredTokenException", "UnrecognizedClientException"}
}

// own are the errors that the API reference of a service lists for an operation, beyond the common ones.
func own(service, operation string) []string {
	const invalid, absent, inUse, limit = "InvalidArgumentException", "ResourceNotFoundException", "ResourceInUseException", "LimitExceededException"
	if service == awsapi.FirehoseSigning {
		switch operation {
		case "CreateDeliveryStream":
			return []string{limit, inUse, invalid, "InvalidKMSResourceException"}
		case "DescribeDeliveryStream":
			return []string{absent}
		case "DeleteDeliveryStream":
			return []string{absent, inUse}
		case "PutRecord", "PutRecordBatch":
			return []string{"ServiceUnavailableException", absent, invalid, "InvalidKMSResourceException", "InvalidSourceException"}
		}
		return nil
	}
	const busy, failure = "ProvisionedThroughputExceededException", "InternalFailureException"
	data := []string{busy, failure, absent, invalid, "KMSDisabledException", "KMSInvalidStateException",
		"KMSAccessDeniedException", "KMSNotFoundException", "KMSOptInRequired", "KMSThrottlingException"}
	switch operation {
	case "CreateStream":
		return []string{limit, inUse, invalid}
	case "DeleteStream":
		return []string{limit, inUse, absent, invalid}
	case "DescribeStream", "DescribeStreamSummary":
		return []string{limit, absent, invalid}
	case "ListStreams":
		return []string{limit, invalid, "ExpiredNextTokenException"}
	case "ListShards":
		return []string{limit, inUse, absent, invalid, "ExpiredNextTokenException"}
	case "PutRecord", "PutRecords":
		return data
	case "GetRecords":
		return append(data, "ExpiredIteratorException")
	case "GetShardIterator":
		return []string{busy, failure, absent, invalid}
	}
	return nil
}

// errors returns what a whole request that the rule meets may be refused with.
func (r Rule) errors() []string {
	var all []string
	for _, api := range r.apis() {
		all = append(all, own(api.Signing, r.Operation)...)
	}
	return append(all, common()...)
}

// recordErrors returns the errors of a single record inside an answer; the first is that of a destination which is busy.
func (r Rule) recordErrors() []string {
	switch r.Operation {
	case "PutRecords":
		return []string{"ProvisionedThroughputExceededException", "InternalFailure"}
	case "PutRecordBatch":
		return []string{"ServiceUnavailableException", "InternalFailure"}
	}
	return nil
}

// apis returns the services whose requests the rule can meet: PutRecord is an operation of both.
func (r Rule) apis() []awsapi.API {
	return slices.DeleteFunc(awsapi.Tables(), func(api awsapi.API) bool {
		return r.Stream != "" && api.Signing != awsapi.KinesisSigning || r.DeliveryStream != "" && api.Signing != awsapi.FirehoseSigning ||
			find(api, r.Operation) == nil
	})
}

// find returns an operation by its name, or nil.
func find(api awsapi.API, name string) *awsapi.Operation {
	for _, op := range api.Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// operationNames returns all operations that are offered, each once.
func operationNames() []string {
	var names []string
	for _, api := range awsapi.Tables() {
		for _, op := range api.Operations {
			names = append(names, op.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// names reports whether a request that the rule can meet has the member.
func (r Rule) names(member string) bool {
	return slices.ContainsFunc(r.apis(), func(api awsapi.API) bool {
		return slices.ContainsFunc(find(api, r.Operation).Input.Members, func(m awsapi.Member) bool { return m.Name == member })
	})
}

// refusal is the error of a whole request, with the status that AWS sends it with.
func (a *armed) refusal() error {
	e := &awsapi.Error{Code: a.Error, Message: a.message(), Status: http.StatusBadRequest}
	switch a.Error {
	case "InternalFailure", "InternalFailureException", "ServiceUnavailableException":
		e.Status = http.StatusInternalServerError
	case "ServiceUnavailable":
		e.Status = http.StatusServiceUnavailable
	}
	return e
}

// message says who is to blame.
func (a *armed) message() string {
	return fmt.Sprintf("Refused on request, by faults[%d] of this backend.", a.number)
}
