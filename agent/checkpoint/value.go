package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// Versions of a value: what its envelope holds.
const (
	versionJSON   = 1
	versionBinary = 2 // of a position only
)

const (
	maxValue = 64 << 10 // a path has at most 4096 bytes, six times that once JSON escapes it
	sumSize  = 4
)

// Entry is one saved position.
type Entry struct {
	Flow        string          `json:"flow"`
	Destination string          `json:"destination"`
	Position    tailer.Position `json:"position"`
	Saved       time.Time       `json:"saved"`
	Vanished    time.Time       `json:"vanished,omitzero"` // since when the file is nowhere; zero while it is somewhere
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

// seal wraps v, as JSON, in an envelope that belongs to key.
func seal(key []byte, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: encode value: %w", err)
	}
	return finish(key, append(append(make([]byte, 0, 1+len(body)+sumSize), versionJSON), body...))
}

// unseal checks an envelope and decodes the JSON in it.
func unseal(key, value []byte, v any) error {
	version, body, err := unwrap(key, value)
	if err != nil {
		return err
	}
	if version != versionJSON {
		return newer(version, versionJSON)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("decode value: %w", err)
	}
	return nil
}

// finish makes an envelope for key of a version and a body by the sum that belongs behind them.
func finish(key, value []byte) ([]byte, error) {
	if len(value)+sumSize > maxValue {
		return nil, fmt.Errorf("checkpoint: value of %d bytes, at most %d fit", len(value), maxValue)
	}
	return binary.LittleEndian.AppendUint32(value, envelopeSum(key, value)), nil
}

// unwrap checks an envelope and returns what is in it, as part of value. The sum is looked at before anybody asks for the version: a flipped
// bit is damage, not a newer weir.
func unwrap(key, value []byte) (version byte, body []byte, err error) {
	if len(value) < 1+sumSize || len(value) > maxValue {
		return 0, nil, fmt.Errorf("a value of %d bytes", len(value))
	}
	body, sum := value[:len(value)-sumSize], binary.LittleEndian.Uint32(value[len(value)-sumSize:])
	if want := envelopeSum(key, body); sum != want {
		return 0, nil, fmt.Errorf("the checksum is %08x, the bytes give %08x", sum, want)
	}
	return body[0], body[1:], nil
}

func newer(version byte, known int) error {
	return &NewerError{What: "a value", Version: int(version), Known: known}
}

func envelopeSum(key, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli) // the standard library keeps this one table, it is not made again
	return crc32.Update(crc32.Update(0, table, key), table, body)
}
