package tailer

import (
	"slices"
	"testing"
)

func TestRecords(t *testing.T) {
	for _, test := range []struct {
		data string
		want []int
	}{
		{"", nil},
		{"a\n", []int{2}},
		{"a\r\nb", []int{3, 4}},
		{"12345\n123456\r\n", []int{6, 11, 14}},
		{"1234567890123", []int{5, 10, 13}},
	} {
		if got := Records([]byte(test.data), 5); !slices.Equal(got, test.want) {
			t.Errorf("%q: ends %v, want %v", test.data, got, test.want)
		}
	}
}
