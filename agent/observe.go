package agent

import (
	"strings"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// observe counts, logs, and forgets files that will never be read again.
func (u *unit) observe(e tailer.Event) {
	u.flow.Observe(e)
	log := u.log.With("path", e.Path)
	switch e.Kind {
	case tailer.FileEnded:
		u.tracker.Forget(e.ID)
	case tailer.FileTruncated:
		log.Info("the file was cut or rewritten and is read from its start; what was not read before is looked for in copies of it", "offset", e.Offset, "bytes_unread", e.Bytes)
	case tailer.FileRecovered:
		log.Info("what is not where it was is read on here", "was", e.From, "offset", e.Offset)
	case tailer.FileGone:
		u.gone(e)
	case tailer.PathFailed:
		log.Error("cannot read; trying again", "error", e.Err)
	case tailer.BlockRefused:
		log.Error("a block was not taken; it is offered again", "offset", e.Offset, "error", e.Err)
	case tailer.PathSkipped, tailer.WatchLimited:
		log.Warn(strings.ReplaceAll(string(e.Kind), "_", " "), "error", e.Err)
	default:
		log.Debug(strings.ReplaceAll(string(e.Kind), "_", " "), "id", e.ID, "offset", e.Offset, "from", e.From, "bytes", e.Bytes, "count", e.Count)
	}
}

// buriedEvery is how often the log speaks of dead letters that go on coming.
const buriedEvery = time.Minute

// lettersWritten logs each change in how writing dead letters goes, and now and then that there are some: nothing that was
// read goes elsewhere than its destination in silence. It is called by their one writer.
func (u *unit) lettersWritten(err error) {
	if now := time.Now(); err == nil && now.Sub(u.buried) >= buriedEvery {
		u.buried = now
		state := u.letters.State()
		u.log.Warn("records went to the dead-letter file; each says why", "file", state.Path, "since_start", state.Written)
	}
	switch u.letter.set(err) {
	case becameBad:
		u.log.Error("cannot write dead letters; the flow's reading waits", "error", err)
	case becameGood:
		u.log.Info("dead letters are written again")
	}
}

// gone handles a file that is nowhere. One of an earlier run keeps its position for a while.
func (u *unit) gone(e tailer.Event) {
	if cut := e.NewID != (tailer.FileID{}); cut || e.Bytes >= 0 {
		u.tracker.Forget(e.ID)
		switch {
		case e.Bytes > 0 && cut:
			u.log.Warn("the file was cut or rewritten before all of it was read, and no copy holds the rest", "path", e.Path, "offset", e.Offset, "bytes_lost", e.Bytes)
		case e.Bytes > 0:
			u.log.Warn("the file was removed before all of it was read", "path", e.Path, "offset", e.Offset, "bytes_lost", e.Bytes)
		case cut:
			u.log.Warn("the file was cut or rewritten while weir was not running, and no copy holds what it was; whether all of that had been read is not known",
				"path", e.Path, "offset", e.Offset)
		}
		return
	}
	u.log.Info("a file of an earlier run is gone; whether all of it was read is not known", "path", e.Path, "offset", e.Offset)
	if saved, ok := u.saved[e.ID]; ok && time.Since(saved) > keepVanished {
		u.tracker.Forget(e.ID)
	}
}
