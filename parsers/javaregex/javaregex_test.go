package javaregex

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
)

// whole matches the whole text with the translation of pattern.
func whole(t testing.TB, pattern, text string) []*string {
	t.Helper()
	translated, err := Translate(pattern)
	if err != nil {
		t.Fatalf("%q: %v", pattern, err)
	}
	places := regexp.MustCompile(`\A(?:` + translated + `)\z`).FindStringSubmatchIndex(text)
	if places == nil {
		return nil
	}
	groups := []*string{}
	for i := 2; i < len(places); i += 2 {
		groups = append(groups, nil)
		if places[i] >= 0 {
			group := text[places[i]:places[i+1]]
			groups[len(groups)-1] = &group
		}
	}
	return groups
}

// TestLikeJava: random expressions and texts, with what Matcher.matches of OpenJDK 17 made of them: [pattern, text, groups or null].
func TestLikeJava(t *testing.T) {
	data, err := os.ReadFile("testdata/openjdk17.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(data) {
		var pattern, text string
		var want []*string
		if err := json.Unmarshal(line, &[]any{&pattern, &text, &want}); err != nil {
			t.Fatal(err)
		}
		got, _ := json.Marshal(whole(t, pattern, text))
		if expected, _ := json.Marshal(want); !bytes.Equal(got, expected) {
			t.Errorf("%q on %q: got %s, want %s", pattern, text, got, expected)
		}
		n++
	}
	if n < 500 {
		t.Errorf("only %d cases", n)
	}
}

// TestTranslated: each construct that Java writes or reads otherwise.
func TestTranslated(t *testing.T) {
	for _, c := range []struct{ name, pattern, matches, not string }{
		{"the dot stops at Java's line ends", `a.b`, "a\x0bb", "a\rb|a\u0085b|a\u2028b|a\u2029b|a\nb"},
		{"dotall", `(?s)a.b`, "a\rb", "ab"},
		{"unix lines", `(?d)a.b`, "a\rb", "a\nb"},
		{"flags off", `(?s)a(?-s).b`, "axb", "a\nb"},
		{"flags of a group", `(?i:a)b`, "Ab", "AB"},
		{"flags end with their group", `((?i)a)b`, "Ab", "AB"},
		{"case by ASCII", `(?i)ks`, "KS", "\u212as|k\u017f"},
		{"case of a range", `(?i)[a-f]+`, "aF", "g"},
		{"case of what is not ASCII", `(?i)é`, "é", "É"},
		{"white space has the vertical tab", `\s`, "\v", "\u00a0"},
		{"not white space", `[^\S]`, "\v", "x"},
		{"horizontal", `\h\H`, "\u00a0x", "x\u00a0"},
		{"vertical", `\v\V`, "\u2028x", "\t\t"},
		{"unicode", `\u0061\ud83d\ude00`, "a😀", "a"},
		{"hexadecimal", `\x41\x{1F600}`, "A😀", "A"},
		{"octal", `\0101\07`, "A\a", "1017"},
		{"octal ends before a byte is full", `\0477`, "'7", "?"},
		{"control", `\cA\ca`, "\x01!", "AA"},
		{"escape", `\e`, "\x1b", "e"},
		{"quoted", `\Q.*\E+`, ".***", ".x"},
		{"quoted to the end", `a\Q(`, "a(", "a"},
		{"name", `(?<year>\d+)`, "24", "x"},
		{"end", `a$`, "a", "a\n"},
		{"end before a final line end", `a\Z`, "a", "a\n"},
		{"POSIX class", `\p{Punct}\P{Alpha}`, "!1", "1!"},
		{"script", `\p{IsGreek}`, "Ω", "a"},
		{"category", `\p{gc=Nd}\pL`, "1é", "é1"},
		{"a bracket first in a class", `[]a]+`, "]a", "b"},
		{"a dash after a set", `[\w-.]+`, "a-.", "+"},
		{"an escaped letter of none", `\_\-\é`, "_-é", "-"},
		{"a bracket that closes nothing", `}]`, "}]", "]"},
		{"braces of a class", `[{}]`, "{", "a"},
	} {
		if whole(t, c.pattern, c.matches) == nil {
			t.Errorf("%s: %q does not match %q", c.name, c.pattern, c.matches)
		}
		for text := range strings.SplitSeq(c.not, "|") {
			if whole(t, c.pattern, text) != nil {
				t.Errorf("%s: %q matches %q", c.name, c.pattern, text)
			}
		}
	}
}

