package framing

import (
	"strings"
	"testing"
	"time"
)

// utf16 writes ASCII text in UTF-16.
func utf16Text(text string, big bool) string {
	var b strings.Builder
	for _, r := range text {
		if big {
			b.WriteString(string([]byte{byte(r >> 8), byte(r)}))
		} else {
			b.WriteString(string([]byte{byte(r), byte(r >> 8)}))
		}
	}
	return b.String()
}

func TestFrame(t *testing.T) {
	const max = 8
	start := Multiline{Start: `^\d`}
	for _, c := range []struct {
		name string
		cfg  Config
		data string
		want string
	}{
		{"lines", Config{}, "a\nb\r\n\n\x00c\nd\re\nf", "a\n|b\r\n|\n|\x00c\n|d\re\n|f|"},
		{"split", Config{}, "123456789\n12345678\r\nx\n", "12345678|9\n|12345678\r\n|x\n|"},
		{"split keeps characters whole", Config{}, "1234567é9\n", "1234567|é9\n|"},
		{"split cuts what is no UTF-8", Config{}, "1234567\xff\xff\n", "1234567\xff|\xff\n|"},
		{"truncate", Config{Oversize: Truncate}, "123456789\n12345678\r\n" + strings.Repeat("y", 40) + "\r\nz\n", "12345678\n|12345678\r\n|yyyyyyyy\n|z\n|"},
		{"truncate with a mark", Config{Oversize: Truncate, TruncateMark: "..."}, "123456789\n12345678\n", "12345...\n|12345678\n|"},
		{"truncate at the end", Config{Oversize: Truncate}, strings.Repeat("y", 40), "yyyyyyyy\n|"},
		{"bom", Config{}, "\xef\xbb\xbfa\n", "a\n|"},
		{"header", Config{SkipHeaderLines: 2}, "h\nh2\na\nb\n", "a\n|b\n|"},
		{"header only", Config{SkipHeaderLines: 2}, "h\nh2", ""},
		{"cr", Config{LineEnd: "\r"}, "a\rb\n\rc", "a\n|b\n\n|c|"},
		{"nul", Config{LineEnd: "\x00"}, "a\nb\x00c\x00", "a\nb\n|c\n|"},
		{"two characters", Config{LineEnd: "||"}, "a|b||c\n||", "a|b\n|c\n\n|"},
		{"crlf only", Config{LineEnd: "\r\n"}, "a\nb\r\nc\r\n", "a\nb\n|c\n|"},
		{"latin-1", Config{Encoding: Latin1}, "caf\xe9\r\n\xfc\xfc\xfc\xfc\xfc\n", "café\r\n|üüüü|ü\n|"},
		{"utf-16le", Config{Encoding: UTF16LE}, "\xff\xfe" + utf16Text("añ€\r\nb\n\nc", false), "añ€\r\n|b\n|\n|c|"},
		{"utf-16be", Config{Encoding: UTF16BE}, utf16Text("añ€\r\nb\n\nc", true), "añ€\r\n|b\n|\n|c|"},
		{"utf-16 by its mark", Config{Encoding: UTF16}, "\xfe\xff" + utf16Text("ab\n", true), "ab\n|"},
		{"utf-16 without a mark", Config{Encoding: UTF16}, utf16Text("ab\n", false), "ab\n|"},
		{"utf-16 line ends that are none", Config{Encoding: UTF16LE}, utf16Text("\u0a0a\u0a00\u000d\n", false), "\u0a0a\u0a00\r\n|"},
		{"utf-16 pairs and halves", Config{Encoding: UTF16LE}, "\x3d\xd8\x00\xde\x00\xdea\x00\x3d\xd8\n\x00\x3d\xd8", "😀\ufffda|\ufffd\n|\ufffd|"},
		{"utf-16 odd end", Config{Encoding: UTF16LE}, utf16Text("ab", false) + "c", "ab\ufffd|"},
		{"utf-16 split", Config{Encoding: UTF16LE}, utf16Text("123456789\n", false), "12345678|9\n|"},
		{"utf-16 truncated", Config{Encoding: UTF16BE, Oversize: Truncate}, utf16Text(strings.Repeat("1", 50)+"\nb\n", true), "11111111\n|b\n|"},
		{"utf-16 line end of its own", Config{Encoding: UTF16BE, LineEnd: ";"}, utf16Text("a;b;", true), "a\n|b\n|"},
		{"start", Config{Multiline: start}, "x\n1a\nb\r\n2\n3\nc", "x\n|1a\nb\r\n|2\n|3\nc|"},
		{"start, too long", Config{Multiline: start}, "1\nab\ncd\nef\n2\n", "1\nab\ncd\n|ef\n|2\n|"},
		{"start, truncated", Config{Multiline: start, Oversize: Truncate}, "1\nab\ncdefgh\nef\n2\n", "1\nab\ncde\n|2\n|"},
		{"start, truncated in a character", Config{Multiline: start, Oversize: Truncate}, "1\nabcd\né\n2\n", "1\nabcd\n|2\n|"},
		{"start, over-long line", Config{Multiline: start}, "1\n1234567890\n2\n", "1\n|12345678|90\n|2\n|"},
		{"continue", Config{Multiline: Multiline{Continue: `^\s`}}, "a\n b\nc\nd\n e\n", "a\n b\n|c\n|d\n e\n|"},
		{"end", Config{Multiline: Multiline{End: `;$`}}, "a\nb;\nc;\nd", "a\nb;\n|c;\n|d|"},
		{"lines", Config{Multiline: Multiline{Start: `^1`, MaxLines: 2}}, "1\na\nb\nc\n1\n", "1\na\n|b\nc\n|1\n|"},
		{"lines, truncated", Config{Oversize: Truncate, Multiline: Multiline{Start: `^1`, MaxLines: 2}}, "1\na\nb\nc\n1\n", "1\na\n|1\n|"},
	} {
		c.cfg.MaxRecord = max
		if got := all(t, c.cfg, c.data).texts(); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.data, got, c.want)
		}
	}
}

