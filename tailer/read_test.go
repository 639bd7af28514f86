package tailer

import (
	"errors"
	"strings"
	"testing"
)

// TestFillProvesTheStart has a file cut and written anew before more than its first bytes were read: those before the position cannot tell.
func TestFillProvesTheStart(t *testing.T) {
	const known = "a line\nand a second one\n"
	for _, offset := range []int{0, 7} {
		w := &worker{}
		w.pos = Position{Offset: int64(offset), Before: digestOf([]byte(known[:offset])), Identity: Identity{Head: digestOf([]byte(known))}}
		for content, want := range map[string]error{
			known:                         nil,
			known + "third\n":             nil,
			"a line\n":                    errRewritten, // shorter than what is known of it
			"a line\nand quite another\n": errRewritten,
		} {
			w.src = strings.NewReader(content)
			c, err := w.fill(make([]byte, beforeSize+minBlockSize))
			if !errors.Is(err, want) || err == nil && string(c.data()) != content[offset:] {
				t.Errorf("from %d on, %q: %q, %v, want the error %v", offset, content, c.data(), err, want)
			}
		}
	}
}
