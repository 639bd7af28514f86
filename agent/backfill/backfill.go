// Package backfill runs one flow over files that are there already, once, and ends.
//
// It is the agent itself with an end: the same reading, parsing and delivery, the same bounds and the same guarantee. Its
// positions are its own, in backfill-FLOW.db of the state folder, so it disturbs no daemon that runs the same flow, and a run that
// was interrupted goes on where its last checkpoint stands. The file stays when a run is complete: asked again, it ships only what has
// come since, which may be nothing. Options.Restart forgets it and ships everything again.
//
// Files that gzip, zstd or bzip2 compressed are read as what they hold; their first bytes tell, not their names. Their positions are
// offsets in the content. To go on within such a file, and to see that it holds nothing new, a run inflates what is before. One in
// another format, or whose name and content disagree, is refused before anything is sent, with everything else that is wrong with what was
// asked: a RefusedError.
package backfill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/sink"
)

// Options say what to ship. Config, Flow and Log are required.
type Options struct {
	Config       *config.Config
	Flow         string         // its name in Config
	Paths        []string       // files or globs; empty means the flow's own paths
	Restart      bool           // forget what earlier runs have shipped
	Progress     func(Progress) // called a few times a second from one goroutine, and at the end; may be nil
	Log          *slog.Logger
	Version      string
	DrainTimeout time.Duration   // how long a stop may take to deliver what was read; 0 means 10 s
	Kill         <-chan struct{} // closed: do not wait for answers any more; may be nil

	Destination func(send config.Send) (sink.Destination, error) // see agent.Options; may be nil
}

// Progress is how far a run is. Bytes are of the files as they lie on the disk: of a compressed one, about so many as hold what is meant.
type Progress struct {
	Started    time.Time
	BytesTotal int64 // of all files, when the run began
	BytesDone  int64 // acknowledged, by this run or an earlier one
	Resumed    int64 // of them, by earlier runs
	Records    int64 // acknowledged by this run
	FilesTotal int
	FilesDone  int
	Problem    string // what holds the run up at present; empty if nothing does
}

// Result is what a run did.
type Result struct {
	Progress
	Flow         string
	DeadLettered int64         // records that could not be sent and are in DeadLetters
	DeadLetters  string        // the file
	Dropped      int64         // records dropped as the flow says
	Took         time.Duration // of this run
}

// ErrIncomplete says that a run ended before everything was acknowledged. The next one goes on from there. If that was because of files that
// could not be read to their end, the error is a tailer.UnreadError, too.
var ErrIncomplete = errors.New("backfill: not everything is shipped yet")

const progressEvery = 200 * time.Millisecond

// Run ships the files and returns when all of it is acknowledged and checkpointed. If ctx ends first it delivers what was read, saves,
// and returns what it did with ErrIncomplete.
func Run(ctx context.Context, opt Options) (Result, error) {
	if opt.Config == nil || opt.Log == nil {
		return Result{}, errors.New("backfill: Config and Log are required")
	}
	c, files, err := narrow(&opt)
	if err != nil {
		return Result{}, err
	}
	a, err := agent.New(agent.Options{Config: c, Log: opt.Log, Version: opt.Version, DrainTimeout: opt.DrainTimeout,
		Once: true, Store: storeName(opt.Flow), Fresh: opt.Restart, LetterPrefix: "backfill-", Destination: opt.Destination})
	if err != nil {
		return Result{}, err
	}
	w := &watch{agent: a, files: files, started: time.Now(), report: opt.Progress}
	stop := w.start(opt.Kill)
	err = a.Run(ctx)
	stop()
	r := w.result(opt.Flow)
	if err != nil && (ctx.Err() != nil || r.BytesDone < r.BytesTotal) {
		err = fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	return r, err
}

// storeName is the file that keeps the positions of a flow's backfills.
func storeName(flow string) string { return "backfill-" + url.PathEscape(flow) + ".db" }

// narrow makes a configuration of the one flow over the files, and looks at them.
func narrow(opt *Options) (*config.Config, files, error) {
	i := slices.IndexFunc(opt.Config.Flows, func(f config.Flow) bool { return f.Name == opt.Flow })
	if i < 0 {
		var names []string
		for _, f := range opt.Config.Flows {
			names = append(names, f.Name)
		}
		return nil, files{}, &RefusedError{[]string{fmt.Sprintf("%s has no flow %q; it has %s", opt.Config.File, opt.Flow, strings.Join(names, ", "))}}
	}
	f := opt.Config.Flows[i]
	f.Was, f.Read.Start = "", config.StartBeginning
	f.Send = slices.Clone(f.Send)
	for i := range f.Send {
		if f.Send[i].OnFailure == config.FailureLag {
			f.Send[i].OnFailure = config.FailureBlock // the run ends when all have everything; so the files are read once
		}
	}
	var wrong []string
	if len(opt.Paths) > 0 {
		f.Read.Paths, wrong = globs(opt.Paths)
		f.Read.Exclude = nil
	}
	found, problems := find(f.Read.Paths, f.Read.Exclude)
	if problems = append(wrong, problems...); len(problems) > 0 {
		return nil, files{}, &RefusedError{problems}
	}
	c := *opt.Config
	c.Flows, c.Socket = []config.Flow{f}, ""
	return &c, found, nil
}

// watch reports how far an agent is.
type watch struct {
	agent   *agent.Agent
	files   files
	started time.Time
	report  func(Progress)
}

// start reports in the background, and passes a kill on, until the returned func is called; that reports once more.
func (w *watch) start(kill <-chan struct{}) (stop func()) {
	quit := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-kill:
				w.agent.Kill()
				kill = nil
			case <-tick.C:
				if w.report != nil {
					w.report(w.progress())
				}
			}
		}
	})
	return func() {
		close(quit)
		group.Wait()
		if w.report != nil {
			w.report(w.progress())
		}
	}
}

func (w *watch) progress() Progress {
	s := w.agent.Status()
	p := Progress{Started: w.started, BytesTotal: w.files.bytes, FilesTotal: len(w.files.sizes)}
	var read, acked int64 // content
	for i := range s.Flows[0].Files {
		f := &s.Flows[0].Files[i]
		size, mine := w.files.sizes[f.Path]
		if !mine {
			continue
		}
		read += f.Read
		acked += f.Acked
		done := stored(f, f.Acked, size)
		p.BytesDone += done
		if done >= size {
			p.FilesDone++
		}
	}
	if resumed := max(read-s.Flows[0].Counters.BytesRead, 0); acked > 0 {
		p.Resumed = min(int64(float64(resumed)*float64(p.BytesDone)/float64(acked)), p.BytesDone)
	}
	p.Records = s.Flows[0].Counters.RecordsDelivered
	if len(s.Problems) > 0 {
		p.Problem = s.Problems[0]
	}
	return p
}

// stored says how many bytes of a file, size long, hold its content up to an offset that was read.
func stored(f *status.File, offset, size int64) int64 {
	switch {
	case f.Format == "":
		return min(offset, size)
	case offset >= f.Size:
		return size
	case f.Read == 0:
		return 0
	}
	return min(int64(float64(f.PackedRead)*float64(offset)/float64(f.Read)), max(size-1, 0))
}

func (w *watch) result(flow string) Result {
	c := w.agent.Status().Flows[0].Counters
	return Result{Progress: w.progress(), Flow: flow, DeadLettered: c.DeadLettered, DeadLetters: c.DeadLetters.Path,
		Dropped: c.DroppedMismatch + c.DroppedEmpty + c.DroppedHeader + c.DroppedEdit, Took: time.Since(w.started)}
}
