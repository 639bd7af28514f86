package javaregex_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers/javaregex"
)

// TestAgainstJava: Java finds the same groups in what a pattern matches as a whole, for patterns and texts by chance: the same ones in each run,
// SEED=N makes others. Before Java 19, \b did not go by ASCII letters.
func TestAgainstJava(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Java")
	}
	version := javaVersion()
	if version < 17 {
		t.Skipf("needs a Java from 17 on in the PATH; there is %d", version)
	}
	seed := uint64(1)
	if text := os.Getenv("SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	p := &patterns{rand.New(rand.NewPCG(seed, 0)), []string{"^", "$", `\A`, `\Z`, `\z`}}
	if version >= 19 {
		p.anchors = append(p.anchors, `\b`, `\B`)
	}
	type row struct {
		pattern string
		re      *regexp.Regexp
		texts   []string
	}
	var rows []row
	var in bytes.Buffer
	for len(rows) < 3000 {
		pattern := p.alternatives(3)
		text, err := javaregex.Translate(pattern)
		if err != nil {
			continue
		}
		r := row{pattern: pattern, re: regexp.MustCompile(`\A(?:` + text + `)\z`)}
		in.WriteString(hex.EncodeToString([]byte(pattern)))
		for range 12 {
			text := p.text()
			r.texts = append(r.texts, text)
			in.WriteString(" " + hex.EncodeToString([]byte(text)))
		}
		in.WriteByte('\n')
		rows = append(rows, r)
	}
	cmd := exec.Command("java", "-Xss64m", "testdata/Match.java")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	matched := 0
	lines := bufio.NewScanner(bytes.NewReader(out))
	for _, r := range rows {
		for _, text := range r.texts {
			lines.Scan()
			got := groups(r.re, text)
			if got != lines.Text() {
				t.Errorf("seed %d: pattern %q, text %q: got %s, of Java %s", seed, r.pattern, text, got, lines.Text())
			}
			if got != "no" {
				matched++
			}
		}
	}
	if matched < 1000 {
		t.Errorf("seed %d: %d texts matched; that says little", seed, matched)
	}
}

// javaVersion returns the version of the Java in the PATH, or 0.
func javaVersion() int {
	out, err := exec.Command("java", "-version").CombinedOutput()
	if err != nil {
		return 0
	}
	found := regexp.MustCompile(`version "(\d+)`).FindSubmatch(out)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(found[1]))
	return n
}

func groups(re *regexp.Regexp, text string) string {
	at := re.FindStringSubmatchIndex(text)
	if at == nil {
		return "no"
	}
	var all []string
	for i := 0; i < len(at); i += 2 {
		if at[i] < 0 {
			all = append(all, "-")
		} else {
			all = append(all, "="+hex.EncodeToString([]byte(text[at[i]:at[i+1]])))
		}
	}
	return strings.Join(all, " ")
}

// patterns makes patterns and texts by chance. Some are refused.
type patterns struct {
	*rand.Rand
	anchors []string
}

func (p patterns) pick(all ...string) string { return all[p.IntN(len(all))] }

func (p patterns) alternatives(depth int) string {
	s := p.sequence(depth)
	for p.IntN(4) == 0 {
		s += "|"
		if p.IntN(6) > 0 {
			s += p.sequence(depth)
		}
	}
	return s
}

func (p patterns) sequence(depth int) (s string) {
	for range 1 + p.IntN(4) {
		s += p.atom(depth) + p.pick("", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{1,}", "{0}")
	}
	return s
}

func (p patterns) atom(depth int) string {
	switch n := p.IntN(13); {
	case n < 4:
		return p.pick("a", "b", "c", " ", "1", "-", "é", `\.`, `\[`, "A", "B", "_")
	case n == 4:
		return p.pick(".", `\d`, `\w`, `\s`, `\S`, `\W`, `\D`, `\h`, `\v`, `\H`, `\V`, `\R`, `\p{Alpha}`, `\p{L}`, `\P{L}`, `\p{Lu}`, `\p{Punct}`, `\x41`, `\u0041`, `\t`, `\n`, `\e`, `\cA`, `\0101`, `\Qa.b\E`)
	case n < 7:
		return p.class(depth)
	case n == 7:
		return p.pick(p.anchors...)
	case n == 8:
		return p.pick("(?i)", "(?s)", "(?m)", "(?x)", "(?-i)", "(?is)", "(?d)")
	case depth == 0:
		return "a"
	case n == 9:
		return p.pick("(?:", "(?i:", "(?s:", fmt.Sprintf("(?<n%d>", p.IntN(99)), "(?-i:") + p.alternatives(depth-1) + ")"
	}
	return "(" + p.alternatives(depth-1) + ")"
}

func (p patterns) class(depth int) string {
	s := "[" + p.pick("", "", "", "^")
	for range 1 + p.IntN(3) {
		switch n := p.IntN(6); {
		case n == 0 && depth > 0:
			s += p.pick("", "&&") + p.class(depth-1)
		case n == 1:
			s += p.pick(`\d`, `\s`, `\w`, `\W`, `\]`, `\[`, `\-`, `\h`, `\p{L}`, `\n`, `\\`)
		case n == 2:
			s += p.pick("a-c", "A-Z", "0-9", "&&a-b", "&&^a", `&&\w`)
		default:
			s += p.pick("a", "b", "1", "-", "é", ".", "$", "^", "&", `"`, ",", "z")
		}
	}
	return s + "]"
}

func (p patterns) text() (s string) {
	for range p.IntN(9) {
		s += p.pick("a", "a", "b", "b", "c", "A", "B", "1", "2", " ", "-", "é", "É", ".", "\t", "\n", "\r\n", "_", "[", "]", `"`, "\u0085", "\u2028", "\u00a0", "\x0b", "k", "\u212a", "ſ", "s", "ß", "a.b", "\x01", "😀")
	}
	return s
}
