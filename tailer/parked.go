package tailer

// A file that may be a copy of another is parked until it is seen what becomes of that: its verdict is later. As a rule this takes seconds. While a
// destination is down it takes as long as that, and there may be many such files: so they are looked at less and less often.
const (
	parkedShare = 8  // between two looks passes one part in so many of the time for which nothing has changed
	parkedMost  = 16 // times ScanInterval, at most
)

// parkFor is how long a file is left alone for which nothing has changed since a time. Callers hold t.mu.
func (t *Tailer) parkFor(now, since int64) int64 {
	interval := nanos(t.cfg.ScanInterval)
	if len(t.orphans) > 0 {
		return interval // it may be what is looked for
	}
	wait := min(max((now-since)/parkedShare, interval), parkedMost*interval)
	if wait > interval {
		t.parkedUntil = max(t.parkedUntil, now+wait)
	}
	return wait
}

// unpark has the files looked at now that are left alone for long: content is looked for that they may hold. Callers hold t.mu.
func (t *Tailer) unpark() {
	now := t.now()
	if t.parkedUntil <= now {
		return
	}
	t.parkedUntil = 0
	t.files.each(func(f *file) {
		if f.fresh && f.parked && f.retryAt > now {
			f.retryAt = now
			t.plan(f)
		}
	})
}
