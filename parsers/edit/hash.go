package edit

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/weir-logs/weir/parsers"
)

// Hash puts the hash of a value's text in its place, in lower-case hexadecimal. Null stays null.
type Hash struct {
	Names     []string // of fields
	Algorithm string   // sha256, sha512, sha1 or md5
	Secret    string   // if not empty: the hash is an HMAC (RFC 2104) with this key
}

// Algorithms returns the names of the hashes, the best first.
func Algorithms() []string { return []string{"sha256", "sha512", "sha1", "md5"} }

// Key implements Spec.
func (Hash) Key() string { return "hash" }

// Reads implements Spec.
func (h Hash) Reads() []Ref { return itemRefs("fields", h.Names) }

// Fields implements Spec.
func (Hash) Fields(before []string) []string { return before }

func (Hash) rewrites() bool { return true }

// Build implements Spec.
func (h Hash) Build() (Step, error) {
	var problems []error
	if len(h.Names) == 0 {
		problems = append(problems, &parsers.OptionError{Option: "fields", Reason: "names no field"})
	}
	var make func() hash.Hash
	switch h.Algorithm {
	case "", "sha256":
		make = sha256.New
	case "sha512":
		make = sha512.New
	case "sha1":
		make = sha1.New
	case "md5":
		make = md5.New
	default:
		problems = append(problems, &parsers.OptionError{Option: "algorithm", Reason: fmt.Sprintf("%q is not one of %s", h.Algorithm, strings.Join(Algorithms(), ", "))})
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if h.Secret != "" {
		return &hashing{fields: h.Names, hash: hmac.New(make, []byte(h.Secret))}, nil
	}
	return &hashing{fields: h.Names, hash: make()}, nil
}

type hashing struct {
	fields []string
	hash   hash.Hash
	sum    []byte
}

func (h *hashing) Apply(rec *parsers.Record, s *Scratch) Verdict {
	verdict := Done
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if f.Kind == parsers.Null || !hasName(h.fields, f) {
			continue
		}
		h.hash.Reset()
		h.hash.Write(s.textOf(f))
		h.sum = h.hash.Sum(h.sum[:0])
		if !s.grow(hex.EncodedLen(len(h.sum)) - len(f.Value)) { // only where a line repeats a name hundreds of times
			f.Value, f.Kind = nil, parsers.Null
			verdict = Failed
			continue
		}
		from := len(s.text)
		s.text = hex.AppendEncode(s.text, h.sum)
		f.Value, f.Kind = s.since(from), parsers.String
	}
	return verdict
}
