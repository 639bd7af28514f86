package producer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTLS(t *testing.T) {
	service := &service{t: t}
	server := httptest.NewUnstartedServer(service)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := Config{Name: "logs", Region: "eu-west-1", Endpoint: server.URL, Credentials: testCredentials(), Linger: -1}
	c.Backoff.First, c.Backoff.Most, c.Backoff.Blocked = time.Millisecond, time.Millisecond, time.Millisecond
	failing := make(chan error, 100)
	c.Events.Failing = func(err error, _ time.Duration) {
		select {
		case failing <- err:
		default:
		}
	}

	distrustful, err := NewStream(c) // with the system's roots
	if err != nil {
		t.Fatal(err)
	}
	if err := distrustful.Put(t.Context(), entries("", "a"), func(result) { t.Error("answered by nobody") }); err != nil {
		t.Fatal(err)
	}
	if err := <-failing; !strings.Contains(err.Error(), "stream logs: PutRecords: cannot trust 127.0.0.1") {
		t.Errorf("an unknown certificate: %v", err)
	}
	ctx, cancel := timeout(t, 10*time.Millisecond)
	defer cancel()
	if err := distrustful.Close(ctx); err == nil {
		t.Error("Close has sent what cannot be sent")
	}

	transport := NewTransport(&tls.Config{RootCAs: roots})
	defer transport.CloseIdleConnections()
	c.Transport = transport
	p, err := NewStream(c)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan result, 1)
	if err := p.Put(t.Context(), entries("", "a", "b"), func(res result) { answered <- res }); err != nil {
		t.Fatal(err)
	}
	if res := <-answered; len(res.Refused) != 0 {
		t.Errorf("refused: %v", res.Refused)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, stored := service.snapshot(); len(stored) != 2 {
		t.Errorf("%d records are stored, want 2", len(stored))
	}
}

// A server that hangs up on idle connections is not one that fails.
func TestIdleConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{}, nil)
		r.transport.IdleConnTimeout = time.Hour // let the server be the first to hang up
		for i := range 3 {
			r.put(i, entries("", "a"))
			time.Sleep(2 * time.Minute)
		}
		r.close()
		r.wantAnswers(3)
		if got := r.producer.Stats(); got.Unanswered != 0 || got.Requests != 3 {
			t.Errorf("Stats %+v", got)
		}
	})
}

// An answer that comes before the request is read to its end must not let anybody touch the body too early: the race
// detector would see it. Nothing was taken, since nobody had all of it.
func TestEarlyAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Linger: -1}, nil)
		early := &earlyServer{pipes: r.pipes, left: 5}
		r.transport.DialContext = early.dial
		want := numbered("line", 40, 100_000)
		r.put(0, entries("", want...))
		r.close()
		r.wantAnswers(1)
		r.wantOnce(want)
		if got := r.producer.Stats(); got.Unanswered != 0 {
			t.Errorf("Stats %+v: nobody had a whole request", got)
		}
	})
}

// A transport may read a body long after it has returned. Until it has closed the body, its memory must stay as it is.
func TestTransportReadsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := &lateTransport{}
		c := Config{Name: "logs", Region: "eu-west-1", Credentials: testCredentials(), Transport: late, Linger: -1}
		c.Memory = c.MinMemory()
		p, err := NewStream(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"first", "other", "third"} {
			if err := p.Put(t.Context(), entries("", text), func(result) {}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := strings.Join(late.read, " "); got != "first other third" {
			t.Errorf("the transport has read %s", got)
		}
	})
}

// A network that needs longer for a request than the time limit must not stop the producer for good.
func TestSlowNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Concurrency: 1}, nil)
		r.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := r.pipes.dial(ctx, network, addr)
			return slowConn{conn}, err
		}
		want := numbered("line", 10, 100_000)
		r.put(0, entries("", want...))
		time.Sleep(45 * time.Second)
		got := r.producer.Stats()
		if !strings.Contains(got.LastError, "cannot reach service.test: sending 1333") || !strings.Contains(got.LastError, "takes longer than 30s") {
			t.Errorf("the last error is %q", got.LastError)
		}
		r.close()
		r.wantAnswers(1)
		r.wantOnce(want)
		if got := r.producer.Stats(); got.Unanswered != 0 {
			t.Errorf("Stats %+v", got)
		}
	})
}
