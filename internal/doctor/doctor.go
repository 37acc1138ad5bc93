// Package doctor examines a site for its operator: settings, site key, folder,
// certificate, store, mail, projects. It changes nothing and reads no content; what it
// finds out is a list of checks with what to do next. How they print is in
// internal/cli.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/tlsconf"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// Level is how bad a finding of the doctor is.
type Level int

// The levels; the zero value is invalid.
const (
	_ Level = iota
	OK
	Warn // works, and somebody should do something
	Fail // does not work, or is not safe
)

// String returns the word that stands in front of a finding.
func (l Level) String() string {
	switch l {
	case OK:
		return "OK"
	case Warn:
		return "WARN"
	case Fail:
		return "FAIL"
	default:
		return "?"
	}
}

// MarshalText implements encoding.TextMarshaler.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Check is one finding of the doctor. Key and Next are catalogue keys that take
// Args; Next says what to do and is "" for what is in order.
type Check struct {
	Name  string // "smarthost", stable, for programs
	Level Level
	Key   string
	Next  string
	Args  []any
	Cause error // what the machine said, or nil
}

// Examine looks at the site without changing it and without reading the content of a
// report or case: settings, keys, store, mail, projects. It never fails: what it
// cannot find out is a finding. The schema is not migrated, and no site key is made.
func Examine(ctx context.Context, cfg config.Config, now time.Time) []Check {
	d := &doctor{cfg: cfg, now: now}
	d.settings()
	key := d.siteKey(ctx)
	d.folder()
	d.certificate()
	d.smarthost(ctx)
	if d.database(ctx) && key {
		d.store(ctx)
	}
	return d.found
}

type doctor struct {
	cfg   config.Config
	now   time.Time
	found []Check
}

func (d *doctor) ok(name, key string, args ...any) {
	d.found = append(d.found, Check{Name: name, Level: OK, Key: key, Args: args})
}

func (d *doctor) add(l Level, name, key, next string, args ...any) {
	d.found = append(d.found, Check{Name: name, Level: l, Key: key, Next: next, Args: args})
}

// failed reports what the machine refused.
func (d *doctor) failed(name, key, next string, cause error, args ...any) {
	d.found = append(d.found, Check{Name: name, Level: Fail, Key: key, Next: next, Args: args, Cause: cause})
}

