package stream

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Iterators and page tokens leave the server and come back, so they are sealed with AES-256-GCM and a key that each
// installation draws at its first start: nobody can make one or look into it. In base64:
//
//	offset  bytes
//	0       1     version, 1
//	1       1     kind: i iterator, s page of shards, n page of names
//	2       12    nonce
//	14      ...   sealed: issued (8 bytes, ms since 1970), then the content of the kind; version and kind are authenticated
const (
	tokenVersion  = 1
	kindIterator  = 'i'
	kindShardPage = 's'
	kindNamePage  = 'n'

	tokenHeader = 2
	nonceLen    = 12
	tagLen      = 16
	maxToken    = 2 << 10 // characters; iterators are far below their 512

	tokenLife = 300 * time.Second
	keyLen    = 32
)

var (
	errForged  = errors.New("not a token of this server")
	errExpired = errors.New("token expired")
)

// installationKey returns the key of the seals, and draws it at the first start.
func installationKey(ctx context.Context, meta store.Meta) ([]byte, error) {
	e, err := meta.Get(ctx, sealKey)
	if err == nil && len(e.Value) != keyLen {
		return nil, fmt.Errorf("stream: entry %q has %d bytes, not %d", sealKey, len(e.Value), keyLen)
	}
	if err == nil {
		return e.Value, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("stream: read the key of the iterators: %w", err)
	}
	key := make([]byte, keyLen)
	rand.Read(key) // never fails
	if _, err := meta.Put(ctx, sealKey, key, 0); err != nil {
		return nil, fmt.Errorf("stream: write the key of the iterators: %w", err)
	}
	return key, nil
}

type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("stream: key of the iterators: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("stream: key of the iterators: %w", err)
	}
	return &sealer{aead}, nil
}

// seal returns the token of a content, different at each call.
func (s *sealer) seal(kind byte, issued int64, content []byte) string {
	b := make([]byte, tokenHeader+nonceLen, tokenHeader+nonceLen+8+len(content)+tagLen)
	b[0], b[1] = tokenVersion, kind
	rand.Read(b[tokenHeader:]) // never fails
	plain := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(content)), uint64(issued))
	plain = append(plain, content...)
	b = s.aead.Seal(b, b[tokenHeader:], plain, b[:tokenHeader])
	return base64.StdEncoding.EncodeToString(b)
}

// open returns what was sealed and when. The error is errForged or, with issued set, errExpired.
func (s *sealer) open(kind byte, token string, now int64) (content []byte, issued int64, err error) {
	if len(token) > maxToken {
		return nil, 0, errForged
	}
	b, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(b) < tokenHeader+nonceLen+8+tagLen || b[0] != tokenVersion || b[1] != kind {
		return nil, 0, errForged
	}
	nonce, sealed := b[tokenHeader:tokenHeader+nonceLen], b[tokenHeader+nonceLen:]
	plain, err := s.aead.Open(nil, nonce, sealed, b[:tokenHeader])
	if err != nil {
		return nil, 0, errForged
	}
	issued = int64(binary.BigEndian.Uint64(plain))
	if now-issued > tokenLife.Milliseconds() {
		return nil, issued, errExpired
	}
	return plain[8:], issued, nil
}

// iterator is a place in a shard: the next record to read. The name is for messages when the stream has gone.
type iterator struct {
	stream uint64
	shard  uint32
	index  uint64
	name   string
}

const iteratorLen = 8 + 4 + 8 // and the name

func (s *Service) sealIterator(it iterator) string {
	b := make([]byte, 0, iteratorLen+len(it.name))
	b = binary.BigEndian.AppendUint64(b, it.stream)
	b = binary.BigEndian.AppendUint32(b, it.shard)
	b = binary.BigEndian.AppendUint64(b, it.index)
	return s.sealer.seal(kindIterator, s.now(), append(b, it.name...))
}

func (s *Service) openIterator(token string) (it iterator, issued int64, err error) {
	b, issued, err := s.sealer.open(kindIterator, token, s.now())
	if err != nil {
		return iterator{}, issued, err
	}
	if len(b) < iteratorLen {
		return iterator{}, issued, errForged
	}
	return iterator{
		stream: binary.BigEndian.Uint64(b),
		shard:  binary.BigEndian.Uint32(b[8:]),
		index:  binary.BigEndian.Uint64(b[12:]),
		name:   string(b[iteratorLen:]),
	}, issued, nil
}

// sealPage and openPage are for page tokens, whose content is JSON.
func (s *Service) sealPage(kind byte, page any) (string, error) {
	b, err := json.Marshal(page)
	if err != nil {
		return "", fmt.Errorf("stream: encode a page token: %w", err)
	}
	return s.sealer.seal(kind, s.now(), b), nil
}

func (s *Service) openPage(kind byte, token string, page any) error {
	b, _, err := s.sealer.open(kind, token, s.now())
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, page); err != nil {
		return errForged
	}
	return nil
}
