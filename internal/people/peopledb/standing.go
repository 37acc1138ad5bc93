package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Standing counts what a restored site would bring back: ways in that are open, and
// letters that wait. It opens nothing sealed.
type Standing struct {
	Sessions int // live ones
	Tokens   int // neither revoked nor over
	Links    int // one-time links, neither spent nor over
	Letters  int // copies that wait and were never tried
	Tried    int // copies that wait and were rendered or tried: the peer may have them
}

// Standing counts for administrators; for others everything is zero.
func (s *Store) Standing(ctx context.Context, v unit.View, sc people.Scope) (Standing, error) {
	admin, args := administers(sc)
	now := v.Now()
	var all []any
	with := func(more ...any) { all = append(append(all, more...), args...) }
	with(now)
	with(now)
	with(now)
	with()
	with()
	return sqldb.One(ctx, v, func(r sqldb.Row) (Standing, error) {
		var n Standing
		err := r.Scan(&n.Sessions, &n.Tokens, &n.Links, &n.Letters, &n.Tried)
		return n, err
	}, `select
		(select count(*) from people_session where half = 0 and ends_at > ? and `+admin+`),
		(select count(*) from people_token where revoked_at = 0 and ends_at > ? and `+admin+`),
		(select count(*) from people_link where spent_at = 0 and ends_at > ? and `+admin+`),
		(select count(*) from people_delivery d where d.state = 'waiting' and d.tries = 0
			and not exists (select 1 from people_rendered r where r.delivery = d.id) and `+admin+`),
		(select count(*) from people_delivery d where d.state = 'waiting' and (d.tries > 0
			or exists (select 1 from people_rendered r where r.delivery = d.id)) and `+admin+`)`, all...)
}

// EndAllSessions ends every session and forgets every browser, for administrators; it
// returns how many sessions there were.
func (s *Store) EndAllSessions(ctx context.Context, tx unit.Tx, sc people.Scope) (int, error) {
	admin, args := administers(sc)
	if err := exec(ctx, tx, `delete from people_device where `+admin, args...); err != nil {
		return 0, err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `delete from people_session where `+admin, args...)
	return int(n), err
}

// RevokeAllTokens revokes every API token, for administrators; it returns how many
// were live. A revoked token loses its MAC.
func (s *Store) RevokeAllTokens(ctx context.Context, tx unit.Tx, sc people.Scope) (int, error) {
	admin, args := administers(sc)
	n, err := sqldb.Of(tx).Exec(ctx, `update people_token set revoked_at = ?, mac = id where revoked_at = 0 and `+admin, append([]any{tx.Now()}, args...)...)
	return int(n), err
}

// CancelWaiting gives up every letter that waits, for administrators; it returns how
// many copies there were.
func (s *Store) CancelWaiting(ctx context.Context, tx unit.Tx, sc people.Scope) (int, error) {
	admin, args := administers(sc)
	err := exec(ctx, tx, `delete from people_rendered where delivery in (select id from people_delivery where state = 'waiting') and `+admin, args...)
	if err != nil {
		return 0, err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update people_delivery set state = 'cancelled', done_at = ? where state = 'waiting' and `+admin, append([]any{tx.Now()}, args...)...)
	return int(n), err
}
