package status

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metric is one family: its name, its help, and what a flow or a destination has for it. Names end in _total for counters, units are
// bytes and seconds. There is none per file: their number has no bound.
type metric[T any] struct {
	name, help string
	kind       prometheus.ValueType
	value      func(T) int64
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

func flowMetrics() []metric[*Flow] {
	return []metric[*Flow]{
		{"weir_flow_records_read_total", "Records read from files.", counter, func(f *Flow) int64 { return f.Counters.RecordsRead }},
		{"weir_flow_read_bytes_total", "Bytes of records read from files.", counter, func(f *Flow) int64 { return f.Counters.BytesRead }},
		{"weir_flow_mismatched_total", "Lines that did not have the flow's format.", counter, func(f *Flow) int64 { return f.Counters.Mismatched }},
		{"weir_flow_edit_failed_total", "Times that a step of edit could not be done to a record, which was left as it was.", counter, func(f *Flow) int64 { return f.Counters.EditFailed }},
		{"weir_flow_oversize_total", "Entries too large for their destination.", counter, func(f *Flow) int64 { return f.Counters.Oversize }},
		{"weir_flow_refused_total", "Entries that their destination will never take.", counter, func(f *Flow) int64 { return f.Counters.Refused }},
		{"weir_flow_given_up_total", "Entries that a destination did not take for give_up_after.", counter, func(f *Flow) int64 { return f.Counters.GivenUp }},
		{"weir_flow_dead_lettered_total", "Records written to the dead-letter file.", counter, func(f *Flow) int64 { return f.Counters.DeadLettered }},
		{"weir_flow_partition_keys_missing_total", "Records without the field of their partition key.", counter, func(f *Flow) int64 { return f.Counters.KeysMissing }},
		{"weir_flow_conditions_failed_total", "Times that a destination's condition failed on a record.", counter, func(f *Flow) int64 { return f.Counters.ConditionFailed }},
		{"weir_flow_unrouted_total", "Records that no destination's condition held for.", counter, func(f *Flow) int64 { return f.Counters.Unrouted }},
		{"weir_flow_split_total", "Records cut in two because they were longer than max_record or max_lines.", counter, func(f *Flow) int64 { return f.Counters.Split }},
		{"weir_flow_truncated_total", "Records that lost their end because they were longer than max_record or max_lines.", counter, func(f *Flow) int64 { return f.Counters.Truncated }},
		{"weir_flow_truncated_bytes_total", "Bytes of files left out by truncation.", counter, func(f *Flow) int64 { return f.Counters.TruncatedBytes }},
		{"weir_flow_forced_total", "Groups and partial lines of containers ended early because too much else was open.", counter, func(f *Flow) int64 { return f.Counters.Forced }},
		{"weir_flow_foreign_lines_total", "Lines without the container's format, sent as they are.", counter, func(f *Flow) int64 { return f.Counters.Foreign }},
		{"weir_flow_partial_total", "Unfinished last lines sent as records.", counter, func(f *Flow) int64 { return f.Counters.Partial }},
		{"weir_flow_gaps_total", "Times that bytes of a file were gone before they were read.", counter, func(f *Flow) int64 { return f.Counters.Gaps }},
		{"weir_flow_gap_bytes_total", "Bytes that were gone before they were read, as far as is known.", counter, func(f *Flow) int64 { return f.Counters.GapBytes }},
		{"weir_flow_vanished_files_total", "Files of an earlier run that are nowhere and had been read as far as they were seen; what was written since nobody knows.", counter, func(f *Flow) int64 { return f.Counters.Vanished }},
		{"weir_flow_in_flight_bytes", "Bytes read that no durable checkpoint covers.", gauge, func(f *Flow) int64 { return f.Counters.InFlight }},
		{"weir_flow_files", "Files that the flow follows.", gauge, func(f *Flow) int64 { return int64(len(f.Files)) }},
		{"weir_flow_lag_bytes", "Bytes of the flow's files that are not acknowledged.", gauge, (*Flow).Lag},
		{"weir_flow_held_bytes", "Size of the deleted files that are kept open.", gauge, (*Flow).Held},
		{"weir_flow_dead_letter_bytes", "Size of the dead-letter file.", gauge, func(f *Flow) int64 { return f.Counters.DeadLetters.Bytes }},
		{"weir_flow_dead_letters_full", "1 while reading waits for room in the dead-letter file.", gauge, func(f *Flow) int64 { return number(f.Counters.DeadLetters.Full) }},
		{"weir_flow_failed", "1 if the flow has ended with an error.", gauge, func(f *Flow) int64 { return number(f.Error != "") }},
	}
}

func destinationMetrics() []metric[*Destination] {
	return []metric[*Destination]{
		{"weir_destination_records_total", "Records acknowledged.", counter, func(d *Destination) int64 { return d.Stats.Records }},
		{"weir_destination_bytes_total", "Bytes of records acknowledged.", counter, func(d *Destination) int64 { return d.Stats.Bytes }},
		{"weir_destination_requests_total", "Requests answered.", counter, func(d *Destination) int64 { return d.Stats.Requests }},
		{"weir_destination_retried_total", "Records sent again because the service refused them.", counter, func(d *Destination) int64 { return d.Stats.Retried }},
		{"weir_destination_unanswered_total", "Records sent again because no answer came: each may be a duplicate.", counter, func(d *Destination) int64 { return d.Stats.Unanswered }},
		{"weir_destination_refused_total", "Records refused for good.", counter, func(d *Destination) int64 { return d.Stats.Refused }},
		{"weir_destination_given_up_total", "Records given up because nothing was taken for too long.", counter, func(d *Destination) int64 { return d.Stats.GivenUp }},
		{"weir_destination_pending_records", "Records taken and not answered yet.", gauge, func(d *Destination) int64 { return d.Stats.Pending }},
		{"weir_destination_failing_seconds", "How long every request has failed.", gauge, func(d *Destination) int64 { return d.Stats.FailingFor / 1000 }},
	}
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// collector turns a Snapshot into metrics, anew for each scrape.
type collector struct {
	source       Source
	build        *prometheus.Desc
	uptime       *prometheus.Desc
	healthy      *prometheus.Desc
	unknown      *prometheus.Desc
	dropped      *prometheus.Desc
	delivered    *prometheus.Desc
	bytes        *prometheus.Desc
	lag          *prometheus.Desc
	flows        []described[*Flow]
	destinations []described[*Destination]
}

type described[T any] struct {
	metric[T]
	desc *prometheus.Desc
}

func describe[T any](all []metric[T], label string) []described[T] {
	out := make([]described[T], len(all))
	for i, m := range all {
		out[i] = described[T]{m, prometheus.NewDesc(m.name, m.help, []string{label}, nil)}
	}
	return out
}

// newRegistry makes a registry of its own, with what the Go runtime and the process say about themselves.
func newRegistry(source Source) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &collector{
		source:       source,
		build:        prometheus.NewDesc("weir_build_info", "Always 1; the version is a label.", []string{"version"}, nil),
		uptime:       prometheus.NewDesc("weir_uptime_seconds", "Time since the start.", nil, nil),
		healthy:      prometheus.NewDesc("weir_healthy", "1 if there is nothing that somebody should look at.", nil, nil),
		unknown:      prometheus.NewDesc("weir_metadata_unknown_total", "Times that a record asked for a value of EC2 or ECS that was not known.", nil, nil),
		dropped:      prometheus.NewDesc("weir_flow_dropped_total", "Records not sent, by cause.", []string{"flow", "cause"}, nil),
		delivered:    prometheus.NewDesc("weir_flow_records_delivered_total", "Records of a flow acknowledged by a destination.", []string{"flow", "destination"}, nil),
		bytes:        prometheus.NewDesc("weir_flow_delivered_bytes_total", "Bytes of a flow's encoded records acknowledged by a destination.", []string{"flow", "destination"}, nil),
		lag:          prometheus.NewDesc("weir_flow_destination_lag_bytes", "Bytes of the flow's files that a destination has not acknowledged, where some have their own reading.", []string{"flow", "destination"}, nil),
		flows:        describe(flowMetrics(), "flow"),
		destinations: describe(destinationMetrics(), "destination"),
	})
	return r
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := c.source.Status()
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	send(c.build, gauge, 1, s.Version)
	send(c.uptime, gauge, float64(s.Uptime)/1000)
	send(c.healthy, gauge, float64(number(len(s.Problems) == 0)))
	send(c.unknown, counter, float64(s.MetadataUnknown))
	for i := range s.Flows {
		f := &s.Flows[i]
		for _, m := range c.flows {
			send(m.desc, m.kind, float64(m.value(f)), f.Name)
		}
		send(c.dropped, counter, float64(f.Counters.DroppedMismatch), f.Name, "mismatch")
		send(c.dropped, counter, float64(f.Counters.DroppedEmpty), f.Name, "empty")
		send(c.dropped, counter, float64(f.Counters.DroppedHeader), f.Name, "header")
		send(c.dropped, counter, float64(f.Counters.DroppedEdit), f.Name, "edit")
		for _, d := range f.Counters.Destinations {
			send(c.delivered, counter, float64(d.Records), f.Name, d.Name)
			send(c.bytes, counter, float64(d.Bytes), f.Name, d.Name)
		}
		for _, r := range f.Readings {
			for _, d := range r.Destinations {
				send(c.lag, gauge, float64(r.Lag), f.Name, d)
			}
		}
	}
	for i := range s.Destinations {
		for _, m := range c.destinations {
			send(m.desc, m.kind, float64(m.value(&s.Destinations[i])), s.Destinations[i].Name)
		}
	}
}
