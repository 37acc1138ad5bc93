package sqldbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// templates remembers, for the life of the test binary, which stores have been
// migrated: tests clone them. It is the one mutable variable here; a test binary
// has no other place that outlives a test.
var templates = struct {
	sync.Mutex
	sqlite   map[string][]byte // the migrated file
	postgres map[string]string // the template database
	server   *server
	err      error

	durable    *server // of Server
	durableErr error
}{sqlite: map[string][]byte{}, postgres: map[string]string{}}

// fingerprint names a set of migrations by their content, so that a server
// shared by many test binaries keeps one template for each.
func fingerprint(sources []sqldb.Source) (string, error) {
	h := sha256.New()
	for _, s := range sources {
		names, err := fs.Glob(s.FS, "*.sql")
		if err != nil {
			return "", err
		}
		for _, n := range names {
			text, err := fs.ReadFile(s.FS, n)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s/%s %d\n%s", s.Name, n, len(text), text)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func all(t testing.TB, sources []sqldb.Source) ([]sqldb.Source, string) {
	t.Helper()
	list := append(Platform(), sources...)
	print, err := fingerprint(list)
	if err != nil {
		t.Fatalf("read migrations: %v", err)
	}
	return list, print
}

func migrate(c sqldb.Config, sources []sqldb.Source) error {
	ctx := context.Background()
	db, err := sqldb.Open(ctx, c)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, sources); err != nil {
		db.Close()
		return err
	}
	return db.Close()
}

func sqliteConfig(t testing.TB, sources []sqldb.Source) sqldb.Config {
	t.Helper()
	list, print := all(t, sources)
	templates.Lock()
	defer templates.Unlock()
	if templates.sqlite[print] == nil {
		path := filepath.Join(t.TempDir(), "template.db")
		if err := migrate(sqldb.Config{Path: path, Fast: true}, list); err != nil {
			t.Fatalf("migrate the template: %v", err)
		}
		// Closing the last connection has folded the WAL into the file.
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		templates.sqlite[print] = file
	}
	path := filepath.Join(t.TempDir(), "tocsin.db")
	if err := os.WriteFile(path, templates.sqlite[print], 0o600); err != nil {
		t.Fatal(err)
	}
	return sqldb.Config{Path: path, Fast: true}
}

func postgresConfig(t testing.TB, sources []sqldb.Source) sqldb.Config {
	t.Helper()
	list, print := all(t, sources)
	templates.Lock()
	defer templates.Unlock()
	if templates.server == nil && templates.err == nil {
		templates.server, templates.err = startServer()
	}
	if templates.err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("PostgreSQL is needed in CI: %v", templates.err)
		}
		fmt.Fprintf(os.Stderr, "SKIPPED ON POSTGRESQL: %s: %v\n", t.Name(), templates.err)
		t.Skipf("no PostgreSQL: %v", templates.err)
	}
	s := templates.server
	ctx := context.Background()
	if templates.postgres[print] == "" {
		name, err := s.template(ctx, print, list)
		if err != nil {
			t.Fatalf("make the template: %v", err)
		}
		templates.postgres[print] = name
	}
	name := "tocsin_" + ident.New()
	if err := s.admin(ctx, "create database "+name+" template "+templates.postgres[print]); err != nil {
		t.Fatalf("clone the template: %v", err)
	}
	t.Cleanup(func() {
		if err := s.admin(context.Background(), "drop database "+name+" with (force)"); err != nil {
			t.Logf("drop the test's database: %v", err)
		}
	})
	return s.config(name)
}

// template returns the database of a set of migrations, made under a lock when no
// test binary on this server has made it yet. It becomes a template in the sense
// of PostgreSQL once it is whole; one that never did was left by a killed test.
func (s *server) template(ctx context.Context, print string, list []sqldb.Source) (string, error) {
	db, err := sqldb.Open(ctx, s.config("postgres"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	conn, err := db.Writer().Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close() // and with it the lock
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock(hashtext($1))", print); err != nil {
		return "", err
	}
	name := "tocsin_tpl_" + print
	var whole bool
	err = conn.QueryRowContext(ctx, "select datistemplate from pg_database where datname = $1", name).Scan(&whole)
	if err == nil && whole {
		return name, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	for _, q := range []string{"drop database if exists " + name, "create database " + name + " encoding 'UTF8' template template0"} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return "", err
		}
	}
	if err := migrate(s.config(name), list); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, "alter database "+name+" is_template true")
	return name, err
}

// config returns how to open a database of the server.
func (s *server) config(name string) sqldb.Config {
	u := *s.url
	u.Path = "/" + name
	q := u.Query()
	q.Set("connect_timeout", "60") // whole programs under test may keep the machine busy
	u.RawQuery = q.Encode()
	return sqldb.Config{URL: secret.New(u.String()), Fast: true, Readers: 4}
}

// admin runs one statement outside a transaction in the database postgres.
func (s *server) admin(ctx context.Context, q string) error {
	db, err := sqldb.Open(ctx, s.config("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Writer().ExecContext(ctx, q)
	return err
}

type server struct{ url *url.URL }
