package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// IsUnique reports whether err is a conflict with a unique key or primary key.
// The caller turns it into a fault that says nothing of the other row.
func IsUnique(err error) bool {
	var l *sqlite.Error
	if errors.As(err, &l) {
		return l.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || l.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == "23505"
}

// again reports whether the closure may succeed when it runs once more.
func again(err error) bool {
	if errors.Is(err, errRaced) {
		return true
	}
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01")
}

// explain turns an engine's error that an operator can act on into a fault
// whose key says what to do; all others pass unchanged.
func explain(err error) error {
	if err == nil {
		return nil
	}
	var known *fault.Error
	var c *pgconn.ConnectError
	// A connection that was not made in time is an answer about the server, and not
	// about the caller's patience.
	late := errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &c)
	if errors.As(err, &known) || errors.Is(err, context.Canceled) || late {
		return err
	}
	key := ""
	var l *sqlite.Error
	var p *pgconn.PgError
	var n *net.OpError
	switch {
	case errors.As(err, &l):
		key = sqliteKey(l.Code() & 0xff)
	case errors.As(err, &p):
		key = postgresKey(p.Code)
	case errors.As(err, &c), errors.As(err, &n), errors.Is(err, driver.ErrBadConn), errors.Is(err, pgconn.ErrConnClosed), errors.Is(err, io.ErrUnexpectedEOF):
		key = "store.unreachable"
	}
	if key == "" {
		return err
	}
	return fault.New(fault.Unavailable, key).Because(err)
}

func sqliteKey(primary int) string {
	switch primary {
	case sqlite3.SQLITE_FULL:
		return "store.full"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "store.locked"
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return "store.corrupt"
	case sqlite3.SQLITE_READONLY:
		return "store.read_only"
	case sqlite3.SQLITE_IOERR:
		return "store.io"
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return "store.cannot_open"
	}
	return ""
}

// postgresKey reads SQLSTATE codes (PostgreSQL manual, appendix A).
func postgresKey(code string) string {
	switch {
	case code == "53100":
		return "store.full"
	case code == "53300":
		return "store.crowded"
	case code == "55P03":
		return "store.locked"
	case code == "25006":
		return "store.read_only"
	case strings.HasPrefix(code, "XX"):
		return "store.corrupt"
	case strings.HasPrefix(code, "28"), code == "3D000", code == "42501":
		return "store.refused"
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57P"):
		return "store.unreachable"
	case strings.HasPrefix(code, "58"):
		return "store.io"
	}
	return ""
}
