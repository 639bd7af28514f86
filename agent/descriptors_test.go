package agent

import "testing"

func TestShare(t *testing.T) {
	for _, c := range []struct {
		limit uint64
		flows int
		want  int
	}{
		{1024, 1, 464}, {1024, 4, 116}, {1 << 20, 1, mostOpen}, {1 << 40, 1, mostOpen}, {64, 1, leastOpen}, {1024, 0, 464}, {1024, 1000, leastOpen},
	} {
		if got := share(c.limit, c.flows); got != c.want {
			t.Errorf("of %d descriptors each of %d flows has %d, want %d", c.limit, c.flows, got, c.want)
		}
	}
	if n := maxOpen(1); n < leastOpen || n > mostOpen {
		t.Errorf("maxOpen = %d", n)
	}
}
