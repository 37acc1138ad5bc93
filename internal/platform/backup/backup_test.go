package backup_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/backup"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// fill writes a ledger entry, a job, a blob with every byte value and an empty one.
func fill(t *testing.T, e *sqldbtest.Env) (blobs [][]byte, ids []blob.ID) {
	t.Helper()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	blobs = [][]byte{all, {}, bytes.Repeat([]byte("x"), 200_000)}
	err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
		for _, b := range blobs {
			id, err := e.Blobs.Put(ctx, tx, "case:a", b)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		tx.Record(unit.Entry{Stream: unit.Stream{Kind: "case", ID: "a"}, Kind: "case.opened", Actor: "anyone", Args: map[string]string{"n": "ä \" \\ \u2028"}})
		tx.Enqueue(unit.Job{Kind: "test.later", Args: map[string]string{"id": "a"}, At: tx.Now().AddDate(1, 0, 0)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return blobs, ids
}

func TestARestoredStoreIsTheSameOnEitherEngine(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		contents, ids := fill(t, e)
		id := identity(t)
		var file bytes.Buffer
		wrote, err := backup.Write(t.Context(), e.DB, sqldbtest.Platform(), &file, e.Clock.Now(), []age.Recipient{id.Recipient()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(file.Bytes(), []byte("jobs_job")) {
			t.Error("the backup is not encrypted")
		}
		sqldbtest.EachStore(t, nil, func(t *testing.T, db *sqldb.DB) {
			read, err := backup.Read(t.Context(), db, sqldbtest.Platform(), bytes.NewReader(file.Bytes()), []age.Identity{id}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if read.Rows != wrote.Rows || read.Tables != wrote.Tables || !read.At.Equal(wrote.At) {
				t.Errorf("wrote %+v, read %+v", wrote, read)
			}
			work := &sqldb.Work{DB: db, Clock: e.Clock.Now}
			sealer, err := seal.New(t.Context(), work, e.Site)
			if err != nil {
				t.Fatal(err)
			}
			store := *e.Blobs
			store.Work, store.Seal = work, sealer
			record := &ledger.Ledger{Work: work, Seal: sealer, Origin: e.Ledger.Origin}
			err = work.View(t.Context(), func(ctx context.Context, v unit.View) error {
				for i, want := range contents {
					got, err := store.Read(ctx, v, ids[i], 1<<20)
					if err != nil {
						return err
					}
					if !slices.Equal(got, want) {
						t.Errorf("blob %d differs", i)
					}
				}
				lines, err := record.Read(ctx, v, unit.Stream{Kind: "case", ID: "a"}, 0, 10)
				if err != nil {
					return err
				}
				if len(lines) != 1 || lines[0].Args["n"] != "ä \" \\ \u2028" {
					t.Errorf("ledger: %+v", lines)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	})
}

// Published files may be empty. SQLite's driver gives no bytes at all for an empty
// value, and such a backup could not be restored.
func TestEmptyBytesComeBackAsEmptyBytes(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			_, err := sqldb.Of(tx).Exec(ctx, `insert into blob_chunk (blob, n, data) values ('a', 0, ?)`, []byte{})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		id := identity(t)
		var file bytes.Buffer
		if _, err := backup.Write(t.Context(), e.DB, sqldbtest.Platform(), &file, e.Clock.Now(), []age.Recipient{id.Recipient()}, nil); err != nil {
			t.Fatal(err)
		}
		sqldbtest.EachStore(t, nil, func(t *testing.T, db *sqldb.DB) {
			if _, err := backup.Read(t.Context(), db, sqldbtest.Platform(), bytes.NewReader(file.Bytes()), []age.Identity{id}, nil); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.Reader().QueryRowContext(t.Context(), `select count(*) from blob_chunk where length(data) = 0`).Scan(&n); err != nil || n != 1 {
				t.Errorf("%d rows with empty bytes, %v", n, err)
			}
		})
	})
}

func TestBadBackupsChangeNothing(t *testing.T) {
	e := sqldbtest.SQLite(t, nil)
	fill(t, e)
	id := identity(t)
	var file bytes.Buffer
	if _, err := backup.Write(t.Context(), e.DB, sqldbtest.Platform(), &file, e.Clock.Now(), []age.Recipient{id.Recipient()}, nil); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	for name, c := range map[string]struct {
		raw  []byte
		key  age.Identity
		want string
	}{
		"another key":        {whole, identity(t), "decrypt backup"},
		"cut off":            {whole[:len(whole)-100], id, "ends early"},
		"not a backup":       {[]byte("hello"), id, "decrypt backup"},
		"a changed byte":     {flip(whole), id, ""},
		"an empty file":      {nil, id, "decrypt backup"},
		"age of other bytes": {encrypt(t, id, "hello"), id, "unpack backup"},
	} {
		t.Run(name, func(t *testing.T) {
			sqldbtest.EachStore(t, nil, func(t *testing.T, db *sqldb.DB) {
				_, err := backup.Read(t.Context(), db, sqldbtest.Platform(), bytes.NewReader(c.raw), []age.Identity{c.key}, nil)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v, want %q", err, c.want)
				}
				// The store is still empty, so that the good file goes in.
				if _, err := backup.Read(t.Context(), db, sqldbtest.Platform(), bytes.NewReader(whole), []age.Identity{id}, nil); err != nil {
					t.Fatalf("the good backup afterwards: %v", err)
				}
				_, err = backup.Read(t.Context(), db, sqldbtest.Platform(), bytes.NewReader(whole), []age.Identity{id}, nil)
				if !errors.Is(err, backup.ErrNotEmpty) {
					t.Fatalf("a second restore into the same store: %v", err)
				}
			})
		})
	}
}

func flip(raw []byte) []byte {
	out := bytes.Clone(raw)
	out[len(out)/2] ^= 1
	return out
}

func encrypt(t *testing.T, id *age.X25519Identity, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}
