package awsapi

import (
	"math"
	"testing"
	"time"
)

func TestAppendTime(t *testing.T) {
	for _, c := range []struct {
		ms   int64
		want string
	}{
		{0, "0.000"}, {1, "0.001"}, {1600000000000, "1600000000.000"}, {1700000000123, "1700000000.123"}, {-1500, "-1.500"},
		{253402300799999, "253402300799.999"},
	} {
		if got := string(appendTime(nil, time.UnixMilli(c.ms))); got != c.want {
			t.Errorf("%d ms: %s, want %s", c.ms, got, c.want)
		}
	}
	if got := string(appendTime(nil, time.Unix(5, 999_999_999))); got != "5.999" {
		t.Errorf("a part of a millisecond is rounded: %s", got)
	}
}

func TestParseTime(t *testing.T) {
	for _, c := range []struct {
		in string
		ms int64
		ok bool
	}{
		{"0", 0, true}, {"1700000000.123", 1700000000123, true}, {"1.6E9", 1600000000000, true}, {"-1.5", -1500, true},
		{"1700000000.1236", 1700000000124, true}, {"253402300799", 253402300799000, true},
		{"253402300800", 0, false}, {"1e300", 0, false}, {"-1e999", 0, false},
	} {
		got, ok := parseTime([]byte(c.in))
		if ok != c.ok || (ok && got.UnixMilli() != c.ms) {
			t.Errorf("%s: %v %v, want %d %v", c.in, got, ok, c.ms, c.ok)
		}
	}
}

func TestTimesComeBackToTheMillisecond(t *testing.T) {
	r := seeded(t)
	for range 10_000 {
		want := time.UnixMilli(r.Int64N(2*maxSeconds*1000) - maxSeconds*1000).UTC()
		if got, ok := parseTime(appendTime(nil, want)); !ok || !got.Equal(want) {
			t.Fatalf("%v comes back as %v, %v", want, got, ok)
		}
	}
}

func TestParseInteger(t *testing.T) {
	for _, c := range []struct {
		in   string
		bits int
		want int64
		ok   bool
	}{
		{"0", 32, 0, true}, {"-1", 32, -1, true}, {"2147483647", 32, math.MaxInt32, true}, {"2147483648", 32, 0, false},
		{"-2147483648", 32, math.MinInt32, true}, {"-2147483649", 32, 0, false}, {"2147483648", 64, 2147483648, true},
		{"9223372036854775807", 64, math.MaxInt64, true}, {"9223372036854775808", 64, 0, false},
		{"5.0", 32, 5, true}, {"5e1", 32, 50, true}, {"5.5", 32, 0, false}, {"1e10", 32, 0, false}, {"1e10", 64, 1e10, true},
		{"1e400", 64, 0, false},
	} {
		got, ok := parseInteger([]byte(c.in), c.bits)
		if ok != c.ok || (ok && got != c.want) {
			t.Errorf("%s in %d bits: %d %v, want %d %v", c.in, c.bits, got, ok, c.want, c.ok)
		}
	}
}

func TestAppendDouble(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 0.05: "0.05", -2.5: "-2.5", 1e21: "1000000000000000000000", 1e-7: "0.0000001", math.Inf(1): "0", math.NaN(): "0",
	} {
		if got := string(appendDouble(nil, f)); got != want {
			t.Errorf("%g: %s, want %s", f, got, want)
		}
	}
}
