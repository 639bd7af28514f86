// Package faulty helps the tests of the delivery packages with disks that fail: what to ask before each operation, and an
// error that comes and goes.
package faulty

import (
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// Inject is asked before each operation on a disk that errorfs.Wrap makes; its error is what the operation fails with.
type Inject func(errorfs.Op) error

// MaybeError asks the function.
func (f Inject) MaybeError(op errorfs.Op) error { return f(op) }

// String names it in errorfs's own messages.
func (f Inject) String() string { return "inject" }

// Fault is an error that comes and goes while others look. The zero value is none.
type Fault struct {
	mu  sync.Mutex
	err error
}

// Set lets the fault be err from now on, or end with nil.
func (f *Fault) Set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// Get returns the error of the moment, or nil.
func (f *Fault) Get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
