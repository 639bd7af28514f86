package producer

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestResize changes the memory of a producer while requests are in flight, and back: as many are as fit, and nothing is lost or sent twice.
func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Config{}
		small := c.MinMemory()
		large := small * 10
		r := newRig(t, false, Config{Memory: small}, func(*call) *reaction { return &reaction{delay: time.Second} })
		var want []string
		puts := 0
		burst := func(memory int64, most int) {
			t.Helper()
			r.producer.Resize(memory)
			r.service.mu.Lock()
			r.service.most = 0
			r.service.mu.Unlock()
			for range 8 {
				texts := numbered(fmt.Sprint("put", puts), 1500, 1000)
				want = append(want, texts...)
				r.put(puts, entries("", texts...))
				puts++
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			r.service.mu.Lock()
			defer r.service.mu.Unlock()
			if r.service.most != most {
				t.Errorf("with %d bytes %d requests were in flight at once, want %d", memory, r.service.most, most)
			}
		}
		burst(small, 1)
		burst(large, 4)
		burst(small, 1)
		burst(2*small, 2)
		for i := range 50 { // while all is busy
			r.producer.Resize([]int64{large, small, 2 * small}[i%3])
			texts := numbered(fmt.Sprint("put", puts), 300, 1000)
			want = append(want, texts...)
			r.put(puts, entries("", texts...))
			puts++
		}
		burst(large, 4)
		r.close()
		r.wantAnswers(puts)
		r.wantOnce(want)
		if n := len(r.producer.free) + len(r.producer.fresh); n != 6 || len(r.producer.debt) != 0 {
			t.Errorf("%d requests are there at the end, %d too many; want 6", n, len(r.producer.debt))
		}
	})
}
