package deskdb

import (
	"context"
	"io"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
)

// Files adapts platform/blob to spool.Files.
type Files struct{ Blobs *blob.Store }

// Write implements spool.Files.
func (f *Files) Write(ctx context.Context, confidence string, r io.Reader, limit int64) (string, int64, error) {
	id, info, err := f.Blobs.Write(ctx, confidence, r, limit)
	return string(id), info.Size, err
}

// Put implements spool.Files.
func (f *Files) Put(ctx context.Context, tx unit.Tx, confidence string, b []byte) (string, error) {
	id, err := f.Blobs.Put(ctx, tx, confidence, b)
	return string(id), err
}

// Name implements spool.Files.
func (f *Files) Name(ctx context.Context, tx unit.Tx, id, owner string) error {
	return f.Blobs.Name(ctx, tx, blob.ID(id), owner)
}

// Open implements spool.Files. The service has checked the scope through the
// message that names the file.
func (f *Files) Open(ctx context.Context, id string) (io.ReadSeekCloser, int64, error) {
	r, info, err := f.Blobs.Open(ctx, blob.ID(id))
	return r, info.Size, err
}
