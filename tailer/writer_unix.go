//go:build unix && !linux

package tailer

import "os"

// hasWriter is not known on these systems.
func hasWriter(*os.File) bool { return false }
