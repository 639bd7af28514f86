package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// scale is how much there is of everything.
type scale struct {
	files, limit int // that match, and descriptors
	hot, rounds  int // files that are written to, how often
	fresh        int // files that come at once
	rotated      int // files that are rotated at once
	dirs         int // of a deep tree
	flows        int // on one folder
	live         int // files beside one with a backlog
	backlog      int64
}

var fullScale = scale{files: 10_000, limit: 1024, hot: 100, rounds: 100, fresh: 1000, rotated: 2000, dirs: 5000, flows: 40,
	live: 50, backlog: 2e9}

const (
	scaleFlow = "  - name: many\n    in_flight: 256KiB\n    read: {paths: ['LOGS/%s'], max_record: 64KiB}\n    send: [{stream: s}]\n"
	slowPut   = 100 * time.Millisecond
)

// scaleCase is one way of having many files.
type scaleCase struct {
	name   string
	flows  string
	copies int
	play   func(ctx context.Context, c *crowd, s scale) error
}

func scaleCases(s scale) []scaleCase {
	flat := fmt.Sprintf(scaleFlow, "*.log")
	return []scaleCase{
		{fmt.Sprintf("%d files under ulimit -n %d", s.files, s.limit), flat, 1, func(ctx context.Context, c *crowd, s scale) error { return nil }},
		{fmt.Sprintf("of which %d are hot", s.hot), flat, 1, hotFiles},
		{fmt.Sprintf("and %d come at once", s.fresh), flat, 1, freshFiles},
		{fmt.Sprintf("%d renamed, deleted when shipped, slowly", s.rotated), flat, 1, rotateAll},
		{fmt.Sprintf("%d renamed and deleted at once, slowly", s.rotated), flat, 1, deleteAll},
		{fmt.Sprintf("tree of %d folders that come and go", s.dirs), fmt.Sprintf(scaleFlow, "**/*.log"), 1, deepTree},
		{fmt.Sprintf("%d flows on one folder", s.flows), manyFlows(s.flows), s.flows, hotFiles},
		{fmt.Sprintf("%d live files beside %d MB unread", s.live, s.backlog/1e6), strings.Replace(flat, "256KiB", "16MiB", 1), 1, besideBacklog},
	}
}

func manyFlows(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "  - name: flow-%d\n    in_flight: 256KiB\n    read: {paths: ['LOGS/*.log'], max_record: 64KiB}\n    send: [{stream: s}]\n", i)
	}
	return all.String()
}

// runScale plays one case and returns what came of it.
func (b *bench) runScale(ctx context.Context, one scaleCase, s scale) (t tally, c *crowd, err error) {
	if c, err = b.gather(ctx, one.flows, s.limit); err != nil {
		return t, c, err
	}
	defer func() {
		if err != nil && c.cmd.Process != nil {
			c.cmd.Process.Kill()
		}
	}()
	files := s.files
	switch {
	case one.copies > 1:
		files = min(files, 2*s.hot)
	case strings.Contains(one.name, "live"):
		files = s.live
	}
	if !strings.HasPrefix(one.name, "tree") {
		err = errors.Join(each(files, c.add), each(files, c.add))
	}
	if err = errors.Join(err, c.start(ctx)); err != nil {
		return t, c, err
	}
	if err = c.settle(ctx, one.copies); err == nil {
		err = one.play(ctx, c, s)
	}
	if err == nil {
		err = c.settle(ctx, one.copies)
	}
	if err != nil {
		return t, c, err
	}
	t, err = c.end(one.copies)
	return t, c, err
}

