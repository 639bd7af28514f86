package metadata

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, lines := start(t, Config{Transport: inMemory{newHost()}, Env: func(name string) string {
			return map[string]string{ecsVariable: "http://ecs.test/v4/abc"}[name]
		}}, Names()...)
		for _, name := range Names() {
			if _, ok := s.Lookup(name); !ok {
				t.Errorf("%s has no value", name)
			}
		}
		for name, want := range map[string]string{
			"ec2.instance_id": "i-1", "ec2.ami_id": "ami-1", "ec2.private_ip": "192.0.2.7", "ec2.public_ip": "203.0.113.7", Prefixes()[0] + "Name": "web 1", "ec2.tags.Team": "é",
			"ecs.family": "web", "ecs.revision": "7", "ecs.container_name": "app", "ecs.container_id": "abc-1", "ecs.cluster": "prod",
		} {
			if got := lookup(s, name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		if n := s.Unknown(); n != 0 {
			t.Errorf("%d values were unknown", n)
		}
		for i, name := range []string{"ec2.tags.", "ec2.zone", "ecs.x", "x", ""} {
			if got := lookup(s, name); got != "unknown" || s.Unknown() != int64(i+1) {
				t.Errorf("%q = %q, %d unknown", name, got, s.Unknown())
			}
		}
		if n := testing.AllocsPerRun(100, func() { s.Lookup("ec2.tags.Team"); s.Lookup("ecs.image_id") }); n != 0 {
			t.Errorf("two lookups allocate %v times", n)
		}
		if lookup(s, "ec2.tags.name") != "unknown" {
			t.Error("names of tags are told apart by case")
		}
		if i := s.Instance(); i == nil || i.ID != "i-1" || i.Tags["Team"] != "é" || !i.Read.Equal(time.Now()) {
			t.Errorf("instance %+v", i)
		}
		if got := lines.take(); len(got) != 0 {
			t.Errorf("log: %q", got)
		}
	})
}

// newHost is an instance and a task on it.
func newHost() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", newFake())
	mux.HandleFunc("GET /v4/abc", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"DockerId":"abc-1","Name":"app","DockerName":"x","Image":"repo/app:1","ImageID":"sha256:1","ContainerARN":"arn:c","Labels":{"a":"b"},"Limits":{"CPU":2}}`)
	})
	mux.HandleFunc("GET /v4/abc/task", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"Cluster":"prod","TaskARN":"arn:t","Family":"web","Revision":"7","AvailabilityZone":"eu-west-1a","LaunchType":"FARGATE","Containers":[{"Name":"app"}]}`)
	})
	return mux
}

// TestRefresh: values are good for the TTL, stay while the service fails, and each change is logged once.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s, lines := start(t, Config{Transport: inMemory{f}}, "ec2.hostname")
		f.set("/latest/meta-data/hostname", "second")
		time.Sleep(defaultTTL - time.Second)
		if got := lookup(s, "ec2.hostname"); got != "ip-192-0-2-7.internal" {
			t.Errorf("before the TTL: %s", got)
		}
		time.Sleep(2 * time.Second)
		if got := lookup(s, "ec2.hostname"); got != "second" {
			t.Errorf("after the TTL: %s", got)
		}
		f.fail(http.StatusInternalServerError)
		f.set("/latest/meta-data/hostname", "third")
		time.Sleep(10 * defaultTTL)
		if got := lookup(s, "ec2.hostname"); got != "second" || lookup(s, "ec2.instance_id") != "i-1" {
			t.Errorf("while it fails: %s", got)
		}
		if got := lines.take(); len(got) != 1 || !strings.Contains(got[0], "level=WARN") || !strings.Contains(got[0], "service=EC2") {
			t.Errorf("log: %q", got)
		}
		f.fail(0)
		time.Sleep(longestWait)
		if got := lookup(s, "ec2.hostname"); got != "third" {
			t.Errorf("afterwards: %s", got)
		}
		if got := lines.take(); len(got) != 1 || !strings.Contains(got[0], "level=INFO") {
			t.Errorf("log: %q", got)
		}
	})
}

