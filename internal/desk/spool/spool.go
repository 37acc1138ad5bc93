// Package spool keeps a stream so that it can be read again: small ones in memory,
// large ones as a sealed file that nobody has named yet. It bounds what one mail
// costs, whatever is in it.
package spool

import (
	"bytes"
	"context"
	"io"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Files keeps raw mails and attachments, sealed (platform/blob through deskdb).
type Files interface {
	// Write stores a large file in its own short transactions. It counts for
	// nothing until Name. It fails with fault.TooLarge above limit.
	Write(ctx context.Context, confidence string, r io.Reader, limit int64) (id string, size int64, err error)
	// Put stores a small file in the caller's transaction.
	Put(ctx context.Context, tx unit.Tx, confidence string, b []byte) (id string, err error)
	// Name says that owner needs the file.
	Name(ctx context.Context, tx unit.Tx, id, owner string) error
	// Open reads a file. Who may is decided before.
	Open(ctx context.Context, id string) (io.ReadSeekCloser, int64, error)
}

const (
	// Small is what is kept in memory and stored with the transaction that names
	// it; larger files go to the store chunk by chunk as they arrive.
	Small = 64 << 10
	// Total bounds what the small files of one mail take together.
	Total = 4 << 20
)

// File is a spooled stream. The zero File is empty.
type File struct {
	Bytes []byte // when it is small
	ID    string // of the stored file, when it is not
	Size  int64
}

// Take reads all of r, at most room bytes of it into memory. It fails with
// fault.TooLarge above limit where that is more than Small.
func Take(ctx context.Context, files Files, confidence string, r io.Reader, limit int64, room int) (File, error) {
	head := make([]byte, min(Small, max(room, 0))+1)
	n, err := io.ReadFull(r, head)
	switch err {
	case io.EOF, io.ErrUnexpectedEOF:
		return File{Bytes: bytes.Clone(head[:n]), Size: int64(n)}, nil
	case nil:
	default:
		return File{}, err
	}
	id, size, err := files.Write(ctx, confidence, io.MultiReader(bytes.NewReader(head[:n]), r), limit)
	return File{ID: id, Size: size}, err
}

// Open reads it from the start.
func (f File) Open(ctx context.Context, files Files) (io.ReadCloser, error) {
	if f.ID == "" {
		return io.NopCloser(bytes.NewReader(f.Bytes)), nil
	}
	r, _, err := files.Open(ctx, f.ID)
	return r, err
}

// Keep stores or names it for its owner in the transaction and returns its id.
func (f File) Keep(ctx context.Context, tx unit.Tx, files Files, confidence, owner string) (string, error) {
	id := f.ID
	if id == "" {
		var err error
		if id, err = files.Put(ctx, tx, confidence, f.Bytes); err != nil {
			return "", err
		}
	}
	return id, files.Name(ctx, tx, id, owner)
}
