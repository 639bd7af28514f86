package server

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"go.uber.org/goleak"

	"github.com/weir-logs/weir/sink/awsapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// streams is a service with one operation.
func streams(list func(context.Context) error) awsapi.Service {
	return awsapi.Service{Target: awsapi.KinesisTarget, Signing: awsapi.KinesisSigning, Handlers: []awsapi.Handler{
		awsapi.Handle(awsapi.Kinesis.ListStreams,
			func(ctx context.Context, _ *kinesis.ListStreamsInput) (*kinesis.ListStreamsOutput, error) {
				if err := list(ctx); err != nil {
					return nil, err
				}
				return &kinesis.ListStreamsOutput{StreamNames: []string{"web-logs"}, HasMoreStreams: aws.Bool(false)}, nil
			}),
	}}
}

func quick(context.Context) error { return nil }

// started is a running server that is closed at the end of the test.
func started(t *testing.T, c Config) *Server {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

// pipes is a listener without a network, which works in a synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestMessagesOfHTTPAreLogged(t *testing.T) {
	var out strings.Builder
	l := logWriter{slog.New(slog.NewTextHandler(&out, nil))}
	if n, err := l.Write([]byte("http: TLS handshake error\n")); n != 26 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := out.String(); !strings.Contains(got, `level=WARN msg=http message="http: TLS handshake error"`) {
		t.Errorf("logged %s", got)
	}
}
