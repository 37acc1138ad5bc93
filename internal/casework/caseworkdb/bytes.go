package caseworkdb

import (
	"context"
	"io"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
)

// Bytes implements casework.Bytes over the blob store. Which file a scope may open
// is Store.File's to say.
type Bytes struct{ Blobs *blob.Store }

var _ casework.Bytes = Bytes{}

// Write implements casework.Bytes.
func (b Bytes) Write(ctx context.Context, confidence string, r io.Reader, limit int64) (string, int64, error) {
	id, info, err := b.Blobs.Write(ctx, confidence, r, limit)
	return string(id), info.Size, err
}

// Open implements casework.Bytes.
func (b Bytes) Open(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	r, _, err := b.Blobs.Open(ctx, blob.ID(id))
	return r, err
}

// Timeline implements casework.Timeline over the ledger. The service has checked
// that the scope sees the case whose stream it reads.
type Timeline struct{ Ledger *ledger.Ledger }

var _ casework.Timeline = Timeline{}

// Lines implements casework.Timeline.
func (t Timeline) Lines(ctx context.Context, v unit.View, st unit.Stream, after int64, limit int) ([]casework.Line, error) {
	lines, err := t.Ledger.Read(ctx, v, st, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]casework.Line, len(lines))
	for n, l := range lines {
		out[n] = casework.Line{Seq: l.Seq, At: l.At, Kind: l.Kind, Actor: l.Actor, Args: l.Args, Proven: l.Proven}
	}
	return out, nil
}
