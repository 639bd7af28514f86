package agent

import "golang.org/x/sys/unix"

const (
	mostOpen  = 512 // files of a flow that stay open while nothing happens to them
	leastOpen = 16
	otherOpen = 96 // descriptors for all that is no log file: connections, the store, directories that are listed
)

// maxOpen is how many files each of so many flows may keep open, so that all of them fit into what the system allows the process. Files
// that have lost their names are open beyond that: nothing else holds them.
func maxOpen(flows int) int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return leastOpen
	}
	return share(limit.Cur, flows)
}

func share(limit uint64, flows int) int {
	free := int64(min(limit, 1<<20)) - otherOpen
	return int(min(max(free/2/int64(max(flows, 1)), leastOpen), mostOpen)) // the other half is for files without names
}
