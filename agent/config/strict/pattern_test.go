package strict

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"
)

// TestPatterns compares the patterns of the schema with the decoder, on texts around the bounds and on random ones.
func TestPatterns(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, bounds := range [][2]int64{{0, 15}, {1, 1}, {256, 10 << 20}, {8 << 20, 1 << 40}, {1 << 10, 1 << 20}, {64 << 10, 1 << 50}, {0, 1 << 50}, {1000, 999_999}, {123, 45_678}} {
		low, high := bounds[0], bounds[1]
		number, size := regexp.MustCompile("^"+numberPattern(low, high)+"$"), regexp.MustCompile(sizePattern(low, high))
		for range 300 {
			u := units()[random.IntN(len(units()))]
			near := []int64{low, high, random.Int64N(high + 1), high / u.bytes, low / u.bytes}[random.IntN(5)]
			v := max(0, near+random.Int64N(5)-2)
			if got := number.MatchString(fmt.Sprint(v)); got != (low <= v && v <= high) {
				t.Errorf("%d of %d to %d: %t with %s", v, low, high, got, number)
			}
			for _, text := range []string{fmt.Sprint(v), fmt.Sprint(v, u.name), fmt.Sprintf("%d %s", v, u.name), fmt.Sprintf("00%d%s", v, u.name), u.name, "-1", "1.5" + u.name, "1  B"} {
				n, err := ParseSize(text)
				if want := err == nil && low <= n && n <= high; size.MatchString(text) != want {
					t.Errorf("%q of %d to %d: %t with %s", text, low, high, !want, size)
				}
			}
		}
	}
}

func TestDurationPatterns(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, bounds := range [][2]time.Duration{{0, 15 * time.Minute}, {10 * time.Millisecond, time.Hour}, {10 * time.Millisecond, 24 * time.Hour}, {time.Second, time.Second}} {
		low, high := bounds[0], bounds[1]
		pattern := regexp.MustCompile(durationPattern(int64(low), int64(high)))
		for range 300 {
			unit := []time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond, time.Second, time.Minute, time.Hour}[random.IntN(6)]
			v := max(0, int64([]time.Duration{low, high, time.Duration(random.Int64N(int64(high)))}[random.IntN(3)]/unit)+random.Int64N(5)-2)
			name := map[time.Duration]string{1: "ns", time.Microsecond: "us", time.Millisecond: "ms", time.Second: "s", time.Minute: "m", time.Hour: "h"}[unit]
			for _, text := range []string{fmt.Sprint(v, name), fmt.Sprint("+0", v, name), fmt.Sprint(v), name, "1 s", "5sec", "1h 5m"} {
				d, err := time.ParseDuration(text)
				if want := err == nil && low <= d && d <= high; pattern.MatchString(text) != want && text != "0" { // which has a form of its own
					t.Errorf("%q of %s to %s: %t with %s", text, low, high, !want, pattern)
				}
			}
		}
		for text, want := range map[string]bool{"1h30m": true, "1.5s": true, ".5s": true, "1.s1ms": true, "1.5": false, "1h30": false, "": false, ".s": false} {
			if pattern.MatchString(text) != want {
				t.Errorf("%q: %t", text, !want)
			}
		}
	}
}
