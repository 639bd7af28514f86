package flow

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxKey is how many characters a partition key may have (PutRecords: Length Constraints: 1 to 256).
const maxKey = 256

type keyKind uint8

const (
	keyRandom keyKind = iota // empty: the destination draws one
	keyFixed                 // the same for all records
	keyFile                  // the id of the record's file
	keyField                 // the value of a field
	keyHash                  // the MD5 of the record
)

// Key says which partition key a record gets. The zero value is random.
type Key struct {
	kind keyKind
	text string // the fixed key, or the name of the field
}

// perRecord reports whether each record has a key of its own making.
func (k Key) perRecord() bool { return k.kind == keyField || k.kind == keyHash }

// ParseKey reads a partition_key of the configuration: random (or empty), file, host, hash, constant:TEXT or field:NAME.
//
// A record that lacks the field, or has nothing in it, gets a random key and is counted; a value longer than the 256 characters that a key
// may have is cut there.
func ParseKey(rule, host string) (Key, error) {
	name, text, _ := strings.Cut(rule, ":")
	switch {
	case rule == "" || rule == "random":
		return Key{}, nil
	case rule == "file":
		return Key{kind: keyFile}, nil
	case rule == "host" && host != "":
		return Key{kind: keyFixed, text: cutKey(host)}, nil
	case rule == "host":
		return Key{}, fmt.Errorf("partition_key: host: this host has no name")
	case rule == "hash":
		return Key{kind: keyHash}, nil
	case name == "constant" && text != "":
		return Key{kind: keyFixed, text: cutKey(text)}, nil
	case name == "field" && text != "":
		return Key{kind: keyField, text: text}, nil
	}
	return Key{}, fmt.Errorf("partition_key %q: want random, file, host, hash, constant:TEXT or field:NAME", rule)
}

// cutKey makes a key that a stream accepts: UTF-8 of at most 256 characters.
func cutKey(key string) string {
	key = strings.ToValidUTF8(key, "\uFFFD")
	if len(key) <= maxKey || utf8.RuneCountInString(key) <= maxKey {
		return key
	}
	n := 0
	for i := range key {
		if n == maxKey {
			return key[:i]
		}
		n++
	}
	return key
}

// fieldKey returns the key of the record that was just parsed.
func (f *Flow) fieldKey(key *Key, s *scratch) string {
	field := s.rec.Lookup(key.text)
	if field == nil {
		f.counters.keysMissing.Add(1)
		return ""
	}
	s.interned.text = field.AppendText(s.interned.text[:0])
	if len(s.interned.text) == 0 {
		f.counters.keysMissing.Add(1)
		return ""
	}
	return s.interned.key()
}

// interner makes strings of keys without an allocation for each record: the values of a field repeat. It forgets all of them when
// there are too many.
type interner struct {
	text []byte
	keys map[string]string
}

const maxInterned = 1024

func newInterner() *interner { return &interner{keys: make(map[string]string)} }

// key returns the key that text stands for.
func (in *interner) key() string {
	text := in.text
	if most := maxKey * utf8.UTFMax; len(text) > most {
		text = text[:most] // no more can be left of it
	}
	if key, ok := in.keys[string(text)]; ok {
		return key
	}
	if len(in.keys) >= maxInterned {
		clear(in.keys)
	}
	whole := string(text)
	key := cutKey(whole)
	in.keys[whole] = key
	return key
}

// hashSize is the length of a key that is a hash.
const hashSize = 2 * md5.Size

// hashKeys appends to keys one for each entry that a destination gets: the MD5 of its data, line end included, in lower-case hexadecimal. The keys of a chunk are one string, so that
// there is one allocation for all of them; whoever keeps one of them keeps that.
func (s *scratch) hashKeys(keys []string, send int) []string {
	s.digits = s.digits[:0]
	for n := range s.gets(send) {
		sum := md5.Sum(s.entries[s.given(send, n)].Data)
		s.digits = hex.AppendEncode(s.digits, sum[:])
	}
	all := string(s.digits)
	for n := range s.gets(send) {
		keys = append(keys, all[n*hashSize:(n+1)*hashSize])
	}
	return keys
}
