package tailer

import (
	"fmt"
	"slices"
	"strings"
)

// maxUnread is how many errors an UnreadError keeps.
const maxUnread = 16

// UnreadError says what a run with Config.Once could not read, or not to its end. Everything else was read.
type UnreadError struct {
	Count int     // of errors
	Errs  []error // the first of them; each names its file or directory
}

// Error says what was not read, and why.
func (e *UnreadError) Error() string {
	texts := make([]string, 0, len(e.Errs)+1)
	for _, err := range e.Errs {
		texts = append(texts, err.Error())
	}
	if more := e.Count - len(e.Errs); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors.
func (e *UnreadError) Unwrap() []error { return e.Errs }

// fail keeps what could not be read for the answer of a run with Once. What is tried again is kept once.
func (t *Tailer) fail(err error) {
	if !t.cfg.Once {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost == nil {
		t.lost = new(UnreadError)
	}
	e := t.lost
	if slices.ContainsFunc(e.Errs, func(old error) bool { return old.Error() == err.Error() }) {
		return
	}
	if e.Count++; len(e.Errs) < maxUnread {
		e.Errs = append(e.Errs, err)
	}
}

// unread is what could not be read, or nil.
func (t *Tailer) unread() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost == nil {
		return nil
	}
	return t.lost
}
