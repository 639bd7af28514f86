package dest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// silent takes a request and never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A service that never answers is a failure after a while, not a wait without end.
func TestS3Silent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewS3(S3Config{
			Endpoint: "http://127.0.0.1:1", Region: "eu-west-1", Bucket: "lake", SpoolDir: t.TempDir(), Client: &http.Client{Transport: silent{}},
			Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", ""),
		})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = s.Put(t.Context(), "x", Meta{}, write(strings.Repeat("x", slowest)))
		if !errors.Is(err, errSilent) || time.Since(start) != patience+time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestCheck(t *testing.T) {
	d, err := NewDirectory(nil, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newBucket(t)
	for _, test := range []struct {
		key         string
		inDir, inS3 bool
	}{
		{key: "a/b", inDir: true, inS3: true},
		{key: strings.Repeat("n", 256), inS3: true},
		{key: strings.Repeat("n/", 513)},
		{key: ""},
	} {
		if err := d.Check(test.key); (err == nil) != test.inDir || err != nil && !errors.Is(err, ErrKey) {
			t.Errorf("directory, key of %d bytes: %v", len(test.key), err)
		}
		if err := s.Check(test.key); (err == nil) != test.inS3 || err != nil && !errors.Is(err, ErrKey) {
			t.Errorf("S3, key of %d bytes: %v", len(test.key), err)
		}
	}
}
