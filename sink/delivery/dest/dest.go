// Package dest holds the object stores that the bundled Firehose delivers to: a folder, and anything that speaks the S3
// protocol. One file each; package-wide is only the small interface that they share.
//
// A delivery stream may have to write an object more than once: the first attempt failed half-way, or the program was
// killed between the object and the note of it. It then comes with the same key and the same bytes, and the store ends up
// with the one object.
package dest

import (
	"context"
	"errors"
	"io"
)

// Meta is what an object store keeps beside an object's bytes. A folder has no place for it.
type Meta struct {
	ContentType     string // such as application/octet-stream
	ContentEncoding string // such as gzip; empty for none
}

// Store is an object store.
type Store interface {
	// Put stores what body writes under key and returns when the object is durable. An object of that key is replaced, at
	// once and as a whole: nobody ever sees part of one. body writes to w from the goroutine of the call, and may be
	// called again by a later Put. An error of body is returned as it is, wrapped; nothing is stored then. After any other
	// error the object may be there or not, and Put may be called again. The context ends the wait for a slow store.
	Put(ctx context.Context, key string, meta Meta, body func(w io.Writer) error) error
}

// Checker is a Store that can say beforehand whether it could take a key.
type Checker interface {
	// Check returns ErrKey with the reason for a key that the store cannot take.
	Check(key string) error
}

// ErrKey is the error of a key that a store cannot take, however often it is tried.
var ErrKey = errors.New("the key cannot be stored")

// contextWriter stops a body when its context has ended.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
