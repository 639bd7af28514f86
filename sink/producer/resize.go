package producer

// Resize sets how many bytes the producer may hold, at least those of one request. More counts at once. What is too much goes as soon as it holds
// no records: a request that waits for its answer keeps its memory until that has come.
func (p *Producer) Resize(memory int64) {
	p.resizing.Lock()
	defer p.resizing.Unlock()
	target := p.cfg.slots(memory)
	for ; p.slots < target; p.slots++ {
		select {
		case <-p.debt: // one that was to go stays
		default:
			p.fresh <- newRequest(&p.target, p.cfg.RequestSize)
		}
	}
	for ; p.slots > target; p.slots-- {
		select {
		case <-p.fresh:
		case <-p.free:
		default:
			p.debt <- struct{}{}
		}
	}
	p.lanes[laneDrawn].width.Store(int32(min(target, p.cfg.Concurrency)))
}

// slots is how many requests fit into so much memory, as far as they are of use: those in flight, and one that each lane fills.
func (c *Config) slots(memory int64) int {
	n := int((memory - int64(c.frames())) / int64(slotSize(c.RequestSize)))
	return max(1, min(n, c.Concurrency+lanes))
}
