package servercmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/weir-logs/weir/agent"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/sink/backend"
)

// running is a backend that serves in the background.
type running struct {
	addr  string
	serve *background
}

func (r *running) stop() { r.serve.stop() }

// startBackend starts a backend on a free port, and writes its configuration with that port, so that it can be started
// again by itself.
func (d *demo) startBackend(ctx context.Context) (*running, error) {
	c, err := d.serverConfig("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b, err := backend.Open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("backend: %w", err)
	}
	d.report.say("backend: streams and delivery streams on http://%s", b.Addr())
	r := &running{b.Addr(), inBackground(context.WithoutCancel(ctx), b.Serve)}
	if _, err := d.serverConfig(b.Addr()); err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

func (d *demo) serverConfig(listen string) (backend.Config, error) {
	text, err := demoServer(d.layout, listen)
	if err != nil {
		return backend.Config{}, err
	}
	file := filepath.Join(d.layout.root, "server.yaml")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return backend.Config{}, err
	}
	c, err := loadServer(file, os.LookupEnv)
	c.Log, c.Version = d.log.With("part", "backend"), d.build.Version
	return c, err
}

func (d *demo) newAgent(addr string) error {
	text, err := demoAgent(d.layout, "http://"+addr, d.files)
	if err != nil {
		return err
	}
	file := filepath.Join(d.layout.root, "weir.yaml")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	c, err := config.Load(file, os.LookupEnv)
	if err != nil {
		return err
	}
	names := make([]string, len(c.Flows))
	for i, f := range c.Flows {
		names[i] = f.Name
	}
	d.report.say("agent: flows %s", strings.Join(names, " and "))
	d.agent, err = agent.New(agent.Options{
		Config: c, Log: d.log.With("part", "agent"), Version: d.build.Version, DrainTimeout: 30 * time.Second, Once: d.once,
	})
	return err
}
