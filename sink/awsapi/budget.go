package awsapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// defaultMemory is the bound of all request bodies together, and once more of all answers.
	defaultMemory = 64 << 20

	// smallBody is what a request counts at least. 4096 connections with small requests fit beside one another.
	smallBody = 8 << 10

	// maxWait is how long a request waits for its share before it is turned away; clients try again then.
	maxWait = 10 * time.Second

	// A body has bodyStart plus a second for each bodyRate bytes to arrive: whoever is slower must not hold the share of others.
	bodyStart = 10 * time.Second
	bodyRate  = 256 << 10
)

// budget bounds the memory of what clients make the server hold at a time. A share is taken before the first byte is read,
// all of it at once, in the order of arrival: so two half-read bodies can never wait for one another.
type budget struct {
	size int64
	room *semaphore.Weighted
}

func newBudget(size int64) *budget {
	if size <= 0 {
		size = defaultMemory
	}
	return &budget{size: size, room: semaphore.NewWeighted(size)}
}

// take waits for n bytes, or for all there are if n is more.
func (b *budget) take(ctx context.Context, n int64) (*share, error) {
	n = min(n, b.size)
	if b.room.TryAcquire(n) {
		return &share{b, n}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	if err := b.room.Acquire(ctx, n); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = &Error{Code: codeUnavailable, Status: http.StatusServiceUnavailable,
				Message: "The server holds as much as it may of other requests. Please retry."}
		}
		return nil, err
	}
	return &share{b, n}, nil
}

// share is what one request holds of a budget. It belongs to one goroutine.
type share struct {
	b *budget
	n int64
}

// keep gives back what is over n bytes.
func (s *share) keep(n int64) {
	if n = max(n, 0); n < s.n {
		s.b.room.Release(s.n - n)
		s.n = n
	}
}

// bodySize is what the body of r counts: its announced size, the bound if none was announced, and nothing beyond the
// bound, since that is not read.
func bodySize(r *http.Request, limit int64) int64 {
	n := r.ContentLength
	switch {
	case n > limit:
		n = 0
	case n < 0:
		n = limit
	}
	return max(n, smallBody)
}

// hurry gives a body of n bytes the time that it may take, and returns what is to be called when it is there: a deadline that
// passes later would cancel the request. A body that did not come keeps its deadline, since the server still waits for it.
func hurry(w http.ResponseWriter, n int64) (arrived func()) {
	c := http.NewResponseController(w)
	if c.SetReadDeadline(time.Now().Add(bodyStart+time.Duration(n)*time.Second/bodyRate)) != nil {
		return func() {} // a writer without connection, as in tests
	}
	return func() { _ = c.SetReadDeadline(time.Time{}) }
}
