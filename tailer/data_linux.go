package tailer

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// nextData returns where the file has data at or after an offset: holes, and space that is only reserved, are passed over (lseek(2), SEEK_DATA).
// Where there is none it is beyond every size. Nobody uses the place in the file that this moves.
func nextData(f *os.File, from int64) int64 {
	at, err := f.Seek(from, unix.SEEK_DATA)
	switch {
	case errors.Is(err, unix.ENXIO):
		return math.MaxInt64
	case err != nil:
		return from // the file system cannot tell
	}
	return at
}
