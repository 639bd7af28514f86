package agent

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
)

// Status returns the state of all flows, files and destinations. It may be called at any time, also after Run.
func (a *Agent) Status() status.Snapshot {
	l := a.now.Load()
	c := l.config
	s := status.Snapshot{
		Version: a.opt.Version, Process: os.Getpid(), State: a.state.Load().(string), Started: a.started, Uptime: time.Since(a.started).Milliseconds(),
		Config: c.File, StateDir: c.StateDir, MetadataUnknown: a.metadata.Unknown(),
		Loaded: l.loaded, Reload: a.reloaded.Load(),
		Memory: status.Memory{Limit: l.memory.limit, Data: l.memory.data, Readers: l.memory.readers, Producers: l.memory.producers()},
	}
	for _, r := range l.routes {
		s.Flows = append(s.Flows, r.status())
	}
	for _, d := range l.destinations {
		s.Destinations = append(s.Destinations, status.Destination{Name: d.name, Flows: l.users(d), Stats: d.Stats()})
	}
	s.Problems = a.problems(&s, l)
	return s
}

// problems lists what somebody should look at.
func (a *Agent) problems(s *status.Snapshot, l *lineup) (all []string) {
	if err := a.saving.get(); err != nil {
		all = append(all, err.Error())
	}
	if r := s.Reload; r != nil && r.Outcome != status.ReloadDone {
		all = append(all, "the last reload: "+r.Error)
	}
	for i := range s.Flows {
		f := &s.Flows[i]
		if f.Error != "" {
			all = append(all, fmt.Sprintf("flow %s does not read: %s", f.Name, f.Error))
		}
		if e := f.Counters.DeadLetters.Error; e != "" {
			all = append(all, fmt.Sprintf("flow %s: %s", f.Name, e))
		}
		if text := unreadable(f.Files); text != "" {
			all = append(all, fmt.Sprintf("flow %s: %s", f.Name, text))
		}
	}
	for i, d := range s.Destinations {
		if d.Stats.LastError != "" {
			failing := time.Duration(d.Stats.FailingFor) * time.Millisecond
			all = append(all, fmt.Sprintf("%s fails for %s: %s%s", d.Name, failing.Round(time.Second), d.Stats.LastError, l.consequence(l.destinations[i], d.Stats.GivenUp)))
		}
	}
	return all
}

// consequence says what becomes of the flows of a destination that fails.
func (l *lineup) consequence(d *destination, givenUp int64) string {
	if d.key.giveUp > 0 {
		if givenUp > 0 {
			return fmt.Sprintf("; %d records were given up since the start and are in the dead letters of flow %s", givenUp, d.key.flow)
		}
		return fmt.Sprintf("; flow %s waits, and its records go to the dead letters after %s", d.key.flow, d.key.giveUp)
	}
	var wait, lag []string
	for _, r := range l.routes {
		for _, u := range r.units {
			if !slices.ContainsFunc(u.sends, func(s flow.Send) bool { return s.Destination == sink.Destination(d) }) {
				continue
			}
			if u.cfg.Lags(u.names[0]) {
				lag = append(lag, r.cfg.Name)
			} else {
				wait = append(wait, r.cfg.Name)
			}
		}
	}
	text := ""
	if len(wait) > 0 {
		text = "; waiting for it: flow " + strings.Join(wait, ", ")
	}
	if len(lag) > 0 {
		text += "; lagging behind the other destinations of flow " + strings.Join(lag, ", ")
	}
	return text
}

// unreadable says how many of the files cannot be read, and why the first of them.
func unreadable(files []status.File) string {
	count, first := 0, ""
	for i := range files {
		if e := files[i].Error; e != "" {
			if count++; count == 1 {
				first = files[i].Path + ": " + e
			}
		}
	}
	switch count {
	case 0:
		return ""
	case 1:
		return "cannot read " + first
	}
	return fmt.Sprintf("cannot read %d files, such as %s", count, first)
}

func (u *unit) status() status.Flow {
	r := u.reader.Load()
	f := status.Flow{Name: u.cfg.Name, Counters: r.flow.Stats()}
	if err := u.failed.get(); err != nil {
		f.Error = err.Error()
	}
	for _, file := range r.tailer.Files() {
		acknowledged, durable := r.tracker.Offsets(file.ID)
		acked := max(acknowledged, 0)
		f.Files = append(f.Files, status.File{
			ID: file.ID.String(), Path: file.Path, State: file.State, Size: file.Size, Read: file.Offset,
			Acked: acked, Saved: max(durable, 0), Lag: max(file.Size-acked, 0), Error: file.Error,
			Format: file.Format, Packed: file.Packed, PackedRead: file.PackedRead,
		})
	}
	return f
}

// WaitIdle returns when every file that matches is read to its present end and all of it is acknowledged and covered by a
// durable checkpoint, or with the context's error. It looks again and again; Run must be running.
func (a *Agent) WaitIdle(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if a.idle() {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (a *Agent) idle() bool {
	for _, u := range a.units() {
		r := u.reader.Load()
		if !r.idle() {
			return false
		}
		if !r.tracker.Idle() {
			a.saver.Wake() // all that is left may be the checkpoint
			return false
		}
	}
	return true
}

// idle reports whether all files are read, as the tailer and the file system see it: both may know of bytes that the other does not.
func (r *reader) idle() bool {
	select {
	case <-r.clock.scanned:
	default:
		return false
	}
	var followed []os.FileInfo
	for _, f := range r.tailer.Files() {
		if f.ID == (tailer.FileID{}) || f.Offset < f.Size {
			return false
		}
		if f.State == "rotated" || f.State == tailer.StatePipe {
			continue
		}
		info, err := os.Stat(f.Path)
		if err != nil || info.Size() != f.Offset {
			return false
		}
		followed = append(followed, info)
	}
	matching, _ := tailer.Match(r.unit.cfg.Read.Paths, r.unit.cfg.Read.Exclude) // what cannot be listed cannot be read
	for _, path := range matching {
		info, err := os.Stat(path)
		if err != nil || !slices.ContainsFunc(followed, func(f os.FileInfo) bool { return os.SameFile(f, info) }) {
			return false
		}
	}
	return true
}
