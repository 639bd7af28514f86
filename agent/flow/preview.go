package flow

import (
	"crypto/md5"
	"encoding/hex"

	"github.com/weir-logs/weir/parsers"
)

// Of returns the key of a record that was just parsed and is sent as data, for people to look at. Known is false where it is drawn, or made of the file's id:
// where only sending tells.
func (k Key) Of(rec *parsers.Record, data []byte) (key string, known bool) {
	switch k.kind {
	case keyFixed:
		return k.text, true
	case keyHash:
		sum := md5.Sum(data)
		return hex.EncodeToString(sum[:]), true
	case keyField:
		if field := rec.Lookup(k.text); field != nil {
			if text := field.AppendText(nil); len(text) > 0 {
				return cutKey(string(text)), true
			}
		}
	}
	return "", false
}
