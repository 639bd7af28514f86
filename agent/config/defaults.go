package config

import (
	"time"

	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer/framing"
)

// Default returns a configuration with every default in place and no flows.
func Default() *Config {
	return &Config{StateDir: "/var/lib/weir", Memory: 24 << 20}
}

// DefaultFlow returns a flow with every default in place, without name, paths and destinations.
func DefaultFlow() Flow {
	return Flow{
		Read: Read{
			Start:          StartBeginning,
			MaxRecord:      1_000_000, // with its key and line end within a stream's 1 MiB and Firehose's 1,000 KiB
			ScanInterval:   time.Second,
			PartialTimeout: 5 * time.Second,
			Encoding:       framing.UTF8,
			Oversize:       framing.Split,
			TruncateMark:   "[truncated]",
			Multiline:      framing.Multiline{Timeout: time.Second, MaxLines: 500},
		},
		Parse:      Parse{Format: parsers.Formats()[0], OnMismatch: MismatchKeep},
		Encode:     Encode{Quote: parsers.Quotes()[0], Newline: true},
		OnUnrouted: UnroutedDrop,
		InFlight:   16 << 20,
		DeadLetter: DeadLetter{MaxSize: 64 << 20},
	}
}

// DefaultSend returns a destination with every default in place, without its stream.
func DefaultSend() Send {
	return Send{PartitionKey: "random", Aggregate: true, Linger: 100 * time.Millisecond, AggregateSize: 50 << 10, OnFailure: FailureBlock, GiveUpAfter: time.Hour}
}
