package strict

import (
	"math"
	"testing"
	"time"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1024": 1024, "1B": 1, "64KiB": 64 << 10, "5MiB": 5 << 20, "1GiB": 1 << 30, "2TiB": 2 << 40,
		"1KB": 1000, "1kB": 1000, "1MB": 1e6, "3GB": 3e9, "1TB": 1e12, "64 KiB": 64 << 10, "9223372036854775807": math.MaxInt64,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%q = %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "KiB", "-1", "+1", "1.5MiB", "1kib", "1K", "1 024", "0x10", "1_000", "9223372036854775808", "8388608TiB", "64  KiB", " 1", "1MiB "} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q = %d, want an error", text, got)
		}
	}
}

func TestFormats(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 1: "1", 1000: "1KB", 1024: "1KiB", 5 << 20: "5MiB", 1536: "1536", 1_000_001: "1000001", 1 << 40: "1TiB", 3e9: "3GB"} {
		got := FormatSize(n)
		if back, err := ParseSize(got); got != want || err != nil || back != n {
			t.Errorf("%d = %q (back %d, %v), want %q", n, got, back, err, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0s", time.Minute: "1m", time.Hour: "1h", 90 * time.Second: "1m30s", time.Hour + time.Minute: "1h1m",
		time.Hour + time.Second: "1h0m1s", 100 * time.Millisecond: "100ms", 10 * time.Second: "10s", 10 * time.Minute: "10m"} {
		got := FormatDuration(d)
		if back, err := time.ParseDuration(got); got != want || err != nil || back != d {
			t.Errorf("%d = %q (back %d, %v), want %q", d, got, back, err, want)
		}
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"paths", "exclude", "start", "max_record", "stream", "delivery_stream", "on"}
	for word, want := range map[string]string{
		"pahts": "paths", "path": "paths", "Paths": "paths", "exlude": "exclude", "excludes": "exclude", "max-record": "max_record", "maxrecord": "max_record",
		"steam": "stream", "streams": "stream", "deliverystream": "delivery_stream", "statr": "start", "no": "on", "x": "", "": "", "destination": "", "partition": "",
	} {
		if got := Nearest(word, keys); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := Nearest(string(make([]byte, 1000)), keys); got != "" {
		t.Errorf("a long word: got %q", got)
	}
}