// TestRefused: what RE2 cannot express, or Java does not take, by name and place.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ pattern, text string }{
		{`é(?=b)`, "character 2: the lookahead (?= "},
		{`a(?!b)`, "character 2: the negative lookahead (?! "},
		{`a(?<=b)`, "character 2: the lookbehind (?<= "},
		{`a(?<!b)`, "character 2: the negative lookbehind (?<! "},
		{`(?>a)`, "character 1: the atomic group (?> "},
		{`(a)\1`, `character 4: the backreference \1 `},
		{`(?<a>a)\k<a>`, `character 8: the backreference \k `},
		{`ba*+`, "character 3: the possessive quantifier *+ "},
		{`a{2,3}+`, "character 2: the possessive quantifier {2,3}+ "},
		{`a\Gb`, `character 2: \G `},
		{`\R`, `character 1: \R `},
		{`\X`, `character 1: \X `},
		{`\N{LATIN SMALL LETTER A}`, `character 1: the escape \N `},
		{`\b{g}`, `character 1: \b{...} `},
		{`[a-z&&[^b]]`, "character 5: the intersection of classes && "},
		{`[a[b]]`, "character 3: a class within a class "},
		{`[\Qa\E]`, `character 2: \Q within a class `},
		{`\p{javaLowerCase}`, `character 1: the class \p{javaLowerCase} `},
		{`\p{InGreek}`, `character 1: the class \p{InGreek} `},
		{`\p{IsAlphabetic}`, `character 1: the class \p{IsAlphabetic} `},
		{`(?i)\p{Lu}`, `character 5: \p{Lu} with (?i) `},
		{`\p{L`, `character 1: \p{ without its } `},
		{`\p`, `character 1: \p at the end `},
		{`(?x) a # b`, "character 3: the comments mode (?x) "},
		{`(?u)é`, "character 3: the flag (?u) "},
		{`(?U)\w`, "character 3: the flag (?U) "},
		{`(?m)^a`, "character 5: ^ with (?m) "},
		{`(?m)a$`, "character 6: $ with (?m) "},
		{`a$\n`, `character 2: $ or \Z before the end `},
		{`(a$|b)c`, `character 3: $ or \Z before the end `},
		{`(a$)+`, `character 3: $ or \Z before the end `},
		{`a\Z\n`, `character 2: $ or \Z before the end `},
		{`(a*)*`, "character 1: repeating what can match nothing "},
		{`^*`, "character 2: repeating a place "},
		{`a**`, "character 3: a quantifier after a quantifier "},
		{`*a`, "character 1: a * with nothing to repeat "},
		{`a{`, "character 2: a { that begins no count "},
		{`{`, "character 1: a { with nothing to repeat "},
		{`a{1001}`, "character 2: the count {1001} "},
		{`a{3,2}`, "character 2: the count {3,2} "},
		{`(?:a{900}){900}`, "character 1: an expression this large "},
		{`[b-a]`, "character 2: the range b-a "},
		{`[a-\d]`, `character 2: the range a-\d `},
		{`[a`, "character 1: a [ without its ] "},
		{`(a`, "character 1: a ( without its ) "},
		{`(?i`, "character 1: a ( without its ) "},
		{`a)`, "character 2: a ) without its ( "},
		{`(?<1>a)`, "character 1: the name of a group "},
		{`(?<a>a)(?<a>b)`, "character 8: a second group a "},
		{`(?P<a>a)`, "character 1: (?P "},
		{`\`, `character 1: a \ at the end `},
		{`\y`, `character 1: the escape \y `},
		{`\E`, `character 1: an \E without its \Q `},
		{`\08`, `character 1: \0 without octal digits `},
		{`\x4`, `character 1: \x without 2 hexadecimal digits `},
		{`\x{110000}`, `character 1: \x{ that is no character `},
		{`\u00`, `character 1: \u without 4 hexadecimal digits `},
		{`\ud83d`, `character 1: half of a surrogate pair `},
		{`\cé`, `character 1: \c before a character that is not ASCII `},
		{"a\xff", "character 2: a byte that is not UTF-8 "},
		{strings.Repeat("(", 200), "character 101: more than 100 groups "},
		{strings.Repeat("a", MaxPattern+1), "character 1: a pattern this long "},
	} {
		_, err := Translate(c.pattern)
		var refused *Error
		if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), c.text) || refused.Advice == "" {
			t.Errorf("%q: got %v, want %s", c.pattern, err, c.text)
		}
	}
}

// FuzzTranslate: no pattern makes it fall over, and what it takes compiles and has groups as Java counts them.
func FuzzTranslate(f *testing.F) {
	for _, seed := range []string{`^([\d.]+) (\S+)`, `(?i)[a-z\w&&]`, `\Qa\E{2,3}?`, `a|(?<n>b)$`, `[^]\x{41}-\u0042\p{L}]`, `(?s:.)\cA\0101`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		translated, err := Translate(pattern)
		if err != nil {
			return
		}
		for _, around := range []string{`\A(?:` + translated + `)\z`, `\A(?:` + translated + `)`} {
			if _, err := regexp.Compile(around); err != nil {
				t.Errorf("%q became %q: %v", pattern, translated, err)
			}
		}
	})
}
