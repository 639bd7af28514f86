package config

import "testing"

func TestLocated(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{"", notRegex},
		{"a(b)", notRegex},
		{"é(?<!x)a", "not a regular expression of RE2: invalid named capture: `(?<!x)a` at character 2; it has no looking around and no back references"},
		{`(a)\1`, "not a regular expression of RE2: invalid escape sequence: `\\1` at character 4; it has no looking around and no back references"},
		{"ab[c", "not a regular expression of RE2: missing closing ]: `[c` at character 3"},
		{"a**b", "not a regular expression of RE2: invalid nested repetition operator: `**` at character 2"},
		{"(ab", "not a regular expression of RE2: missing closing ): `(ab`"},
	} {
		if got := located(notRegex, c.pattern); got != c.want {
			t.Errorf("%s: %s", c.pattern, got)
		}
	}
	if got := located("only one", "("); got != "only one" {
		t.Errorf("another reason became %s", got)
	}
}
