package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// usage is what one process cost.
type usage struct {
	cpu, wall time.Duration
	rss       int64 // peak, bytes
}

// measure waits for a process and returns what it cost. The peak is asked for while it runs: what getrusage(2) says begins with the memory
// of the process that started it.
func measure(cmd *exec.Cmd) (usage, error) {
	start, ended := time.Now(), make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for u := (usage{}); ; {
		u.rss = max(u.rss, processPeak(cmd.Process.Pid))
		select {
		case err := <-ended:
			u.wall, u.cpu = time.Since(start), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
			return u, err
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// finish stops a process as systemd does and returns what it cost.
func finish(cmd *exec.Cmd) (usage, error) {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return usage{}, err
	}
	return measure(cmd)
}

// median returns the run with the median CPU time.
func median(all []usage) usage {
	slices.SortFunc(all, func(a, b usage) int { return int(a.cpu - b.cpu) })
	return all[len(all)/2]
}

// agentCases ships the whole log once with `weir-agent run --once` and measures that process.
func (b *bench) agentCases(ctx context.Context) error {
	s, err := startSink(filepath.Join(b.dir, "ca.pem"))
	if err != nil {
		return err
	}
	defer s.srv.Close()
	limit, err := readAndSplit(b.log)
	if err != nil {
		return err
	}
	gb := float64(b.size) / 1000
	perGB := func(d time.Duration) float64 { return d.Seconds() / gb }
	fmt.Printf("%-44s %10s %8s %9s %9s\n", "agent", "CPU s/GB", "MB/s", "RSS MiB", "x limit")
	fmt.Printf("%-44s %10.2f\n", "limit: read 256 KiB blocks and find line ends", perGB(limit))
	for _, c := range []struct{ name, flow string }{
		{"raw -> KPL -> signed TLS PutRecords", "send: [{stream: s}]"},
		{"combined -> JSON -> KPL -> the same", "parse: {format: combined, infer: true}\n    send: [{stream: s}]"},
	} {
		if !strings.Contains(c.name, b.only) {
			continue
		}
		var all []usage
		for range b.runs {
			u, err := b.ship(ctx, s, c.flow)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			all = append(all, u)
		}
		m := median(all)
		fmt.Printf("%-44s %10.2f %8.0f %9.1f %9.1f\n", c.name, perGB(m.cpu), float64(b.size)/m.wall.Seconds(),
			float64(m.rss)/(1<<20), float64(m.cpu)/float64(limit))
	}
	fmt.Println()
	return nil
}

// agentConfig writes a configuration with a fresh state folder and returns its path.
func (b *bench) agentConfig(endpoint, paths, flow string) (string, error) {
	state, err := os.MkdirTemp(b.dir, "state-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(state, "weir.yaml")
	text := fmt.Sprintf("endpoint: %s\ncredentials: local\nstate_dir: %s\nflows:\n  - name: bench\n    read: {paths: ['%s']}\n    %s\n",
		endpoint, state, paths, flow)
	return file, os.WriteFile(file, []byte(text), 0o600)
}

func (b *bench) ship(ctx context.Context, s *sink, flow string) (usage, error) {
	config, err := b.agentConfig("https://"+s.addr, b.log, flow)
	if err != nil {
		return usage{}, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(b.bin, "weir-agent"), "run", "-c", config, "--once")
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+s.ca)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	before := s.bytes.Load()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	u, err := measure(cmd)
	if err != nil {
		return usage{}, fmt.Errorf("%w\n%s", err, stderr.String())
	}
	if got := s.bytes.Load() - before; got < b.size*1e6 {
		return usage{}, fmt.Errorf("the sink got %d bytes, less than the input", got)
	}
	return u, nil
}

// largeCase ships lines that take six times as many bytes in JSON.
func (b *bench) largeCase(ctx context.Context) error {
	const name, size = "lines of 150,000 control characters -> JSON", 30
	if !strings.Contains(name, b.only) {
		return nil
	}
	s, err := startSink(filepath.Join(b.dir, "ca.pem"))
	if err != nil {
		return err
	}
	defer s.srv.Close()
	large := *b
	large.log, large.size = filepath.Join(b.dir, "large.log"), size
	line := strings.Repeat("\x01", 150_000) + "\n"
	if err := os.WriteFile(large.log, []byte(strings.Repeat(line, size*1e6/150_000)), 0o600); err != nil {
		return err
	}
	u, err := large.ship(ctx, s, "encode: {format: json}\n    send: [{stream: s}]")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Printf("%s: peak RSS %.1f MiB\n\n", name, float64(u.rss)/(1<<20))
	return nil
}

// idleCase runs the agent over files that do not change, and looks at it for a while from shortly after all of them were read.
func (b *bench) idleCase(ctx context.Context, files int) error {
	const seconds = 20
	name := fmt.Sprintf("%d idle files, %d s", files, seconds)
	if !strings.Contains(name, b.only) {
		return nil
	}
	s, err := startSink(filepath.Join(b.dir, "ca.pem"))
	if err != nil {
		return err
	}
	defer s.srv.Close()
	logs, err := os.MkdirTemp(b.dir, "idle-")
	if err != nil {
		return err
	}
	var total int64
	for i := range files {
		content := strings.Repeat(fmt.Sprintf("file %d holds this line\n", i), 80)
		if err := os.WriteFile(filepath.Join(logs, fmt.Sprintf("%04d.log", i)), []byte(content), 0o600); err != nil {
			return err
		}
		total += int64(len(content))
	}
	config, err := b.agentConfig("https://"+s.addr, filepath.Join(logs, "*.log"), "send: [{stream: s}]")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(b.bin, "weir-agent"), "run", "-c", config)
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+s.ca)
	if err := cmd.Start(); err != nil {
		return err
	}
	for s.bytes.Load() < total { // until everything is read once
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	if err := wait(ctx, 12*time.Second); err != nil { // until no file is looked at more often because it changed lately
		return err
	}
	before := processCPU(cmd.Process.Pid)
	if err := wait(ctx, seconds*time.Second); err != nil {
		return err
	}
	cpu := processCPU(cmd.Process.Pid) - before
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
	if err != nil {
		return err
	}
	u, err := finish(cmd)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %.2f %% of a core, peak RSS %.1f MiB, %d descriptors\n\n", name,
		100*cpu.Seconds()/seconds, float64(u.rss)/(1<<20), len(fds))
	return nil
}

// downCase runs the agent over the whole log with nobody listening at the endpoint.
func (b *bench) downCase(ctx context.Context) error {
	const seconds = 10
	name := fmt.Sprintf("destination down, %d s", seconds)
	if !strings.Contains(name, b.only) {
		return nil
	}
	config, err := b.agentConfig("http://127.0.0.1:1", b.log, "send: [{stream: s}]")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(b.bin, "weir-agent"), "run", "-c", config, "--drain", "100ms")
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := wait(ctx, seconds*time.Second); err != nil {
		return err
	}
	u, err := finish(cmd)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %.2f %% of a core, peak RSS %.1f MiB\n\n", name, 100*u.cpu.Seconds()/seconds, float64(u.rss)/(1<<20))
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// processCPU reads user and system time of a process in clock ticks of 10 ms, as proc(5) says.
func processCPU(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	var user, system int64
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// processPeak is the most memory that a running process had resident, as proc(5) says; 0 if it runs no more.
func processPeak(pid int) (bytes int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Sscan(rest, &bytes)
	return bytes << 10
}
