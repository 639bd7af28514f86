package producer

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestRest: a producer that gets nothing for a while keeps no memory, and works as before when it gets something again.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Aggregate: true}, nil)
		held := func() (n int) {
			for range len(r.producer.free) {
				req := <-r.producer.free
				n += cap(req.buf)
				r.producer.free <- req
			}
			return n
		}
		first, second := numbered("first", 2000, 200), numbered("second", 2000, 200)
		r.put(0, entries("", first...))
		time.Sleep(time.Second)
		if held() == 0 {
			t.Fatal("no memory is held shortly after a request")
		}
		time.Sleep(2 * restAfter)
		if n := held(); n != 0 {
			t.Errorf("%d bytes are held at rest", n)
		}
		r.put(1, entries("", second...))
		r.close()
		r.wantAnswers(2)
		r.wantOnce(append(first, second...))
	})
}
