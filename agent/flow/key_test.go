package flow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weir-logs/weir/agent/config"
)

func TestKeys(t *testing.T) {
	long := strings.Repeat("é", 300)
	tests := []struct {
		rule    string
		want    []string
		missing int64
	}{
		{"random", []string{"", "", "", ""}, 0},
		{"", []string{"", "", "", ""}, 0},
		{"file", []string{fileID.String(), fileID.String(), fileID.String(), fileID.String()}, 0},
		{"host", []string{"web-1", "web-1", "web-1", "web-1"}, 0},
		{"constant:a:b", []string{"a:b", "a:b", "a:b", "a:b"}, 0},
		{"hash", []string{"c2cb8bb7b1065dc63b2ddc8d2b986411", "bd4d8a92203f47435eb0aee0973c2320", "bb77dbb81f3699b23a072212e9d541f7", "3625338ac78001c3e0bd720d0191c1e4"}, 0},
		{"field:user", []string{"ann", "", "ann", strings.Repeat("é", 256)}, 1},
		{"field:n", []string{"7", "8", "", ""}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			key, err := ParseKey(tt.rule, "web-1")
			if err != nil {
				t.Fatal(err)
			}
			d := newFake()
			r := newRig(t, func(c *Config) {
				c.Parse = config.Parse{Format: "json", OnMismatch: config.MismatchKeep}
				c.Sends[0].Key = key
			}, d)
			r.handle(t, `{"user":"ann","n":7}`+"\n", `{"n":8}`+"\n", `{"user":"ann","n":""}`+"\n", `{"user":"`+long+`"}`+"\n")
			if !slices.Equal(d.keys, tt.want) {
				t.Errorf("keys %q, want %q", d.keys, tt.want)
			}
			if got := r.Stats().KeysMissing; got != tt.missing {
				t.Errorf("%d keys counted as missing, want %d", got, tt.missing)
			}
		})
	}
}

// TestHashKey: the key is made of the bytes that are sent, with the line end that a last line gets, as the original agent's DETERMINISTIC is.
func TestHashKey(t *testing.T) {
	d := newFake()
	r := newRig(t, func(c *Config) { c.Sends[0].Key = Key{kind: keyHash} }, d)
	r.handle(t, "abc\n", "abc\r\n", "abc")
	if want := []string{"0bee89b07a248e27c83fc3d5951213c1", "c13b6afecf97ea6b38d21a8f5167fa1e", "0bee89b07a248e27c83fc3d5951213c1"}; !slices.Equal(d.keys, want) {
		t.Errorf("keys %q, want %q", d.keys, want)
	}
}

func TestParseKeyRefuses(t *testing.T) {
	for _, rule := range []string{"randon", "field:", "constant:", "field", "host", "hash:x"} {
		if _, err := ParseKey(rule, ""); err == nil {
			t.Errorf("ParseKey(%q) on a host without a name: no error", rule)
		}
	}
}

func TestInternerIsBounded(t *testing.T) {
	in := newInterner()
	for i := range 5 * maxInterned {
		in.text = fmt.Appendf(in.text[:0], "key-%d", i)
		if got := in.key(); got != fmt.Sprintf("key-%d", i) {
			t.Fatalf("key %q of %q", got, in.text)
		}
		if len(in.keys) > maxInterned {
			t.Fatalf("%d keys kept, at most %d may be", len(in.keys), maxInterned)
		}
	}
	in.text = make([]byte, 1<<20)
	in.key()
	for whole := range in.keys {
		if len(whole) > 4*maxKey {
			t.Errorf("a value of %d bytes is kept", len(whole))
		}
	}
}

func FuzzCutKey(f *testing.F) {
	f.Add("host-1")
	f.Add(strings.Repeat("é", 257))
	f.Add("a\xff\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		key := cutKey(text)
		if !utf8.ValidString(key) || utf8.RuneCountInString(key) > maxKey {
			t.Errorf("cutKey(%q) = %q", text, key)
		}
		if utf8.ValidString(text) && !strings.HasPrefix(text, key) {
			t.Errorf("cutKey(%q) = %q, no prefix of it", text, key)
		}
	})
}