func hotFiles(ctx context.Context, c *crowd, s scale) error {
	for range s.rounds {
		if err := each(s.hot, c.add); err != nil {
			return err
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func freshFiles(_ context.Context, c *crowd, s scale) error {
	return each(s.fresh, func(name string) error { return c.add("new-" + name) })
}

// rotateAll renames files with an unread line each, while the destination is slow, and deletes them when all of it has arrived.
func rotateAll(ctx context.Context, c *crowd, s scale) error {
	c.sink.delay.Store(int64(slowPut))
	for range 2 {
		err := each(s.rotated, func(name string) error {
			path := filepath.Join(c.logs, name)
			return errors.Join(c.add(name), os.Rename(path, path+".1"), c.add(name))
		})
		if err = errors.Join(err, c.settle(ctx, 1)); err != nil {
			return err
		}
		if err := each(s.rotated, func(name string) error { return os.Remove(filepath.Join(c.logs, name+".1")) }); err != nil {
			return err
		}
	}
	return each(s.rotated, c.add)
}

// deleteAll deletes files shortly after they got a line: what the agent had not opened by then is lost, and must be reported.
func deleteAll(ctx context.Context, c *crowd, s scale) error {
	c.sink.delay.Store(int64(10 * slowPut))
	if err := each(s.rotated, c.add); err != nil {
		return err
	}
	if err := wait(ctx, time.Second); err != nil {
		return err
	}
	err := each(s.rotated, func(name string) error {
		path := filepath.Join(c.logs, name)
		return errors.Join(os.Rename(path, path+".1"), c.add(name), os.Remove(path+".1"))
	})
	if err = errors.Join(err, c.settle(ctx, 1)); err != nil {
		return err
	}
	return each(s.rotated, c.add)
}

// besideBacklog writes to many files while one has much to be read, and notes how much of that is sent between the writing of a line and its arrival.
func besideBacklog(ctx context.Context, c *crowd, s scale) error {
	if err := c.backlog("backlog.log", s.backlog); err != nil {
		return err
	}
	at := map[string]int64{} // bytes of the backlog sent when the line was written
	for i := 0; ; i++ {
		sent := c.sink.sent()
		if sent >= s.backlog {
			break
		}
		if sent > 0 {
			line, err := c.line(fmt.Sprintf("%05d.log", i%s.live))
			if err != nil {
				return err
			}
			at[line] = sent
		}
		if err := wait(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
	if err := c.settle(ctx, 1); err != nil {
		return err
	}
	c.sink.mu.Lock()
	defer c.sink.mu.Unlock()
	var all []int64
	for line, sent := range at {
		all = append(all, c.sink.after[line]-sent)
	}
	slices.Sort(all)
	if len(all) > 0 {
		c.note = fmt.Sprintf("between a live line and its arrival: %.1f MB of the backlog, at most %.1f", float64(all[len(all)/2])/1e6, float64(all[len(all)-1])/1e6)
	}
	return nil
}

// deepTree makes folders, eight levels deep, with a file in each, removes a part of them when it has arrived, and makes others there.
func deepTree(ctx context.Context, c *crowd, s scale) error {
	random := rand.New(rand.NewPCG(1, 2))
	var dirs []string
	grow := func() error {
		for len(dirs) < s.dirs {
			dir := fmt.Sprintf("d%d", random.IntN(8))
			for range random.IntN(8) {
				dir += fmt.Sprintf("/d%d", random.IntN(8))
			}
			dirs = append(dirs, dir)
			if err := c.add(dir + "/app.log"); err != nil {
				return err
			}
		}
		return c.settle(ctx, 1)
	}
	for i := range 3 {
		if err := grow(); err != nil {
			return err
		}
		gone := fmt.Sprintf("d%d", i)
		if err := os.RemoveAll(filepath.Join(c.logs, gone)); err != nil {
			return err
		}
		kept := dirs[:0]
		for _, dir := range dirs {
			if dir != gone && !strings.HasPrefix(dir, gone+"/") {
				kept = append(kept, dir)
			}
		}
		dirs = kept
	}
	return grow()
}

// scaleTable runs all cases and prints what came of them.
func (b *bench) scaleTable(ctx context.Context) error {
	head := fmt.Sprintf("%-44s %8s %8s %6s %6s %10s %11s %7s %8s\n", "many files", "written", "arrived", "lost", "twice", "reported", "descriptors", "CPU s", "RSS MiB")
	for _, one := range scaleCases(fullScale) {
		if b.only != "scale" && !strings.Contains(one.name, b.only) {
			continue
		}
		t, c, err := b.runScale(ctx, one, fullScale)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		fmt.Print(head)
		head = ""
		note := ""
		if t.lost > 0 {
			note = fmt.Sprintf("%d of %d B", t.reported, t.missing)
		}
		fmt.Printf("%-44s %8d %8d %6d %6d %10s %11d %7.1f %8.1f\n", one.name, t.lines*one.copies, t.arrived, t.lost, t.twice, note, c.most,
			t.usage.cpu.Seconds(), float64(t.usage.rss)/(1<<20))
		if c.note != "" {
			fmt.Println("    " + c.note)
		}
	}
	if head == "" {
		fmt.Println()
	}
	return nil
}
