package advisorydb

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Restricted implements pubsite.Store.
func (Site) Restricted(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) (bool, error) {
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from advisory_reader where project = ? and ended_at = 0 and ends_at > ?`, string(project), v.Now())
	return n > 0, err
}

// Readers implements access.Store and makes the scopes of those who read AMBER and RED
// (advisoryweb.Readers).
type Readers struct{ Seal *seal.Sealer }

// OfToken is the scope of who brings a token.
func (r Readers) OfToken(token secret.String) people.Scope {
	return people.AsBearer(r.Seal.MAC("advisory.reader", token.Reveal()))
}

// OfCertificate is the scope of who has the key of a certificate, given by the SHA-256 of
// its DER form in hexadecimal.
func (r Readers) OfCertificate(fingerprint string) people.Scope {
	return people.AsBearer(r.Seal.MAC("advisory.certificate", fingerprint))
}

// led is the condition that the scope leads the project of a row.
func led(sc people.Scope) (string, []any) {
	return peopledb.Sees(sc, "r.project", people.Chair, people.Deputy)
}

// AddReader implements access.Store.
func (r Readers) AddReader(ctx context.Context, tx unit.Tx, _ people.Scope, x access.Reader, token secret.String) error {
	plain, err := json.Marshal(x)
	if err != nil {
		return err
	}
	body, err := r.Seal.Seal(ctx, tx, "project:"+string(x.Project), seal.At{Table: "advisory_reader", Row: x.ID, Column: "body"}, plain)
	if err != nil {
		return err
	}
	of := r.OfToken(token)
	if x.Kind == access.ByCertificate {
		of = r.OfCertificate(x.Fingerprint)
	}
	mac, _ := of.Bearer()
	_, err = sqldb.Of(tx).Exec(ctx, `insert into advisory_reader (id, project, mac, level, created_at, ends_at, ended_at, body) values (?, ?, ?, ?, ?, ?, 0, ?)`,
		x.ID, string(x.Project), mac, string(x.Level), x.Created, x.Ends, body)
	return err
}

// Readers implements access.Store.
func (r Readers) Readers(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]access.Reader, error) {
	type row struct {
		id          string
		ended, used time.Time
		body        []byte
	}
	sees, args := led(sc)
	rows, err := sqldb.All(ctx, v, func(s sqldb.Row) (row, error) {
		var x row
		var ended, used int64
		err := s.Scan(&x.id, &ended, &used, &x.body)
		x.ended, x.used = sqldb.Time(ended), sqldb.Time(used)
		return x, err
	}, `select r.id, r.ended_at, r.used_at, r.body from advisory_reader r where r.project = ? and `+sees+` order by r.created_at desc, r.id`, append([]any{string(project)}, args...)...)
	if err != nil {
		return nil, err
	}
	out := make([]access.Reader, len(rows))
	for i, x := range rows {
		plain, err := r.Seal.Open(ctx, v, seal.At{Table: "advisory_reader", Row: x.id, Column: "body"}, x.body)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(plain, &out[i]); err != nil {
			return nil, err
		}
		out[i].Ended, out[i].Used = x.ended, x.used
	}
	return out, nil
}

// EndReader implements access.Store. The MAC goes, so that an ended token costs what one
// costs that never was.
func (r Readers) EndReader(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, id string) (bool, error) {
	sees, args := led(sc)
	n, err := sqldb.Of(tx).Exec(ctx, `update advisory_reader as r set ended_at = ?, mac = id where r.id = ? and r.project = ? and r.ended_at = 0 and `+sees,
		append([]any{tx.Now(), id, string(project)}, args...)...)
	return n > 0, err
}

// Used returns when the reader of the scope fetched something the last time, NotFound for
// who is none.
func (Readers) Used(ctx context.Context, v unit.View, sc people.Scope) (time.Time, error) {
	mac, _ := sc.Bearer()
	used, err := sqldb.One(ctx, v, sqldb.Value[int64], `select used_at from advisory_reader where mac = ? and ended_at = 0`, mac)
	return sqldb.Time(used), err
}

// Use notes that the reader of the scope fetched something now.
func (Readers) Use(ctx context.Context, tx unit.Tx, sc people.Scope) error {
	mac, _ := sc.Bearer()
	_, err := sqldb.Of(tx).Exec(ctx, `update advisory_reader set used_at = ? where mac = ? and ended_at = 0`, tx.Now(), mac)
	return err
}

var _ access.Store = Readers{}
