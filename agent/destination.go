package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/sink/producer"
)

// destination is one producer and who uses it.
type destination struct {
	sink.Destination
	key    config.Send
	target target
	name   string
}

// producerKey is what tells producers apart: the stream and how it is written to. Partition keys are the flow's business.
func producerKey(send config.Send) config.Send {
	send.PartitionKey = ""
	if send.DeliveryStream != "" {
		send.Aggregate, send.AggregateSize = false, 0
	}
	return send
}

// connect gives a lineup one producer for each destination that its flows name: one of the lineup before, or a new one.
func (a *Agent) connect(l, before *lineup) error {
	c := l.config
	start := a.opt.Destination
	if start == nil {
		id, err := identify(a.hard, c)
		if err != nil {
			return err
		}
		if a.transport == nil {
			a.transport = producer.NewTransport(nil)
		}
		start = func(send config.Send) (sink.Destination, error) { return a.produce(l, id, send) }
	}
	for i := range c.Flows {
		f := &c.Flows[i]
		seen := make(map[string]bool)
		for _, send := range f.Send {
			if name := send.Destination(); seen[name] {
				return fmt.Errorf("agent: flow %s sends twice to %s", f.Name, name)
			}
			seen[send.Destination()] = true
			if l.destination(send, targetOf(c, send)) != nil {
				continue
			}
			d := before.destination(send, targetOf(c, send))
			if d == nil {
				made, err := start(send)
				if err != nil {
					return fmt.Errorf("agent: flow %s: %w", f.Name, err)
				}
				d = &destination{Destination: made, key: producerKey(send), target: targetOf(c, send), name: l.freeName(before, send.Destination())}
			}
			l.destinations = append(l.destinations, d)
		}
	}
	return nil
}

// freeName tells several producers for one stream apart, which differ in how they send, also from those of the lineup before.
func (l *lineup) freeName(before *lineup, name string) string {
	free := name
	taken := func(d *destination) bool { return d.name == free }
	for n := 2; slices.ContainsFunc(l.destinations, taken) || slices.ContainsFunc(before.destinations, taken); n++ {
		free = fmt.Sprintf("%s#%d", name, n)
	}
	return free
}

// destination returns the one that serves send at a target, or nil.
func (l *lineup) destination(send config.Send, at target) *destination {
	i := slices.IndexFunc(l.destinations, func(d *destination) bool { return d.key == producerKey(send) && d.target == at })
	if i < 0 {
		return nil
	}
	return l.destinations[i]
}

// produce makes a producer of the real kind.
func (a *Agent) produce(l *lineup, id identity, send config.Send) (sink.Destination, error) {
	c := l.config
	p := producerConfig(send)
	p.Region, p.Credentials, p.Transport = id.region, id.credentials, a.transport
	p.Memory = l.memory.producer[producerKey(send)]
	p.Events = a.events(send.Destination())
	if send.Stream != "" {
		p.Name, p.Endpoint = send.Stream, first(c.Endpoints.Kinesis, c.Endpoint)
		return producer.NewStream(p)
	}
	p.Name, p.Endpoint = send.DeliveryStream, first(c.Endpoints.Firehose, c.Endpoint)
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
