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
	Pattern string   // the whole string must match; RE2 and the API's own dialect agree on all of ours
	Enum    []string // in the order of the API's messages
}

// Member is one field of a structure.
type Member struct {
	Name     string
	Shape    *Shape
	Required bool
}
