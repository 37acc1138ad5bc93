package account

import (
	"context"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Session is one signed-in browser. Its token is known to the browser only; the
// store keeps a MAC.
type Session struct {
	ID      string
	Person  people.PersonID
	Half    bool // password given, the one-time code not yet: opens nothing
	Created time.Time
	Seen    time.Time // to five minutes
	Ends    time.Time
	Proved  time.Time
	Agent   string
	Remote  string
}

// How long a session lives (OWASP Session Management Cheat Sheet: an idle and an
// absolute limit): a working day without use, a week in all.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
	halfLife    = 10 * time.Minute
	seenEvery   = 5 * time.Minute
	// DeviceLife is how long a browser is remembered as one that signed in before.
	DeviceLife = 180 * 24 * time.Hour
)

// SessionStore keeps sessions. Tokens are stored as MACs.
type SessionStore interface {
	AddSession(ctx context.Context, tx unit.Tx, sc people.Scope, s Session, token secret.String) error
	// FindSession returns the live session of a token whose person is active,
	// else NotFound. It opens nothing sealed.
	FindSession(ctx context.Context, v unit.View, sc people.Scope, token secret.String, idle time.Duration) (Session, error)
	TouchSession(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error
	// EndSessions ends the person's session with this id, or all but the one in except.
	EndSessions(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, id, except string) (int, error)
	SessionsOf(ctx context.Context, v unit.View, sc people.Scope) ([]Session, error)
	// AddDevice remembers the browser; Sweep forgets what is over.
	AddDevice(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, device secret.String, until time.Time) error
	Sweep(ctx context.Context, tx unit.Tx, sc people.Scope, idle, throttle time.Duration) error
}

// Resume returns the visit and scope of a session's token. It fails with
// NotFound for a token that is unknown, ended, idle too long, over, or half, and for
// every token while logins are held back; the session itself stays.
func (s *Service) Resume(ctx context.Context, token secret.String) (people.Scope, people.Visit, error) {
	var ses Session
	var visit people.Visit
	stale := false
	if noToken(token) {
		token = secret.String{}
	}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err = s.mayEnter(ctx, v); err != nil {
			if fault.Is(err, fault.Unavailable) {
				err = fault.Missing() // signed out for now: public pages stay open to him
			}
			return err
		}
		if ses, err = s.Sessions.FindSession(ctx, v, people.Anyone(), token, sessionIdle); err != nil {
			return err
		}
		if ses.Half {
			return fault.Missing()
		}
		p, err := s.Persons.FindPerson(ctx, v, people.AsPerson(ses.Person), ses.Person)
		visit = people.Visit{Session: ses.ID, Person: p, Proved: ses.Proved}
		stale = v.Now().Sub(ses.Seen) >= seenEvery
		if err == nil {
			visit.Owed, err = s.Team.Agreements.Store.Owed(ctx, v, people.AsPerson(ses.Person), ses.Person)
		}
		return err
	})
	if err != nil {
		return people.Anyone(), people.Visit{}, err
	}
	sc := people.AsPerson(ses.Person)
	if stale {
		err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			return s.Sessions.TouchSession(ctx, tx, sc, ses.ID)
		})
	}
	return sc, visit, unlessBusy(err)
}

// unlessBusy forgets that a store which cannot be written now could not note when
// somebody was last seen: who he is was read, and reading goes on.
func unlessBusy(err error) error {
	if fault.Is(err, fault.Unavailable) {
		return nil
	}
	return err
}

// MySessions lists the live sessions of the scope's person, the newest first.
func (s *Service) MySessions(ctx context.Context, sc people.Scope) ([]Session, error) {
	var out []Session
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = s.Sessions.SessionsOf(ctx, v, sc)
		return err
	})
	return out, err
}

// EndSession ends one session of the scope's person, or with an empty id all but
// the one in except. It fails with NotFound when there is no such session.
func (s *Service) EndSession(ctx context.Context, sc people.Scope, id, except string) error {
	me, err := sc.Writer()
	if err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		n, err := s.Sessions.EndSessions(ctx, tx, sc, me, id, except)
		if err != nil {
			return err
		}
		if n == 0 && id != "" {
			return fault.Missing()
		}
		if n > 0 {
			tx.Record(people.PersonEntry(sc, me, "people.ledger.sessions_ended", map[string]string{"count": strconv.Itoa(n)}))
		}
		return nil
	})
}

// Sweep is the job that forgets expired sessions, links, devices and counts.
func (s *Service) Sweep(ctx context.Context, j unit.Running) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Sessions.Sweep(ctx, tx, people.AsJob(j.Kind), sessionIdle, forgotWindow); err != nil {
			return err
		}
		return j.Fence.Done(ctx, tx)
	})
}

// KindSweep is the job of Service.Sweep, once an hour.
const KindSweep = "people.sweep"

// open makes a session for a person within the transaction.
func (s *Service) open(ctx context.Context, tx unit.Tx, id people.PersonID, c Client, half bool) (SignedIn, error) {
	now := tx.Now()
	life := sessionLife
	if half {
		life = halfLife
	}
	out := SignedIn{Token: newToken(), Half: half, Ends: now.Add(life)}
	ses := Session{ID: ident.New(), Person: id, Half: half, Created: now, Seen: now, Ends: out.Ends, Proved: now, Agent: c.agent(), Remote: c.Remote.Unmap().String()}
	sc := people.AsPerson(id)
	if err := s.Sessions.AddSession(ctx, tx, sc, ses, out.Token); err != nil {
		return out, err
	}
	if half {
		return out, nil
	}
	out.Device = newToken()
	if err := s.Sessions.AddDevice(ctx, tx, sc, id, out.Device, now.Add(DeviceLife)); err != nil {
		return out, err
	}
	tx.Record(people.PersonEntry(sc, id, "people.ledger.signed_in", nil))
	return out, nil
}
