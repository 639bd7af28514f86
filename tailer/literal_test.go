package tailer

import "testing"

func TestLiteralMatchesOnlyItself(t *testing.T) {
	if got, want := Literal(`/a/b[1]*{x}?\c.log`), `/a/b\[1\]\*\{x\}\?\\c.log`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
