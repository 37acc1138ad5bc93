// Package gate holds back what must not happen before a person has decided: a
// restored site must not send again, publish or let old sessions in by itself. A
// closed gate is a row; what stands behind each gate is wired in
// internal/server (job kinds) and asked for by sign-in.
package gate

import (
	"context"
	"embed"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations returns the table of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("gate", files) }

// The gates.
const (
	Sending    = "sending"    // letters and list mails
	Publishing = "publishing" // ends of embargoes, staging and publication
	Logins     = "logins"     // signing in, sessions and API tokens
)

// Names returns every gate in the order in which they are shown.
func Names() []string { return []string{Sending, Publishing, Logins} }

// Gate is one closed gate.
type Gate struct {
	Name   string
	Closed time.Time
	Why    string // catalogue key
}

// Close closes a gate. Closing a closed one keeps its time.
func Close(ctx context.Context, tx unit.Tx, name, why string) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into gate_gate (name, closed_at, why) values (?, ?, ?) on conflict (name) do nothing`, name, tx.Now(), why)
	return err
}

// Open opens a gate; one that is not closed is fault.Conflict "gate.open".
func Open(ctx context.Context, tx unit.Tx, name string) error {
	n, err := sqldb.Of(tx).Exec(ctx, `delete from gate_gate where name = ?`, name)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "gate.open", name)
	}
	return err
}

// List returns the closed gates by name.
func List(ctx context.Context, v unit.View) ([]Gate, error) {
	return sqldb.All(ctx, v, func(r sqldb.Row) (Gate, error) {
		var g Gate
		var at int64
		err := r.Scan(&g.Name, &at, &g.Why)
		g.Closed = sqldb.Time(at)
		return g, err
	}, `select name, closed_at, why from gate_gate order by name`)
}

// Closed reports whether the gate is closed.
func Closed(ctx context.Context, v unit.View, name string) (bool, error) {
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from gate_gate where name = ?`, name)
	return n > 0, err
}
