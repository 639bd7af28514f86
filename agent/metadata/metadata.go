// Package metadata knows what EC2 and ECS say about the machine that weir runs on, for values such as ${ec2.instance_id} in records.
//
//	EC2   the instance metadata service, with tokens (IMDSv2) and never without
//	ECS   the task metadata endpoint, version 4, whose address the container has in its environment
//	        |
//	        |  each by itself: every TTL, and sooner after a failure
//	        v
//	      Source <- Lookup, which never waits
//
// A record that comes while a value is unknown does without it: Lookup says so, and counts it. What is known stays known while its service
// fails. A service is asked only once one of its names is wanted, so that a host outside AWS asks nobody.
package metadata

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config says how a Source asks. The zero value of every field but Log does.
type Config struct {
	TTL       time.Duration       // how long values are good for; 0 means 1 h
	Log       *slog.Logger        // told when a service begins to fail, and when it answers again
	Env       func(string) string // nil means os.Getenv
	Transport http.RoundTripper   // nil means connections of its own, without a proxy
}

const (
	defaultTTL  = time.Hour
	askTime     = 10 * time.Second // for all that is asked of a service at once
	firstRetry  = 5 * time.Second  // after a failure; twice as long after each further one
	longestWait = 5 * time.Minute
	patience    = 2 * time.Second // of Wait
)

// Source has the values. All but Run may be called from any goroutine.
type Source struct {
	instance *service[Instance]
	task     *service[Task]
	tags     atomic.Bool // wanted
	unknown  atomic.Int64
}

// New makes a Source. It starts nothing.
func New(c Config) *Source {
	if c.TTL <= 0 {
		c.TTL = defaultTTL
	}
	if c.Env == nil {
		c.Env = os.Getenv
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	c.Transport = bounded{c.Transport}
	s := new(Source)
	s.instance = newService("EC2", c, newEC2(c, &s.tags).read)
	s.task = newService("ECS", c, newECS(c).read)
	return s
}

// Want has the services asked that these names belong to, as soon as Run runs. Other names are no concern of a Source.
func (s *Source) Want(names ...string) {
	for _, name := range names {
		if strings.HasPrefix(name, ec2Prefix+tagPrefix) && !s.tags.Swap(true) {
			s.instance.again() // they may have been allowed since it was asked
		}
		switch {
		case strings.HasPrefix(name, ec2Prefix):
			s.instance.want()
		case strings.HasPrefix(name, ecsPrefix):
			s.task.want()
		}
	}
}

// shortest is how often EC2 is asked at most.
const shortest = 5 * time.Second

// Refresh has EC2 asked at least so often, but not more often than every five seconds; of several calls the shortest time counts.
func (s *Source) Refresh(every time.Duration) { s.instance.refresh(max(every, shortest)) }

// Run keeps the values fresh until ctx ends, and returns then. It is called once.
func (s *Source) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { s.instance.follow(ctx) })
	group.Go(func() { s.task.follow(ctx) })
	group.Wait()
}

// Wait returns once each service that is wanted has been asked for the first time, after two seconds, or when ctx ends, whichever is first: so
// that the first records have their values where there are any, and no start hangs where there are none.
func (s *Source) Wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.instance.wait(ctx)
	s.task.wait(ctx)
}

// Lookup returns the value of a name, one of Names or with one of Prefixes, or false if it is not known now; that is counted.
func (s *Source) Lookup(name string) (string, bool) {
	value := ""
	switch {
	case strings.HasPrefix(name, ec2Prefix):
		value = s.instance.now.Load().value(name[len(ec2Prefix):])
	case strings.HasPrefix(name, ecsPrefix):
		value = s.task.now.Load().value(name[len(ecsPrefix):])
	}
	if value == "" {
		s.unknown.Add(1)
	}
	return value, value != ""
}

// Instance returns all that EC2 says, or nil if that is not known now; that is counted. Nobody changes it.
func (s *Source) Instance() *Instance {
	now := s.instance.now.Load()
	if now == nil {
		s.unknown.Add(1)
	}
	return now
}

// Unknown is how often a value was asked for and not known.
func (s *Source) Unknown() int64 { return s.unknown.Load() }
