package edit

import (
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers"
)

// hidden returns the text with what the kinds find replaced by <>.
func hidden(t *testing.T, r Redact, s string) string {
	t.Helper()
	r.With = "<>"
	chain := mustChain(t, Options{}, r)
	rec := &parsers.Record{Line: []byte(s), Parsed: true, Fields: []parsers.Field{{Name: "a", Value: []byte(s)}}}
	chain.Apply(rec, 0)
	return string(rec.Fields[0].Value)
}

func TestRedactKinds(t *testing.T) {
	for kind, cases := range map[string][][2]string{
		"ip": {
			{"10.0.0.1", "<>"}, {"a 10.0.0.1, 255.255.255.255:80 b", "a <>, <>:80 b"}, {"(1.2.3.4)", "(<>)"}, {"1.2.3.4.", "<>."}, {"1.2.3.4/24", "<>/24"},
			{"1.2.3.4.5", "1.2.3.4.5"}, {"1.2.3.256", "1.2.3.256"}, {"1.2.3", "1.2.3"}, {"1234.1.1.1", "1234.1.1.1"}, {"ip=1.2.3.4", "ip=<>"}, {"...", "..."}, {"1.2.3.4444", "1.2.3.4444"},
			{"::1", "<>"}, {"[::1]:443", "[<>]:443"}, {"fe80::1%eth0", "<>%eth0"}, {"2001:db8::ff00:42:8329,", "<>,"}, {"::ffff:192.0.2.1", "<>"},
			{"2001:0db8:0000:0000:0000:0000:0000:0001", "<>"}, {"/2001:db8:0:0:0:0:0:1:8080", "/<>:8080"}, {"client:2001:db8::1", "client:<>"}, {"2001:db8::", "<>"}, {"2001:db8::1: no route", "<>: no route"},
			{"10:11:12", "10:11:12"}, {"std::string", "std::string"}, {"::", "::"}, {"aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"}, {"1::2::3", "<>::3"},
			{"SHA1 aa:bb:cc:dd:ee:ff:00:11:22:33", "SHA1 aa:bb:cc:dd:ee:ff:00:11:22:33"}, {"12345::1", "12345::1"}, {"::1.2.3", "<>.2.3"}, {":", ":"}, {"a:", "a:"},
		},
		"email": {
			{"a@b.com", "<>"}, {"<First.Last+tag@mail.example.org>.", "<<>>."}, {"to=a@b.co,c@d.io", "to=<>,<>"}, {"x.a@b.com.", "<>."}, {"..a@b.com", "..<>"},
			{"?u=a%40b.com&x", "?u=<>&x"}, {"é@bücher.de", "<>"}, {"a@localhost", "a@localhost"}, {"a@1.2", "a@1.2"}, {"@b.com", "@b.com"}, {"a@b.c", "a@b.c"}, {"a@", "a@"}, {"a@b.com-", "<>-"},
			{"git@github.com:a/b", "<>:a/b"}, {"a@@b.com", "a@@b.com"}, {"a@b.com@c.de", "<>@c.de"},
		},
		"credit_card": {
			{"4111111111111111", "<>"}, {"x4111 1111 1111 1111, 5500-0000-0000-0004.", "x<>, <>."}, {"378282246310005", "<>"}, {"3782 822463 10005", "<>"}, {"4222222222222", "<>"},
			{"4111111111111112", "4111111111111112"}, {"14111111111111111", "14111111111111111"}, {"41111111111111110000", "41111111111111110000"},
			{"0.4111111111111111", "0.4111111111111111"}, {"4111111111111111.5", "4111111111111111.5"}, {"4111 1111-1111 1111", "<>"}, {"4111  1111 1111 1111", "4111  1111 1111 1111"},
			{"2024 4111 1111 1111 1111 2025", "2024 <> 2025"}, {"1700000000000", "1700000000000"}, {"6011000990139424", "<>"},
		},
		"token": {
			{"Authorization: Bearer abcDEF123.~+/=", "Authorization: Bearer <>"}, {`"bearer":"abcdefgh"`, `"bearer":"<>"`}, {"Bearer of news", "Bearer of news"}, {"forbearer abcdefghij", "forbearer abcdefghij"},
			{"Basic dXNlcjpwYXNz", "Basic <>"}, {"basic training", "basic training"},
			{"t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln&x", "t=<>&x"}, {"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "<>"}, {"eyJ.eyJ", "eyJ.eyJ"}, {"eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9"},
			{"id AKIAIOSFODNN7EXAMPLE.", "id <>."}, {"XAKIAIOSFODNN7EXAMPLE", "XAKIAIOSFODNN7EXAMPLE"}, {"AKIAIOSFODNN7EXAMPL", "AKIAIOSFODNN7EXAMPL"}, {"AKIAIOSFODNN7EXAMPLE1", "AKIAIOSFODNN7EXAMPLE1"},
			{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "<>"}, {"key ghp_0123456789abcdefABCDEF0123456789abcd!", "key <>!"},
			{"da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709"}, {"123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"},
			{strings.Repeat("a", 31) + "A1", "<>"}, {strings.Repeat("a", 29) + "A1", strings.Repeat("a", 29) + "A1"},
		},
	} {
		for _, c := range cases {
			if got := hidden(t, Redact{Kinds: []string{kind}}, c[0]); got != c[1] {
				t.Errorf("%s: %q: got %q, want %q", kind, c[0], got, c[1])
			}
		}
	}
}

func TestRedactPattern(t *testing.T) {
	for _, c := range []struct{ pattern, in, want string }{
		{`\d+`, "a1b22c", "a<>b<>c"},
		{`^a`, "aaa", "<>aa"},
		{`\bfoo\b`, "foo foofoo foo", "<> foofoo <>"},
		{`(?i)password=\S+`, "x PassWord=1 y", "x <> y"},
		{`x`, strings.Repeat("x", maxMatches), strings.Repeat("<>", maxMatches)},
		{`x`, strings.Repeat("ax", maxMatches+1), "<>"},
		{`\b`, "ab cd", "ab cd"},
	} {
		if got := hidden(t, Redact{Pattern: c.pattern}, c.in); got != c.want {
			t.Errorf("%s: %q: got %q, want %q", c.pattern, c.in, got, c.want)
		}
	}
	// What lies across one another is hidden as one.
	for in, want := range map[string]string{"u a@b.com.evil x": "u <> x", "com.evil a@b.com": "<> <>", "b.com.evil": "b.<>"} {
		if got := hidden(t, Redact{Pattern: `com\.evil`, Kinds: []string{"email", "ip"}}, in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got, want := hidden(t, Redact{Pattern: `abc.*z`, Kinds: []string{"token"}}, "Bearer xabcdefgh zz Bearer abcdefgh."), "Bearer <> Bearer <>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRedactFields(t *testing.T) {
	ip := func(names ...string) []Spec {
		return []Spec{Redact{Names: names, Kinds: []string{"ip", "credit_card"}, With: "***"}}
	}
	runEdits(t, []editCase{
		{"all", ip(), `{"a":"1.2.3.4","b":"x 1.2.3.4"}`, `{"a":"***","b":"x ***"}`, 0},
		{"some", ip("b"), `{"a":"1.2.3.4","b":"x 1.2.3.4","b":"::1"}`, `{"a":"1.2.3.4","b":"x ***","b":"***"}`, 0},
		{"escapes", ip(), `{"a":"\u0031.2.3.4\n\u0022"}`, `{"a":"***\n\""}`, 0},
		{"escapes stay", ip(), `{"a":"\u0031.2.3\n"}`, `{"a":"\u0031.2.3\n"}`, 0},
		{"number", ip(), `{"a":4111111111111111,"b":411}`, `{"a":"***","b":411}`, 0},
		{"nested", ip(), `{"a":{"k":["x 1.2.3.4",{"\u0031.2.3.4":"\"::1\""}],"n":[4111111111111111,-1.5e3,true,null]}}`, `{"a":{"k":["x ***",{"***":"\"***\""}],"n":["***",-1.5e3,true,null]}}`, 0},
		{"nested, nothing", ip(), `{"a":{"k" : [1, "\u00e9"]}}`, `{"a":{"k" : [1, "\u00e9"]}}`, 0},
		{"null and booleans", ip(), `{"a":null,"b":true}`, `{"a":null,"b":true}`, 0},
		{"empty with", []Spec{Redact{Kinds: []string{"ip"}}}, `{"a":"x1.2.3.4y"}`, `{"a":"xy"}`, 0},
		{"not UTF-8", ip(), "{\"a\":\"\xff1.2.3.4\"}", `{"a":"` + "\uFFFD" + `***"}`, 0},
	})
}

// TestRedactGrowth: what has no room is hidden as a whole.
func TestRedactGrowth(t *testing.T) {
	line := `{"a":"` + strings.Repeat("x.", 1000) + `","b":["` + strings.Repeat("x.", 1000) + `","` + strings.Repeat("x.", 1000) + `"],"c":"x"}`
	chain := mustChain(t, Options{}, Redact{Pattern: `x`, With: strings.Repeat("long", 15)})
	got, _ := edited(t, chain, "json", "json", line)
	if strings.Contains(got, "x") || len(got) > len(line)+MaxGrowth {
		t.Errorf("%d bytes of %d: %.200s", len(got), len(line), got)
	}
}

// TestRedactLine: where the line itself is sent, it is what is searched.
func TestRedactLine(t *testing.T) {
	for format, line := range map[string]string{"none": "from 1.2.3.4", "logfmt": "a=1.2.3.4 b=2"} {
		chain := mustChain(t, Options{Line: true}, Redact{Kinds: []string{"ip"}, With: "***"})
		if got, _ := edited(t, chain, format, "raw", line); got != strings.Replace(line, "1.2.3.4", "***", 1) {
			t.Errorf("%s: got %q", format, got)
		}
	}
}

// TestShortestPlaces: the shortest text of each kind is found, so no finder is passed over for a text that is long enough.
func TestShortestPlaces(t *testing.T) {
	for _, c := range []struct{ kind, text string }{
		{"credit_card", "4222222222222"}, {"email", "a@b.cd"}, {"ip", "1.2.3.4"}, {"ip", "::1"},
		{"token", "bearer aB3dE6gH"}, {"token", "BEARER aB3dE6gH"}, {"token", "basic QTpiYzpk"}, {"token", "eyJhbGciOi.eyJzdWIiOi"}, {"token", "AKIAIOSFODNN7EXAMPLE"},
		{"token", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, {"token", "aB3dE6gHaB3dE6gHaB3dE6gHaB3dE6gH"},
	} {
		chain := mustChain(t, Options{}, Redact{Kinds: []string{c.kind}, With: "***"})
		rec := &parsers.Record{Parsed: true, Fields: []parsers.Field{{Name: "t", Kind: parsers.String, Value: []byte(c.text)}}}
		chain.Apply(rec, 0)
		if got := string(rec.Fields[0].Value); got == c.text {
			t.Errorf("%s: %q is not hidden", c.kind, c.text)
		}
	}
}
