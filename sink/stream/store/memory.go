package store

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// memory is the store for tests: the same contract without a disk, in plain data structures under one lock.
type memory struct {
	now func() time.Time

	mu       sync.Mutex // guards all below
	closed   bool
	shards   map[Shard]*memoryLog
	entries  map[string]Entry
	revision uint64
}

type memoryLog struct {
	epoch   uint32
	first   uint64
	next    uint64
	arrival int64
	records []Stored // index first and up
	wake    chan struct{}
}

func (l *memoryLog) changed() {
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
}

// NewMemory returns an empty store that lives in memory and takes its arrival times from now, time.Now if nil. It has no
// goroutines; Append answers before it returns.
func NewMemory(now func() time.Time) Store {
	if now == nil {
		now = time.Now
	}
	return &memory{now: now, shards: make(map[Shard]*memoryLog), entries: make(map[string]Entry)}
}

// lock begins an operation and returns its end.
func (m *memory) lock() (unlock func(), err error) {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil, fmt.Errorf("store: %w", ErrClosed)
	}
	return m.mu.Unlock, nil
}

// log returns the shard's log; one that was never opened is not kept.
func (m *memory) log(shard Shard) *memoryLog {
	if l := m.shards[shard]; l != nil {
		return l
	}
	return &memoryLog{first: 1, next: 1}
}

func (m *memory) Append(_ context.Context, shard Shard, epoch uint32, records []Record, done func(Appended, error)) {
	done(m.append(shard, epoch, records))
}

func (m *memory) append(shard Shard, epoch uint32, records []Record) (Appended, error) {
	if err := checkRecords(records); err != nil {
		return Appended{}, fmt.Errorf("store: shard %d of stream %d: %w", shard.Number, shard.Stream, err)
	}
	unlock, err := m.lock()
	if err != nil {
		return Appended{}, err
	}
	defer unlock()
	l := m.log(shard)
	if epoch == 0 || epoch != l.epoch {
		return Appended{}, fmt.Errorf("store: append in epoch %d to shard %d of stream %d, which has epoch %d: %w",
			epoch, shard.Number, shard.Stream, l.epoch, ErrFenced)
	}
	at := Appended{First: l.next, Arrival: max(m.now().UnixMilli(), l.arrival, 0)}
	for _, r := range records {
		r.Data = slices.Clone(r.Data)
		l.records = append(l.records, Stored{Record: r, Index: l.next, Arrival: at.Arrival})
		l.next++
	}
	l.arrival = at.Arrival
	l.changed()
	return at, nil
}

func (m *memory) Fence(_ context.Context, epoch uint32, shards ...Shard) error {
	unlock, err := m.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, shard := range shards {
		if have := m.log(shard).epoch; have > epoch {
			return fmt.Errorf("store: fence shard %d of stream %d, which has epoch %d, with epoch %d: %w",
				shard.Number, shard.Stream, have, epoch, ErrFenced)
		}
	}
	for _, shard := range shards {
		l := m.log(shard)
		m.shards[shard] = l
		l.epoch = epoch
		l.changed()
	}
	return nil
}

func (m *memory) Read(ctx context.Context, shard Shard, from uint64, limit Limit) (Page, error) {
	if limit.Records <= 0 || limit.Bytes <= 0 {
		return Page{}, fmt.Errorf("store: read of at most %d records and %d bytes: %w", limit.Records, limit.Bytes, ErrInvalid)
	}
	unlock, err := m.lock()
	if err != nil {
		return Page{}, err
	}
	defer unlock()
	l := m.log(shard)
	page := Page{Next: min(max(from, l.first), l.next)}
	size := 0
	for page.Next < l.next && len(page.Records) < limit.Records {
		r := l.records[page.Next-l.first]
		size += len(r.PartitionKey) + len(r.Data)
		if len(page.Records) > 0 && size > limit.Bytes {
			break
		}
		r.Data = slices.Clone(r.Data)
		page.Records = append(page.Records, r)
		page.Next++
	}
	if page.Next < l.next {
		page.Waiting = l.records[page.Next-l.first].Arrival
	}
	return page, ctx.Err()
}

func (m *memory) Seek(_ context.Context, shard Shard, time int64) (uint64, error) {
	unlock, err := m.lock()
	if err != nil {
		return 0, err
	}
	defer unlock()
	l := m.log(shard)
	n := sort.Search(len(l.records), func(i int) bool { return l.records[i].Arrival >= time })
	return l.first + uint64(n), nil
}

func (m *memory) Bounds(_ context.Context, shard Shard) (Bounds, error) {
	unlock, err := m.lock()
	if err != nil {
		return Bounds{}, err
	}
	defer unlock()
	l := m.log(shard)
	return Bounds{First: l.first, Next: l.next, Epoch: l.epoch}, nil
}

func (m *memory) Watch(_ context.Context, shard Shard) (<-chan struct{}, error) {
	unlock, err := m.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	l := m.log(shard)
	m.shards[shard] = l
	if l.wake == nil {
		l.wake = make(chan struct{})
	}
	return l.wake, nil
}

func (m *memory) Trim(_ context.Context, shard Shard, before uint64) error {
	unlock, err := m.lock()
	if err != nil {
		return err
	}
	defer unlock()
	l := m.log(shard)
	if before = min(before, l.next); before > l.first {
		l.records = slices.Clone(l.records[before-l.first:])
		l.first = before
		l.changed()
	}
	return nil
}

func (m *memory) Drop(_ context.Context, stream uint64) error {
	unlock, err := m.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for shard, l := range m.shards {
		if shard.Stream == stream {
			l.changed()
			delete(m.shards, shard)
		}
	}
	return nil
}

func (m *memory) Get(_ context.Context, key string) (Entry, error) {
	unlock, err := m.lock()
	if err != nil {
		return Entry{}, err
	}
	defer unlock()
	e, ok := m.entries[key]
	if !ok {
		return Entry{}, fmt.Errorf("store: entry %q: %w", key, ErrNotFound)
	}
	e.Value = append([]byte{}, e.Value...)
	return e, nil
}

func (m *memory) Put(_ context.Context, key string, value []byte, revision uint64) (uint64, error) {
	if err := checkMeta(key, value); err != nil {
		return 0, err
	}
	unlock, err := m.lock()
	if err != nil {
		return 0, err
	}
	defer unlock()
	if err := m.checkRevision(key, revision); err != nil {
		return 0, err
	}
	m.revision++
	m.entries[key] = Entry{Key: key, Value: append([]byte{}, value...), Revision: m.revision}
	return m.revision, nil
}

func (m *memory) checkRevision(key string, revision uint64) error {
	e, ok := m.entries[key]
	if !ok && revision != 0 {
		return fmt.Errorf("store: entry %q: %w", key, ErrNotFound)
	}
	if e.Revision != revision {
		return fmt.Errorf("store: entry %q has revision %d, not %d: %w", key, e.Revision, revision, ErrConflict)
	}
	return nil
}

func (m *memory) Delete(_ context.Context, key string, revision uint64) error {
	unlock, err := m.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := m.checkRevision(key, revision); err != nil {
		return err
	}
	m.revision++
	delete(m.entries, key)
	return nil
}

func (m *memory) List(_ context.Context, prefix string) ([]Entry, error) {
	unlock, err := m.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	var entries []Entry
	for key, e := range m.entries {
		if strings.HasPrefix(key, prefix) {
			e.Value = append([]byte{}, e.Value...)
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return entries, nil
}

// Close implements Store. What is in memory stays readable to nobody.
func (m *memory) Close(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}
