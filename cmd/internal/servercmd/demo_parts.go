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

func (d *demo) startBackend(ctx context.Context) (*running, error) {
	text, err := demoServer(d.layout)
	if err != nil {
		return nil, err
	}
	c, err := d.serverConfig(text)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("backend: %w", err)
	}
	d.report.say("backend: streams and delivery streams on http://%s", b.Addr())
	return &running{b.Addr(), inBackground(context.WithoutCancel(ctx), b.Serve)}, nil
}

func (d *demo) serverConfig(text []byte) (backend.Config, error) {
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