// TestGiantGroup: every piece of a group that is split is full and marked, and reading goes on after each.
func TestGiantGroup(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want int
	}{
		{Config{MaxRecord: 100, Multiline: Multiline{Start: `^1`}}, 50},
		{Config{MaxRecord: 1000, Multiline: Multiline{Start: `^1`, MaxLines: 5}}, 100},
		{Config{MaxRecord: 300, Multiline: Multiline{Start: `^1`, MaxLines: 5}, Container: CRI}, 100},
	} {
		line := "023456789\n"
		if c.cfg.Container != "" {
			line = cri("01", "o", "F", "023456789")
		}
		r := all(t, c.cfg, strings.Repeat(line, 500))
		if len(r.records) != c.want || r.split != c.want-1 || r.forced != 0 {
			t.Errorf("%+v: %d records, %d split, %d forced; want %d", c.cfg, len(r.records), r.split, r.forced, c.want)
		}
	}
}

func TestMarks(t *testing.T) {
	r := all(t, Config{MaxRecord: 4}, "a\n123456789\nb\n")
	var marks []string
	for _, g := range r.records {
		marks = append(marks, g.meta)
	}
	if got := strings.Join(marks, ","); got != ",split,split,," || r.split != 2 {
		t.Errorf("marks %q, %d split", got, r.split)
	}
	if starts := r.records[3].start; starts != 10 {
		t.Errorf("the last piece starts at %d, want 10", starts)
	}
}

// cri writes a line as a container runtime does: seconds, o or e, F or P, text.
func cri(seconds, stream, tag, text string) string {
	name := map[string]string{"o": "stdout", "e": "stderr"}[stream]
	return "2026-11-23T10:00:" + seconds + "Z " + name + " " + tag + " " + text + "\n"
}

