package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// whileDown stops the agent in the middle of the writing, lets a third of the lines be written, rotates, and starts it again:
// what was not read lies only where the rotation put it.
func whileDown(rotate func(ctx context.Context, t *trial) error) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		return t.writing(ctx, t.o.duration, func(ctx context.Context) error {
			for _, step := range []func() error{
				t.stopAgent,
				func() error { return rotate(ctx, t) },
				func() error { return t.startAgent(ctx) },
			} {
				if err := wait(ctx, t.o.duration/4); err != nil {
					return err
				}
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// whileHeld has the backend refuse everything until the reader is as far behind as it may be, and more lies unread in the log;
// then it rotates, and the backend takes records again.
func whileHeld(rotate func(t *trial) error) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		return t.writing(ctx, t.o.duration, func(ctx context.Context) error {
			quarter := t.o.duration / 4
			for _, step := range []func() error{
				func() error { return t.hold(ctx) },
				func() error { return t.w.burst(held) },
				func() error { return errors.Join(t.behind(ctx), rotate(t)) },
				func() error { return t.release(ctx) },
			} {
				if err := wait(ctx, quarter); err != nil {
					return err
				}
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// behind notes how much of the log the agent has not read, and fails if it is nothing.
func (t *trial) behind(ctx context.Context) error {
	s, err := t.status(ctx)
	if err != nil {
		return err
	}
	info, err := os.Stat(t.w.path)
	if err != nil {
		return err
	}
	unread := info.Size() - readOf(&s, t.w.path)
	if unread <= 0 {
		return errors.New("the agent has read everything: the case shows nothing")
	}
	t.note("%.1f MiB unread at the rotation", float64(unread)/(1<<20))
	return nil
}

// whileStopped rotates a few times while the agent gets no time to run at all.
func whileStopped(rotate func(t *trial, i int) error) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		const times = 5
		return t.rotating(ctx, t.o.duration, times, func(i int) error {
			if err := t.agent.signal(syscall.SIGSTOP); err != nil {
				return err
			}
			err := wait(ctx, t.between(t.o.duration/100, t.o.duration/20))
			if err == nil {
				err = rotate(t, i)
			}
			if err == nil {
				err = wait(ctx, t.between(t.o.duration/100, t.o.duration/20))
			}
			return errors.Join(err, t.agent.signal(syscall.SIGCONT))
		})
	}
}

// disturbed rotates while something else happens again and again, at random distances, so often.
func disturbed(times int, rotate func(context.Context, *trial, int) error, disturb func(context.Context, *trial) error) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		random := rand.New(rand.NewPCG(t.o.seed, 2)) // t.random is the rotations'
		done := make(chan error, 1)
		err := t.writing(ctx, t.o.duration, func(ctx context.Context) error {
			go func() {
				for range times {
					mean := int64(t.o.duration) / int64(times+1)
					if err := wait(ctx, time.Duration(mean/2+random.Int64N(mean))); err != nil {
						done <- err
						return
					}
					if err := disturb(ctx, t); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
			for i := range rotations {
				if err := wait(ctx, t.o.duration/(rotations+1)); err != nil {
					return err
				}
				if rotate == nil {
					continue
				}
				if err := rotate(ctx, t, i); err != nil {
					return err
				}
			}
			return <-done
		})
		return err
	}
}

func kills() []scenario {
	kill := func(ctx context.Context, t *trial) error {
		if err := t.killAgent(ctx); err != nil {
			return err
		}
		return t.startAgent(ctx)
	}
	restart := func(ctx context.Context, t *trial) error {
		if err := t.stopAgent(); err != nil {
			return err
		}
		return t.startAgent(ctx)
	}
	pause := func(ctx context.Context, t *trial) error {
		if err := t.agent.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		return errors.Join(wait(ctx, t.o.duration/20), t.agent.signal(syscall.SIGCONT))
	}
	gzip := func(ctx context.Context, t *trial, i int) error {
		if err := t.renameLate(ctx, t.generation(i), 30*time.Millisecond, 0); err != nil {
			return err
		}
		return compress(t.generation(i), ".gz")
	}
	return []scenario{
		{name: "kill -9, no rotation", twice: inFlight, play: disturbed(4, nil, kill)},
		{name: "kill -9, rename", twice: inFlight, play: disturbed(4, keepOld, kill)},
		{name: "kill -9, rename, in_flight 2MiB", inFlight: 2 << 20, twice: inFlight, play: disturbed(4, keepOld, kill)},
		{name: "kill -9, copytruncate", twice: inFlight, play: disturbed(4, copyTruncate, kill)},
		{name: "kill -9, compressed at once", twice: inFlight, play: disturbed(4, gzip, kill)},
		{name: "SIGSTOP and SIGCONT, rename", play: disturbed(5, keepOld, pause)},
		{name: "restart storm, rename", play: disturbed(10, keepOld, restart)},
		{name: "restart storm, copytruncate", play: disturbed(10, copyTruncate, restart)},
	}
}

func backends() []scenario {
	faulty := func(name, keys string, twice bound) scenario {
		return scenario{name: name, twice: twice, play: func(ctx context.Context, t *trial) error {
			if err := t.fault(ctx, keys); err != nil {
				return err
			}
			return errors.Join(rotates(keepOld)(ctx, t), t.happened(ctx), t.release(ctx))
		}}
	}
	delivery := func(c scenario) scenario {
		c.name, c.delivery = "delivery stream: "+c.name, true
		return c
	}
	killServer := func(ctx context.Context, t *trial) error {
		t.server.kill()
		return t.startServer(ctx)
	}
	refused, half := faulty("5 % of the records refused", "records: 5%", nothing), faulty("50 % of the records refused", "records: 50%", nothing)
	after := faulty("5 % of the connections dropped, after storing", "share: 5%, drop: after", unanswered)
	return []scenario{
		refused,
		half,
		faulty("20 % of the requests answered with 500", "share: 20%, error: InternalFailure", nothing),
		faulty("10 % of the answers held back for 3 s", "share: 10%, stall: 3s", unanswered),
		faulty("5 % of the connections dropped, before storing", "share: 5%, drop: before", unanswered),
		after,
		{name: "backend killed with kill -9", twice: unanswered, play: disturbed(3, keepOld, killServer)},
		delivery(each("rename, writer keeps the old file 50-200 ms", keepOld)),
		delivery(refused),
		delivery(half),
		delivery(after),
		delivery(scenario{name: "kill -9, rename", twice: inFlight, play: kills()[1].play}),
	}
}

func disks() []scenario {
	return []scenario{
		{name: "disk of the state folder full for a while", before: func(t *trial) error { return mount(t.path("state"), "4m") },
			play: whileFull("state", 0)},
		{name: "disk of the backend full for a while", twice: unanswered, before: func(t *trial) error { return mount(t.path("data"), "800m") },
			play: whileFull("data", 16<<20)},
	}
}

// whileFull fills a folder's disk but for so many bytes during the middle half of the writing, with rotations all the time.
func whileFull(folder string, leave int64) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		filler := t.path(folder, "filler")
		return t.rotating(ctx, t.o.duration, rotations, func(i int) error {
			if i == rotations/4 {
				size, err := fill(filler, leave)
				if err != nil {
					return err
				}
				t.note("%d MiB filled up", size>>20)
			}
			if i == rotations*3/4 {
				if err := os.Remove(filler); err != nil {
					return err
				}
			}
			return keepOld(ctx, t, i)
		})
	}
}

// fill writes a file until the disk is full, and then gives so many bytes back.
func fill(path string, leave int64) (size int64, err error) {
	err = create(path, func(out io.Writer) error {
		chunk := make([]byte, 64<<10)
		for {
			n, err := out.Write(chunk)
			size += int64(n)
			if errors.Is(err, syscall.ENOSPC) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	if err == nil && leave > 0 {
		size = max(0, size-leave)
		err = os.Truncate(path, size)
	}
	return size, err
}

// mount makes a folder a small file system of its own. That takes root; without it the case is skipped.
func mount(dir, size string) error {
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: a small file system takes the right to mount one: %v %.200s", errSkip, err, out)
	}
	return nil
}

// unmount ends a mount, if there is one.
func unmount(dir string) {
	if _, err := exec.LookPath("mountpoint"); err == nil && exec.Command("mountpoint", "-q", dir).Run() != nil {
		return
	}
	_ = exec.Command("umount", filepath.Clean(dir)).Run() // not mounted is what is wanted
}
