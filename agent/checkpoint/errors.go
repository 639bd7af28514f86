package checkpoint

import (
	"fmt"
	"strings"
)

// LockedError says that another process has the store open.
type LockedError struct {
	Dir    string
	Name   string // of the store's file
	Holder string // what the holder wrote about itself; may be empty
}

// Error names the folder, the holder, and what to do.
func (e *LockedError) Error() string {
	holder := e.Holder
	if holder == "" {
		holder = "another process"
	}
	return fmt.Sprintf("checkpoint: %s in folder %s is in use by %s: stop that one first, or give this one a state_dir of its own", e.Name, e.Dir, holder)
}

// NewerError says that a newer weir wrote what this one was to read.
type NewerError struct {
	Path    string
	What    string
	Version int
	Known   int
}

// Error names what is newer, both formats, and what to do.
func (e *NewerError) Error() string {
	return fmt.Sprintf("checkpoint: %s: %s has format %d, this weir knows formats up to %d: run the newer weir that wrote it",
		e.Path, e.What, e.Version, e.Known)
}

// DamagedError says that the store cannot be trusted. The file itself is left where it is, so that no later start begins from nothing by mistake.
type DamagedError struct {
	Path     string
	Copy     string   // where a copy is kept; empty if it could not be made
	Problems []string // what was found, the first few
}

// Error says what is damaged, where a copy is, and what to do.
func (e *DamagedError) Error() string {
	kept := "no copy could be kept"
	if e.Copy != "" {
		kept = "a copy is kept as " + e.Copy
	}
	return fmt.Sprintf("checkpoint: %s is damaged (%s); %s. weir does not start with it, because it would send files again from their beginning. "+
		"Put back a good copy of %s from a backup; or, to accept that every file is sent again, move it away and start weir again",
		e.Path, strings.Join(e.Problems, "; "), kept, e.Path)
}
