package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func content(n int) []byte {
	out := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = r.Read(out)
	return out
}

func write(t testing.TB, e *sqldbtest.Env, b []byte) blob.ID {
	t.Helper()
	id, info, err := e.Blobs.Write(t.Context(), "case:1", bytes.NewReader(b), int64(len(b)))
	if err != nil || info.Size != int64(len(b)) || info.SHA256 != sha256.Sum256(b) {
		t.Fatalf("write: %+v %v", info, err)
	}
	return id
}

func read(t testing.TB, e *sqldbtest.Env, id blob.ID) []byte {
	t.Helper()
	r, _, err := e.Blobs.Open(t.Context(), id)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer r.Close()
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return out
}

func TestFilesComeBackAsTheyWent(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		for _, n := range []int{0, 1, blob.ChunkSize - 1, blob.ChunkSize, blob.ChunkSize + 1, 8 * blob.ChunkSize, 8*blob.ChunkSize + 5, 1 << 20} {
			want := content(n)
			id := write(t, e, want)
			if got := read(t, e, id); !bytes.Equal(got, want) {
				t.Errorf("%d bytes written: %d read", n, len(got))
			}
			e.Do(t, func(ctx context.Context, tx unit.Tx) error {
				small, err := e.Blobs.Put(ctx, tx, "case:1", want)
				if err != nil {
					return err
				}
				got, err := e.Blobs.Read(ctx, tx, small, int64(n))
				if !bytes.Equal(got, want) {
					t.Errorf("%d bytes put: %d read", n, len(got))
				}
				return err
			})
		}
	})
}

func TestSeek(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		r, info, err := e.Blobs.Open(t.Context(), write(t, e, content(3*blob.ChunkSize+100)))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		want := content(int(info.Size))
		if err := iotest.TestReader(r, want); err != nil {
			t.Error(err)
		}
	})
}

func TestLimits(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		_, _, err := e.Blobs.Write(t.Context(), "case:1", bytes.NewReader(content(101)), 100)
		if !fault.Is(err, fault.TooLarge) {
			t.Errorf("101 of 100 bytes: %v", err)
		}
		boom := errors.New("connection lost")
		_, _, err = e.Blobs.Write(t.Context(), "case:1", io.MultiReader(bytes.NewReader(content(1<<20)), iotest.ErrReader(boom)), 1<<30)
		if !errors.Is(err, boom) {
			t.Errorf("a reader that fails: %v", err)
		}
		id := write(t, e, content(10))
		e.View(t, func(ctx context.Context, v unit.View) error {
			if _, err := e.Blobs.Read(ctx, v, id, 9); !fault.Is(err, fault.TooLarge) {
				t.Errorf("read over the limit: %v", err)
			}
			return nil
		})
	})
}

func TestTheSweepRemovesWhatNobodyNamed(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		named, unnamed := write(t, e, content(70000)), write(t, e, content(70000))
		_, _, err := e.Blobs.Write(t.Context(), "case:1", io.MultiReader(bytes.NewReader(content(1<<20)), iotest.ErrReader(io.ErrClosedPipe)), 1<<30)
		if err == nil {
			t.Fatal("no error")
		}
		name := func(id blob.ID, owner string) error {
			return e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error { return e.Blobs.Name(ctx, tx, id, owner) })
		}
		if err := name(named, "case:1"); err != nil {
			t.Fatal(err)
		}
		if err := name(named, "case:1"); err != nil {
			t.Errorf("naming again for the same owner: %v", err)
		}
		if err := name(named, "case:2"); !fault.Is(err, fault.NotFound) {
			t.Errorf("naming what is another's: %v", err)
		}
		if err := name("none", "case:2"); !fault.Is(err, fault.NotFound) {
			t.Errorf("naming nothing: %v", err)
		}
		sweep := func() {
			t.Helper()
			if err := e.Blobs.Sweep(t.Context(), unit.Running{}); err != nil {
				t.Fatal(err)
			}
		}
		e.Clock.Advance(23 * time.Hour)
		sweep()
		read(t, e, unnamed)
		e.Clock.Advance(2 * time.Hour)
		sweep()
		read(t, e, named)
		if _, _, err := e.Blobs.Open(t.Context(), unnamed); !fault.Is(err, fault.NotFound) {
			t.Errorf("unnamed: %v", err)
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from blob_chunk`)
			if n != 2 {
				t.Errorf("%d chunks left", n)
			}
			return err
		})
	})
}

func TestADamagedFileIsNotGivenOut(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		for name, q := range map[string]string{
			"chunks exchanged": `update blob_chunk set n = 1 - n where n < 2 and blob = ?`,
			"a chunk missing":  `delete from blob_chunk where n = 1 and blob = ?`,
			"a chunk cut":      `update blob_chunk set data = substr(data, 1, 70) where n = 0 and blob = ?`,
		} {
			id := write(t, e, content(2*blob.ChunkSize))
			if name == "chunks exchanged" { // a unique key is checked row by row
				e.Do(t, func(ctx context.Context, tx unit.Tx) error {
					for _, q := range []string{`update blob_chunk set n = 7 where n = 0 and blob = ?`,
						`update blob_chunk set n = 0 where n = 1 and blob = ?`, `update blob_chunk set n = 1 where n = 7 and blob = ?`} {
						if _, err := sqldb.Of(tx).Exec(ctx, q, id); err != nil {
							return err
						}
					}
					return nil
				})
			} else {
				e.Do(t, func(ctx context.Context, tx unit.Tx) error { _, err := sqldb.Of(tx).Exec(ctx, q, id); return err })
			}
			r, _, err := e.Blobs.Open(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(r); err == nil {
				t.Errorf("%s: no error", name)
			}
			r.Close()
		}
	})
}

// TestALargeFileCostsLittleMemory is the row "50 MB in one mail costs at most 64
// MB above idle", for this part.
func TestALargeFileCostsLittleMemory(t *testing.T) {
	e := sqldbtest.SQLite(t, nil)
	const size = 32 << 20
	id, _, err := e.Blobs.Write(t.Context(), "case:1", io.LimitReader(rand.NewChaCha8([32]byte{1}), size), size)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := e.Blobs.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := io.Copy(io.Discard, r); n != size || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapSys > 48<<20 {
		t.Errorf("the heap grew to %d MB", m.HeapSys>>20)
	}
}
