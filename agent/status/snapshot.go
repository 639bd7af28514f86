// Package status shows a running agent to people and machines: a Snapshot of all counters and places, served over HTTP on a
// unix socket, and the client that reads it. The same socket takes edits of the positions, and the wish to reload.
//
//	GET /status   the Snapshot as JSON
//	GET /health   200 and {"healthy": true}, or 503 with the problems
//	GET /metrics  the same counters for Prometheus, names beginning with weir_
//	GET /positions, POST /positions   the checkpoints, and edits of them as package positions has them
//	POST /reload  reads the configuration anew; the answer is a Reload
//
// The socket belongs to the agent's user alone (mode 0600). One that a crash left behind is replaced; one that answers is not.
package status

import (
	"time"

	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/sink"
)

// Snapshot is the state of an agent at one moment.
type Snapshot struct {
	Version         string        `json:"version"`
	Process         int           `json:"process"`
	State           string        `json:"state"` // starting, running, stopping or stopped
	Started         time.Time     `json:"started"`
	Uptime          int64         `json:"uptime_ms"`
	Config          string        `json:"config"`
	Loaded          time.Time     `json:"loaded"`           // when the configuration that counts was read
	Reload          *Reload       `json:"reload,omitempty"` // what came of the last reload; absent before the first
	StateDir        string        `json:"state_dir"`
	Memory          Memory        `json:"memory"`
	MetadataUnknown int64         `json:"metadata_unknown"` // times that a record asked for a value of EC2 or ECS that was not known
	Flows           []Flow        `json:"flows"`
	Destinations    []Destination `json:"destinations"`
	Problems        []string      `json:"problems"` // what somebody should look at; empty means healthy
}

// Memory is how the configured bytes are divided.
type Memory struct {
	Limit     int64 `json:"limit"`     // memory in the configuration
	Data      int64 `json:"data"`      // of it, for blocks and requests
	Readers   int64 `json:"readers"`   // of that, blocks and scratch memory of the flows
	Producers int64 `json:"producers"` // and the requests of the producers
}

// Flow is one flow: its counters and its files.
type Flow struct {
	Name     string     `json:"name"`
	Counters flow.Stats `json:"counters"`
	Files    []File     `json:"files"`
	Error    string     `json:"error,omitempty"` // why the flow has ended; empty while it runs

	// Readings are there if destinations of the flow have their own readings of the files: Files are those of the first then.
	Readings []Reading `json:"readings,omitempty"`
}

// Reading is how far some destinations of a flow are that move together, or one that moves by itself.
type Reading struct {
	Destinations []string `json:"destinations"`
	Lag          int64    `json:"lag"`       // bytes of the files that are not acknowledged
	InFlight     int64    `json:"in_flight"` // bytes read that no durable checkpoint covers
	Held         int64    `json:"held"`      // bytes of the deleted files that are kept open
	RecordsRead  int64    `json:"records_read"`
	BytesRead    int64    `json:"bytes_read"`
	Files        []File   `json:"files,omitempty"` // omitted for the first
	Error        string   `json:"error,omitempty"`
}

// File is how far one file is. Offsets are in bytes; one that is not known yet is 0.
type File struct {
	ID    string `json:"id"`
	Path  string `json:"path"`
	State string `json:"state"`
	Size  int64  `json:"size"`
	Read  int64  `json:"read"`  // read up to here
	Acked int64  `json:"acked"` // acknowledged by every destination
	Saved int64  `json:"saved"` // and covered by a durable checkpoint
	Lag   int64  `json:"lag"`   // bytes that are not acknowledged: Size - Acked
	Error string `json:"error,omitempty"`

	Format     string `json:"format,omitempty"`      // how the file is compressed; the offsets are in its content, and Size is estimated until all is read
	Packed     int64  `json:"packed,omitempty"`      // bytes of a compressed file itself
	PackedRead int64  `json:"packed_read,omitempty"` // about so many of them hold what is before Read
}

// Destination is one producer, which several flows may share.
type Destination struct {
	Name  string     `json:"name"`
	Flows []string   `json:"flows"`
	Stats sink.Stats `json:"stats"`
}

// Deleted is the State of a file that has no name any more and is kept open.
const Deleted = "deleted"

// Lag returns the bytes of the flow's files that are not acknowledged, by the destination that is furthest behind.
func (f *Flow) Lag() int64 {
	var lag int64
	for i := range f.Files {
		lag += f.Files[i].Lag
	}
	for i := range f.Readings {
		lag = max(lag, f.Readings[i].Lag)
	}
	return lag
}

// Held returns the bytes of the deleted files that are kept open.
func (f *Flow) Held() int64 {
	var held int64
	for i := range f.Files {
		if f.Files[i].State == Deleted {
			held += f.Files[i].Size
		}
	}
	for i := range f.Readings {
		held = max(held, f.Readings[i].Held) // of the same files
	}
	return held
}

// Source is what a Server shows. Status is called for each request, from several goroutines.
type Source interface {
	Status() Snapshot
}
