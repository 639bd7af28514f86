package awsapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// Requests whose bodies do not fit beside the others wait for their turn, and are turned away if it does not come.
func TestBudgetOfBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := NewMux(answering(new(kinesis.ListStreamsOutput), nil), Options{Memory: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(body io.Reader, length int64) <-chan int {
			r := post("Kinesis_20131202.ListStreams", "")
			r.Body, r.ContentLength = io.NopCloser(body), length
			status := make(chan int, 1)
			go func() {
				w := httptest.NewRecorder()
				m.ServeHTTP(w, r)
				status <- w.Code
			}()
			return status
		}
		slow, finish := io.Pipe()
		held := ask(slow, 40<<10)
		synctest.Wait()
		small := ask(strings.NewReader("{}"), 2)
		synctest.Wait()
		select {
		case got := <-small:
			if got != 200 {
				t.Errorf("a small request beside a large one: %d", got)
			}
		default:
			t.Error("a small request that fits waits")
		}

		turned := ask(strings.NewReader("{}"+strings.Repeat(" ", 40<<10-2)), 40<<10)
		start := time.Now()
		if got := <-turned; got != http.StatusServiceUnavailable || time.Since(start) != maxWait {
			t.Errorf("a large request beside another: %d after %v", got, time.Since(start))
		}
		waiting := ask(strings.NewReader("{}"+strings.Repeat(" ", 40<<10-2)), 40<<10)
		unannounced := ask(strings.NewReader("{}"), -1)
		synctest.Wait()
		_, _ = io.WriteString(finish, "{}")
		_ = finish.Close()
		for what, c := range map[string]<-chan int{"held": held, "waiting": waiting, "unannounced": unannounced} {
			if got := <-c; got != 200 {
				t.Errorf("%s: %d", what, got)
			}
		}
		all, err := m.bodies.take(t.Context(), m.bodies.size)
		if err != nil {
			t.Errorf("shares were not given back: %v", err)
		}
		all.keep(0)
	})
}

// Answers that are large in the making wait for one another, those that are small do not.
func TestBudgetOfAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var running, most int
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			running += n
			most = max(most, running)
		}
		step := make(chan struct{})
		services := []Service{{Target: KinesisTarget, Signing: KinesisSigning, Handlers: []Handler{
			Handle(Kinesis.GetRecords, func(context.Context, *kinesis.GetRecordsInput) (*kinesis.GetRecordsOutput, error) {
				count(1)
				<-step
				count(-1)
				return new(kinesis.GetRecordsOutput), nil
			}),
		}}}
		m, err := NewMux(services, Options{})
		if err != nil {
			t.Fatal(err)
		}
		const requests = 5
		done := make(chan int, requests)
		for range requests {
			go func() {
				w := httptest.NewRecorder()
				m.ServeHTTP(w, post("Kinesis_20131202.GetRecords", `{"ShardIterator":"x"}`))
				done <- w.Code
			}()
		}
		for range requests {
			synctest.Wait()
			step <- struct{}{}
			if got := <-done; got != 200 {
				t.Errorf("%d", got)
			}
		}
		if want := int(m.answers.size / maxGet); most != want {
			t.Errorf("%d answers were made at a time, want %d", most, want)
		}
	})
}

// A body that drips may not hold its share for long, and one that is in time does not end the request later.
func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		services := []Service{{Target: KinesisTarget, Signing: KinesisSigning, Handlers: []Handler{
			Handle(Kinesis.ListStreams, func(ctx context.Context, _ *kinesis.ListStreamsInput) (*kinesis.ListStreamsOutput, error) {
				select {
				case <-ctx.Done():
				case <-time.After(2 * bodyStart):
				}
				ended <- ctx.Err()
				return new(kinesis.ListStreamsOutput), nil
			}),
		}}}
		m, err := NewMux(services, Options{})
		if err != nil {
			t.Fatal(err)
		}
		send := func(parts ...string) string {
			client, server := net.Pipe()
			s := &http.Server{Handler: m, ReadHeaderTimeout: time.Second}
			go func() { _ = s.Serve(&oneConn{conn: server, closed: make(chan struct{})}) }()
			defer s.Close()
			defer client.Close()
			go func() {
				_, _ = fmt.Fprintf(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\n"+
					"Authorization: %s\r\nX-Amz-Date: 20260102T030405Z\r\nContent-Length: 2\r\n\r\n", contentJSON, goodAuth)
				for _, p := range parts {
					_, _ = io.WriteString(client, p)
				}
			}()
			answer := make([]byte, 64)
			n, _ := client.Read(answer)
			return string(answer[:n])
		}
		start := time.Now()
		if got := send("{"); !strings.HasPrefix(got, "HTTP/1.1 400") || time.Since(start) > 2*bodyStart {
			t.Errorf("a body without its end: %.20q after %v", got, time.Since(start))
		}
		if got := send("{", "}"); !strings.HasPrefix(got, "HTTP/1.1 200") {
			t.Errorf("a whole body: %.20q", got)
		}
		if err := <-ended; err != nil {
			t.Errorf("the request was ended in the middle of its work: %v", err)
		}
	})
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
