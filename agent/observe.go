package agent

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/tailer"
)

// observe counts and logs what the tailer reports, and settles what becomes of the positions of files that are not there any more.
func (r *reader) observe(e tailer.Event) {
	log := r.unit.log.With("path", e.Path)
	switch e.Kind {
	case tailer.FileEnded: // read to its end; what was cut away or is deleted for certain never comes back
		if e.Deleted || e.NewID != (tailer.FileID{}) {
			r.forget(e.ID)
		} else {
			r.tracker.Vanished(e.ID)
		}
	case tailer.FileTruncated:
		if log = log.With("offset", e.Offset); e.Bytes >= 0 { // else nobody knows: it was cut while weir was not running
			log = log.With("bytes_unread", e.Bytes)
		}
		log.Info("the file was cut or rewritten and is read from its start; what was not read before is looked for in copies of it")
	case tailer.FileRecovered:
		log.Info("found again; it is read on here", "was", e.From, "offset", e.Offset)
	case tailer.FileGone:
		if !r.gone(e) {
			return // not counted again
		}
	case tailer.PathFailed:
		what := "cannot read; trying again"
		if r.unit.agent.opt.Once {
			what = "cannot read"
		}
		log.Error(what, "error", e.Err)
	case tailer.BlockRefused:
		log.Error("a block was not taken; it is offered again", "offset", e.Offset, "error", e.Err)
	case tailer.FilesHeld:
		log.Warn("deleted files are kept open until they are shipped and their writers have closed them; read.max_held can bound that", "files", e.Count, "bytes", e.Bytes)
	case tailer.PathSkipped:
		log.Warn("not followed", "files", e.Count, "error", e.Err)
		r.leave(e.Left)
	case tailer.WatchLimited:
		log.Warn("file events cannot be had; folders are listed instead", "error", e.Err)
	default:
		log.Debug(strings.ReplaceAll(string(e.Kind), "_", " "), "id", e.ID, "offset", e.Offset, "from", e.From, "bytes", e.Bytes, "count", e.Count)
	}
	r.flow.Observe(e)
}

// forget says that a file never comes back.
func (r *reader) forget(id tailer.FileID) {
	r.tracker.Forget(id)
	r.ids.Forget(id)
}

// leave notes what the log has named, so that the next start does not name it again. The tailer does not wait for that.
func (r *reader) leave(youngest time.Time) {
	if youngest.IsZero() {
		return
	}
	u := r.unit
	u.notes.Go(func() {
		if err := u.agent.store.SetLeft(u.cfg.Name, youngest); err != nil {
			u.log.Warn("cannot note what is not followed; it will be named again at the next start", "error", err)
		}
	})
}

// bury reports what was read of deleted files and not acknowledged by the end of the reading: nobody can read it again.
func (r *reader) bury() {
	for _, l := range r.tracker.Bury() {
		r.unit.log.Warn("stopped before all was acknowledged that was read of a deleted file; nobody can read it again", "path", l.Path, "offset", l.Offset, "bytes_lost", l.Bytes)
		r.flow.Observe(tailer.Event{Kind: tailer.FileGone, Path: l.Path, Offset: l.Offset, Bytes: l.Bytes, Deleted: true})
	}
}

// gone handles content that is nowhere and that may not have been read to its end, and reports whether that is news. The position of a file
// that is missing is kept for a while; what was cut away has no file that could come back.
func (r *reader) gone(e tailer.Event) (news bool) {
	log := r.unit.log.With("path", e.Path, "offset", e.Offset)
	if e.Err != nil {
		log = log.With("error", e.Err)
	}
	cut := e.NewID != tailer.FileID{}
	if cut || e.Deleted {
		r.forget(e.ID)
		news = true
	} else {
		news = r.tracker.Vanished(e.ID)
	}
	switch {
	case cut && e.Bytes > 0:
		log.Warn("the file was cut or rewritten before all of it was read, and no copy holds the rest", "bytes_lost", e.Bytes)
	case cut:
		log.Warn("the file was cut or rewritten while weir was not running, and no copy holds what it was; whether all of that had been read is not known")
	case !e.Earlier:
		log.Warn("it was gone before all of it was read", "bytes_lost", e.Bytes)
		return true
	case !news:
		log.Debug("a file of an earlier run is still nowhere", "id", e.ID)
	case e.Bytes > 0:
		log.Warn("a file of an earlier run is gone, and not all that had been seen of it was read and acknowledged", "size", e.Offset+e.Bytes, "bytes_lost", e.Bytes)
	case e.Bytes == 0:
		log.Debug("a file of an earlier run is gone; all that had been seen of it was read and acknowledged", "id", e.ID)
	default:
		log.Info("a file of an earlier run is gone; it was read up to the offset, and whether there was more is not known")
	}
	return news
}

// speaksEvery is how often the log speaks of records that something is wrong with and that go on coming.
const speaksEvery = time.Minute

// spoken is when the log last spoke of something, in nanoseconds of the wall clock.
type spoken struct{ atomic.Int64 }

// again reports whether it is time to speak again; it is for one caller only.
func (s *spoken) again() bool {
	last, now := s.Load(), time.Now().UnixNano()
	return (last == 0 || now-last >= int64(speaksEvery)) && s.CompareAndSwap(last, now)
}

// warnUndecided says now and then where records are that a destination's condition failed on.
func (r *reader) warnUndecided(e flow.Undecided) {
	if r.unit.undecided.again() {
		r.unit.log.Warn("a condition failed on records; it does not hold for them, so they do not go to its destination", "error", e.Err, "path", e.Block.Path,
			"offset", e.First, "in_block", e.Times, "since_start", r.flow.Stats().ConditionFailed)
	}
}

// warnUndone says now and then where records are that a step of edit could not be done to.
func (r *reader) warnUndone(e flow.Undone) {
	if r.unit.undone.again() {
		r.unit.log.Warn("an edit could not be done to records; they are sent as they were before it; weir check --sample FILE shows what becomes of a file's lines", "step", e.Step,
			"path", e.Block.Path, "offset", e.First, "in_block", e.Times, "since_start", r.flow.Stats().EditFailed)
	}
}

// warnMismatched says now and then where lines are that do not have the flow's format, and what became of them. It does not show them: what is
// in them belongs to the log that they are from.
func (r *reader) warnMismatched(b *tailer.Block, lines int, first int64) {
	u := r.unit
	if !u.mismatched.again() {
		return
	}
	format := u.cfg.Parse.Format
	if u.cfg.Compat {
		format = "data_processing"
	}
	u.log.Warn("lines do not have the flow's format; weir check --sample FILE shows how a file's lines are parsed", "format", format,
		"on_mismatch", u.cfg.Parse.OnMismatch, "path", b.Path, "offset", first, "in_block", lines, "since_start", r.flow.Stats().Mismatched)
}
