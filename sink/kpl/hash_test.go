package kpl

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestHashOf(t *testing.T) {
	for key, want := range map[string]string{
		"鍵🔑":  "317348552385730447329120253241074989439",
		"pk1": "329398341438914906102347661116985167824",
		"a":   "16955237001963240173058271559858726497",
		"":    "281949768489412648962353822266799178366",
	} {
		if got := HashOf([]byte(key)).String(); got != want {
			t.Errorf("HashOf(%q) = %s, want %s", key, got, want)
		}
	}
}

func bigOf(h Hash) *big.Int {
	n := new(big.Int).SetUint64(h.Hi)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(h.Lo))
}

func TestHashText(t *testing.T) {
	hashes := []Hash{{}, {0, 1}, {0, 1e19 - 1}, {0, 1e19}, {0, math.MaxUint64}, {1, 0}, {1 << 63, 0}, {math.MaxUint64, math.MaxUint64}}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		hashes = append(hashes, Hash{random.Uint64() >> random.IntN(64), random.Uint64() >> random.IntN(64)})
	}
	for power := big.NewInt(1); power.BitLen() <= 128; power.Mul(power, big.NewInt(10)) {
		lo := new(big.Int).And(power, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		hi := new(big.Int).Rsh(power, 64).Uint64()
		hashes = append(hashes, Hash{hi, lo}, Hash{hi, lo - 1}, Hash{hi, lo + 1})
	}
	for _, h := range hashes {
		text := h.String()
		if want := bigOf(h).String(); text != want {
			t.Errorf("%#v prints as %s, want %s", h, text, want)
		}
		if back, err := ParseHash(text); err != nil || back != h {
			t.Errorf("ParseHash(%s) = %v, %v, want %v", text, back, err, h)
		}
	}
}

func TestParseHashRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "-1", "+1", "1 ", "0x10", "1e3", "١", "340282366920938463463374607431768211456",
		"3402823669209384634633746074317682114550", "99999999999999999999999999999999999999999999999999999999999999999999999999999999999999",
	} {
		if h, err := ParseHash(text); err == nil {
			t.Errorf("ParseHash(%q) = %v, want an error", text, h)
		}
	}
	if h, err := ParseHash("0000000000000000000000000000000000000000000000000000000000000000007"); err != nil || h != (Hash{0, 7}) {
		t.Errorf("leading zeros: got %v, %v", h, err)
	}
}

func TestHashCompare(t *testing.T) {
	ordered := []Hash{{}, {0, 1}, {0, math.MaxUint64}, {1, 0}, {1, 5}, {2, 4}}
	for i, a := range ordered {
		for j, b := range ordered {
			want := max(-1, min(1, i-j))
			if got := a.Compare(b); got != want {
				t.Errorf("%v.Compare(%v) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("0")
	f.Add("340282366920938463463374607431768211455")
	f.Add("340282366920938463463374607431768211456")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseHash(text)
		plain := text != ""
		for i := range len(text) {
			plain = plain && text[i] >= '0' && text[i] <= '9'
		}
		want, ok := new(big.Int).SetString(text, 10)
		valid := plain && ok && want.BitLen() <= 128
		if valid != (err == nil) {
			t.Fatalf("ParseHash(%q): error %v, valid %v", text, err, valid)
		}
		if valid && bigOf(got).Cmp(want) != 0 {
			t.Fatalf("ParseHash(%q) = %v", text, got)
		}
	})
}
