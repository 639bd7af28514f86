package agentcmd

import (
	"cmp"
	"slices"

	"github.com/weir-logs/weir/agent/status"
)

// mostBehind returns at most n files, those with the largest lag first, equal ones by path.
func mostBehind(files []status.File, n int) []status.File {
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b status.File) int {
		return cmp.Or(cmp.Compare(b.Lag, a.Lag), cmp.Compare(a.Path, b.Path))
	})
	return sorted[:min(n, len(sorted))]
}

// firstErrors returns at most n files that have an error.
func firstErrors(files []status.File, n int) (failing []status.File) {
	for _, f := range files {
		if f.Error != "" && len(failing) < n {
			failing = append(failing, f)
		}
	}
	return failing
}
