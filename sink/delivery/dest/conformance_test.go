package dest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kept reads an object back by a way that is not the store's.
type kept func(key string) (data []byte, ok bool)

func write(chunks ...string) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, c := range chunks {
			if _, err := io.WriteString(w, c); err != nil {
				return err
			}
		}
		return nil
	}
}

// conformance is what every Store must pass.
func conformance(t *testing.T, newStore func(t *testing.T) (Store, kept)) {
	ctx := t.Context()
	meta := Meta{ContentType: "application/octet-stream", ContentEncoding: "gzip"}
	large := strings.Repeat("0123456789abcdef", 1<<16)

	t.Run("stores", func(t *testing.T) {
		store, get := newStore(t)
		for key, chunks := range map[string][]string{
			"plain":                       {"hello"},
			"2026/11/23/14/web-1-uuid.gz": {"a", "", "b\r\n", "\x00\xff"},
			"empty":                       {},
			"large":                       {large, large, "end"},
			"a b+c=d&e?f#g%h~é鍵":          {"odd"},
			"dots/../up":                  {"dots"},
			"//slashes//":                 {"slashes"},
		} {
			if err := store.Put(ctx, key, meta, write(chunks...)); err != nil {
				t.Errorf("Put(%q): %v", key, err)
				continue
			}
			if got, ok := get(key); !ok || string(got) != strings.Join(chunks, "") {
				t.Errorf("%q holds %d bytes (%v), want %d", key, len(got), ok, len(strings.Join(chunks, "")))
			}
		}
	})
	t.Run("same key again", func(t *testing.T) {
		store, get := newStore(t)
		for i := range 3 {
			if err := store.Put(ctx, "x/y", meta, write("same")); err != nil {
				t.Fatalf("attempt %d: %v", i, err)
			}
		}
		if got, _ := get("x/y"); string(got) != "same" {
			t.Errorf("holds %q", got)
		}
		if err := store.Put(ctx, "x/y", meta, write("other")); err != nil {
			t.Fatal(err)
		}
		if got, _ := get("x/y"); string(got) != "other" {
			t.Errorf("holds %q after it was replaced", got)
		}
	})
	t.Run("body fails", func(t *testing.T) {
		store, get := newStore(t)
		if err := store.Put(ctx, "old", meta, write("old")); err != nil {
			t.Fatal(err)
		}
		failure := errors.New("the buffer is damaged")
		for _, key := range []string{"new", "old"} {
			err := store.Put(ctx, key, meta, func(w io.Writer) error {
				if _, err := io.WriteString(w, large); err != nil {
					return err
				}
				return failure
			})
			if !errors.Is(err, failure) || !strings.Contains(err.Error(), "object "+key) {
				t.Errorf("got %v, want the body's error and the key", err)
			}
		}
		if got, ok := get("new"); ok {
			t.Errorf("an object of %d bytes appeared", len(got))
		}
		if got, _ := get("old"); string(got) != "old" {
			t.Errorf("the old object holds %d bytes", len(got))
		}
	})
	t.Run("context ends", func(t *testing.T) {
		store, get := newStore(t)
		ended, cancel := context.WithCancel(ctx)
		err := store.Put(ended, "x", meta, func(w io.Writer) error {
			cancel()
			_, err := io.WriteString(w, "late")
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		if _, ok := get("x"); ok {
			t.Error("the object is there")
		}
	})
	t.Run("keys refused", func(t *testing.T) {
		store, _ := newStore(t)
		for _, key := range []string{"", strings.Repeat("k", 1025)} {
			if err := store.Put(ctx, key, meta, write("x")); !errors.Is(err, ErrKey) {
				t.Errorf("key of %d bytes: %v, want ErrKey", len(key), err)
			}
		}
	})
	t.Run("many at once", func(t *testing.T) {
		store, get := newStore(t)
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				key := fmt.Sprintf("shared/new/%d/%d", i%3, i)
				if err := store.Put(ctx, key, meta, write(strings.Repeat(key, 1000))); err != nil {
					t.Errorf("Put(%s): %v", key, err)
				}
				if got, _ := get(key); !bytes.Equal(got, []byte(strings.Repeat(key, 1000))) {
					t.Errorf("%s holds %d bytes", key, len(got))
				}
			})
		}
		group.Wait()
	})
}
