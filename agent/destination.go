package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/sink/producer"
)

// destination is one producer.
type destination struct {
	sink.Destination
	key  producerKey
	name string
}

// producerKey is what tells producers apart: the stream, where it is, who signs, and how it is written to. Partition keys and conditions are the flow's business.
type producerKey struct {
	config.Target
	stream, delivery string
	aggregate        bool
	aggregateSize    int
	linger           time.Duration
	giveUp           time.Duration
	flow             string // of a producer that gives up: what it gives up goes to the flow's dead letters
}

// keyOf returns the key of the producer that serves an entry of a flow.
func keyOf(c *config.Config, f *config.Flow, send *config.Send) producerKey {
	k := producerKey{Target: c.Target(f, send), stream: send.Stream, delivery: send.DeliveryStream, linger: send.Linger}
	if send.Stream != "" {
		k.aggregate, k.aggregateSize = send.Aggregate, send.AggregateSize
	}
	if send.OnFailure == config.FailureDeadLetter {
		k.giveUp, k.flow = max(send.GiveUpAfter, time.Second), f.Name
	}
	return k
}

// connect gives a lineup one producer for each destination that its flows name: one of the lineup before, or a new one. One that gives up belongs to its
// flow, whose dead letters it looks at: it goes on only with that.
func (a *Agent) connect(l, before *lineup, kept map[string]*route) error {
	c := l.config
	names := l.namesIn(before, kept)
	ids := identities{file: c.File}
	if a.opt.Destination == nil {
		if a.transport == nil {
			a.transport = producer.NewTransport(nil)
		}
		ids.transport = a.transport
	}
	for i := range c.Flows {
		f := &c.Flows[i]
		seen := make(map[string]bool)
		for j := range f.Send {
			send := &f.Send[j]
			if name := send.Destination(); seen[name] {
				return fmt.Errorf("agent: flow %s sends twice to %s", f.Name, name)
			}
			seen[send.Destination()] = true
			key := keyOf(c, f, send)
			if l.destination(key) != nil {
				continue
			}
			d := before.stays(key, kept)
			if d == nil {
				d = &destination{key: key, name: freeName(names, send.Destination(), key.Region)}
				names[d.name] = key.Region
				var err error
				if d.Destination, err = a.open(l, &ids, d, send); err != nil {
					var wrong *ConfigError
					if errors.As(err, &wrong) {
						return err
					}
					return fmt.Errorf("agent: flow %s: %w", f.Name, err)
				}
			}
			l.destinations = append(l.destinations, d)
		}
	}
	return nil
}

// open makes what a destination sends with.
func (a *Agent) open(l *lineup, ids *identities, d *destination, send *config.Send) (sink.Destination, error) {
	if a.opt.Destination != nil {
		return a.opt.Destination(*send)
	}
	id, err := ids.of(a.hard, d.key.Target)
	if err != nil {
		return nil, err
	}
	return a.produce(l, id, d)
}

// stays returns the destination with a key if it goes on in the lineup after l, or nil.
func (l *lineup) stays(key producerKey, kept map[string]*route) *destination {
	if key.flow != "" && kept[key.flow] == nil {
		return nil
	}
	return l.destination(key)
}

// namesIn returns the regions of the destinations that go on from the lineup before, by their names.
func (l *lineup) namesIn(before *lineup, kept map[string]*route) map[string]string {
	names := make(map[string]string)
	for i := range l.config.Flows {
		f := &l.config.Flows[i]
		for j := range f.Send {
			if d := before.stays(keyOf(l.config, f, &f.Send[j]), kept); d != nil {
				names[d.name] = d.key.Region
			}
		}
	}
	return names
}

// freeName tells several producers for one stream apart by the region if that is enough. Taken are names, with regions. A producer that ends leaves its
// name to the one that comes in its place.
func freeName(taken map[string]string, name, region string) string {
	free := name
	if other, ok := taken[name]; ok && region != "" && region != other {
		free = name + "@" + region
	}
	for n := 2; ; n++ {
		if _, ok := taken[free]; !ok {
			return free
		}
		free = fmt.Sprintf("%s#%d", name, n)
	}
}

// destination returns the one with a key, or nil.
func (l *lineup) destination(key producerKey) *destination {
	i := slices.IndexFunc(l.destinations, func(d *destination) bool { return d.key == key })
	if i < 0 {
		return nil
	}
	return l.destinations[i]
}

// produce makes a producer of the real kind.
func (a *Agent) produce(l *lineup, id identity, d *destination) (sink.Destination, error) {
	p := d.key.config()
	p.Region, p.Credentials, p.Transport, p.Endpoint = id.region, id.credentials, a.transport, d.key.Endpoint
	p.Memory = l.memory.producer[d.key]
	p.Events = a.events(d.name)
	if d.key.giveUp > 0 {
		p.GiveUp = producer.GiveUp{After: d.key.giveUp, Room: l.route(d.key.flow).letters.Room}
	}
	if d.key.stream != "" {
		p.Name = d.key.stream
		return producer.NewStream(p)
	}
	p.Name = d.key.delivery
	return producer.NewDelivery(p)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// events logs the changes of a destination's state. The producer's errors say what to do.
func (a *Agent) events(name string) producer.Events {
	log := a.log.With("destination", name)
	return producer.Events{
		Failing: func(err error, since time.Duration) {
			log.Error("cannot deliver; trying again until it works", "error", err, "since", since.Round(time.Second))
		},
		Recovered: func(after time.Duration) { log.Info("delivers again", "after", after.Round(time.Millisecond)) },
	}
}

// closeDestinations drains all of them at once.
func (a *Agent) closeDestinations(ctx context.Context, all []*destination) {
	done := make(chan struct{})
	for _, d := range all {
		go func() {
			defer func() { done <- struct{}{} }()
			if err := d.Close(ctx); err != nil {
				a.log.Warn("not all was delivered", "destination", d.name, "records", d.Stats().Pending, "error", d.Stats().LastError, "reason", context.Cause(ctx))
			}
		}()
	}
	for range all {
		<-done
	}
}
