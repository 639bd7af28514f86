package servercmd

import (
	"fmt"
	"io"
	"time"

	"github.com/weir-logs/weir/cmd/internal/cli"
)

// report shows the demo's progress: one line that is redrawn on a terminal, and a line now and then elsewhere.
type report struct {
	out      io.Writer
	terminal bool
	started  time.Time
	last     time.Time
	drawn    bool
}

// say prints a line of its own.
func (r *report) say(format string, args ...any) {
	if r.drawn {
		fmt.Fprint(r.out, "\r\x1b[K")
		r.drawn = false
	}
	fmt.Fprintf(r.out, format+"\n", args...)
}

// progress shows where things stand.
func (r *report) progress(t *tally) {
	line := fmt.Sprintf("%6s  read %s lines (%s), delivered %s in %d objects (%s), on the way %s, duplicated %s",
		cli.Duration(time.Since(r.started)), cli.Count(t.lines), cli.Bytes(t.bytes), cli.Count(t.delivered), t.objects,
		cli.Bytes(t.objBytes), cli.Count(t.missing()), cli.Count(t.surplus))
	switch {
	case r.terminal:
		fmt.Fprintf(r.out, "\r\x1b[K%s", line)
		r.drawn = true
	case time.Since(r.last) >= 5*time.Second:
		r.last = time.Now()
		r.say("%s", line)
	}
}

// verdict prints the end result and reports whether every line arrived.
func (r *report) verdict(t *tally) bool {
	r.say("")
	r.say("lines read        %12s   %s in %d files", cli.Count(t.lines), cli.Bytes(t.bytes), len(t.sources))
	if t.pieces > 0 {
		r.say("                               (%s over-long lines count as %s pieces)", cli.Count(t.long), cli.Count(t.pieces))
	}
	r.say("lines delivered   %12s   %s in %d gzip objects", cli.Count(t.delivered), cli.Bytes(t.objBytes), t.objects)
	r.say("lost              %12s", cli.Count(t.missing()))
	r.say("duplicated        %12s", cli.Count(t.surplus))
	return t.missing() == 0
}
