package original

import (
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// metadata is ADDMETADATA: it wraps the text of a record.
type metadata struct {
	printer printer
	fixed   []byte           // the value of metadata
	now     func() time.Time // nil: no ts
}

func (m *maker) metadata(pretty bool) converter {
	m.oneOf("timestamp", m.Timestamp, "true", "false")
	if m.Metadata == "" {
		m.wrong("metadata", `ADDMETADATA needs what to add, such as {"env": "prod"}`)
		return nil
	}
	tree, rest, err := readTree([]byte(m.Metadata))
	if err == nil {
		if _, after := rest.Token(); after != io.EOF {
			err = errMore
		}
	}
	if err != nil {
		m.wrong("metadata", "is not JSON: %v", err)
		return nil
	}
	w := &metadata{fixed: tree.append(nil)}
	names := []string{"metadata", "data"}
	if m.Timestamp == "true" {
		names, w.now = append([]string{"ts"}, names...), m.env.Now
	}
	w.printer = newPrinter(names, pretty)
	if pretty {
		const most = 1 << 20
		var ok bool
		if w.fixed, ok = tree.appendPretty(nil, 1, most); !ok {
			m.wrong("metadata", "has more than %d bytes", most)
		}
	}
	return w
}

func (w *metadata) convert(dst, in []byte) ([]byte, Outcome) {
	i := 0
	if w.now != nil {
		dst = append(w.printer.open(dst, i), '"')
		dst = append(w.now().UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z"), '"')
		i++
	}
	dst = append(w.printer.open(dst, i), w.fixed...)
	dst = appendString(w.printer.open(dst, i+1), cutLineFeed(in), false)
	return w.printer.end(dst), Sent
}

// reprinted is how many bytes for each of a record ADDEC2METADATA may need, and added how many more; of a longer one it says that it cannot.
const reprinted, added = 8, 64 << 10

// ec2 is ADDEC2METADATA: it adds what is known of the machine to a record that is a JSON object. As long as nothing is known, the record stays as it is.
type ec2 struct {
	instance func() *Instance
	pretty   bool
}

func (e *ec2) convert(dst, in []byte) ([]byte, Outcome) {
	tree, _, err := readTree(in)
	if err != nil || tree.object == nil {
		return dst, Raw
	}
	known := e.instance()
	if known == nil {
		return append(dst, in...), Sent
	}
	for _, field := range [][2]string{
		{"privateIp", known.PrivateIP}, {"availabilityZone", known.AvailabilityZone}, {"instanceId", known.InstanceID}, {"instanceType", known.InstanceType},
		{"accountId", known.AccountID}, {"amiId", known.ImageID}, {"region", known.Region}, {"metadataTimestamp", known.At.UTC().Format("2006-01-02T15:04:05-0700")},
	} {
		tree.object.set(field[0], textValue(field[1]))
	}
	if known.Tags != nil {
		tree.object.set("tags", tagsOf(known))
	}
	from := len(dst)
	ok, limit := true, from+reprinted*len(in)+added
	if e.pretty {
		dst, ok = tree.appendPretty(dst, 0, limit)
	} else {
		dst = tree.append(dst)
	}
	if !ok || len(dst) > limit {
		return dst[:from], Raw
	}
	return append(dst, '\n'), Sent
}

// tagsOf returns the tags, their keys in lower case.
func tagsOf(known *Instance) value {
	tags := new(object)
	for _, key := range slices.Sorted(maps.Keys(known.Tags)) {
		tags.set(strings.ToLower(key), textValue(known.Tags[key]))
	}
	return value{object: tags}
}
