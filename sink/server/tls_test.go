package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func noCertificate() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12} }

// certificate writes a self-signed certificate for 127.0.0.1 and its key, and returns their paths and who trusts them.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, text := range map[string][]byte{
		cert: certPEM, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(certPEM)
	return cert, key, roots
}

func TestTLS(t *testing.T) {
	cert, key, roots := certificate(t)
	config, err := LoadTLS(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	s := started(t, Config{TLS: config})
	if !strings.HasPrefix(s.URL(), "https://127.0.0.1:") {
		t.Errorf("URL %s", s.URL())
	}
	trust := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	for proto, tr := range map[string]*http.Transport{
		"HTTP/1.1": {TLSClientConfig: trust.Clone()},
		"HTTP/2.0": {TLSClientConfig: trust.Clone(), ForceAttemptHTTP2: true},
	} {
		if status, got, body := get(t, tr, s.URL()+"/_weir/health"); status != 200 || got != proto || body != "ok\n" {
			t.Errorf("%s: %d %s %q", proto, status, got, body)
		}
	}
}

func TestLoadTLSNamesTheFiles(t *testing.T) {
	cert, key, _ := certificate(t)
	if _, err := LoadTLS(cert, key+".x"); err == nil || !strings.Contains(err.Error(), cert) || !strings.Contains(err.Error(), key+".x") {
		t.Errorf("error %v", err)
	}
	if _, err := LoadTLS(key, cert); err == nil {
		t.Error("a key was taken for a certificate")
	}
}
