package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// fixedSize is how many bytes of a position are the same in all of them: see the package comment.
const fixedSize = 92

var errForm = errors.New("the value is not of the form that its version says")

// encodeEntry makes the pair of the positions bucket that decodeEntry takes apart.
func encodeEntry(e *Entry) (key, value []byte, err error) {
	p, id := &e.Position, &e.Position.Identity
	key = appendKey(nil, e.Flow, e.Destination, p.ID)
	value = append(make([]byte, 0, 1+fixedSize+len(p.Path)+len(p.Target)+sumSize), versionBinary)
	for _, n := range [...]int64{p.Offset, int64(p.Before.Sum), int64(id.Inode), id.Birth, int64(id.Device), int64(id.Head.Sum), p.Met,
		nanos(e.Saved), nanos(e.Vanished), p.Size} {
		value = binary.LittleEndian.AppendUint64(value, uint64(n))
	}
	for _, n := range [...]int{p.Before.Len, id.Head.Len, len(p.Path)} {
		value = binary.LittleEndian.AppendUint32(value, uint32(n))
	}
	value = append(append(value, p.Path...), p.Target...)
	value, err = finish(key, value)
	return key, value, err
}

// decodeEntry decodes one pair of the positions bucket.
func decodeEntry(key, value []byte) (Entry, error) {
	flow, destination, id, err := parseKey(key)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Flow: flow, Destination: destination}
	version, body, err := unwrap(key, value)
	switch {
	case err != nil:
	case version == versionBinary:
		e.Position.ID = id
		err = e.decode(body)
	case version == versionJSON:
		err = e.decodeJSON(body)
	default:
		err = newer(version, versionBinary)
	}
	switch {
	case err != nil:
	case e.Position.ID != id:
		err = fmt.Errorf("the value names file %s", e.Position.ID)
	case e.Position.Offset < 0:
		err = fmt.Errorf("offset %d", e.Position.Offset)
	case max(e.Position.Before.Len, e.Position.Identity.Head.Len) > maxValue || min(e.Position.Before.Len, e.Position.Identity.Head.Len) < 0:
		err = errForm
	}
	if err != nil {
		return Entry{}, fmt.Errorf("flow %q, destination %q, file %s: %w", flow, destination, id, err)
	}
	return e, nil
}

// decode fills in what encodeEntry has put into a value.
func (e *Entry) decode(b []byte) error {
	if len(b) < fixedSize {
		return errForm
	}
	long := func(i int) int64 { return int64(binary.LittleEndian.Uint64(b[8*i:])) }
	short := func(i int) int { return int(binary.LittleEndian.Uint32(b[80+4*i:])) }
	names, path := b[fixedSize:], short(2)
	if path > len(names) {
		return errForm
	}
	p := &e.Position
	p.Offset, p.Met, p.Size = long(0), long(6), long(9)
	p.Before = tailer.Digest{Len: short(0), Sum: uint64(long(1))}
	p.Identity = tailer.Identity{Inode: uint64(long(2)), Birth: long(3), Device: uint64(long(4)),
		Head: tailer.Digest{Len: short(1), Sum: uint64(long(5))}}
	e.Saved, e.Vanished = fromNanos(long(7)), fromNanos(long(8))
	p.Path, p.Target = string(names[:path]), string(names[path:])
	return nil
}

// decodeJSON reads the first version of a value.
func (e *Entry) decodeJSON(body []byte) error {
	var v struct {
		Position tailer.Position `json:"position"`
		Saved    time.Time       `json:"saved"`
		Vanished time.Time       `json:"vanished"`
		Path     []byte          `json:"path_bytes"` // of names that are not UTF-8
		Target   []byte          `json:"target_bytes"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("decode value: %w", err)
	}
	e.Position, e.Saved, e.Vanished = v.Position, v.Saved, v.Vanished
	if len(v.Path) > 0 {
		e.Position.Path = string(v.Path)
	}
	if len(v.Target) > 0 {
		e.Position.Target = string(v.Target)
	}
	return nil
}

// nanos is a time in nanoseconds since the epoch; 0 stands for no time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
