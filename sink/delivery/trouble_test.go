package delivery

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// lockedLog is what a service logged.
type lockedLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lockedLog) lines(text string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

func logged(c *Config) *lockedLog {
	l := &lockedLog{}
	c.Log = slog.New(slog.NewTextHandler(l, nil))
	return l
}

// A buffer that was damaged on disk does not stand in the way of the next one, and is loudly kept.
func TestDamagedBufferIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told *lockedLog
		b := newBench(t, func(c *Config) { told = logged(c) })
		b.create("web", nil)
		b.shelf.fail.Set(errors.New("down"))
		b.put("web", "damaged soon")
		settle(minute)
		b.put("web", "sound")
		settle(minute)
		folder := b.cfg.Dir + "/web@946684800000"
		flipLast(t, b.cfg.FS, folder+"/0000000000000001.seg")
		b.shelf.fail.Set(nil)
		settle(minute)
		if got := b.shelf.text(t); got != "sound" {
			t.Errorf("delivered %q", got)
		}
		if _, err := b.cfg.FS.Stat(folder + "/0000000000000001.bad"); err != nil {
			t.Errorf("not kept: %v", err)
		}
		if n := told.lines("its 1 records are not delivered"); n != 1 {
			t.Errorf("told %d times", n)
		}
		if stats := b.Stats()["web"]; stats.BufferedRecords != 0 || stats.RecordsOut != 1 || stats.LastError != "" {
			t.Errorf("stats %+v", stats)
		}
	})
}

func flipLast(t *testing.T, fsys vfs.FS, path string) {
	t.Helper()
	f, err := fsys.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if _, err := f.WriteAt(data, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTroubleIsLoggedOnceAndItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told *lockedLog
		b := newBench(t, func(c *Config) { told = logged(c) })
		b.create("web", nil)
		b.shelf.fail.Set(errors.New("down"))
		b.put("web", "a")
		settle(10 * minute)
		if n := told.lines("is in trouble"); n != 1 {
			t.Errorf("one trouble of 9 minutes is logged %d times", n)
		}
		b.shelf.fail.Set(errors.New("up, and full"))
		settle(minute)
		if n := told.lines("up, and full"); n != 1 {
			t.Errorf("another reason is logged %d times", n)
		}
		b.shelf.fail.Set(nil)
		settle(minute)
		if told.lines("works again") != 1 || told.lines("object delivered") != 1 {
			t.Error("the end of it is not logged")
		}
	})
}

func TestFolderOfNobodyIsReportedAndLeftAlone(t *testing.T) {
	var told *lockedLog
	b := newBench(t, func(c *Config) { told = logged(c) })
	b.create("web", nil)
	if n := told.lines("belongs to no delivery stream"); n != 0 {
		t.Errorf("%d strangers at the first start", n)
	}
	b.close()
	if err := b.cfg.FS.MkdirAll(b.cfg.Dir+"/lost@1", 0o755); err != nil {
		t.Fatal(err)
	}
	b.open()
	if n := told.lines("belongs to no delivery stream"); n != 1 || told.lines("lost@1") != 1 {
		t.Errorf("%d strangers reported, want lost@1", n)
	}
	if _, err := b.cfg.FS.Stat(b.cfg.Dir + "/lost@1"); err != nil {
		t.Errorf("not left alone: %v", err)
	}
}

// A source that many shards read is in trouble as long as one of them is, and no longer.
func TestTroubleOfTheSourceEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.create("web", nil)
		d, err := b.lookup("web")
		if err != nil {
			t.Fatal(err)
		}
		d.failing(sourceTrouble, errors.New("shard 1"))
		settle(sourceQuiet)
		if got := d.snapshot(); got.LastError != "source: shard 1" || !got.FailingSince.Equal(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("in trouble: %+v", got)
		}
		settle(time.Second)
		if got := d.snapshot(); got.LastError != "" || !got.FailingSince.IsZero() {
			t.Errorf("over: %+v", got)
		}
		d.failing(sourceTrouble, errors.New("shard 1"))
		if got := d.snapshot(); !got.FailingSince.Equal(time.Now()) || got.Failures != 2 {
			t.Errorf("a new trouble: %+v", got)
		}
	})
}
