package stream

import (
	"crypto/md5"
	"math/big"
	"strings"
	"testing"
)

func TestDivide(t *testing.T) {
	space := new(big.Int).Lsh(big.NewInt(1), 128)
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 10, 64, 1000, 9999, 10000} {
		step := new(big.Int).Div(space, big.NewInt(int64(n)))
		ranges := divide(n)
		if len(ranges) != n {
			t.Fatalf("%d ranges, want %d", len(ranges), n)
		}
		for i, r := range ranges {
			start := new(big.Int).Mul(step, big.NewInt(int64(i)))
			end := new(big.Int).Add(start, step)
			if i == n-1 {
				end.Set(space)
			}
			end.Sub(end, big.NewInt(1))
			if r.start.String() != start.String() || r.end.String() != end.String() {
				t.Errorf("%d of %d is %v to %v, want %v to %v", i, n, r.start, r.end, start, end)
			}
		}
	}
	two := divide(2)
	if two[0].end.String() != "170141183460469231731687303715884105727" || two[1].start.String() != "170141183460469231731687303715884105728" {
		t.Errorf("two shards: %v", two)
	}
}

func TestKeyHash(t *testing.T) {
	for _, key := range []string{"", "a", "partitionKey", strings.Repeat("ü", 256)} {
		sum := md5.Sum([]byte(key))
		if want := new(big.Int).SetBytes(sum[:]).String(); keyHash(key).String() != want {
			t.Errorf("hash of %q is %v, want %s", key, keyHash(key), want)
		}
	}
}

func TestParseHashKey(t *testing.T) {
	for _, good := range []string{"0", "1", "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211455"} {
		if k, err := parseHashKey(good); err != nil || k.String() != good {
			t.Errorf("%s is read as %v, %v", good, k, err)
		}
	}
	for _, bad := range []string{"", "-1", "a", "340282366920938463463374607431768211456", strings.Repeat("9", 39), strings.Repeat("1", 40)} {
		if k, err := parseHashKey(bad); err == nil {
			t.Errorf("%q is read as %v", bad, k)
		}
	}
}

func FuzzParseHashKey(f *testing.F) {
	f.Add("340282366920938463463374607431768211455")
	f.Add("007")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := parseHashKey(s)
		n, ok := new(big.Int).SetString(s, 10)
		digits := strings.Trim(s, "0123456789") == "" && s != "" && len(s) <= maxHashDigits
		if want := digits && ok && n.BitLen() <= 128; want != (err == nil) {
			t.Fatalf("%q: error %v", s, err)
		}
		if err == nil && k.String() != n.String() {
			t.Fatalf("%q is read as %v", s, k)
		}
	})
}
