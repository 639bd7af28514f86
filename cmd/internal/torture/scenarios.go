package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// rotations of one case, over its duration.
const rotations = 20

// held is what a reader is left behind with when the backend refuses everything: more than may be in flight.
const held = inFlightDefault + 8<<20

// scenarios returns the whole table.
func scenarios() []scenario {
	return slices.Concat(renames(), moves(), compressions(), copies(), rewrites(), links(), kills(), backends(), disks())
}

func renames() []scenario {
	return []scenario{
		{name: "no rotation", play: func(ctx context.Context, t *trial) error {
			return t.rotating(ctx, t.o.duration, 0, nil)
		}},
		each("rename, new file at once", atOnce),
		each("rename, new file 50-500 ms late", func(ctx context.Context, t *trial, i int) error {
			return t.renameLate(ctx, t.generation(i), 0, t.between(50*time.Millisecond, 500*time.Millisecond))
		}),
		each("rename, writer keeps the old file 50-200 ms", keepOld),
		each("rename, numbers shifted as logrotate does", func(ctx context.Context, t *trial, _ int) error {
			return t.shift(ctx, 12)
		}),
		each("rename, eight times in a burst", func(_ context.Context, t *trial, i int) error {
			for k := range 8 {
				if err := t.w.burst(20 << 10); err != nil {
					return err
				}
				if err := t.rename(t.generation(8*i + k)); err != nil {
					return err
				}
			}
			return nil
		}),
		each("rename out of the pattern", func(ctx context.Context, t *trial, i int) error {
			return t.renameLate(ctx, t.path("logs", fmt.Sprintf("saved-%d", i)), t.between(0, 100*time.Millisecond), 0)
		}),
	}
}

// keepOld is the rotation that peers lost lines in: the name is gone, and the writer is not.
func keepOld(ctx context.Context, t *trial, i int) error {
	return t.renameLate(ctx, t.generation(i), t.between(50*time.Millisecond, 200*time.Millisecond), 0)
}

func atOnce(_ context.Context, t *trial, i int) error { return t.rename(t.generation(i)) }

func copyTruncate(_ context.Context, t *trial, i int) error { return t.copytruncate(t.generation(i)) }

// each is a case that rotates at even distances.
func each(name string, rotate func(ctx context.Context, t *trial, i int) error) scenario {
	return scenario{name: name, play: rotates(rotate)}
}

func rotates(rotate func(ctx context.Context, t *trial, i int) error) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		return t.rotating(ctx, t.o.duration, rotations, func(i int) error { return rotate(ctx, t, i) })
	}
}

func moves() []scenario {
	move := func(ctx context.Context, t *trial, i int) error {
		return t.renameLate(ctx, t.path("old", fmt.Sprintf("app.log.%d", i)), t.between(0, 100*time.Millisecond), 0)
	}
	const rotatedTo = "paths: [DIR/logs/app.log], rotated_to: [DIR/old]"
	return []scenario{
		each("move to another folder, open", move),
		{name: "move to another folder, rotated_to", read: rotatedTo, play: rotates(move)},
		{name: "move to another folder, agent down, rotated_to", read: rotatedTo, play: whileDown(func(ctx context.Context, t *trial) error {
			return move(ctx, t, 0)
		})},
		{name: "rename, agent down", play: whileDown(func(ctx context.Context, t *trial) error { return keepOld(ctx, t, 0) })},
		{name: "rename three times, agent down", play: whileDown(func(ctx context.Context, t *trial) error {
			for i := range 3 {
				if err := t.w.burst(1 << 20); err != nil {
					return err
				}
				if err := t.rename(t.generation(i)); err != nil {
					return err
				}
			}
			return nil
		})},
		{name: "deleted while unread, backend refuses", play: whileHeld(func(t *trial) error {
			if err := os.Remove(t.w.path); err != nil {
				return err
			}
			if err := t.w.burst(1 << 20); err != nil {
				return err
			}
			return t.w.reopen()
		})},
	}
}

func compressions() []scenario {
	compressing := func(suffix string, behind int) func(context.Context, *trial, int) error {
		return func(ctx context.Context, t *trial, i int) error {
			if err := t.renameLate(ctx, t.generation(i), 30*time.Millisecond, 0); err != nil || i < behind {
				return err
			}
			return compress(t.generation(i-behind), suffix)
		}
	}
	down := func(suffix string) func(context.Context, *trial) error {
		return whileDown(func(ctx context.Context, t *trial) error { return compressing(suffix, 0)(ctx, t, 0) })
	}
	return []scenario{
		each("compressed at once (.gz)", compressing(".gz", 0)),
		each("compressed at the next rotation (.gz)", compressing(".gz", 1)),
		each("compressed at the next rotation (.zst)", compressing(".zst", 1)),
		{name: "compressed at once, pattern matches it (app.log*)", read: "paths: ['DIR/logs/app.log*']", play: rotates(compressing(".gz", 0))},
		{name: "compressed while unread, backend refuses (.gz)", play: whileHeld(func(t *trial) error {
			if err := t.rename(t.generation(0)); err != nil {
				return err
			}
			return compress(t.generation(0), ".gz")
		})},
		{name: "compressed, agent down (.gz)", play: down(".gz")},
		{name: "compressed, agent down (.zst)", play: down(".zst")},
	}
}

