package blob

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Stat returns the description of a complete file, else fault.Missing().
func (s *Store) Stat(ctx context.Context, v unit.View, id ID) (Info, error) {
	sealed, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select info from blob_blob where id = ? and complete = 1`, id)
	if err != nil {
		return Info{}, err
	}
	plain, err := s.Seal.Open(ctx, v, infoAt(id), sealed)
	if err != nil {
		return Info{}, err
	}
	return parseInfo(plain)
}

// Read returns the whole of a small file within a view or transaction. A file
// over limit is fault.TooLarge "blob.too_large".
func (s *Store) Read(ctx context.Context, v unit.View, id ID, limit int64) ([]byte, error) {
	info, err := s.Stat(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if info.Size > limit {
		return nil, fault.New(fault.TooLarge, "blob.too_large", limit)
	}
	out := make([]byte, 0, info.Size)
	for n := int64(0); int64(len(out)) < info.Size; n++ {
		part, err := s.chunk(ctx, v, id, n, info)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// Open returns a reader over a complete file, else fault.Missing(). Each chunk
// is read in a view of its own, so that a slow reader holds nothing; hence Open
// and the reader must not be used inside Work.Do or Work.View (Read is for
// there). A file deleted meanwhile ends in fault.Missing().
func (s *Store) Open(ctx context.Context, id ID) (io.ReadSeekCloser, Info, error) {
	var info Info
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		info, err = s.Stat(ctx, v, id)
		return err
	})
	if err != nil {
		return nil, Info{}, err
	}
	return &reader{ctx: ctx, store: s, id: id, info: info, have: -1}, info, nil
}

// chunk reads one chunk and checks its length: chunks are bound to their places
// by the seal, and their number by the sealed size.
func (s *Store) chunk(ctx context.Context, v unit.View, id ID, n int64, info Info) ([]byte, error) {
	sealed, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select data from blob_chunk where blob = ? and n = ?`, id, n)
	if err != nil {
		return nil, err
	}
	plain, err := s.Seal.Open(ctx, v, chunkAt(id, n), sealed)
	if err != nil {
		return nil, err
	}
	if int64(len(plain)) != min(ChunkSize, info.Size-n*ChunkSize) {
		return nil, fault.New(fault.Unavailable, "seal.damaged", "blob_chunk", "data")
	}
	return plain, nil
}

// reader holds a context, against the rule, because io.Reader has no place for
// one; it lives as long as the request that opened it.
type reader struct {
	ctx   context.Context
	store *Store
	id    ID
	info  Info
	at    int64
	have  int64 // number of the chunk in buf, -1 for none
	buf   []byte
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.at >= r.info.Size {
		return 0, io.EOF
	}
	if n := r.at / ChunkSize; n != r.have {
		err := r.store.Work.View(r.ctx, func(ctx context.Context, v unit.View) (err error) {
			r.buf, err = r.store.chunk(ctx, v, r.id, n, r.info)
			return err
		})
		if err != nil {
			r.have = -1
			return 0, fmt.Errorf("read a file: %w", err)
		}
		r.have = n
	}
	n := copy(p, r.buf[r.at%ChunkSize:])
	r.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.info.Size
	default:
		return 0, errors.New("blob: unknown whence")
	}
	if offset < 0 {
		return 0, errors.New("blob: seek before the beginning")
	}
	r.at = offset
	return offset, nil
}

// Close implements io.Closer.
func (r *reader) Close() error { r.buf = nil; r.have = -1; return nil }
