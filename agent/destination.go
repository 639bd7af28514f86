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
	key   config.Send
	name  string
	flows []string
}

// producerKey is what tells producers apart: the stream and how it is written to. Partition keys and conditions are the flow's business.
func producerKey(send config.Send) config.Send {
	send.PartitionKey, send.When, send.Default = "", "", false
	if send.DeliveryStream != "" {
		send.Aggregate, send.AggregateSize = false, 0
	}
	return send
}

// connect makes one producer for each destination that the flows name.
func (a *Agent) connect() error {
	c := a.opt.Config
	start := a.opt.Destination
	if start == nil {
		id, err := identify(a.hard, c)
		if err != nil {
			return err
		}
		a.transport = producer.NewTransport(nil)
		start = func(send config.Send) (sink.Destination, error) { return a.produce(id, send) }
	}
	for i := range c.Flows {
		f := &c.Flows[i]
		seen := make(map[string]bool)
		for _, send := range f.Send {
			if name := send.Destination(); seen[name] {
				return fmt.Errorf("agent: flow %s sends twice to %s", f.Name, name)
			}
			seen[send.Destination()] = true
			d := a.destination(send)
			if d == nil {
				made, err := start(send)
				if err != nil {
					return fmt.Errorf("agent: flow %s: %w", f.Name, err)
				}
				d = &destination{Destination: made, key: producerKey(send), name: a.freeName(send.Destination())}
				a.destinations = append(a.destinations, d)
			}
			d.flows = append(d.flows, f.Name)
		}
	}
	return nil
}

// freeName tells several producers for one stream apart, which differ in how they send.
func (a *Agent) freeName(name string) string {
	free := name
	for n := 2; slices.ContainsFunc(a.destinations, func(d *destination) bool { return d.name == free }); n++ {
		free = fmt.Sprintf("%s#%d", name, n)
	}
	return free
}

// destination returns the one that serves send, or nil.
func (a *Agent) destination(send config.Send) *destination {
	i := slices.IndexFunc(a.destinations, func(d *destination) bool { return d.key == producerKey(send) })
	if i < 0 {
		return nil
	}
	return a.destinations[i]
}

// produce makes a producer of the real kind.
func (a *Agent) produce(id identity, send config.Send) (sink.Destination, error) {
	c := a.opt.Config
	p := producerConfig(send)
	p.Region, p.Credentials, p.Transport = id.region, id.credentials, a.transport
	p.Memory = a.memory.producer[producerKey(send)]
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
func (a *Agent) closeDestinations(ctx context.Context) {
	done := make(chan struct{})
	for _, d := range a.destinations {
		go func() {
			defer func() { done <- struct{}{} }()
			if err := d.Close(ctx); err != nil {
				a.log.Warn("not all was delivered", "destination", d.name, "records", d.Stats().Pending, "error", d.Stats().LastError, "reason", context.Cause(ctx))
			}
		}()
	}
	for range a.destinations {
		<-done
	}
}
