// Package awsapi is the wire of the AWS services that weir brings along: how a request becomes a value, and a value an
// answer. It knows nothing of streams or delivery.
//
// An API is a table. Each operation is a row that names the shape of its input and of its output; a shape says which
// members there are, their types, bounds, patterns and which are required. Decoder, validator, encoder and the comparison
// with AWS's own model all work from these rows, so that one more operation is some rows more, and one more encoding of
// the wire is one more reader and writer of the same rows. The Go side of a shape is the AWS SDK's type of that name: what a
// client passes to the SDK is what an operation here receives.
//
// A request goes through a Mux: method, body, content type, target and authentication are looked at first; then the
// body is read into values, typed by the table; then bounds are checked, all of them, so that the answer names each
// violation; and only then the operation is called. The operations that carry data (puts, and reads of records) have
// shorter ways through the same steps, which give up on anything unusual and leave it to the table's way.
package awsapi

// Kind is the type of a shape on the wire.
type Kind uint8

// The kinds of shapes.
const (
	Structure Kind = iota
	List
	Map
	String
	Blob
	Integer // 32 bits
	Long    // 64 bits
	Double
	Boolean
	Timestamp
)

// String returns the kind as messages name it.
func (k Kind) String() string {
	names := [...]string{"a Structure", "a List", "a Map", "a String", "a Blob", "an Integer", "a Long", "a Double", "a Boolean",
		"a Timestamp"}
	if int(k) >= len(names) {
		return "an unknown kind"
	}
	return names[k]
}

// Shape is one type of an API: what decoder, encoder, validator and documentation know of it. Shapes are rows of the
// tables in kinesis.go and firehose.go and never change at run time. The Go side of a structure is the AWS SDK's type of
// the same operation, its fields found by member name.
type Shape struct {
	Name    string
	Kind    Kind
	Members []Member // of a structure, in the API's order
	Elem    *Shape   // of a list, and the values of a map
	Key     *Shape   // of a map
	Min     int64    // length of a string, blob, list or map, or value of a number; checked if HasMin
	Max     int64    // likewise, if HasMax
	HasMin  bool
	HasMax  bool
	Pattern string   // the whole string must match; see newPattern for the dialect
	Enum    []string // in the order of the API's messages
}

// Member is one field of a structure.
type Member struct {
	Name     string
	Shape    *Shape
	Required bool
}
