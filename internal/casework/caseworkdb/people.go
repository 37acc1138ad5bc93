package caseworkdb

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const inviteColumns = `select n.id, n.case_id, n.project_id, n.person_id, n.role, n.back, n.by_actor, n.at, n.expires_at, n.closed from casework_invite n `

func scanInvite(row sqldb.Row) (casework.Invitation, error) {
	var i casework.Invitation
	var at, expires int64
	err := row.Scan(&i.ID, &i.Case, &i.Project, &i.Person, &i.Role, &i.Back, &i.By, &at, &expires, &i.Closed)
	i.At, i.Expires = sqldb.Time(at), sqldb.Time(expires)
	return i, err
}

// token is the keyed hash under which a link is found.
func (s *Store) token(t string) string { return s.Seal.MAC("casework.invite", t) }

// AddInvite implements casework.InviteStore.
func (s *Store) AddInvite(ctx context.Context, tx unit.Tx, sc people.Scope, i casework.Invitation) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into casework_invite (id, case_id, project_id, person_id, role, back, by_actor, at, expires_at, closed,
		closed_at, token) values (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?)`,
		i.ID, i.Case, i.Project, i.Person, string(i.Role), string(i.Back), i.By, i.At, i.Expires, s.token(i.Token))
	if err != nil {
		return fmt.Errorf("add invitation: %w", err)
	}
	return nil
}

// InviteByToken implements casework.InviteStore: the link itself is the right to
// know of it. The row with the next lower hash is read for a link that never was, so that
// it costs what one costs that is another's or closed.
func (s *Store) InviteByToken(ctx context.Context, v unit.View, sc people.Scope, token string) (casework.Invitation, error) {
	mac := s.token(token)
	found := 0
	i, err := sqldb.One(ctx, v, func(row sqldb.Row) (casework.Invitation, error) {
		return scanInvite(rowAnd{row, &found})
	}, `select n.id, n.case_id, n.project_id, n.person_id, n.role, n.back, n.by_actor, n.at, n.expires_at, n.closed, case when n.token = k.asked then 1 else 0 end
		from (select y.token as asked, `+sqldb.Nearest("casework_invite", "token", "y.token")+` as token from (select cast(? as text) as token) y) k
		join casework_invite n on n.token = k.token`, mac)
	if err == nil && found == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return casework.Invitation{}, err
	}
	return i, nil
}

// rowAnd scans one column more than the scanner of a row asks for.
type rowAnd struct {
	sqldb.Row
	last any
}

func (r rowAnd) Scan(to ...any) error { return r.Row.Scan(append(to, r.last)...) }

// Invites implements casework.InviteStore.
func (s *Store) Invites(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]casework.Invitation, error) {
	ok, args := team(sc)
	return sqldb.All(ctx, v, scanInvite, inviteColumns+`join casework_case c on c.id = n.case_id
		where n.case_id = ? and n.closed = '' and n.expires_at > ? and `+ok+` order by n.at, n.id`, append([]any{id, v.Now()}, args...)...)
}

// InvitesTo implements roster.Store.
func (s *Store) InvitesTo(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, who people.PersonID) ([]casework.Invitation, error) {
	ok, args := peopledb.Sees(sc, "n.project_id")
	return sqldb.All(ctx, v, scanInvite, inviteColumns+`where n.project_id = ? and n.person_id = ? and n.closed = '' and `+ok+` order by n.at, n.id`,
		append([]any{project, who}, args...)...)
}

// CloseInvite implements casework.InviteStore.
func (s *Store) CloseInvite(ctx context.Context, tx unit.Tx, sc people.Scope, id string, how string, at time.Time) error {
	n, err := sqldb.Of(tx).Exec(ctx, `update casework_invite set closed = ?, closed_at = ? where id = ? and closed = ''`, how, at, id)
	if err != nil {
		return fmt.Errorf("close invitation: %w", err)
	}
	if n == 0 {
		return fault.Missing()
	}
	return nil
}

// words is what is sealed of a claim.
type words struct {
	Text   string `json:"text,omitempty"`
	Answer string `json:"answer,omitempty"`
}

func claimAt(id string) seal.At {
	return seal.At{Table: "casework_claim", Row: id, Column: "words"}
}

// AddClaim implements casework.ClaimStore.
func (s *Store) AddClaim(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Claim) error {
	sealed, err := s.put(ctx, tx, c.Case, claimAt(c.ID), words{Text: c.Text})
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into casework_claim (id, case_id, fact, by_actor, at, answered_at, words) values (?, ?, ?, ?, ?, 0, ?)`,
		c.ID, c.Case, int(c.Kind), c.By, c.At, sealed)
	if err != nil {
		return fmt.Errorf("add claim: %w", err)
	}
	return nil
}

