package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/sink/awsapi"
)

const listRequest = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\n" +
	"X-Amz-Target: Kinesis_20131202.ListStreams\r\nX-Amz-Date: x\r\nAuthorization: AWS4-HMAC-SHA256 " +
	"Credential=a/b/c/d/aws4_request, SignedHeaders=h, Signature=0\r\nContent-Length: 2\r\n\r\n{}"

// ask sends the request over a new connection of p, in the background, and returns a channel with the status.
func ask(t *testing.T, p *pipes) <-chan string {
	t.Helper()
	c, err := p.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan string, 1)
	go func() {
		defer c.Close()
		if _, err := io.WriteString(c, listRequest); err != nil {
			answer <- err.Error()
			return
		}
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			answer <- "no answer"
			return
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		answer <- res.Status
	}()
	return answer
}

// onPipes is a server of one operation on a listener without a network, with two parts that note when they are closed.
func onPipes(t *testing.T, op func(context.Context) error, order *[]string) (*Server, *pipes) {
	t.Helper()
	p := newPipes()
	note := func(name string, err error) Closer {
		return Closer{Name: name, Close: func(context.Context) error {
			*order = append(*order, name)
			return err
		}}
	}
	s, err := New(Config{Listener: p, Services: []awsapi.Service{streams(op)},
		Closers: []Closer{note("delivery", errors.New("disk full")), note("streams", nil)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, p
}

func TestCloseWaitsForRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		release := make(chan struct{})
		s, p := onPipes(t, func(context.Context) error {
			<-release
			order = append(order, "request")
			return nil
		}, &order)
		answer := ask(t, p)
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- s.Close(t.Context()) }()
		synctest.Wait()
		if _, err := p.dial(t.Context()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a connection is still taken: %v", err)
		}
		if len(order) != 0 {
			t.Errorf("closed %v under a request", order)
		}
		close(release)
		if got := <-answer; got != "200 OK" {
			t.Errorf("the request got %s", got)
		}
		err := <-closed
		if err == nil || err.Error() != "server: closing delivery: disk full" {
			t.Errorf("Close returned %v", err)
		}
		if want := []string{"request", "delivery", "streams"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		if again := s.Close(t.Context()); again == nil || again.Error() != err.Error() {
			t.Errorf("the second Close returned %v", again)
		}
	})
}

func TestCloseCancelsRequestsAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		s, p := onPipes(t, func(ctx context.Context) error {
			<-ctx.Done()
			order = append(order, "cancelled")
			return ctx.Err()
		}, &order)
		answer := ask(t, p)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		err := s.Close(ctx)
		if err == nil || !strings.Contains(err.Error(), "1 requests were cut off at the end of the time to stop: context deadline exceeded") {
			t.Errorf("Close returned %v", err)
		}
		if d := time.Since(start); d != time.Minute {
			t.Errorf("Close took %v", d)
		}
		if want := []string{"cancelled", "delivery", "streams"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		if got := <-answer; got != "no answer" {
			t.Errorf("the request got %s", got)
		}
	})
}

func TestCloseLeavesPartsOpenUnderARequestThatWillNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		release := make(chan struct{})
		s, p := onPipes(t, func(context.Context) error { <-release; return nil }, &order)
		answer := ask(t, p)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := s.Close(ctx)
		if err == nil || !strings.Contains(err.Error(), "1 requests did not end when they were cancelled; the parts are left open") {
			t.Errorf("Close returned %v", err)
		}
		if len(order) != 0 {
			t.Errorf("closed %v", order)
		}
		close(release)
		<-answer
	})
}

func TestSlowHeaderIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		s, p := onPipes(t, quick, &order)
		c, err := p.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		start := time.Now()
		if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost:"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d < headerTimeout || d > headerTimeout+time.Second {
			t.Errorf("cut off after %v, want %v", d, headerTimeout)
		}
		_ = s.Close(t.Context())
	})
}

func TestLargeHeaderIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		s, p := onPipes(t, quick, &order)
		c, err := p.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		go func() { // the server stops reading at some point
			_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 2*maxHeader)+"\r\n\r\n")
		}()
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("answered %+v, %v", res, err)
		}
		_ = c.Close()
		_ = s.Close(t.Context())
	})
}

func TestConnectionsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s, err := New(Config{Listener: p, Connections: 1, Services: []awsapi.Service{streams(quick)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		first, err := p.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.dial(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second connection is taken: %v", err)
		}
		_ = first.Close()
		synctest.Wait()
		if got := <-ask(t, p); got != "200 OK" {
			t.Errorf("after the first has gone: %s", got)
		}
		first, err = p.dial(t.Context()) // and Close ends an Accept that waits for a slot
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		_ = first.Close()
	})
}