func TestContainers(t *testing.T) {
	lines := func(all ...string) string { return strings.Join(all, "") }
	indented := Multiline{Continue: `^\s`, Timeout: time.Second}
	for _, c := range []struct {
		name    string
		cfg     Config
		data    string
		want    string
		foreign int
		forced  int
	}{
		{"cri", Config{Container: CRI}, lines(cri("01", "o", "F", "a b"), cri("01.5", "e", "F", ""), "2026-11-23T10:00:02+01:00 stdout F\n"),
			"a b\n@stdout 2026-11-23T10:00:01Z|\n@stderr 2026-11-23T10:00:01.5Z|\n@stdout 2026-11-23T10:00:02+01:00|", 0, 0},
		{"tags", Config{Container: CRI}, cri("01", "o", "F:x", "a"), "a\n@stdout 2026-11-23T10:00:01Z|", 0, 0},
		{"joined", Config{Container: CRI}, lines(cri("01", "o", "P", "he"), cri("01", "e", "F", "err"), cri("02", "o", "P", "ll"), cri("03", "o", "F", "o")),
			"err\n@stderr 2026-11-23T10:00:01Z|hello\n@stdout 2026-11-23T10:00:01Z|", 0, 0},
		{"no rest", Config{Container: CRI}, cri("01", "o", "P", "he"), "he@stdout 2026-11-23T10:00:01Z|", 0, 0},
		{"rest too late", Config{Container: CRI, PartialTimeout: time.Second}, lines(cri("01", "o", "P", "he"), cri("03", "e", "F", "x"), cri("04", "o", "F", "llo")),
			"he@stdout 2026-11-23T10:00:01Z|x\n@stderr 2026-11-23T10:00:03Z|llo\n@stdout 2026-11-23T10:00:04Z|", 0, 0},
		{"foreign", Config{Container: Auto}, "plain\n{\"a\":1}\n2026 stdout F x\n", "plain\n@|{\"a\":1}\n@|2026 stdout F x\n@|", 3, 0},
		{"docker", Config{Container: Docker}, `{"log":"a\u00e9\ud83d\ude00\t\"\\\n","stream":"stderr","attrs":{"x":["}"]},"time":"2026-11-23T10:00:01Z"}` + "\n",
			"aé😀\t\"\\\n@stderr 2026-11-23T10:00:01Z|", 0, 0},
		{"docker, joined", Config{Container: Auto}, `{"log":"a","stream":"stdout"}` + "\n" + `{"log":"b\n","stream":"stdout"}` + "\n", "ab\n@stdout|", 0, 0},
		{"groups by stream", Config{Container: CRI, Multiline: indented},
			lines(cri("01", "o", "F", "a"), cri("01", "e", "F", "x"), cri("01", "o", "F", " b"), cri("01", "e", "F", " y"), cri("01.2", "o", "F", "c")),
			"a\n b\n@stdout 2026-11-23T10:00:01Z|c\n@stdout 2026-11-23T10:00:01.2Z|x\n y\n@stderr 2026-11-23T10:00:01Z|", 0, 0},
		{"group too late", Config{Container: CRI, Multiline: indented}, lines(cri("01", "o", "F", "a"), cri("02.5", "o", "F", " b")),
			"a\n@stdout 2026-11-23T10:00:01Z| b\n@stdout 2026-11-23T10:00:02.5Z|", 0, 0},
		{"joined before grouped", Config{Container: CRI, Multiline: Multiline{Start: `^\d{4}-`}},
			lines(cri("01", "o", "P", "20"), cri("01", "o", "F", "26-1"), cri("01", "o", "F", "more"), cri("01", "o", "P", "2026"), cri("01", "o", "F", "-2")),
			"2026-1\nmore\n@stdout 2026-11-23T10:00:01Z|2026-2\n@stdout 2026-11-23T10:00:01Z|", 0, 0},
		{"joined and too long", Config{Container: CRI, MaxRecord: 300}, lines(cri("01", "o", "P", strings.Repeat("a", 200)), cri("02", "o", "P", strings.Repeat("b", 200)), cri("03", "o", "F", "c")),
			strings.Repeat("a", 200) + "@stdout 2026-11-23T10:00:01Z split|" + strings.Repeat("b", 200) + "c\n@stdout 2026-11-23T10:00:02Z|", 0, 0},
		{"joined and truncated", Config{Container: CRI, MaxRecord: 300, Oversize: Truncate}, lines(cri("01", "o", "P", strings.Repeat("a", 200)), cri("02", "o", "P", strings.Repeat("b", 200)), cri("03", "o", "F", "c")),
			strings.Repeat("a", 200) + strings.Repeat("b", 100) + "\n@stdout 2026-11-23T10:00:01Z truncated|", 0, 0},
		{"joined, truncated in a character", Config{Container: CRI, MaxRecord: 300, Oversize: Truncate}, lines(cri("01", "o", "P", strings.Repeat("a", 299)), cri("02", "o", "P", "éb"), cri("03", "o", "F", "c")),
			strings.Repeat("a", 299) + "\n@stdout 2026-11-23T10:00:01Z truncated|", 0, 0},
		{"cri of a terminal", Config{Container: CRI, Multiline: Multiline{End: "b$"}}, lines(cri("01", "o", "F", "a\r"), cri("01", "o", "P", "b\r"), cri("01", "o", "F", "b\r"), cri("01", "o", "F", "\r")),
			"a\r\nb\rb\r\n@stdout 2026-11-23T10:00:01Z|\r\n@stdout 2026-11-23T10:00:01Z|", 0, 0},
		{"docker of a terminal", Config{Container: Docker, Multiline: Multiline{End: "b$"}}, `{"log":"a\r\n"}` + "\n" + `{"log":"b\r\n"}` + "\r\n" + `{"log":"\r\n"}`,
			"a\r\nb\r\n@|\r\n@|", 0, 0},
		{"no clean cut", Config{Container: CRI, MaxRecord: 300, Multiline: Multiline{End: `^\.$`}},
			lines(cri("01", "e", "F", "x"), strings.Repeat(cri("01", "o", "F", strings.Repeat("a", 990)), 300)), "", 0, 1},
	} {
		if c.cfg.MaxRecord == 0 {
			c.cfg.MaxRecord = 1000
		}
		r := all(t, c.cfg, c.data)
		var b strings.Builder
		for _, g := range r.records {
			b.WriteString(g.text + "@" + g.meta + "|")
		}
		if got := b.String(); c.want != "" && got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if r.foreign != c.foreign || (r.forced > 0) != (c.forced > 0) {
			t.Errorf("%s: %d foreign lines, %d forced; want %d, %d", c.name, r.foreign, r.forced, c.foreign, c.forced)
		}
	}
}

