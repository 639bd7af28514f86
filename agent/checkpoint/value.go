package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
	"unicode/utf8"

	"github.com/weir-logs/weir/tailer"
)

const (
	valueVersion = 1
	maxValue     = 64 << 10 // a path has at most 4096 bytes, six times that once it is escaped
	sumSize      = 4
)

// Entry is one saved position.
type Entry struct {
	Flow        string          `json:"flow"`
	Destination string          `json:"destination"`
	Position    tailer.Position `json:"position"`
	Saved       time.Time       `json:"saved"`
	Vanished    time.Time       `json:"vanished,omitzero"` // since when the file is nowhere; zero while it is somewhere
}

// positionValue and flowValue are the JSON inside an envelope.
type positionValue struct {
	Position tailer.Position `json:"position"`
	Saved    time.Time       `json:"saved"`
	Vanished time.Time       `json:"vanished,omitzero"` // came later: without it, nothing is known

	// The bytes of names that are not UTF-8, which JSON cannot carry; empty for all others.
	Path   []byte `json:"path_bytes,omitempty"`
	Target []byte `json:"target_bytes,omitempty"`
}

// keepBytes keeps the names that JSON would change.
func (v *positionValue) keepBytes() {
	if !utf8.ValidString(v.Position.Path) {
		v.Path = []byte(v.Position.Path)
	}
	if !utf8.ValidString(v.Position.Target) {
		v.Target = []byte(v.Position.Target)
	}
}

// restoreBytes undoes what JSON has changed.
func (v *positionValue) restoreBytes() {
	if len(v.Path) > 0 {
		v.Position.Path = string(v.Path)
	}
	if len(v.Target) > 0 {
		v.Position.Target = string(v.Target)
	}
}

type flowValue struct {
	Started time.Time `json:"started"`
}

// appendKey appends the key of a position: flow NUL destination NUL file id.
func appendKey(dst []byte, flow, destination string, id tailer.FileID) []byte {
	dst = appendPrefix(dst, flow)
	dst = append(dst, destination...)
	dst = append(dst, 0)
	return append(dst, id[:]...)
}

// appendPrefix appends what all keys of a flow begin with.
func appendPrefix(dst []byte, flow string) []byte {
	dst = append(dst, flow...)
	return append(dst, 0)
}

// parseKey takes a key apart. The id may hold any bytes, so the two names are cut off from the front.
func parseKey(key []byte) (flow, destination string, id tailer.FileID, err error) {
	f, rest, ok := bytes.Cut(key, []byte{0})
	if !ok {
		return "", "", id, errors.New("the key names no flow")
	}
	d, rest, ok := bytes.Cut(rest, []byte{0})
	if !ok {
		return "", "", id, errors.New("the key names no destination")
	}
	if len(rest) != len(id) {
		return "", "", id, fmt.Errorf("the key's file id has %d bytes, want %d", len(rest), len(id))
	}
	copy(id[:], rest)
	return string(f), string(d), id, nil
}

// checkName refuses a name that would make two keys look alike.
func checkName(what, name string) error {
	if name == "" || bytes.IndexByte([]byte(name), 0) >= 0 || len(name) > 1024 {
		return fmt.Errorf("checkpoint: %s name %q: want 1 to 1024 bytes without NUL", what, name)
	}
	return nil
}

// seal wraps v in an envelope that belongs to key.
func seal(key []byte, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: encode value: %w", err)
	}
	value := make([]byte, 0, 1+len(body)+sumSize)
	value = append(value, valueVersion)
	value = append(value, body...)
	if len(value)+sumSize > maxValue {
		return nil, fmt.Errorf("checkpoint: value of %d bytes, at most %d fit", len(value), maxValue)
	}
	return binary.LittleEndian.AppendUint32(value, envelopeSum(key, value)), nil
}

// unseal checks an envelope and decodes what is in it. The sum is looked at before the version: a flipped bit is damage, not a newer weir.
func unseal(key, value []byte, v any) error {
	if len(value) < 1+sumSize || len(value) > maxValue {
		return fmt.Errorf("a value of %d bytes", len(value))
	}
	body, sum := value[:len(value)-sumSize], binary.LittleEndian.Uint32(value[len(value)-sumSize:])
	if want := envelopeSum(key, body); sum != want {
		return fmt.Errorf("the checksum is %08x, the bytes give %08x", sum, want)
	}
	if body[0] != valueVersion {
		return &NewerError{What: "a value", Version: int(body[0]), Known: valueVersion}
	}
	if err := json.Unmarshal(body[1:], v); err != nil {
		return fmt.Errorf("decode value: %w", err)
	}
	return nil
}

func envelopeSum(key, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli) // the standard library keeps this one table, it is not made again
	return crc32.Update(crc32.Update(0, table, key), table, body)
}

// decodeEntry decodes one pair of the positions bucket.
func decodeEntry(key, value []byte) (Entry, error) {
	flow, destination, id, err := parseKey(key)
	if err != nil {
		return Entry{}, err
	}
	var v positionValue
	if err := unseal(key, value, &v); err != nil {
		return Entry{}, fmt.Errorf("flow %s, destination %s, file %s: %w", flow, destination, id, err)
	}
	if v.Position.ID != id {
		return Entry{}, fmt.Errorf("flow %s, destination %s, file %s: the value names file %s", flow, destination, id, v.Position.ID)
	}
	if v.Position.Offset < 0 {
		return Entry{}, fmt.Errorf("flow %s, destination %s, file %s: offset %d", flow, destination, id, v.Position.Offset)
	}
	v.restoreBytes()
	return Entry{Flow: flow, Destination: destination, Position: v.Position, Saved: v.Saved, Vanished: v.Vanished}, nil
}
