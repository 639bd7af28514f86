package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/sink/kpl"
)

// sink accepts every PutRecords. It keeps nothing unless asked to: a destination that costs as little as one can.
type sink struct {
	addr  string
	ca    string // file with the certificate to trust
	bytes atomic.Int64
	puts  atomic.Int64
	srv   *http.Server
	pool  sync.Pool    // of *bytes.Buffer: request bodies
	delay atomic.Int64 // nanoseconds that an answer takes

	mu    sync.Mutex
	lines map[string]int   // what arrived, how often; nil: nothing is kept
	total int              // of them
	bulk  int64            // bytes of lines that begin with bulkMark, which are not kept
	after map[string]int64 // bulk when each line arrived first
}

// bulkMark begins the lines of a backlog: they are only counted.
const bulkMark = "bulk "

// keep has the sink keep what arrives from now on, to be compared with what was written.
func (s *sink) keep() { s.lines, s.after = map[string]int{}, map[string]int64{} }

// take keeps one record. Callers hold s.mu.
func (s *sink) take(data []byte) {
	if bytes.HasPrefix(data, []byte(bulkMark)) {
		s.bulk += int64(len(data))
		return
	}
	if s.lines[string(data)]++; s.lines[string(data)] == 1 {
		s.after[string(data)] = s.bulk
	}
	s.total++
}

// arrived is how many records came, those that came again included.
func (s *sink) arrived() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// sent is how many bytes of the backlog came.
func (s *sink) sent() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bulk
}

// note keeps the records of a request.
func (s *sink) note(body []byte) error {
	var request struct{ Records []struct{ Data []byte } }
	if err := json.Unmarshal(body, &request); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var r kpl.Reader
	for _, record := range request.Records {
		if !r.Open(record.Data) {
			s.take(record.Data)
			continue
		}
		for one, ok := r.Next(); ok; one, ok = r.Next() {
			s.take(one.Data)
		}
	}
	return nil
}

func startSink(caFile string) (*sink, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		return nil, err
	}
	s := &sink{addr: l.Addr().String(), ca: caFile, pool: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
	s.srv = &http.Server{Handler: http.HandlerFunc(s.put)}
	go s.srv.Serve(l)
	return s, nil
}

func (s *sink) put(w http.ResponseWriter, r *http.Request) {
	body := s.pool.Get().(*bytes.Buffer)
	defer s.pool.Put(body)
	body.Reset()
	n, err := io.Copy(body, r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	time.Sleep(time.Duration(s.delay.Load()))
	if s.lines != nil {
		if err := s.note(body.Bytes()); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	s.bytes.Add(n)
	s.puts.Add(1)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	io.WriteString(w, `{"FailedRecordCount":0,"Records":[`)
	for i := range bytes.Count(body.Bytes(), []byte(`"PartitionKey":`)) {
		if i > 0 {
			io.WriteString(w, ",")
		}
		fmt.Fprintf(w, `{"SequenceNumber":"4954%052d","ShardId":"shardId-000000000000"}`, i)
	}
	io.WriteString(w, "]}")
}
