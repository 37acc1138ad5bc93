package peopledb

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// sessionBody is what is sealed of a session.
type sessionBody struct {
	Agent  string `json:"agent"`
	Remote string `json:"remote"`
}

const sessionColumns = `select s.id, s.person, s.half, s.created_at, s.seen_at, s.ends_at, s.proved_at, s.body from people_session s`

type sessionRow struct {
	account.Session
	body []byte
}

func scanSession(r sqldb.Row) (sessionRow, error) {
	var s sessionRow
	err := r.Scan(&s.ID, &s.Person, flag{&s.Half}, at{&s.Created}, at{&s.Seen}, at{&s.Ends}, at{&s.Proved}, &s.body)
	return s, err
}

// AddSession implements account.SessionStore.
func (s *Store) AddSession(ctx context.Context, tx unit.Tx, _ people.Scope, n account.Session, token secret.String) error {
	body, err := s.sealed(ctx, tx, personal(n.Person), "people_session", n.ID, sessionBody{n.Agent, n.Remote})
	if err != nil {
		return err
	}
	err = exec(ctx, tx, `insert into people_session (mac, id, person, half, created_at, seen_at, ends_at, proved_at, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.mac("session", token), n.ID, n.Person, n.Half, n.Created, n.Seen, n.Ends, n.Proved, body)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `update people_person set seen_at = ? where id = ?`, tx.Now().Truncate(24*time.Hour), n.Person)
}

// FindSession implements account.SessionStore.
func (s *Store) FindSession(ctx context.Context, v unit.View, _ people.Scope, token secret.String, idle time.Duration) (account.Session, error) {
	r, err := sqldb.One(ctx, v, scanSession, sessionColumns+` join people_person p on p.id = s.person and p.state = 'active'
		where s.mac = ? and s.ends_at > ? and s.seen_at > ?`, s.mac("session", token), v.Now(), v.Now().Add(-idle))
	return r.Session, err
}

// TouchSession implements account.SessionStore.
func (s *Store) TouchSession(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error {
	mine, args := own(sc, "people_session.person")
	return exec(ctx, tx, `update people_session set seen_at = ? where id = ? and `+mine, append([]any{tx.Now(), id}, args...)...)
}

// EndSessions implements account.SessionStore.
func (s *Store) EndSessions(ctx context.Context, tx unit.Tx, _ people.Scope, person people.PersonID, id, except string) (int, error) {
	n, err := sqldb.Of(tx).Exec(ctx, `delete from people_session where person = ? and (id = ? or ? = '') and id <> ?`, person, id, id, except)
	return int(n), err
}

// SessionsOf implements account.SessionStore.
func (s *Store) SessionsOf(ctx context.Context, v unit.View, sc people.Scope) ([]account.Session, error) {
	me, _ := sc.Person()
	rows, err := sqldb.All(ctx, v, scanSession, sessionColumns+` where s.person = ? and s.half = 0 and s.ends_at > ? order by s.seen_at desc, s.id`, me, v.Now())
	if err != nil {
		return nil, err
	}
	out := make([]account.Session, 0, len(rows))
	for _, r := range rows {
		var b sessionBody
		if err := s.open(ctx, v, "people_session", r.ID, r.body, &b); err != nil {
			return nil, err
		}
		r.Agent, r.Remote = b.Agent, b.Remote
		out = append(out, r.Session)
	}
	return out, nil
}

// AddDevice implements account.SessionStore.
func (s *Store) AddDevice(ctx context.Context, tx unit.Tx, _ people.Scope, person people.PersonID, device secret.String, until time.Time) error {
	return exec(ctx, tx, `insert into people_device (mac, person, until_at) values (?, ?, ?)`, s.mac("device", device), person, until)
}

// Sweep implements account.SessionStore.
func (s *Store) Sweep(ctx context.Context, tx unit.Tx, _ people.Scope, idle, throttle time.Duration) error {
	now := tx.Now()
	for _, q := range []struct {
		text string
		at   time.Time
	}{
		{`delete from people_session where ends_at <= ?`, now},
		{`delete from people_session where seen_at <= ?`, now.Add(-idle)},
		{`delete from people_device where until_at <= ?`, now},
		{`delete from people_throttle where since_at <= ?`, now.Add(-throttle)},
		// Links and tokens stay on record; what is over loses its MAC, and so costs a
		// look-up what one that never was costs.
		{`update people_link set mac = id where ends_at <= ? and mac <> id`, now},
		{`delete from people_newaddress where link in (select l.id from people_link l where l.ends_at <= ?)`, now},
		{`update people_token set mac = id where ends_at <= ? and mac <> id`, now},
	} {
		if err := exec(ctx, tx, q.text, q.at); err != nil {
			return err
		}
	}
	return nil
}

// Take implements account.ThrottleStore.
func (s *Store) Take(ctx context.Context, tx unit.Tx, _ people.Scope, key string, window time.Duration) (int, error) {
	old := tx.Now().Add(-window)
	return sqldb.One(ctx, tx, sqldb.Value[int], `insert into people_throttle (mac, tries, since_at) values (?, 1, ?)
		on conflict (mac) do update set
		tries = case when people_throttle.since_at <= ? then 1 else people_throttle.tries + 1 end,
		since_at = case when people_throttle.since_at <= ? then excluded.since_at else people_throttle.since_at end
		returning tries`, s.Seal.MAC("people.throttle", key), tx.Now(), old, old)
}

// Forget implements account.ThrottleStore.
func (s *Store) Forget(ctx context.Context, tx unit.Tx, _ people.Scope, key string) error {
	return exec(ctx, tx, `delete from people_throttle where mac = ?`, s.Seal.MAC("people.throttle", key))
}
