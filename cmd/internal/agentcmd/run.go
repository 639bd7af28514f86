package agentcmd

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/weir-logs/weir/agent"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/tailer"
)

func newRun(b cli.Build) *cobra.Command {
	var file string
	var verbose, once bool
	var drain time.Duration
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the agent in the foreground",
		Long: `Run follows the files of every flow and ships their records until it is stopped.

SIGHUP reads the configuration again, as weir reload does: flows that have not changed are not touched.

SIGTERM or SIGINT stops the reading and delivers what was read, for at most --drain; a second one does not wait.
What was not delivered then is read again at the next start.

A destination that cannot be reached, or refuses, is tried for ever, with --once too: a script that must not wait puts a
limit around it, such as timeout(1). weir status shows what is wrong meanwhile.`,
		Example: `  weir run
  weir run -c ./weir.yaml
  weir run -c ./weir.yaml --once      ship what the files hold now, then end`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load(file)
			if err != nil {
				return err
			}
			limitMemory(c)
			log := logger(cmd, verbose)
			warn(log, c)
			reread := func() (*config.Config, error) {
				c, err := config.Load(file, environment)
				if err == nil {
					warn(log, c)
				}
				return c, err
			}
			a, err := agent.New(agent.Options{Config: c, Log: log, Version: b.Version, DrainTimeout: drain, Once: once,
				Load: reread, Reloading: func() func(*config.Config) { return notifyReload(log) }})
			if err != nil {
				return usage(err)
			}
			ctx, done := cli.Stopping(cmd.Context(), a.Kill)
			defer done()
			defer cli.Hangups(func() { a.Reload(ctx) })() // the log says what came of it
			log.Info("starting", "version", b.Version, "config", c.File, "flows", len(c.Flows), "state", c.StateDir)
			defer notify(ctx, log)()
			defer context.AfterFunc(ctx, func() { log.Info("stopping; what was read is delivered first", "at_most", drain) })()
			if err := a.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				return unread(err)
			}
			log.Info("stopped")
			return nil
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "log details")
	cmd.Flags().BoolVar(&once, "once", false, "read every file to its present end, deliver, and end")
	cmd.Flags().DurationVar(&drain, "drain", 10*time.Second, "how long a stop may take to deliver what was read")
	return cmd
}

// limitMemory has the garbage collector keep to a configuration's memory. Its limit is one that it goes beyond by about a tenth while much is read,
// and that does not count the checkpoint file.
func limitMemory(c *config.Config) { debug.SetMemoryLimit(c.Memory - c.Memory/10) }

// usage marks an error as the user's to mend if no other start could do better: systemd does not try again then.
func usage(err error) error {
	var wrong *agent.ConfigError
	if errors.As(err, &wrong) {
		return cli.Usage(err)
	}
	return err
}

// unread shortens an error that is about files: the log has said of each why it could not be read.
func unread(err error) error {
	var u *tailer.UnreadError
	if !errors.As(err, &u) {
		return err
	}
	brief := cli.Counted(u.Count, "file") + " could not be read to the end; the log says why"
	return errors.New(strings.Replace(err.Error(), u.Error(), brief, 1))
}

// notifyReload tells systemd that a reload goes on; the returned func, that it is over, and bounds the memory anew.
func notifyReload(log *slog.Logger) func(*config.Config) {
	state := daemon.SdNotifyReloading
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err == nil { // sd_notify(3): so that an answer to an earlier reload is not taken for this one's
		state += "\nMONOTONIC_USEC=" + strconv.FormatInt(now.Nano()/1000, 10)
	}
	tell(log, state)
	return func(c *config.Config) {
		limitMemory(c)
		tell(log, daemon.SdNotifyReady)
	}
}

// tell tells systemd a state. Without systemd it does nothing.
func tell(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("cannot tell systemd the agent's state", "state", state, "error", err)
	}
}

// notify tells systemd that the agent is ready, keeps its watchdog quiet, and says when the stop begins. Without systemd
// it does nothing. The returned func ends it and waits.
func notify(ctx context.Context, log *slog.Logger) func() {
	say := func(state string) { tell(log, state) }
	say(daemon.SdNotifyReady)
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("cannot use systemd's watchdog", "error", err)
	}
	var beat <-chan time.Time
	stopBeat := func() {}
	if interval > 0 {
		ticker := time.NewTicker(interval / 3)
		beat, stopBeat = ticker.C, ticker.Stop
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer stopBeat()
		stopping := ctx.Done()
		for {
			select {
			case <-quit:
				return
			case <-stopping:
				say(daemon.SdNotifyStopping)
				stopping = nil
			case <-beat:
				say(daemon.SdNotifyWatchdog)
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}
