package dest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// bucket is a service that knows one request: a signed PUT of an object into the bucket "lake".
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	headers map[string]http.Header
	refuse  int // answer this status instead
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = b.put(r, body)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "<Error><Code>BadTest</Code><Message>%s</Message></Error>", err)
	case b.refuse != 0:
		w.WriteHeader(b.refuse)
		io.WriteString(w, "<Error><Code>SlowDown</Code><Message>later</Message></Error>")
	default:
		key, _ := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/lake/"))
		b.objects[key], b.headers[key] = body, r.Header
	}
}

func (b *bucket) put(r *http.Request, body []byte) error {
	sum := sha256.Sum256(body)
	switch {
	case r.Method != http.MethodPut || !strings.HasPrefix(r.URL.EscapedPath(), "/lake/"):
		return fmt.Errorf("%s %s is no path-style PUT", r.Method, r.URL)
	case r.ContentLength != int64(len(body)) || r.TransferEncoding != nil:
		return fmt.Errorf("length %d, transfer encoding %v, for %d bytes", r.ContentLength, r.TransferEncoding, len(body))
	case !strings.Contains(r.Header.Get("Authorization"), "Credential=AK/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/s3/"):
		return fmt.Errorf("authorization %q", r.Header.Get("Authorization"))
	case r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]):
		return fmt.Errorf("the body is not the one that was signed")
	}
	return nil
}

func newBucket(t *testing.T) (*S3, *bucket) {
	t.Helper()
	b := &bucket{objects: map[string][]byte{}, headers: map[string]http.Header{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	s, err := NewS3(S3Config{
		Endpoint: server.URL, Region: "eu-west-1", Bucket: "lake", SpoolDir: t.TempDir(), Client: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func TestS3(t *testing.T) {
	conformance(t, func(t *testing.T) (Store, kept) {
		s, b := newBucket(t)
		t.Cleanup(func() {
			if left, err := os.ReadDir(s.spool); err != nil || len(left) > 0 {
				t.Errorf("left in the spool folder: %v, %v", left, err)
			}
		})
		return s, func(key string) ([]byte, bool) {
			b.mu.Lock()
			defer b.mu.Unlock()
			data, ok := b.objects[key]
			return data, ok
		}
	})
}

func TestS3Headers(t *testing.T) {
	s, b := newBucket(t)
	if err := s.Put(t.Context(), "x", Meta{ContentType: "application/octet-stream", ContentEncoding: "gzip"}, write("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "y", Meta{ContentType: "application/octet-stream"}, write("y")); err != nil {
		t.Fatal(err)
	}
	x, y := b.headers["x"], b.headers["y"]
	if x.Get("Content-Type") != "application/octet-stream" || x.Get("Content-Encoding") != "gzip" || len(y.Values("Content-Encoding")) != 0 {
		t.Errorf("headers %v and %v", x, y)
	}
}

func TestS3Refusal(t *testing.T) {
	s, b := newBucket(t)
	b.refuse = http.StatusServiceUnavailable
	err := s.Put(t.Context(), "x", Meta{}, write("x"))
	if err == nil || !strings.Contains(err.Error(), "object x in bucket lake") || !strings.Contains(err.Error(), "SlowDown") {
		t.Errorf("got %v, want key, bucket and the service's code", err)
	}
	b.refuse = 0
	if err := s.Put(t.Context(), "x", Meta{}, write("x")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestNewS3Needs(t *testing.T) {
	if _, err := NewS3(S3Config{Bucket: "b"}); err == nil {
		t.Error("a bucket alone was taken")
	}
}
