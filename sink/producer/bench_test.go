package producer

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/weir-logs/weir/sink"
)

// benchBlock is what a flow puts at a time: 1,300 lines of 200 bytes, 260 kB.
func benchBlock() []sink.Entry {
	line := []byte(strings.Repeat("0123456789abcdef0123", 10))
	list := make([]sink.Entry, 1300)
	for i := range list {
		list[i].Data = line
	}
	return list
}

// cpu returns the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// reportCPU reports the processor time since start in seconds for each 10^9 bytes of input.
func reportCPU(b *testing.B, start time.Duration, bytes int) {
	b.ReportMetric((cpu(b)-start).Seconds()*1e9/float64(bytes)/float64(b.N), "cpu-s/GB")
}

// discard answers requests without looking at them, over TLS, with as little work as can be. It runs in a process of its
// own, so that the processor time that is reported is the producer's.
func discard(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			buf := make([]byte, 64<<10)
			for answerOne(conn, buf) == nil {
			}
		}()
	}
}

// answerOne reads one request and answers that all of its records were taken.
func answerOne(conn net.Conn, buf []byte) error {
	have, head := 0, -1
	for head < 0 {
		n, err := conn.Read(buf[have:])
		if err != nil {
			return err
		}
		have += n
		head = bytes.Index(buf[:have], []byte("\r\n\r\n"))
	}
	var length int
	if _, after, ok := bytes.Cut(buf[:head], []byte("Content-Length: ")); !ok {
		return errors.New("no length")
	} else if _, err := fmt.Fscanf(bytes.NewReader(after), "%d", &length); err != nil {
		return err
	}
	list := "Records"
	if bytes.Contains(buf[:head], []byte("Firehose")) {
		list = "RequestResponses"
	}
	records := bytes.Count(buf[head+4:have], []byte(`{"Data"`))
	tail := min(have-head-4, len(`{"Data"`)-1) // of the chunk before, in which a record may have begun
	for left := length - (have - head - 4); left > 0; {
		copy(buf, buf[have-tail:have])
		n, err := conn.Read(buf[tail:min(len(buf), tail+left)])
		if err != nil {
			return err
		}
		records += bytes.Count(buf[:tail+n], []byte(`{"Data"`))
		have, left = tail+n, left-n
		tail = min(have, len(`{"Data"`)-1)
	}
	entry := `{"RecordId":"","SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"},`
	text := `{"FailedRecordCount":0,"` + list + `":[` + strings.TrimSuffix(strings.Repeat(entry, records), ",") + `]}`
	_, err := fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	return err
}

const discardEnv = "WEIR_TEST_DISCARD"

// TestDiscardProcess is no test: it is the process that startDiscard starts.
func TestDiscardProcess(t *testing.T) {
	if os.Getenv(discardEnv) == "" {
		t.Skip("only as the peer of a benchmark")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s %x\n", listener.Addr(), cert)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark is over
		os.Exit(0)
	}()
	discard(listener)
}

// startDiscard starts the process and returns its address and a configuration that trusts it.
func startDiscard(b *testing.B) (string, *tls.Config) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiscardProcess$")
	cmd.Env = append(os.Environ(), discardEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	var addr string
	var der []byte
	if _, err := fmt.Fscanf(out, "%s %x\n", &addr, &der); err != nil {
		b.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		b.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return addr, &tls.Config{RootCAs: roots}
}

// BenchmarkPut sends lines of 200 bytes over TLS, signed, to a process that discards them; see the limits below.
func BenchmarkPut(b *testing.B) {
	addr, conf := startDiscard(b)
	for _, c := range []struct {
		name  string
		start func(Config) (*Producer, error)
		Config
	}{
		{"stream, aggregated", NewStream, Config{Aggregate: true}},
		{"stream, aggregated, one key", NewStream, Config{Aggregate: true}},
		{"stream, records apart", NewStream, Config{}},
		{"delivery stream", NewDelivery, Config{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			transport := NewTransport(conf)
			defer transport.CloseIdleConnections()
			c.Name, c.Region, c.Endpoint, c.Credentials, c.Transport = "logs", "eu-west-1", "https://"+addr, testCredentials(), transport
			p, err := c.start(c.Config)
			if err != nil {
				b.Fatal(err)
			}
			block := benchBlock()
			if strings.HasSuffix(c.name, "one key") {
				for i := range block {
					block[i].PartitionKey = "constant"
				}
			}
			size := len(block) * len(block[0].Data)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			start := cpu(b)
			var open sync.WaitGroup
			for b.Loop() {
				open.Add(1)
				if err := p.Put(context.Background(), block, func(sink.Result) { open.Done() }); err != nil {
					b.Fatal(err)
				}
			}
			if err := p.Close(context.Background()); err != nil {
				b.Fatal(err)
			}
			open.Wait()
			reportCPU(b, start, size)
			if stats := p.Stats(); stats.Records != int64(b.N*len(block)) || stats.Unanswered+stats.Retried != 0 {
				b.Fatalf("%d blocks of %d records: %+v", b.N, len(block), stats)
			}
		})
	}
}

// What nobody can leave out, on 50 kB of the same bytes at a time. base64 makes 4/3 of them, which SHA-256 and TLS see.
func BenchmarkLimits(b *testing.B) {
	data := bytes.Repeat([]byte("0123456789abcdef0123"), 2500)
	text := base64.StdEncoding.AppendEncode(nil, data)
	out := make([]byte, 0, len(text))
	for name, work := range map[string]func(){
		"MD5":               func() { md5.Sum(data) },
		"base64, library":   func() { out = base64.StdEncoding.AppendEncode(out[:0], data) },
		"base64, ours":      func() { out = appendBase64(out[:0], data) },
		"SHA-256 of base64": func() { sha256.Sum256(text) },
		"copy of base64":    func() { out = append(out[:0], text...) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			start := cpu(b)
			for b.Loop() {
				work()
			}
			reportCPU(b, start, len(data))
		})
	}
}

// BenchmarkLimitTLS writes as many bytes as the benchmark above has in base64 to the same process, 16 KiB at a time, in one
// request without end: encryption and socket.
func BenchmarkLimitTLS(b *testing.B) {
	addr, conf := startDiscard(b)
	conn, err := tls.Dial("tcp", addr, conf)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n", 1<<50); err != nil {
		b.Fatal(err)
	}
	const size = 260_000
	text := make([]byte, base64.StdEncoding.EncodedLen(size))
	b.SetBytes(size)
	start := cpu(b)
	for b.Loop() {
		for rest := text; len(rest) > 0; {
			n := min(len(rest), 16<<10)
			if _, err := conn.Write(rest[:n]); err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
	}
	reportCPU(b, start, size)
}

// BenchmarkAnswer reads the answer to 500 records, about 60 kB.
func BenchmarkAnswer(b *testing.B) {
	entry := `{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"},`
	text := []byte(`{"FailedRecordCount":0,"Records":[` + strings.TrimSuffix(strings.Repeat(entry, 500), ",") + `]}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var a answer
	for b.Loop() {
		if err := a.parse(text, "Records"); err != nil {
			b.Fatal(err)
		}
	}
}
