package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// batch is how many chunks one transaction takes: half a megabyte, a few
// milliseconds of the writer.
const batch = 8

// Write stores all of r, at most limit bytes, in short transactions of its own.
// More is fault.TooLarge "blob.too_large". Whatever it wrote before an error is
// left to Sweep. Memory use does not grow with the file.
func (s *Store) Write(ctx context.Context, confidence string, r io.Reader, limit int64) (ID, Info, error) {
	w := &writer{store: s, id: ID(ident.New()), confidence: confidence, sum: sha256.New()}
	// One byte more than allowed is enough to see that there is more.
	r = io.LimitReader(r, limit+1)
	buf := make([]byte, batch*ChunkSize)
	for {
		n, err := io.ReadFull(r, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return "", Info{}, fmt.Errorf("read a file: %w", err)
		}
		if w.size+int64(n) > limit {
			return "", Info{}, fault.New(fault.TooLarge, "blob.too_large", limit)
		}
		if err := w.add(ctx, buf[:n], last); err != nil {
			return "", Info{}, fmt.Errorf("write a file: %w", err)
		}
		if last {
			return w.id, w.info(), nil
		}
	}
}

type writer struct {
	store      *Store
	id         ID
	confidence string
	sum        hash.Hash
	size       int64
	chunks     int64
}

func (w *writer) info() Info { return Info{Size: w.size, SHA256: [sha256.Size]byte(w.sum.Sum(nil))} }

// add writes up to batch chunks, and the description with the last ones.
func (w *writer) add(ctx context.Context, plain []byte, last bool) error {
	first := w.chunks == 0
	w.sum.Write(plain)
	w.size += int64(len(plain))
	var sealed [][]byte
	err := w.store.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		// Each run asks for the key and seals anew: the key may have been destroyed
		// meanwhile, or made by a run of this closure that was undone.
		box, err := w.store.Seal.Box(ctx, tx, w.confidence)
		if err != nil {
			return err
		}
		sealed = w.seal(box, plain)
		info := box.Seal(infoAt(w.id), w.info().bytes())
		if first {
			if err := w.store.begin(ctx, tx, w.id, w.confidence, info, last); err != nil {
				return err
			}
		} else if last {
			if err := w.finish(ctx, tx, info); err != nil {
				return err
			}
		}
		for i, c := range sealed {
			if err := addChunk(ctx, tx, w.id, w.chunks+int64(i), c); err != nil {
				return err
			}
		}
		return nil
	})
	w.chunks += int64(len(sealed))
	return err
}

func (w *writer) seal(box *seal.Box, plain []byte) [][]byte {
	var out [][]byte
	for len(plain) > 0 {
		part := plain[:min(ChunkSize, len(plain))]
		plain = plain[len(part):]
		out = append(out, box.Seal(chunkAt(w.id, w.chunks+int64(len(out))), part))
	}
	return out
}

func (w *writer) finish(ctx context.Context, tx unit.Tx, info []byte) error {
	n, err := sqldb.Of(tx).Exec(ctx, `update blob_blob set info = ?, complete = 1 where id = ?`, info, w.id)
	if err == nil && n != 1 {
		err = fault.Missing() // swept: the writing took longer than a day
	}
	return err
}
