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
// fails. A service is asked only if Config.Names has a name of it, so that a host outside AWS asks nobody.
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

// Config says what a Source is for. The zero value of every field but Names and Log does.
type Config struct {
	Names     []string // those that will be looked up; they decide which services are asked
	TTL       time.Duration
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

// Source has the values. Lookup and Instance may be called from any goroutine.
type Source struct {
	instance *service[Instance] // nil: nobody asks for it
	task     *service[Task]     // likewise
	unknown  atomic.Int64
}

// New makes a Source. It asks nobody before Run.
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
	if wants(c.Names, ec2Prefix) {
		ec2 := newEC2(c)
		s.instance = newService("EC2", c, ec2.read)
	}
	if wants(c.Names, ecsPrefix) {
		ecs := newECS(c)
		s.task = newService("ECS", c, ecs.read)
	}
	return s
}

func wants(names []string, prefix string) bool {
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Run keeps the values fresh until ctx ends, and returns then. It is called once.
func (s *Source) Run(ctx context.Context) {
	var group sync.WaitGroup
	if s.instance != nil {
		group.Go(func() { s.instance.follow(ctx) })
	}
	if s.task != nil {
		group.Go(func() { s.task.follow(ctx) })
	}
	group.Wait()
}

// Wait returns once each service has been asked for the first time, after two seconds, or when ctx ends, whichever is first: so that the
// first records have their values where there are any, and no start hangs where there are none.
func (s *Source) Wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.instance != nil {
		s.instance.wait(ctx)
	}
	if s.task != nil {
		s.task.wait(ctx)
	}
}

// Lookup returns the value of a name of Names, or false if it is not known now; that is counted.
func (s *Source) Lookup(name string) (string, bool) {
	value := ""
	if s.instance != nil && strings.HasPrefix(name, ec2Prefix) {
		value = s.instance.now.Load().value(name[len(ec2Prefix):])
	} else if s.task != nil && strings.HasPrefix(name, ecsPrefix) {
		value = s.task.now.Load().value(name[len(ecsPrefix):])
	}
	if value == "" {
		s.unknown.Add(1)
	}
	return value, value != ""
}

// Instance returns all that EC2 says, or nil if that is not known now; that is counted. Nobody changes it.
func (s *Source) Instance() *Instance {
	if s.instance != nil {
		if now := s.instance.now.Load(); now != nil {
			return now
		}
	}
	s.unknown.Add(1)
	return nil
}

// Unknown is how often a value was asked for and not known.
func (s *Source) Unknown() int64 { return s.unknown.Load() }