func (d *doctor) settings() {
	for _, w := range d.cfg.Warnings {
		d.add(Warn, "settings", "doctor.settings.odd", "doctor.settings.odd.next", "problem", w)
	}
	u, err := url.Parse(d.cfg.URL)
	switch {
	case err != nil || u.Hostname() == "":
		d.add(Fail, "url", "doctor.url.none", "doctor.url.next", "url", d.cfg.URL)
	case u.Scheme == "https":
		d.ok("url", "doctor.url.ok", "url", d.cfg.URL)
	case isLoopback(u.Hostname()):
		d.add(Warn, "url", "doctor.url.local", "doctor.url.next", "url", d.cfg.URL)
	default:
		d.add(Fail, "url", "doctor.url.plain", "doctor.url.next", "url", d.cfg.URL)
	}
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// siteKey reports whether the key could be read.
func (d *doctor) siteKey(ctx context.Context) bool {
	key, err := server.LoadKey(ctx, d.cfg, false)
	if err != nil {
		d.failed("site_key", "doctor.site_key.none", "doctor.site_key.next", err)
		return false
	}
	sound := true
	for _, w := range key.Warnings {
		sound = false
		level := Warn
		if w == "seal.key_in_home" {
			level = Fail // it was made by the program, and nobody decided where it lives
		}
		d.add(level, "site_key", w, "doctor.site_key.next")
	}
	if d.cfg.SiteKeyCommand == "" && inside(d.cfg.Data, key.From) {
		sound = false
		d.add(Fail, "site_key", "doctor.site_key.inside", "doctor.site_key.next", "path", key.From)
	}
	if sound {
		d.ok("site_key", "doctor.site_key.ok", "from", key.From, "id", key.Key.ID())
	}
	return true
}

// inside reports whether a file lies below a folder.
func inside(folder, file string) bool {
	folder, err1 := filepath.Abs(folder)
	file, err2 := filepath.Abs(file)
	if err1 != nil || err2 != nil {
		return false
	}
	rel, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(rel)
}

// The least free space: below the first number a large mail can fill the disk.
const (
	spaceFail = 256 << 20
	spaceWarn = 2 << 30
)

func (d *doctor) folder() {
	if !d.cfg.Database.Empty() {
		return // nothing of ours lies there
	}
	info, err := os.Stat(d.cfg.Data)
	if err != nil {
		d.add(Warn, "data", "doctor.data.none", "doctor.data.none.next", "path", d.cfg.Data)
		return
	}
	switch file, err := os.Stat(filepath.Join(d.cfg.Data, server.DatabaseFile)); {
	case err == nil && file.Mode().Perm()&0o077 != 0:
		d.add(Fail, "data", "doctor.data.readable", "doctor.data.readable.next", "path", filepath.Join(d.cfg.Data, server.DatabaseFile))
	case info.Mode().Perm()&0o077 != 0:
		d.add(Warn, "data", "doctor.data.open", "doctor.data.open.next", "path", d.cfg.Data)
	default:
		d.ok("data", "doctor.data.ok", "path", d.cfg.Data)
	}
	free, known := freeSpace(d.cfg.Data)
	switch mib := int(free >> 20); {
	case !known:
	case free < spaceFail:
		d.add(Fail, "space", "doctor.space.low", "doctor.space.next", "mib", mib)
	case free < spaceWarn:
		d.add(Warn, "space", "doctor.space.low", "doctor.space.next", "mib", mib)
	default:
		d.ok("space", "doctor.space.ok", "mib", mib)
	}
}

// certWarn is how long before its end a certificate is worth a word: renewers renew
// a month before.
const certWarn = 14 * 24 * time.Hour

func (d *doctor) certificate() {
	if d.cfg.TLSCert == "" {
		d.add(Warn, "certificate", "doctor.certificate.none", "doctor.certificate.none.next")
		return
	}
	files, err := tlsconf.Load(d.cfg.TLSCert, d.cfg.TLSKey)
	if err != nil {
		d.failed("certificate", "doctor.certificate.bad", "doctor.certificate.next", err)
		return
	}
	end := files.NotAfter()
	switch {
	case !d.now.Before(end):
		d.add(Fail, "certificate", "doctor.certificate.over", "doctor.certificate.next", "end", stamp(end))
	case end.Sub(d.now) < certWarn:
		d.add(Warn, "certificate", "doctor.certificate.ends", "doctor.certificate.next", "end", stamp(end))
	default:
		d.ok("certificate", "doctor.certificate.ok", "end", stamp(end))
	}
	if u, err := url.Parse(d.cfg.URL); err == nil && !files.Covers(u.Hostname()) {
		d.add(Fail, "certificate", "doctor.certificate.name", "doctor.certificate.next", "host", u.Hostname())
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

func (d *doctor) smarthost(ctx context.Context) {
	client, err := server.Smarthost(d.cfg)
	switch {
	case err != nil:
		d.failed("smarthost", "doctor.smarthost.bad", "doctor.smarthost.next", err)
	case client == nil:
		d.add(Warn, "smarthost", "doctor.smarthost.none", "doctor.smarthost.next")
	default:
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		if err := client.Probe(ctx); err != nil {
			d.failed("smarthost", "doctor.smarthost.down", "doctor.smarthost.down.next", err)
			return
		}
		d.ok("smarthost", "doctor.smarthost.ok", "host", client.Smarthost.String())
	}
}

// database opens the database and looks at engine and schema; it reports whether the
// store can be looked into.
func (d *doctor) database(ctx context.Context) bool {
	path := filepath.Join(d.cfg.Data, server.DatabaseFile)
	if d.cfg.Database.Empty() {
		if _, err := os.Stat(path); err != nil {
			d.add(Warn, "database", "doctor.database.none", "doctor.database.none.next", "path", path)
			return false
		}
	}
	db, err := server.OpenDB(ctx, d.cfg)
	if err != nil {
		d.failed("database", "doctor.database.bad", "doctor.database.next", err)
		return false
	}
	defer db.Close()
	if err := db.Ping(ctx); err != nil {
		d.failed("database", "doctor.database.bad", "doctor.database.next", err)
		return false
	}
	d.ok("database", "doctor.database.ok", "engine", db.Dialect().String())
	d.locks(ctx, db)
	d.damage(ctx, db)
	pending, err := db.Pending(ctx, server.Sources())
	switch {
	case err != nil:
		d.failed("schema", "doctor.schema.bad", "doctor.schema.next", err)
	case pending > 0:
		d.add(Warn, "schema", "doctor.schema.pending", "doctor.schema.next", "n", pending)
	default:
		d.ok("schema", "doctor.schema.ok")
	}
	return err == nil && pending == 0
}

// store unlocks the store and looks into it.
func (d *doctor) store(ctx context.Context) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := server.LookAtStore(ctx, d.cfg, quiet)
	if fault.Is(err, fault.NotFound) {
		d.add(Warn, "site_key", "doctor.store.unused", "doctor.database.none.next")
		return
	}
	if err != nil {
		name, next := "database", "doctor.database.next"
		if aboutKeys(err) {
			name, next = "site_key", "doctor.site_key.wrong.next"
		}
		d.failed(name, "doctor.store.locked", next, err)
		return
	}
	defer s.Close()
	s.Config.Smarthost = secret.String{} // one that cannot be read is a finding already
	a, err := server.Wire(s, i18n.Default())
	if err != nil {
		d.failed("database", "doctor.store.locked", "doctor.database.next", fmt.Errorf("wire: %w", err))
		return
	}
	d.look(ctx, s, a)
}

// aboutKeys reports whether an error is about the site key and not about the database.
func aboutKeys(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && strings.HasPrefix(f.Key, "seal.")
}
