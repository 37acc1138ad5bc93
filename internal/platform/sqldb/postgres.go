package sqldb

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

func openPostgres(ctx context.Context, c Config) (*DB, error) {
	cfg, err := pgx.ParseConfig(c.URL.Reveal())
	if err != nil {
		// pgx's error may quote the URL, which holds a password.
		return nil, fault.New(fault.Invalid, "store.bad_url")
	}
	if cfg.RuntimeParams == nil {
		cfg.RuntimeParams = map[string]string{}
	}
	cfg.RuntimeParams["application_name"] = "tocsin"
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["default_transaction_isolation"] = "read committed"
	// A server that died inside a transaction must not hold its locks for ever.
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	cfg.RuntimeParams["lock_timeout"] = strconv.FormatInt(c.BusyTimeout.Milliseconds(), 10)
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = 2 * lockWait
	}
	db := &DB{dialect: Postgres, lockWait: c.BusyTimeout, locks: locks{base: time.Now()}}
	cfg.DialFunc = boundedDial(cfg.DialFunc, &db.within)
	db.write = stdlib.OpenDB(*cfg)
	db.read = db.write
	db.write.SetMaxOpenConns(c.Readers + 8)
	db.write.SetMaxIdleConns(c.Readers + 8)
	db.write.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.checkPostgres(ctx, c); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// checkPostgres reads back what the guarantees rest on.
func (db *DB) checkPostgres(ctx context.Context, c Config) error {
	type setting struct {
		name, want string
		good       func(got string) bool
	}
	is := func(want string) func(string) bool {
		return func(got string) bool { return strings.EqualFold(got, want) }
	}
	list := []setting{
		{"server_encoding", "UTF8", is("UTF8")},
		{"transaction_isolation", "read committed", is("read committed")},
	}
	if !c.Fast {
		// With "off", which a role or database may set, a commit returns before it is
		// on the disk; all other values wait at least for that.
		list = append(list, setting{"synchronous_commit", "on", func(got string) bool { return got != "off" }},
			setting{"fsync", "on", is("on")})
	}
	for _, p := range list {
		var got string
		if err := db.write.QueryRowContext(ctx, "select current_setting($1)", p.name).Scan(&got); err != nil {
			return explain(err)
		}
		if !p.good(got) {
			return fault.New(fault.Unavailable, "store.pragma", p.name, got, p.want)
		}
	}
	return nil
}
