package flow

import (
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer/framing"
)

// Origin makes the fields of a record that are not from its line: of a container's log stream, time, namespace, pod and container, of
// a record that is not all of what it was a mark. It has scratch memory, and serves one goroutine at a time.
type Origin struct {
	container bool
	fields    []parsers.Field
	pod       []parsers.Field // of the file in hand
	text      []byte          // their values
}

// NewOrigin makes an Origin; container says whether the files are a container runtime's.
func NewOrigin(container bool) *Origin { return &Origin{container: container} }

// Open says which file the next records are from.
func (o *Origin) Open(path string) {
	o.pod, o.text = o.pod[:0], o.text[:0]
	if !o.container {
		return
	}
	pod, ok := framing.PodOf(path)
	if !ok {
		return
	}
	names := parsers.ContainerFields()[2:]
	for i, value := range []string{pod.Namespace, pod.Name, pod.Container} {
		from := len(o.text)
		o.text = append(o.text, value...)
		o.pod = append(o.pod, parsers.Field{Name: names[i], Value: o.text[from:len(o.text):len(o.text)], EscapedName: true})
	}
}

// Fields returns the fields of a record, valid until the next call. meta may be nil.
func (o *Origin) Fields(meta *framing.Meta) []parsers.Field {
	o.fields = o.fields[:0]
	if meta != nil && meta.Stream != framing.NoStream {
		o.add("stream", meta.Stream.Text())
	}
	if meta != nil && len(meta.Time) > 0 {
		o.add("time", meta.Time)
	}
	o.fields = append(o.fields, o.pod...)
	if meta != nil && meta.Cut != framing.Whole {
		o.add(parsers.Oversize, meta.Cut.Text())
	}
	return o.fields
}

func (o *Origin) add(name string, value []byte) {
	o.fields = append(o.fields, parsers.Field{Name: name, Value: value, EscapedName: true})
}
