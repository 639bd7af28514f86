package awsapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
)

const (
	defaultBody = 2 << 20   // the bound of a body, unless the operation has its own
	firstRead   = smallBody // is allocated before any byte has come, whatever length is announced
	maxPooled   = 1 << 20   // larger buffers are not kept
)

// buffers keeps the buffers of bodies and answers between requests.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[]byte {
	if buf, ok := b.pool.Get().(*[]byte); ok {
		return buf
	}
	buf := make([]byte, 0, firstRead)
	return &buf
}

func (b *buffers) put(buf *[]byte) {
	if cap(*buf) <= maxPooled {
		*buf = (*buf)[:0]
		b.pool.Put(buf)
	}
}

// readBody appends the body of r to dst, up to limit bytes. Memory grows with what has arrived, not with what was announced.
func readBody(dst []byte, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return dst, tooLarge(limit)
	}
	for {
		if len(dst) == cap(dst) {
			more := max(len(dst), firstRead)
			if r.ContentLength > int64(len(dst)) {
				more = min(more, int(r.ContentLength)-len(dst)+1) // one more, to see the end
			}
			dst = slices.Grow(dst, more)
		}
		n, err := r.Body.Read(dst[len(dst):min(int64(cap(dst)), limit+1)])
		dst = dst[:len(dst)+n]
		if int64(len(dst)) > limit {
			return dst, tooLarge(limit)
		}
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, &Error{Code: codeSerialization, Message: "The request body ended early"}
		}
	}
}

func tooLarge(limit int64) error {
	return &Error{Code: codeTooLarge, Status: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("The request body is larger than the %d bytes that this operation takes", limit)}
}