func copies() []scenario {
	const copiesToo = "paths: ['DIR/logs/app.log*']"
	heldCopy := whileHeld(func(t *trial) error { return t.copytruncate(t.generation(0)) })
	downCopy := whileDown(func(_ context.Context, t *trial) error { return t.copytruncate(t.generation(0)) })
	return []scenario{
		each("copytruncate, reader keeping up", copyTruncate),
		{name: "copytruncate, pattern matches the copies", read: copiesToo, play: rotates(copyTruncate)},
		{name: "copytruncate, backend refuses", play: heldCopy},
		{name: "copytruncate, backend refuses, pattern matches", read: copiesToo, play: heldCopy},
		{name: "copytruncate, reader stopped (SIGSTOP)", play: whileStopped(func(t *trial, i int) error { return t.copytruncate(t.generation(i)) })},
		{name: "copytruncate, agent down", play: downCopy},
		{name: "copytruncate, agent down, pattern matches", read: copiesToo, play: downCopy},
	}
}

func rewrites() []scenario {
	// changing waits until everything is read, and then changes the file before anybody can look, a few times.
	changing := func(name string, change func(t *trial, size int) error) scenario {
		return scenario{name: name, play: func(ctx context.Context, t *trial) error {
			return t.rotating(ctx, t.o.duration, 5, func(int) error {
				return t.w.locked(func() error {
					info, err := t.w.file.Stat()
					if err != nil {
						return err
					}
					if err := t.read(ctx, t.w.path, info.Size()); err != nil {
						return err
					}
					return change(t, int(info.Size()))
				})
			})
		}}
	}
	return []scenario{
		changing("truncated and grown past its old size", func(t *trial, size int) error {
			if err := os.Truncate(t.w.path, 0); err != nil {
				return err
			}
			return t.w.add(size/meanLine*5/4 + 1000)
		}),
		changing("rewritten in place, longer", func(t *trial, size int) error { return t.w.overwrite(size + size/4 + 1000) }),
		changing("rewritten in place, shorter", func(t *trial, size int) error { return t.w.overwrite(size / 2) }),
	}
}

func links() []scenario {
	return []scenario{
		{name: "symlink switched to a new target", before: func(t *trial) error {
			return os.Symlink(t.path("old", "target-0.log"), t.path("logs", "app.log"))
		}, play: rotates(func(ctx context.Context, t *trial, i int) error {
			next := t.path("old", fmt.Sprintf("target-%d.log", i+1))
			if err := os.WriteFile(next, nil, 0o644); err != nil {
				return err
			}
			if err := os.Symlink(next, t.path("logs", "next")); err != nil {
				return err
			}
			if err := os.Rename(t.path("logs", "next"), t.w.path); err != nil {
				return err
			}
			if err := wait(ctx, t.between(50*time.Millisecond, 200*time.Millisecond)); err != nil {
				return err
			}
			return t.w.reopen()
		})},
		{name: "hard links, all names in the pattern", read: "paths: ['DIR/logs/*.log']", play: rotates(func(ctx context.Context, t *trial, i int) error {
			if err := os.Link(t.w.path, t.path("logs", fmt.Sprintf("link-%d.log", i))); err != nil || i%2 == 0 {
				return err
			}
			return t.rename(t.path("logs", fmt.Sprintf("renamed-%d.log", i)))
		})},
		{name: "1,000 files, 100 of them hot, renamed", read: "paths: ['DIR/logs/*.log']", logs: 100, play: manyFiles},
	}
}

// manyFiles has 900 files with a little content appear while 100 others are written and rotated.
func manyFiles(ctx context.Context, t *trial) error {
	hot := len(t.group.all)
	var cold []*writer
	for i := range 900 {
		w, err := newWriter(hot+i, t.path("logs", fmt.Sprintf("cold-%04d.log", i)), 0)
		if err != nil {
			return err
		}
		if err := w.burst(20 * meanLine); err != nil {
			return err
		}
		cold = append(cold, w)
	}
	err := t.writing(ctx, t.o.duration, func(ctx context.Context) error {
		for _, w := range t.group.all {
			if err := wait(ctx, t.o.duration/time.Duration(hot+1)); err != nil {
				return err
			}
			if err := os.Rename(w.path, w.path+".1"); err != nil {
				return err
			}
			if err := w.reopen(); err != nil {
				return err
			}
		}
		return nil
	})
	t.group.all = append(t.group.all, cold...)
	return err
}
