package edit

import (
	"testing"
	"time"
)

func TestTimestamp(t *testing.T) {
	ts := func(to string, from ...string) []Spec {
		return []Spec{Timestamp{Field: "a", From: from, Zone: "UTC", To: to}}
	}
	runEdits(t, []editCase{
		{"apache", ts("", "apache"), `{"a":"10/Oct/2025:13:55:36 -0730"}`, `{"a":"2025-10-10T21:25:36Z"}`, 0},
		{"apache_error", ts("", "apache_error"), `{"a":"Mon Feb 05 04:47:44.123456 2024"}`, `{"a":"2024-02-05T04:47:44.123456Z"}`, 0},
		{"apache_error without a fraction", ts("", "%a %b %d %H:%M:%S %Y"), `{"a":"Mon Feb 05 04:47:44 2024"}`, `{"a":"2024-02-05T04:47:44Z"}`, 0},
		{"rfc3339", ts("unix_ns", "rfc3339"), `{"a":"2025-10-10t13:55:36.123456789+02:00"}`, `{"a":1760097336123456789}`, 0},
		{"rfc3339 with a blank", ts("", "rfc3339"), `{"a":"2025-10-10 13:55:36,5Z"}`, `{"a":"2025-10-10T13:55:36.5Z"}`, 0},
		{"syslog", ts("", "syslog"), `{"a":"Jan  1 00:00:01"}`, `{"a":"2026-01-01T00:00:01Z"}`, 0},
		{"syslog, the end of the year before", ts("", "syslog"), `{"a":"Dec 31 23:59:59.5"}`, `{"a":"2025-12-31T23:59:59.5Z"}`, 0},
		{"syslog, the 29th of February", ts("", "syslog"), `{"a":"Feb 29 10:11:12"}`, `{"a":"2024-02-29T10:11:12Z"}`, 0},
		{"unix", ts("", "unix"), `{"a":1760104536.25}`, `{"a":"2025-10-10T13:55:36.25Z"}`, 0},
		{"unix in text", ts("unix", "unix"), `{"a":"1760104536.25"}`, `{"a":1760104536.25}`, 0},
		{"before 1970", ts("", "unix"), `{"a":-1.5}`, `{"a":"1969-12-31T23:59:58.5Z"}`, 0},
		{"unix_ms", ts("", "unix_ms"), `{"a":1760104536250}`, `{"a":"2025-10-10T13:55:36.25Z"}`, 0},
		{"unix_us", ts("unix_ms", "unix_us"), `{"a":1760104536250999.75}`, `{"a":1760104536250}`, 0},
		{"unix_ns", ts("unix_us", "unix_ns"), `{"a":"1760104536250999888"}`, `{"a":1760104536250999}`, 0},
		{"the second layout", ts("%Y", "unix", "%d.%m.%Y"), `{"a":"1.2.2024"}`, `{"a":"2024"}`, 0},
		{"clock of twelve hours", ts("%H:%M", "%F %I:%M %p"), `{"a":"2024-02-05 12:30 am"}`, `{"a":"00:30"}`, 0},
		{"day of the year", ts("%F", "%Y %j"), `{"a":"2024 366"}`, `{"a":"2024-12-31"}`, 0},
		{"no such day of the year", ts("%F", "%Y %j"), `{"a":"2023 366"}`, `{"a":"2023 366"}`, 1},
		{"two digits of the year", ts("%F", "%y%m%d"), `{"a":"690102"}`, `{"a":"1969-01-02"}`, 0},
		{"two digits of the year, later", ts("%F", "%y%m%d"), `{"a":"680102"}`, `{"a":"2068-01-02"}`, 0},
		{"Go", ts("Mon, 2 Jan 2006 03:04:05.000 PM MST", "2006-01-02 15:04:05"), `{"a":"2024-02-05 00:04:05"}`, `{"a":"Mon, 5 Feb 2024 12:04:05.000 AM UTC"}`, 0},
		{"Go with a zone", ts("2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05Z0700"), `{"a":"2024-02-05T00:04:05.120+0100"}`, `{"a":"2024-02-04T23:04:05.12Z"}`, 0},
		{"all else", ts("%e|%y|%j|%I|%p|%f|%L|%N|%z|%:z|%Z|%a|%A|%b|%B|%s|%%", "unix_ms"), `{"a":1707094800123}`, `{"a":" 5|24|036|01|AM|123000|123|123000000|+0000|+00:00|UTC|Mon|Monday|Feb|February|1707094800|%"}`, 0},
		{"leap second", ts("", "rfc3339"), `{"a":"2016-12-31T23:59:60Z"}`, `{"a":"2017-01-01T00:00:00Z"}`, 0},
		{"no such day", ts("", "%F"), `{"a":"2023-02-29"}`, `{"a":"2023-02-29"}`, 1},
		{"no such hour", ts("", "rfc3339"), `{"a":"2023-02-28T24:00:00Z"}`, `{"a":"2023-02-28T24:00:00Z"}`, 1},
		{"text behind", ts("", "%F"), `{"a":"2023-02-28 "}`, `{"a":"2023-02-28 "}`, 1},
		{"empty", ts("", "%F", "unix", "syslog", "rfc3339"), `{"a":""}`, `{"a":""}`, 1},
		{"beyond the year 9999", ts("", "unix"), `{"a":999999999999999999999}`, `{"a":999999999999999999999}`, 1},
		{"nested", ts("", "unix"), `{"a":[1]}`, `{"a":[1]}`, 1},
		{"null", ts("", "unix"), `{"a":null}`, `{"a":null}`, 0},
		{"nothing", ts("", "unix"), `{"b":1}`, `{"b":1}`, 0},
		{"into", []Spec{Timestamp{Field: "a", From: []string{"unix"}, Into: "at", To: "unix_ms"}}, `{"a":1}`, `{"a":1,"at":1000}`, 0},
		{"zones", []Spec{Timestamp{Field: "a", From: []string{"%F %T"}, Zone: "Europe/Berlin", ToZone: "Asia/Kolkata"}}, `{"a":"2024-07-01 12:00:00"}`, `{"a":"2024-07-01T15:30:00+05:30"}`, 0},
		{"zone west", []Spec{Timestamp{Field: "a", From: []string{"unix"}, ToZone: "America/St_Johns", To: "%z"}}, `{"a":1707094800}`, `{"a":"-0330"}`, 0},
	})
}

// TestNearest: a stamp without a year is at most half a year away from the time of reading.
func TestNearest(t *testing.T) {
	l := must("%b %e %H:%M:%S")
	for _, c := range []struct{ now, stamp, want string }{
		{"2026-01-01T00:00:00Z", "Dec 31 23:59:59", "2025"}, {"2026-12-31T23:59:59Z", "Jan  1 00:00:00", "2027"}, {"2026-06-15T00:00:00Z", "Jun 15 00:00:00", "2026"},
		{"2026-12-01T00:00:00Z", "Jun 15 00:00:00", "2026"}, {"2026-01-01T00:00:00Z", "Jul  4 00:00:00", "2025"}, {"2027-03-01T00:00:00Z", "Feb 29 00:00:00", "2028"}, {"2102-01-01T00:00:00Z", "Feb 29 00:00:00", "2104"},
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		got, ok := l.read([]byte(c.stamp), time.UTC, now)
		if !ok || got.Format("2006") != c.want {
			t.Errorf("%s read at %s: %s, %v, want %s", c.stamp, c.now, got, ok, c.want)
		}
	}
}
