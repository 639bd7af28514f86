package key

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPattern(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	india, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 7, 15, 4, 9, 123e6, time.UTC) // a Saturday
	for _, tt := range []struct {
		pattern string
		at      time.Time
		want    string
	}{
		{"yyyy/MM/dd/HH/", at, "2026/03/07/15/"},
		{"yyyy-MM-dd'T'HH:mm:ss", at, "2026-03-07T15:04:09"},
		{"y yy yyy yyyyyy u", at, "2026 26 2026 002026 2026"},
		{"M MM MMM MMMM MMMMM L", at, "3 03 Mar March M 3"},
		{"d dd D DD DDD", at, "7 07 66 66 066"},
		{"H k K h a", at, "15 15 3 3 PM"},
		{"H k K h a", at.Add(-15 * time.Hour), "0 24 0 12 AM"},
		{"HH kk KK hh", at.Add(-3 * time.Hour), "12 12 00 12"},
		{"m mm s ss S SSS", at, "4 04 9 09 0 000"},
		{"E EEE EEEE EEEEE e ee c", at, "Sat Sat Saturday S 7 07 7"},
		{"Q QQ QQQ QQQQ QQQQQ q", at, "1 01 Q1 1st quarter 1 1"},
		{"Y-w W", at, "2026-10 1"},
		{"Y-ww W", at.AddDate(0, 0, 1), "2026-11 2"},
		{"Y-ww YY", time.Date(2026, 12, 27, 0, 0, 0, 0, time.UTC), "2027-01 27"},
		{"Y-ww", time.Date(2026, 12, 26, 0, 0, 0, 0, time.UTC), "2026-52"},
		{"Y-ww", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "2026-01"},
		{"X XX XXX x xxx Z ZZZZ ZZZZZ z VV", at, "Z Z Z +00 +00:00 +0000 GMT Z UTC UTC"},
		{"X XX XXX x Z ZZZZ ZZZZZ z VV", at.In(berlin), "+01 +0100 +01:00 +01 +0100 GMT+01:00 +01:00 CET Europe/Berlin"},
		{"X xx HH:mm", at.In(india), "+0530 +0530 20:34"},
		{"X", at.In(time.FixedZone("", -3600)), "-01"},
		{"'year='yyyy''MM'o''clock'", at, "year=2026'03o'clock"},
		{"", at, ""},
		{"_-=/.: 日", at, "_-=/.: 日"},
	} {
		p, err := parsePattern(tt.pattern)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if got := string(p.append(nil, tt.at)); got != tt.want {
			t.Errorf("%s gives %q, want %q", tt.pattern, got, tt.want)
		}
	}
}

func TestPatternRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		"yyyy-bb":    `no letter 'b'`,
		"T":          `no letter 'T'`,
		"ddd":        `'d' has at most 2`,
		"MMMMMM":     `'M' has at most 5`,
		"V":          `'V' cannot be 1`,
		"yyyy'T":     "ends inside a quoted text",
		"[yyyy]":     `'[' is reserved`,
		"aa":         `'a' has at most 1`,
		"SSSSSSSSSS": `'S' has at most 9`,
	} {
		if _, err := parsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

const uuidPattern = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`

func TestKey(t *testing.T) {
	at := time.Date(2026, 3, 7, 23, 4, 9, 0, time.UTC)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		prefix, errorPrefix, ext string
		zone                     *time.Location
		want                     string
	}{
		{"", "", "", time.UTC, `2026/03/07/23/web-1-2026-03-07-23-04-09-` + uuidPattern},
		{"", "", ".gz", tokyo, `2026/03/08/08/web-1-2026-03-08-08-04-09-` + uuidPattern + `\.gz`},
		{"logs/", "errors/", ".gz", time.UTC, `logs/2026/03/07/23/web-1-.*\.gz`},
		{"logs", "", "", time.UTC, `logs2026/03/07/23/web-1-.*`},
		{"a/!{timestamp:yyyy}/", "e/!{firehose:error-output-type}/", "", time.UTC, `a/2026/web-1-.*`},
		{"!{timestamp:yyyy-MM}-!{timestamp:dd'}", "e", "", time.UTC, ""},
		{"!{timestamp:'y='yyyy}/!{timestamp:HH}/", "e/", "", tokyo, `y=2026/08/web-1-.*`},
		{"!{firehose:random-string}/", "e/", "", time.UTC, `[0-9A-Z]{11}/web-1-.*`},
		{"a!b{c}$/", "", "", time.UTC, `a!b\{c\}\$/2026/03/07/23/web-1-.*`},
	} {
		n, err := New(Config{Stream: "web", Version: "1", Prefix: tt.prefix, ErrorPrefix: tt.errorPrefix, Extension: tt.ext, Zone: tt.zone})
		if err != nil {
			if tt.want != "" {
				t.Errorf("%q: %v", tt.prefix, err)
			}
			continue
		}
		a, b := n.Key(at), n.Key(at)
		if !regexp.MustCompile("^" + tt.want + "$").MatchString(a) {
			t.Errorf("%q gives %q, want %s", tt.prefix, a, tt.want)
		}
		if a == b {
			t.Errorf("%q gives %q twice", tt.prefix, a)
		}
	}
}

func TestPrefixRefused(t *testing.T) {
	for _, tt := range []struct{ prefix, errorPrefix, want string }{
		{"!{timestamp:yyyy}/", "", "ErrorOutputPrefix: it cannot be empty when Prefix contains expressions"},
		{"!{timestamp:yyyy", "e/", "Prefix: the expression !{timestamp:yyyy has no end"},
		{"!{yyyy}", "e/", "Prefix: the expression !{yyyy} is not of the form"},
		{"!{timestamp:}", "e/", "is not of the form"},
		{"!{time:yyyy}", "e/", `there is no namespace "time"`},
		{"!{timestamp:bbb}", "e/", "Prefix: the expression !{timestamp:bbb}: the date format has no letter 'b'"},
		{"!{firehose:random}", "e/", "the firehose namespace has random-string"},
		{"!{firehose:error-output-type}", "e/", "can only be part of ErrorOutputPrefix"},
		{"!{partitionKeyFromQuery:k}", "e/", "Dynamic Partitioning Namespaces can only be part"},
		{"", "!{timestamp:yyyy}/", "must contain !{firehose:error-output-type}"},
		{"", "!{nothing:x}/", "ErrorOutputPrefix: the expression !{nothing:x}"},
		{strings.Repeat("p", 513), "", "513 characters"},
		{strings.Repeat("!{timestamp:MMMM}", 57), "e/", "513 characters"},
	} {
		_, err := New(Config{Stream: "web", Version: "1", Prefix: tt.prefix, ErrorPrefix: tt.errorPrefix, Zone: time.UTC})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q, %q: %v, want %q", tt.prefix, tt.errorPrefix, err, tt.want)
		}
	}
	if _, err := New(Config{Prefix: strings.Repeat("p", 512), Zone: time.UTC}); err != nil {
		t.Errorf("512 characters: %v", err)
	}
}

func FuzzPrefix(f *testing.F) {
	for _, s := range []string{"logs/", "!{timestamp:yyyy'x'}/", "!{firehose:random-string}", "!{timestamp:MMMM", "''"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, prefix string) {
		n, err := New(Config{Stream: "web", Version: "1", Prefix: prefix, ErrorPrefix: "e/", Zone: time.UTC})
		if err != nil {
			return
		}
		key := n.Key(time.UnixMilli(1700000000000))
		if len(key) > 4*maxPrefix+200 || !strings.Contains(key, "web-1-2023-11-14-22-13-20-") {
			t.Errorf("%q gives %q", prefix, key)
		}
		if !strings.Contains(prefix, "!{") && !strings.HasPrefix(key, prefix+"2023/11/14/22/") {
			t.Errorf("%q gives %q", prefix, key)
		}
	})
}
