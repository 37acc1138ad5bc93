// Package blob keeps files in the store: raw mails, attachments, staged
// advisories. A file is cut into chunks of 64 KiB, each sealed for its place, so
// that reading streams and costs one chunk of memory. Put writes a small file
// within the caller's transaction; Write takes a large one from a reader, chunk
// by chunk in short transactions of its own, and it counts for nothing until
// Name ties it to an owner. Sweep removes what nobody named within a day.
//
// What is not here: who may read a file. A domain's db package asks that before
// it opens one (design, law 3).
package blob

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("blob", files) }

// ID names a file; it is random.
type ID string

// Info describes a complete file. SHA256 is of the plain content.
type Info struct {
	Size   int64
	SHA256 [sha256.Size]byte
}

// ChunkSize is the plain size of every chunk but the last.
const ChunkSize = 64 << 10

// Store keeps files. Both fields must be set.
type Store struct {
	Work unit.Work
	Seal *seal.Sealer
}

func chunkAt(id ID, n int64) seal.At {
	return seal.At{Table: "blob_chunk", Row: string(id) + "/" + strconv.FormatInt(n, 10), Column: "data"}
}

func infoAt(id ID) seal.At { return seal.At{Table: "blob_blob", Row: string(id), Column: "info"} }

func (i Info) bytes() []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(i.Size)), i.SHA256[:]...)
}

func parseInfo(b []byte) (Info, error) {
	if len(b) != 8+sha256.Size {
		return Info{}, fault.New(fault.Unavailable, "seal.damaged", "blob_blob", "info")
	}
	return Info{Size: int64(binary.BigEndian.Uint64(b)), SHA256: [sha256.Size]byte(b[8:])}, nil
}

// Put stores a small file in the caller's transaction. Like every file it must
// be named, in this or a later transaction, to stay for longer than a day.
func (s *Store) Put(ctx context.Context, tx unit.Tx, confidence string, content []byte) (ID, error) {
	id := ID(ident.New())
	box, err := s.Seal.Box(ctx, tx, confidence)
	if err != nil {
		return "", fmt.Errorf("put a file: %w", err)
	}
	info := Info{Size: int64(len(content)), SHA256: sha256.Sum256(content)}
	if err := s.begin(ctx, tx, id, confidence, box.Seal(infoAt(id), info.bytes()), true); err != nil {
		return "", err
	}
	for n := int64(0); len(content) > 0; n++ {
		part := content[:min(ChunkSize, len(content))]
		content = content[len(part):]
		if err := addChunk(ctx, tx, id, n, box.Seal(chunkAt(id, n), part)); err != nil {
			return "", err
		}
	}
	return id, nil
}

func (s *Store) begin(ctx context.Context, tx unit.Tx, id ID, confidence string, info []byte, complete bool) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into blob_blob (id, confidence, owner, info, complete, created_at)
		values (?, ?, '', ?, ?, ?)`, id, confidence, info, complete, tx.Now())
	if err != nil {
		return fmt.Errorf("begin a file: %w", err)
	}
	return nil
}

func addChunk(ctx context.Context, tx unit.Tx, id ID, n int64, sealed []byte) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into blob_chunk (blob, n, data) values (?, ?, ?)`, id, n, sealed)
	if err != nil {
		return fmt.Errorf("add a chunk: %w", err)
	}
	return nil
}

// Name ties a complete file to the thing that holds it ("case:"+id for example),
// which keeps it from the sweep. It is fault.Missing() for a file that does not
// exist, is not complete, or has another owner.
func (s *Store) Name(ctx context.Context, tx unit.Tx, id ID, owner string) error {
	if owner == "" {
		return fault.New(fault.Invalid, "blob.no_owner")
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update blob_blob set owner = ? where id = ? and complete = 1 and owner in ('', ?)`,
		owner, id, owner)
	if err != nil {
		return fmt.Errorf("name a file: %w", err)
	}
	if n != 1 {
		return fault.Missing()
	}
	return nil
}

// Delete removes a file at once; one that does not exist is no error.
func (s *Store) Delete(ctx context.Context, tx unit.Tx, id ID) error {
	c := sqldb.Of(tx)
	if _, err := c.Exec(ctx, `delete from blob_chunk where blob = ?`, id); err != nil {
		return fmt.Errorf("delete a file: %w", err)
	}
	if _, err := c.Exec(ctx, `delete from blob_blob where id = ?`, id); err != nil {
		return fmt.Errorf("delete a file: %w", err)
	}
	return nil
}