// TestRefreshSooner: who wants newer values gets them, at once where they are older, and nobody asks all the time.
func TestRefreshSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s, _ := start(t, Config{Transport: inMemory{f}}, "ec2.hostname")
		time.Sleep(time.Minute)
		f.set("/latest/meta-data/hostname", "second")
		s.Refresh(2 * time.Minute)
		s.Refresh(defaultTTL)
		synctest.Wait()
		if got := lookup(s, "ec2.hostname"); got != "second" {
			t.Errorf("at once: %s", got)
		}
		f.set("/latest/meta-data/hostname", "third")
		time.Sleep(2*time.Minute - time.Second)
		if got := lookup(s, "ec2.hostname"); got != "second" {
			t.Errorf("before the new TTL: %s", got)
		}
		time.Sleep(2 * time.Second)
		if got := lookup(s, "ec2.hostname"); got != "third" {
			t.Errorf("after it: %s", got)
		}
		s.Refresh(time.Nanosecond)
		synctest.Wait()
		before, _ := f.seen()
		time.Sleep(shortest - time.Second)
		if after, _ := f.seen(); after != before {
			t.Errorf("asked %d times within %v", after-before, shortest)
		}
	})
}

// TestTagsWantedLater: tags that were allowed after EC2 was asked are there as soon as somebody wants them.
func TestTagsWantedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.mu.Lock()
		delete(f.answers, "/latest/meta-data/tags/instance/")
		f.mu.Unlock()
		s, _ := start(t, Config{Transport: inMemory{f}}, "ec2.hostname")
		f.set("/latest/meta-data/tags/instance/", "Name")
		s.Want("ec2.tags.Name")
		synctest.Wait()
		if got := lookup(s, "ec2.tags.Name"); got != "web 1" {
			t.Errorf("the tag is %q", got)
		}
		before, _ := f.seen()
		s.Want("ec2.tags.Team")
		synctest.Wait()
		if after, _ := f.seen(); after != before {
			t.Errorf("asked again for what is wanted already")
		}
	})
}

// TestUnknownAtFirst: a service that comes up late is asked again soon, and not too often.
func TestUnknownAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.fail(http.StatusNotFound)
		s, lines := start(t, Config{Transport: inMemory{f}}, "ec2.region")
		if got := lookup(s, "ec2.region"); got != "unknown" || s.Instance() != nil || s.Unknown() != 2 {
			t.Errorf("region %s, %d unknown", got, s.Unknown())
		}
		f.fail(0)
		time.Sleep(firstRetry)
		synctest.Wait()
		if got := lookup(s, "ec2.region"); got != "eu-west-1" {
			t.Errorf("region %s", got)
		}
		if got := lines.take(); len(got) != 2 {
			t.Errorf("log: %q", got)
		}
	})
}

// TestOnlyWithTokens: without a token nothing is asked, whatever the service would answer.
func TestOnlyWithTokens(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusInternalServerError} {
		synctest.Test(t, func(t *testing.T) {
			bare := 0
			old := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPut {
					http.Error(w, "no tokens here", status)
					return
				}
				bare++
				fmt.Fprint(w, newFake().answers[r.URL.Path])
			})
			s, _ := start(t, Config{Transport: inMemory{old}}, "ec2.region")
			time.Sleep(defaultTTL)
			synctest.Wait()
			if got := lookup(s, "ec2.region"); got != "unknown" || bare != 0 {
				t.Errorf("status %d: region %s after %d requests without a token", status, got, bare)
			}
		})
	}
}

// TestNobodyIsAsked: without a name for it, or where the environment forbids it.
func TestNobodyIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		none, _ := start(t, Config{Transport: inMemory{f}})
		off, lines := start(t, Config{Transport: inMemory{f}, Env: func(name string) string {
			return map[string]string{"AWS_EC2_METADATA_DISABLED": "True"}[name]
		}}, "ec2.region", "ecs.family")
		time.Sleep(10 * defaultTTL)
		synctest.Wait()
		if with, bare := f.seen(); with+bare+f.tokens != 0 || lookup(off, "ec2.region") != "unknown" || lookup(off, "ecs.family") != "unknown" || lookup(none, "ec2.region") != "unknown" {
			t.Errorf("%d requests, %d without a token, %d tokens", with, bare, f.tokens)
		}
		none.Want("ec2.region", "HOSTNAME")
		synctest.Wait()
		if got := lookup(none, "ec2.region"); got != "eu-west-1" {
			t.Errorf("region %s, wanted late", got)
		}
		got := strings.Join(lines.take(), "\n")
		if strings.Count(got, "\n") != 1 || !strings.Contains(got, "AWS_EC2_METADATA_DISABLED") || !strings.Contains(got, "no container of ECS") {
			t.Errorf("log: %q", got)
		}
	})
}

func TestTagsNotAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		const list = "/latest/meta-data/tags/instance/"
		delete(f.answers, list)
		s, lines := start(t, Config{Transport: inMemory{f}}, "ec2.tags.Name")
		if lookup(s, "ec2.tags.Name") != "unknown" || lookup(s, "ec2.instance_id") != "i-1" {
			t.Error("a tag is known, or the rest is not")
		}
		if got := lines.take(); len(got) != 1 || !strings.Contains(got[0], "--instance-metadata-tags enabled") {
			t.Errorf("log: %q", got)
		}
		f.set(list, "Name")
		time.Sleep(firstRetry)
		synctest.Wait()
		if got := lookup(s, "ec2.tags.Name"); got != "web 1" {
			t.Errorf("tag %s", got)
		}
		f.set(list, strings.Repeat("n ", mostTags+1))
		time.Sleep(2 * defaultTTL)
		if got := lookup(s, "ec2.tags.Name"); got != "web 1" {
			t.Errorf("tag %s after a list that is too long", got)
		}
	})
}

// TestHanging: a service that does not answer holds up a start for two seconds, and no lookup ever.
func TestHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.hang = true
		begin := time.Now()
		s, _ := start(t, Config{Transport: inMemory{f}}, "ec2.region")
		if got := time.Since(begin); got != patience {
			t.Errorf("the start waited %s", got)
		}
		if lookup(s, "ec2.region") != "unknown" || time.Since(begin) != patience {
			t.Error("a lookup waited, or knew")
		}
	})
}

func TestLongAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.set(document, `{"region":"`+strings.Repeat("x", mostBytes)+`"}`)
		s, lines := start(t, Config{Transport: inMemory{f}}, "ec2.region")
		if lookup(s, "ec2.region") != "unknown" || !strings.Contains(strings.Join(lines.take(), ""), errLong.Error()) {
			t.Error("an endless answer was taken")
		}
		f.set(document, `{"region":"x"}`)
		f.set("/latest/meta-data/hostname", strings.Repeat("x", mostBytes+1))
		time.Sleep(firstRetry)
		synctest.Wait()
		if lookup(s, "ec2.region") != "x" || lookup(s, "ec2.hostname") != "unknown" {
			t.Error("one long answer has kept the others out, or was taken")
		}
	})
}

func TestBadECS(t *testing.T) {
	for _, base := range []string{"x", "ftp://h/v4", "http://", "://", "http://ecs.test/gone"} {
		synctest.Test(t, func(t *testing.T) {
			s, lines := start(t, Config{Transport: inMemory{http.NotFoundHandler()}, Env: func(string) string { return base }}, "ecs.family")
			if lookup(s, "ecs.family") != "unknown" || len(lines.take()) != 1 {
				t.Errorf("%s: family %s", base, lookup(s, "ecs.family"))
			}
		})
	}
}

// TestOverTheNetwork uses the address of the environment and connections of its own, and follows nobody elsewhere.
func TestOverTheNetwork(t *testing.T) {
	f := newFake()
	real := httptest.NewServer(f)
	defer real.Close()
	elsewhere := httptest.NewServer(http.RedirectHandler(real.URL, http.StatusTemporaryRedirect))
	defer elsewhere.Close()
	env := func(url string) func(string) string {
		return func(name string) string {
			return map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, ecsVariable: url}[name]
		}
	}
	moved, _ := start(t, Config{Env: env(elsewhere.URL)}, "ec2.region", "ecs.family")
	if with, bare := f.seen(); with+bare != 0 || lookup(moved, "ec2.region") != "unknown" {
		t.Errorf("%d requests followed a redirect", with+bare)
	}
	s, _ := start(t, Config{Env: env(real.URL)}, "ec2.region")
	if got := lookup(s, "ec2.region"); got != "eu-west-1" {
		t.Errorf("region %s", got)
	}
}
