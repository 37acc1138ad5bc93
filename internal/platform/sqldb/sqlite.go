package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"modernc.org/sqlite"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// pragma is one setting and the value that SQLite must read back. Other
// spellings in the DSN than _pragma= are ignored in silence, hence the check.
type pragma struct{ name, set, want string }

func pragmas(c Config, reader bool) []pragma {
	// A reader waits in the engine; the writer's waiting is begin's, in short attempts.
	wait := c.BusyTimeout
	if !reader {
		wait = min(wait, sqliteTry)
	}
	busy := fmt.Sprint(wait.Milliseconds())
	sync := pragma{"synchronous", "FULL", "2"}
	if c.Fast {
		sync = pragma{"synchronous", "OFF", "0"}
	}
	list := []pragma{
		{"busy_timeout", busy, busy},
		{"journal_mode", "WAL", "wal"},
		sync,
		{"foreign_keys", "ON", "1"},
		{"temp_store", "MEMORY", "2"},
		{"cache_size", "-8000", "-8000"}, // 8 MB at most: see givePages
	}
	if reader {
		list[len(list)-1] = pragma{"cache_size", "-2000", "-2000"} // dropped after each write
		list = append(list, pragma{"query_only", "ON", "1"})
	}
	return list
}

// dsn escapes the path, since a ? or # in it would end it early.
func dsn(path, txlock string, list []pragma) string {
	q := url.Values{"_txlock": {txlock}}
	for _, p := range list {
		q.Add("_pragma", p.name+"("+p.set+")")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func openSQLite(ctx context.Context, c Config) (*DB, error) {
	if c.Path == "" {
		return nil, fault.New(fault.Invalid, "store.no_place")
	}
	// SQLite would make the file with the umask's rights; what lies in it is for
	// the service's user only.
	f, err := os.OpenFile(c.Path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "store.cannot_open", c.Path).Because(err)
	}
	f.Close()
	db := &DB{dialect: SQLite, path: c.Path, lockWait: c.BusyTimeout, locks: locks{base: time.Now()}}
	givePages()
	wl, rl := pragmas(c, false), pragmas(c, true)
	writer, err := sqlite.NewConnector(dsn(c.Path, "immediate", wl))
	if err != nil {
		return nil, fmt.Errorf("open %q: %w", c.Path, err)
	}
	reader, err := sqlite.NewConnector(dsn(c.Path, "deferred", rl))
	if err != nil {
		return nil, fmt.Errorf("open %q for reading: %w", c.Path, err)
	}
	db.write, db.read = sql.OpenDB(compiled{writer}), sql.OpenDB(compiled{reader})
	// One connection: transactions queue in Go, in order, instead of polling for
	// the file's lock.
	db.write.SetMaxOpenConns(1)
	db.write.SetMaxIdleConns(1)
	db.read.SetMaxOpenConns(c.Readers)
	db.read.SetMaxIdleConns(c.Readers)
	err = patiently(ctx, func() error { return readBack(ctx, db.write, wl) })
	if err == nil {
		err = readBack(ctx, db.read, rl)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// readBack fails with "store.pragma" when a setting is not in force.
func readBack(ctx context.Context, db *sql.DB, list []pragma) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return explain(err)
	}
	defer conn.Close()
	for _, p := range list {
		var got string
		if err := conn.QueryRowContext(ctx, "pragma "+p.name).Scan(&got); err != nil {
			return explain(err)
		}
		if !strings.EqualFold(got, p.want) {
			return fault.New(fault.Unavailable, "store.pragma", p.name, got, p.want)
		}
	}
	return nil
}
