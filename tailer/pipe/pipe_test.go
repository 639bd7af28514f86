package pipe

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newPipe(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string, limit int) *Reader {
	t.Helper()
	return openIn(t, path, limit, make(chan struct{}, 1))
}

func openIn(t testing.TB, path string, limit int, room chan struct{}) *Reader {
	t.Helper()
	r, err := Open(path, limit, room)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func writer(t testing.TB, path string) *os.File {
	t.Helper()
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// want reads once and compares.
func want(t *testing.T, r *Reader, wait time.Duration, state State, pending string) {
	t.Helper()
	if got, err := r.Read(wait); got != state || err != nil || string(r.Pending()) != pending {
		t.Fatalf("Read: %d, %v, %q pending; want %d, %q", got, err, r.Pending(), state, pending)
	}
}

func TestWritersComeAndGo(t *testing.T) {
	path := newPipe(t)
	r := open(t, path, 1<<20)
	want(t, r, 0, Ended, "")
	want(t, r, time.Hour, Ended, "")
	for _, text := range []string{"one\n", "two\n"} {
		w := writer(t, path)
		want(t, r, 0, Empty, "")
		w.WriteString(text)
		want(t, r, 0, Data, text)
		w.WriteString("more")
		want(t, r, time.Hour, Data, text+"more")
		r.Discard(len(text))
		want(t, r, time.Nanosecond, Empty, "more")
		w.Close()
		want(t, r, -1, Ended, "more")
		r.Discard(4)
		want(t, r, 0, Ended, "")
	}
}

func TestWaits(t *testing.T) {
	path := newPipe(t)
	r := open(t, path, 1<<20)
	w := writer(t, path)
	done := make(chan State)
	go func() {
		state, _ := r.Read(-1)
		done <- state
	}()
	w.WriteString("late\n")
	if state := <-done; state != Data || string(r.Pending()) != "late\n" {
		t.Errorf("state %d, %q", state, r.Pending())
	}
}

func TestStop(t *testing.T) {
	path := newPipe(t)
	r := open(t, path, 1<<20)
	w := writer(t, path)
	for _, wait := range []time.Duration{-1, time.Hour} {
		done := make(chan error)
		go func() {
			_, err := r.Read(wait)
			done <- err
		}()
		r.Stop()
		if err := <-done; !errors.Is(err, ErrStopped) {
			t.Errorf("Read: %v", err)
		}
	}
	w.WriteString("stays in the pipe\n")
	if _, err := r.Read(0); !errors.Is(err, ErrStopped) || len(r.Pending()) != 0 {
		t.Errorf("Read: %v, %q", err, r.Pending())
	}
}

// TestLimit fills the pipe: what cannot be held is not read, and the writer waits.
func TestLimit(t *testing.T) {
	path := newPipe(t)
	r := open(t, path, 10_000)
	w := writer(t, path)
	text := bytes.Repeat([]byte("0123456789"), 50_000)
	written := make(chan error)
	go func() {
		_, err := w.Write(text)
		written <- err
	}()
	for state := State(0); state != Full; {
		var err error
		if state, err = r.Read(-1); err != nil {
			t.Fatal(err)
		}
		if len(r.Pending()) > 10_000 || cap(r.buf) > 10_000 {
			t.Fatalf("%d bytes held in %d", len(r.Pending()), cap(r.buf))
		}
	}
	select {
	case err := <-written:
		t.Fatalf("the writer did not wait: %v", err)
	default:
	}
	var got []byte
	for len(got) < len(text) {
		n := min(len(r.Pending()), 777)
		got = append(got, r.Pending()[:n]...)
		r.Discard(n)
		if _, err := r.Read(0); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-written; err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	r.Discard(len(r.Pending()))
	want(t, r, 0, Empty, "")
	if cap(r.buf) != leastBuffer {
		t.Errorf("an idle reader holds %d bytes", cap(r.buf))
	}
}

func TestNamed(t *testing.T) {
	path := newPipe(t)
	r := open(t, path, 1<<20)
	if !r.Named() {
		t.Error("it is not what its name says")
	}
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	if r.Named() {
		t.Error("it has lost its name")
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if r.Named() {
		t.Error("its name is another's")
	}
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, 1, nil); err == nil || !strings.Contains(err.Error(), "not a named pipe") {
		t.Errorf("a file: %v", err)
	}
	if _, err := Open(path+"x", 1, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}

// BenchmarkRead reads what another goroutine writes in pieces of 64 KiB; the limit is the same with a buffer and nothing else.
func BenchmarkRead(b *testing.B) {
	const piece = 64 << 10
	feed := func(b *testing.B, path string) {
		w := writer(b, path)
		block := make([]byte, piece)
		go func() {
			for range b.N {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}()
	}
	b.Run("reader", func(b *testing.B) {
		path := newPipe(b)
		r := open(b, path, 256<<10)
		feed(b, path)
		b.SetBytes(piece)
		b.ReportAllocs()
		for total := 0; total < b.N*piece; {
			if _, err := r.Read(-1); err != nil {
				b.Fatal(err)
			}
			total += len(r.Pending())
			r.Discard(len(r.Pending()))
		}
	})
	b.Run("limit", func(b *testing.B) {
		path := newPipe(b)
		f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		feed(b, path)
		b.SetBytes(piece)
		buf := make([]byte, 256<<10)
		for total := 0; total < b.N*piece; {
			n, err := f.Read(buf)
			if err != nil {
				b.Fatal(err)
			}
			total += n
		}
	})
}

// TestOneHoldsMuch: of two Readers with one room one may hold more than its own buffer; the other goes on when that was taken.
func TestOneHoldsMuch(t *testing.T) {
	room := make(chan struct{}, 1)
	feed := func() (r *Reader, fill func() State) {
		path := newPipe(t)
		r = openIn(t, path, 4*ownBuffer, room)
		w, piece := writer(t, path), bytes.Repeat([]byte("x"), 8<<10)
		return r, func() State { // until no more is taken
			for {
				if _, err := w.Write(piece); err != nil {
					t.Fatal(err)
				}
				for {
					state, err := r.Read(0)
					if err != nil {
						t.Fatal(err)
					}
					if state == Empty {
						break
					}
					if state != Data {
						return state
					}
				}
			}
		}
	}
	one, fillOne := feed()
	two, fillTwo := feed()
	if state := fillOne(); state != Full || len(one.Pending()) != 4*ownBuffer {
		t.Fatalf("the first: state %d with %d bytes; want it full", state, len(one.Pending()))
	}
	if state := fillTwo(); state != Crowded || len(two.Pending()) != ownBuffer {
		t.Fatalf("the second: state %d with %d bytes; want no more than its own buffer", state, len(two.Pending()))
	}
	one.Discard(4*ownBuffer - 10)
	if _, err := one.Read(0); err != nil || len(one.buf) != ownBuffer || len(one.Pending()) != 10 {
		t.Errorf("%v, %d bytes in a buffer of %d; want the large one given back", err, len(one.Pending()), len(one.buf))
	}
	if state := fillTwo(); state != Full || len(two.Pending()) != 4*ownBuffer {
		t.Errorf("the second: state %d with %d bytes; want it full, too", state, len(two.Pending()))
	}
	if err := two.Close(); err != nil || len(room) != 0 {
		t.Errorf("Close: %v, %d in the room", err, len(room))
	}
}