type sealedClaim struct {
	casework.Claim
	words []byte
}

// Claims implements casework.ClaimStore.
func (s *Store) Claims(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]casework.Claim, error) {
	ok, args := team(sc)
	rows, err := sqldb.All(ctx, v, func(row sqldb.Row) (sealedClaim, error) {
		var c sealedClaim
		var at, answered int64
		err := row.Scan(&c.ID, &c.Case, &c.Kind, &c.By, &at, &answered, &c.words)
		c.At, c.Answered = sqldb.Time(at), sqldb.Time(answered)
		return c, err
	}, `select l.id, l.case_id, l.fact, l.by_actor, l.at, l.answered_at, l.words from casework_claim l join casework_case c on c.id = l.case_id
		where l.case_id = ? and `+ok+` order by case when l.answered_at = 0 then 0 else 1 end, l.at, l.id limit 200`, append([]any{id}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	out := make([]casework.Claim, len(rows))
	for n, r := range rows {
		var w words
		if err := s.get(ctx, v, claimAt(r.ID), r.words, &w); err != nil {
			return nil, err
		}
		r.Text, r.Answer = w.Text, w.Answer
		out[n] = r.Claim
	}
	return out, nil
}

// AnswerClaim implements casework.ClaimStore.
func (s *Store) AnswerClaim(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, claim, answer string, at time.Time) error {
	all, err := s.Claims(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.ID != claim {
			continue
		}
		if !c.Answered.IsZero() {
			return fault.New(fault.Conflict, "casework.fault.answered")
		}
		sealed, err := s.put(ctx, tx, id, claimAt(claim), words{Text: c.Text, Answer: answer})
		if err != nil {
			return err
		}
		_, err = sqldb.Of(tx).Exec(ctx, `update casework_claim set answered_at = ?, words = ? where id = ?`, at, sealed, claim)
		return err
	}
	return fault.Missing()
}

// Seen implements casework.SeenStore.
func (s *Store) Seen(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (int, error) {
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select s.through from casework_seen s where s.case_id = ? and s.actor = ?`, id, sc.Actor())
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return n, err
}

// Grow implements casework.SeenStore. The service has read the case in this
// transaction, so that the scope sees it.
func (s *Store) Grow(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, through int) (bool, error) {
	n, err := sqldb.Of(tx).Exec(ctx, `insert into casework_seen (case_id, actor, through, at) values (?, ?, ?, ?)
		on conflict (case_id, actor) do update set through = excluded.through, at = excluded.at
		where casework_seen.through < excluded.through`, id, sc.Actor(), through, tx.Now())
	if err != nil {
		return false, fmt.Errorf("mark as seen: %w", err)
	}
	return n > 0, nil
}

// Forget implements casework.SeenStore.
func (s *Store) Forget(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, who people.PersonID) error {
	ok, args := team(sc)
	_, err := sqldb.Of(tx).Exec(ctx, `delete from casework_seen where case_id = ? and actor = ?
		and exists (select 1 from casework_case c where c.id = casework_seen.case_id and `+ok+`)`, append([]any{id, people.AsPerson(who).Actor()}, args...)...)
	if err != nil {
		return fmt.Errorf("forget what was seen: %w", err)
	}
	return nil
}

// Viewers implements casework.SeenStore.
func (s *Store) Viewers(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]casework.Viewed, error) {
	ok, args := team(sc)
	return sqldb.All(ctx, v, func(row sqldb.Row) (casework.Viewed, error) {
		var w casework.Viewed
		var at int64
		err := row.Scan(&w.Actor, &w.Through, &at)
		w.At = sqldb.Time(at)
		return w, err
	}, `select s.actor, s.through, s.at from casework_seen s join casework_case c on c.id = s.case_id where s.case_id = ? and `+ok+` order by s.actor`,
		append([]any{id}, args...)...)
}
