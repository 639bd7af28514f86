package strict

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// unit is a name for a number of bytes.
type unit struct {
	name  string
	bytes int64
}

// units returns the units of sizes, the largest first in each family.
func units() []unit {
	return []unit{
		{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
		{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"kB", 1e3}, {"B", 1},
	}
}

// ParseSize reads a number of bytes: a whole number, with or without one of the units B, KB, MB, GB, TB (powers of 1000)
// and KiB, MiB, GiB, TiB (powers of 1024).
func ParseSize(text string) (int64, error) {
	number, per := text, int64(1)
	for _, u := range units() {
		if rest, ok := strings.CutSuffix(text, u.name); ok {
			number, per = strings.TrimSuffix(rest, " "), u.bytes
			break
		}
	}
	v, err := strconv.ParseUint(number, 10, 63)
	if err != nil || int64(v) > math.MaxInt64/per {
		return 0, fmt.Errorf("%q must be a size such as 64KiB, 5MB or 1024%s", text, nearSize(text))
	}
	return int64(v) * per, nil
}

// nearSize asks for the size that was meant, if the unit is only misspelt: 64kib, 5M.
func nearSize(text string) string {
	number := strings.TrimRight(text, " bBiIkKmMgGtT")
	given := strings.ToLower(strings.TrimSpace(text[len(number):]))
	for _, u := range units() {
		name := strings.ToLower(u.name)
		if _, err := strconv.ParseUint(number, 10, 63); err == nil && given != "" && (name == given || name == given+"ib") {
			return fmt.Sprintf("; did you mean %q?", number+u.name)
		}
	}
	return ""
}

// FormatSize writes a number of bytes as ParseSize reads it, in the largest unit that divides it: 64KiB, 5MB, 1000001.
func FormatSize(n int64) string {
	for _, u := range units() {
		if u.bytes > 1 && n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// FormatDuration writes a time without units that are zero: 1m, not 1m0s.
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
