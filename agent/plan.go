package agent

import (
	"fmt"
	"slices"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/sink/producer"
	"github.com/weir-logs/weir/tailer/framing"
)

// plan divides the memory of a configuration. Half of it is data: the blocks and the scratch memory of the flows, and the requests of
// the producers. The other half is the garbage collector's room, everything small, and what is needed now and then, once for all flows: the
// memory of a record that escapes make much longer, and that of a compressed file. Both fit in there, one of them at a time.
type plan struct {
	limit    int64
	data     int64
	readers  int64                 // of all flows
	shape    shape                 // of those flows that are not kept as they are
	producer map[producerKey]int64 // bytes of each producer
	inflate  int64                 // of a compressed file, beside a window of its content
}

// shape is how much a flow takes at once.
type shape struct {
	workers, block, chunk int
}

// shapes are tried in this order; the first with which everything fits is taken.
func shapes() []shape {
	return []shape{
		{workers: 2, block: 256 << 10, chunk: 256 << 10},
		{workers: 1, block: 256 << 10, chunk: 256 << 10},
		{workers: 1, block: 64 << 10, chunk: 64 << 10},
	}
}

// reader is the memory of one flow: each worker holds a block and, while it reads what is longer, a window of the framing; what the framing
// needs to put records together; and an encoded chunk. What edits need comes to that.
func (s shape) reader(f framing.Config) int64 {
	if f.Plain() {
		return int64(s.workers) * int64(s.block+f.MaxRecord+s.chunk)
	}
	return int64(s.workers) * int64(s.block+f.Window()+f.Memory(s.block)+s.chunk)
}

// readers is the memory of a flow's readings. Where records are joined, another chunk is.
func (s shape) readers(f *config.Flow) (sum int64) {
	for _, reading := range f.Readings() {
		sum += s.reader(f.Framing()) + int64(s.workers)*flow.EditMemory(f, s.chunk)
		if slices.ContainsFunc(reading, func(i int) bool { return f.Send[i].Pack > 0 }) {
			sum += int64(s.workers) * int64(s.chunk)
		}
	}
	return sum
}

// readings is how many there are of all flows.
func readings(c *config.Config) (n int) {
	for i := range c.Flows {
		n += len(c.Flows[i].Readings())
	}
	return n
}

// config is what a producer's memory depends on.
func (k producerKey) config() producer.Config {
	return producer.Config{Aggregate: k.aggregate, AggregateSize: k.aggregateSize, Linger: k.linger}
}

// Fits returns a ConfigError that says how much would do if the memory of a configuration does not hold what its flows need. New asks too.
func Fits(c *config.Config) error {
	_, err := planMemory(c)
	return err
}

// portion is what one flow has.
type portion struct {
	shape
	inflate int64
}

// planMemory divides the memory, or says how much would do.
func planMemory(c *config.Config) (plan, error) { return planAround(c, nil) }

// planAround divides the memory where some flows, by name, keep the shares that they have.
func planAround(c *config.Config, kept map[string]portion) (plan, error) {
	p := plan{limit: c.Memory, data: c.Memory / 2, producer: make(map[producerKey]int64)}
	largest := 0
	var least int64 // of all producers
	for i := range c.Flows {
		largest = max(largest, c.Flows[i].Read.MaxRecord)
		for j := range c.Flows[i].Send {
			key := keyOf(c, &c.Flows[i], &c.Flows[i].Send[j])
			if _, seen := p.producer[key]; !seen {
				p.producer[key] = key.config().MinMemory()
				least += p.producer[key]
			}
		}
	}
	if need := 4 * int64(largest); c.Memory < need {
		return p, &ConfigError{fmt.Errorf("agent: memory %s is too small for max_record %s: set memory to at least %s, or max_record to at most %s",
			mib(c.Memory), mib(int64(largest)), mib(need), mibBelow(c.Memory/4))}
	}
	if err := p.planSpare(c.Flows); err != nil {
		return p, err
	}
	for name, k := range kept {
		if k.inflate > p.inflate {
			return p, fmt.Errorf("agent: flow %s has more memory for compressed files than there is now", name)
		}
	}
	var need int64
	for _, s := range shapes() {
		var readers int64
		for i := range c.Flows {
			if k, ok := kept[c.Flows[i].Name]; ok {
				readers += k.readers(&c.Flows[i])
			} else {
				readers += s.readers(&c.Flows[i])
			}
		}
		need = readers + least
		if need <= p.data {
			p.shape, p.readers = s, readers
			p.lend(p.data - need)
			return p, nil
		}
	}
	return p, &ConfigError{fmt.Errorf("agent: memory %s is too small for the configuration (flows: %d, destinations: %d): set memory to at least %s, or a smaller max_record",
		mib(c.Memory), len(c.Flows), len(p.producer), mib(2*need))}
}

const (
	leastInflate = 1 << 20
	mostInflate  = 8 << 20 // what every level of zstd up to 19 keeps to
)

// planSpare looks whether what is needed now and then fits in the half that is not data.
func (p *plan) planSpare(flows []config.Flow) error {
	spare, window := p.limit-p.data, shapes()[0].block
	var need, largest int64 // of the flow that needs most
	for i := range flows {
		f := &flows[i]
		window = max(window, f.Framing().Window())
		if !flow.Direct(f) {
			if n := flow.LargeMemory(f); n > need {
				need, largest = n, int64(f.Read.MaxRecord)
			}
		}
		if n := flow.CompatMemory(f); n > need {
			need, largest = n, int64(f.Read.MaxRecord)
		}
	}
	p.inflate = min(max(spare-int64(window), leastInflate), mostInflate)
	if need > spare {
		return &ConfigError{fmt.Errorf("agent: memory %s is too small: a record of max_record %s may take %s on its way through edits and encoding: set memory to at least %s, or max_record to at most %s",
			mib(p.limit), mib(largest), mib(need), mib(2*need), mibBelow(spare*largest/need))}
	}
	return nil
}

// lend gives what is left to the producers in equal parts: more requests in flight.
func (p *plan) lend(rest int64) {
	for key := range p.producer {
		p.producer[key] += rest / int64(len(p.producer))
	}
}

// producers is what all producers have together.
func (p *plan) producers() (sum int64) {
	for _, n := range p.producer {
		sum += n
	}
	return sum
}

// mib writes a number of bytes so that setting it is enough: rounded up.
func mib(n int64) string {
	if n%(1<<20) != 0 && n < 1<<20 {
		return fmt.Sprintf("%dKiB", (n+1<<10-1)>>10)
	}
	return fmt.Sprintf("%dMiB", (n+1<<20-1)>>20)
}

// mibBelow writes a number of bytes so that setting it is not too much: rounded down.
func mibBelow(n int64) string {
	if n < 1<<20 {
		return mib(n &^ (1<<10 - 1))
	}
	return mib(n &^ (1<<20 - 1))
}
