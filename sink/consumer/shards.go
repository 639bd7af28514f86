package consumer

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// coordinator decides which shards are read. Its fields belong to the goroutine of run.
type coordinator struct {
	cfg     *Config
	at      map[string]Position // of the shards that are not being read now
	reading map[string]bool
	waits   map[string]*backoff // of shards whose reader gave up
	done    chan outcome
	room    chan struct{} // see reader
	group   sync.WaitGroup
}

// outcome is what a reader leaves when it ends.
type outcome struct {
	shard string
	at    Position
	wait  *backoff
}

func newCoordinator(cfg *Config) *coordinator {
	at := maps.Clone(cfg.Positions)
	if at == nil {
		at = map[string]Position{}
	}
	return &coordinator{
		cfg: cfg, at: at, reading: map[string]bool{}, waits: map[string]*backoff{}, done: make(chan outcome),
		room: make(chan struct{}, cfg.Parallel),
	}
}

func (c *coordinator) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := backoff{sleep: c.cfg.Sleep}
	for ctx.Err() == nil {
		shards, err := c.list(ctx)
		if err != nil {
			if ctx.Err() == nil {
				c.cfg.Report(fmt.Errorf("stream %s: list shards: %w", c.cfg.Stream, err))
			}
			if err := c.pause(ctx, wait.wait); err != nil {
				return err
			}
			continue
		}
		wait.reset()
		if err := c.forget(ctx, shards); err != nil {
			return err
		}
		c.start(ctx, shards)
		if err := c.pause(ctx, func(ctx context.Context) error { return c.cfg.Sleep(ctx, c.cfg.Rescan) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// pause waits, and for less if a reader ends meanwhile.
func (c *coordinator) pause(ctx context.Context, wait func(context.Context) error) error {
	sub, cancel := context.WithCancel(ctx)
	defer cancel()
	slept := make(chan struct{})
	go func() {
		defer close(slept)
		_ = wait(sub)
	}()
	select {
	case o := <-c.done:
		c.note(o)
		cancel()
	case <-slept:
	}
	<-slept
	for {
		select {
		case o := <-c.done: // many end at once where many were split at once
			c.note(o)
		default:
			return ctx.Err()
		}
	}
}

func (c *coordinator) note(o outcome) {
	delete(c.reading, o.shard)
	c.at[o.shard], c.waits[o.shard] = o.at, o.wait
}

// list returns all shards of the stream.
func (c *coordinator) list(ctx context.Context) (map[string]types.Shard, error) {
	all := map[string]types.Shard{}
	in := &kinesis.ListShardsInput{StreamName: &c.cfg.Stream}
	for {
		out, err := c.cfg.Source.ListShards(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Shards {
			all[aws.ToString(s.ShardId)] = s
		}
		if aws.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

// forget drops the positions of shards that the stream does not have any more.
func (c *coordinator) forget(ctx context.Context, shards map[string]types.Shard) error {
	for shard, at := range c.at {
		if _, ok := shards[shard]; ok || c.reading[shard] {
			continue
		}
		if !at.Ended && at.Sequence != "" {
			c.cfg.Report(fmt.Errorf("stream %s: shard %s left the stream before it was read to its end: "+
				"what came after record %s was not read in time", c.cfg.Stream, shard, at.Sequence))
		}
		if err := hand(ctx, c.cfg, Batch{Shard: shard}); err != nil {
			return err
		}
		delete(c.at, shard)
		delete(c.waits, shard)
	}
	return nil
}

// start starts a reader for each shard whose turn it is.
func (c *coordinator) start(ctx context.Context, shards map[string]types.Shard) {
	for id, shard := range shards {
		at := c.at[id]
		if c.reading[id] {
			continue
		}
		if earlier(at, shard) {
			c.cfg.Report(fmt.Errorf("stream %s: shard %s: the position %s is from an earlier stream of that name; the new one is read from its beginning",
				c.cfg.Stream, id, at.Sequence))
			at = Position{}
			delete(c.at, id)
		}
		if at.Ended || !c.read(shards, shard.ParentShardId) || !c.read(shards, shard.AdjacentParentShardId) {
			continue
		}
		wait := c.waits[id]
		if wait == nil {
			wait = &backoff{sleep: c.cfg.Sleep}
		}
		r := &reader{cfg: c.cfg, id: id, shard: shard, at: at, wait: wait, room: c.room}
		c.reading[id] = true
		c.group.Go(func() {
			r.run(ctx)
			select {
			case c.done <- outcome{id, r.at, r.wait}:
			case <-ctx.Done():
			}
		})
	}
}

// read reports whether a parent is read to its end, or is nothing to wait for.
func (c *coordinator) read(shards map[string]types.Shard, parent *string) bool {
	id := aws.ToString(parent)
	if _, listed := shards[id]; !listed {
		return true
	}
	return !c.reading[id] && c.at[id].Ended && !earlier(c.at[id], shards[id])
}

// earlier reports whether a position lies before the first record that its shard can have: then the stream was deleted
// and made anew, and shards of the new one have the same names.
func earlier(at Position, shard types.Shard) bool {
	if at.Sequence == "" || shard.SequenceNumberRange == nil {
		return false
	}
	first := aws.ToString(shard.SequenceNumberRange.StartingSequenceNumber)
	if len(at.Sequence) != len(first) {
		return len(at.Sequence) < len(first)
	}
	return at.Sequence < first
}
