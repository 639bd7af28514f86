package strict

import "strings"

// Nearest returns the candidate that word is most likely a misspelling of, or "" if none is near: at most a third of its
// letters wrong, missing, too many or swapped with the next. Case, and - for _, do not count as wrong.
func Nearest(word string, candidates []string) string {
	const longest = 64
	best, least := "", 1000
	if len(word) > longest {
		return best
	}
	word = plain(word)
	for _, c := range candidates {
		if len(c) > longest {
			continue
		}
		if d := distance(word, plain(c)); d < least && d <= max(1, min(len(word), len(c))/3) && d < len(c) {
			best, least = c, d
		}
	}
	return best
}

func plain(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }

// distance counts the changes that make b of a: a letter put in, taken out, replaced, or swapped with the next one
// (the optimal string alignment distance).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
