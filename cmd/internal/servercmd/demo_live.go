package servercmd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// liveLog writes an access log such as a web server would, and rotates it by renaming, so that the demo has a file that
// grows. It owns the file and everything it writes is made up.
type liveLog struct {
	path   string
	rate   int           // lines a second
	rotate time.Duration // between two rotations
	keep   int           // rotated files
}

// run writes until the context ends.
func (l liveLog) run(ctx context.Context) error {
	f, err := l.open()
	if err != nil {
		return err
	}
	defer func() { f.Close() }()
	const ticks = 20 // a second
	tick := time.NewTicker(time.Second / ticks)
	defer tick.Stop()
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	rotated := time.Now()
	var buf []byte
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			buf = buf[:0]
			for range max(1, l.rate/ticks) {
				buf = appendAccess(buf, now, random)
			}
			if _, err := f.Write(buf); err != nil {
				return fmt.Errorf("live access log: %w", err)
			}
			if now.Sub(rotated) < l.rotate {
				continue
			}
			rotated = now
			if err := l.shift(); err != nil {
				return err
			}
			f.Close()
			if f, err = l.open(); err != nil {
				return err
			}
		}
	}
}

func (l liveLog) open() (*os.File, error) {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("live access log: %w", err)
	}
	return f, nil
}

// shift renames access.log to access.log.1, access.log.1 to access.log.2, and so on. The oldest goes.
func (l liveLog) shift() error {
	name := func(i int) string {
		if i == 0 {
			return l.path
		}
		return fmt.Sprintf("%s.%d", l.path, i)
	}
	for i := l.keep - 1; i >= 0; i-- {
		if err := os.Rename(name(i), name(i+1)); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("live access log: %w", err)
		}
	}
	return nil
}

// appendAccess appends one line in Apache's combined format.
func appendAccess(dst []byte, now time.Time, r *rand.Rand) []byte {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	dst = fmt.Appendf(dst, "198.51.100.%d - %s [", r.IntN(254)+1, pick("-", "-", "-", "alice", "bob"))
	dst = now.AppendFormat(dst, "02/Jan/2006:15:04:05 -0700")
	return fmt.Appendf(dst, "] \"%s /%s/%d HTTP/1.1\" %s %d \"%s\" \"%s\"\n",
		pick("GET", "GET", "GET", "POST", "PUT"), pick("articles", "cart", "search", "img"), r.IntN(5000),
		pick("200", "200", "200", "200", "304", "404", "500"), r.IntN(60000),
		pick("-", "https://www.example.org/", "https://search.example.com/?q=logs"),
		pick("curl/8.4.0", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Mozilla/5.0 (compatible; ExampleBot/2.1)"))
}