// TestClose: what goes out at a time-out, and what waits.
func TestClose(t *testing.T) {
	group := Config{MaxRecord: 100, Multiline: Multiline{Start: `^\d`}}
	wide := Config{MaxRecord: 100, Encoding: UTF16LE}
	container := Config{MaxRecord: 100, Container: CRI, Multiline: Multiline{Start: `^\d`}}
	for _, c := range []struct {
		name string
		cfg  Config
		data string
		how  Close
		want string
		pos  int
	}{
		{"nothing", group, "1\na\nrest", Nothing, "", 0},
		{"groups", group, "1\na\nrest", Groups, "1\na\n|", 4},
		{"lines", group, "1\na\nrest", Lines, "1\na\nrest|", 8},
		{"half a unit", wide, "a\x00b", Lines, "a|", 2},
		{"half a pair", wide, "a\x00\x3d\xd8", Lines, "a|", 2},
		{"half a pair at the end", wide, "a\x00\x3d\xd8", EndOfFile, "a\ufffd|", 4},
		{"partial line", container, cri("01", "o", "F", "1") + cri("01", "e", "P", "x"), Groups, "", 0},
		{"header", Config{MaxRecord: 9, SkipHeaderLines: 1}, "head", Lines, "", 0},
		{"header at the end", Config{MaxRecord: 9, SkipHeaderLines: 1}, "head", EndOfFile, "", 4},
	} {
		r := newReader(t, c.cfg, c.data, 1<<16)
		r.read(len(c.data), c.how)
		if got := r.texts(); got != c.want || r.pos != c.pos {
			t.Errorf("%s: got %q up to %d, want %q up to %d", c.name, got, r.pos, c.want, c.pos)
		}
	}
}

