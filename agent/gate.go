package agent

import (
	"context"
	"sync"
)

// gate lets blocks through to a flow, or holds them back while something waits for the flow to be at rest.
type gate struct {
	mu     sync.Mutex
	inside int
	opened chan struct{} // closed while the gate is open
	shut   bool
}

func newGate() *gate {
	g := &gate{opened: make(chan struct{})}
	close(g.opened)
	return g
}

// enter waits until the gate is open. The only error is the context's.
func (g *gate) enter(ctx context.Context) error {
	for {
		g.mu.Lock()
		if !g.shut {
			g.inside++
			g.mu.Unlock()
			return nil
		}
		opened := g.opened
		g.mu.Unlock()
		select {
		case <-opened:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leave is called by whoever entered.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
}

// close lets nobody in any more.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		g.shut, g.opened = true, make(chan struct{})
	}
}

// open lets all in who wait.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		g.shut = false
		close(g.opened)
	}
}

// empty reports whether nobody is inside.
func (g *gate) empty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inside == 0
}
