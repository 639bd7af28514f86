package stream

import (
	"context"
)

// Ends returns, for each shard of a stream, the sequence number behind which the next record will come: who reads from there
// reads what is put from now on, whatever the clocks say. It is no operation of the API.
func (s *Service) Ends(ctx context.Context, name string) (map[string]string, error) {
	st, err := s.find(&name, nil)
	if err != nil {
		return nil, err
	}
	ends := make(map[string]string, len(st.shards))
	for _, sh := range st.shards {
		bounds, err := s.cfg.Store.Bounds(ctx, sh.ref)
		if err != nil {
			return nil, s.failed(err)
		}
		ends[sh.id] = sh.sequence(bounds.Next-1, sh.Created).String()
	}
	return ends, nil
}

// Missing returns how many records a shard had between two of its sequence numbers: those are gone if a reader who had
// come to the first was given the second next. It is 0 for what are not two numbers of one shard.
func (s *Service) Missing(after, next string) uint64 {
	a, err := parseSequence(after)
	b, err2 := parseSequence(next)
	if err != nil || err2 != nil || a.shard != b.shard || a.created != b.created || b.index <= a.index {
		return 0
	}
	return b.index - a.index - 1
}
