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
	line := fmt.Sprintf("%6s  read %s (%s), delivered %s in %s (%s), on the way %s, duplicated %s",
		cli.Duration(time.Since(r.started)), cli.Counted(t.lines, "line"), cli.Bytes(t.bytes), cli.Count(t.delivered), cli.Counted(t.objects, "object"),
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
	r.say("lines read        %12s   %s in %s", cli.Count(t.lines), cli.Bytes(t.bytes), cli.Counted(len(t.sources), "file"))
	if t.pieces > 0 {
		r.say("                               (%s: %s)", cli.Counted(t.long, "over-long line"), cli.Counted(t.pieces, "piece"))
	}
	r.say("lines delivered   %12s   %s in %s", cli.Count(t.delivered), cli.Bytes(t.objBytes), cli.Counted(t.objects, "gzip object"))
	r.say("lost              %12s", cli.Count(t.missing()))
	r.say("duplicated        %12s", cli.Count(t.surplus))
	return t.missing() == 0
}