func TestStop(t *testing.T) {
	for _, cfg := range []Config{{MaxRecord: 9}, {MaxRecord: 9, Encoding: Latin1}} {
		rules, _ := Compile(cfg)
		for stop, want := range map[int64]int{1: 2, 2: 2, 3: 4, 5: 6, 9: 6} {
			if r := rules.NewFramer().Frame(Input{Data: []byte("a\nb\nc\nd"), Stop: stop + 100, At: 100}); r.Taken != want {
				t.Errorf("%s: stop at %d takes %d bytes, want %d", cfg.Encoding, stop, r.Taken, want)
			}
		}
	}
}

func TestFindEnd(t *testing.T) {
	for _, c := range []struct {
		cfg         Config
		data        string
		at          int64
		first, last int
	}{
		{Config{}, "ab\nc\nd", 0, 3, 5},
		{Config{}, "abc", 0, -1, -1},
		{Config{LineEnd: "ab"}, "xabyab", 0, 3, 6},
		{Config{Encoding: UTF16LE}, "\n\x00a\x00\n\x00", 2, 2, 6},
		{Config{Encoding: UTF16LE}, "x\n\x00a\n\x00", 3, 3, 3},
		{Config{Encoding: UTF16BE}, "\x00\n\x00a", 2, 2, 2},
	} {
		c.cfg.MaxRecord = 100
		rules, err := Compile(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		f := rules.NewFramer()
		if first, last := f.FindEnd([]byte(c.data), c.at, false), f.LastEnd([]byte(c.data), c.at, false); first != c.first || last != c.last {
			t.Errorf("%+v %q: %d and %d, want %d and %d", c.cfg, c.data, first, last, c.first, c.last)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	_, err := Compile(Config{Encoding: "utf-61", Oversize: "drop", Container: "podman", LineEnd: strings.Repeat("x", 17), SkipHeaderLines: -1,
		TruncateMark: "x", Multiline: Multiline{Mode: "perl", Start: "(", End: ")", MaxLines: -1, Timeout: -1}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, key := range []string{"encoding", "oversize", "container", "line_end", "skip_header_lines", "max_record", "truncate_mark",
		"multiline.mode", "multiline.start", "multiline.end", "multiline.max_lines", "multiline.timeout"} {
		if !strings.Contains(err.Error(), "framing: "+key+": ") {
			t.Errorf("nothing is said of %s: %v", key, err)
		}
	}
}

func TestParseTime(t *testing.T) {
	for _, text := range []string{"2026-11-23T10:00:01.123456789Z", "2024-02-29T23:59:59Z", "1970-01-01T00:00:00.5+02:00", "2100-03-01T00:00:00-11:30"} {
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parseTime([]byte(text)); !ok || got != want.UnixNano() {
			t.Errorf("%s: %d %v, want %d", text, got, ok, want.UnixNano())
		}
	}
	for _, text := range []string{"", "2026-11-23 10:00:01Z", "2026-11-23T10:00:01", "2026-13-23T10:00:01Z", "2026-11-23T10:00:01+02", "9999-11-23T10:00:01Z", "2026-11-23T10:00:01.5"} {
		if _, ok := parseTime([]byte(text)); ok {
			t.Errorf("%q is taken for a time", text)
		}
	}
}

func TestPodOf(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for path, want := range map[string]Pod{
		"/var/log/pods/shop_web-1_12-34/nginx/0.log":                       {"shop", "web-1", "nginx"},
		"/var/log/pods/shop_web-1_12-34/nginx/0.log.20261123-100000":       {"shop", "web-1", "nginx"},
		"/host/var/log/containers/web-1_shop_nginx-sidecar-" + id + ".log": {"shop", "web-1", "nginx-sidecar"},
		"/var/log/containers/web-1_shop_nginx-0123.log":                    {},
		"/var/log/nginx/access.log":                                        {},
		"/var/log/pods/shop_web/nginx/0.log":                               {},
		"0.log":                                                            {},
	} {
		if got, ok := PodOf(path); ok != (want != Pod{}) || ok && got != want {
			t.Errorf("PodOf(%s) = %+v, %v; want %+v", path, got, ok, want)
		}
	}
}
