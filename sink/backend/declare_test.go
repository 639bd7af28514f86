package backend

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

// What is there and differs from its declaration is left alone, and said.
func TestDeclaredDifferences(t *testing.T) {
	c := declared(t.TempDir())
	c.DeliveryStreams[0].BufferSize = 0 // the default
	closed(t, open(t, c))
	var log strings.Builder
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	b := open(t, c)
	closed(t, b)
	if got := log.String(); strings.Contains(got, "differs") {
		t.Errorf("the same declaration is said to differ: %s", got)
	}
	log.Reset()
	c.DeliveryStreams[0].Source, c.DeliveryStreams[0].Prefix, c.DeliveryStreams[0].Compression = "", "new/", ""
	c.DeliveryStreams[0].BufferSize, c.DeliveryStreams[0].BufferTime = 2*mib, 0
	closed(t, open(t, c))
	for _, want := range []string{
		`its source is \"arn:aws:kinesis:us-east-1:000000000000:stream/web\", not \"\"`, `its prefix is \"archive/\", not \"new/\"`,
		`its compression is \"GZIP\", not \"UNCOMPRESSED\"`, `its buffer size in MiB is \"5\", not \"2\"`, `its buffer time is \"1s\", not \"0s\"`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("not said: %s; log:\n%s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "delivery_stream=direct difference") {
		t.Errorf("what does not differ is said to: %s", log.String())
	}
}

func TestDeclarationsAreWhole(t *testing.T) {
	for _, d := range []DeliveryStream{
		{Name: "d", Bucket: "out", BufferSize: mib + 1},
		{Name: "d", Bucket: "out", BufferTime: 1500 * time.Millisecond},
		{Name: "d", Bucket: "out", BufferSize: 200 * mib},
		{Name: "d", Bucket: "../out"},
	} {
		c := Config{DataDir: t.TempDir(), Listen: "127.0.0.1:0", DeliveryStreams: []DeliveryStream{d}}
		if b, err := Open(t.Context(), c); err == nil {
			closed(t, b)
			t.Errorf("%+v was taken", d)
		}
	}
}
