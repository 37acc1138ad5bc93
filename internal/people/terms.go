package people

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Terms is one version of a project's embargo terms, the text that every member of
// the team and every invited person agrees to (requirement rows LV-3, LV-6).
// Version 0 means that the project has no terms yet.
type Terms struct {
	Project ProjectID
	Version int
	Text    string
	Since   time.Time
}

// Acceptance is a person's agreement to a version of the terms. Version 0 means none.
type Acceptance struct {
	Project ProjectID
	Person  PersonID
	Version int
	At      time.Time
}

// TermsStore keeps terms and their acceptance. The terms are public text;
// an acceptance is seen by the person, the project's team, those who share an
// object with the person, and jobs.
type TermsStore interface {
	CurrentTerms(ctx context.Context, v unit.View, sc Scope, project ProjectID) (Terms, error)
	AddTerms(ctx context.Context, tx unit.Tx, sc Scope, t Terms) error
	// Acceptance returns the newest acceptance, the zero Acceptance for none.
	Acceptance(ctx context.Context, v unit.View, sc Scope, project ProjectID, person PersonID) (Acceptance, error)
	AddAcceptance(ctx context.Context, tx unit.Tx, sc Scope, a Acceptance) error
	// Owed returns the terms in force that bind the person and that he has not
	// accepted: of projects in whose team he is, or on whose cases he holds a role under
	// the terms. A reporter who was not invited is not bound.
	Owed(ctx context.Context, v unit.View, sc Scope, person PersonID) ([]Terms, error)
	// Bound returns whom the terms of a project bind.
	Bound(ctx context.Context, v unit.View, sc Scope, project ProjectID) ([]PersonID, error)
	// TermsHistory returns every version, and AcceptanceHistory who accepted which when, as
	// far as the scope sees the project; the newest first.
	TermsHistory(ctx context.Context, v unit.View, sc Scope, project ProjectID) ([]Terms, error)
	AcceptanceHistory(ctx context.Context, v unit.View, sc Scope, project ProjectID) ([]Acceptance, error)
}

// Agreements is the service around the terms.
type Agreements struct{ Store TermsStore }

// Current returns the terms in force.
func (s *Agreements) Current(ctx context.Context, v unit.View, sc Scope, project ProjectID) (Terms, error) {
	return s.Store.CurrentTerms(ctx, v, sc, project)
}

// Accepted reports whether the person has accepted the terms in force, and what
// he accepted last. A project without terms has everybody's acceptance.
func (s *Agreements) Accepted(ctx context.Context, v unit.View, sc Scope, project ProjectID, person PersonID) (Acceptance, bool, error) {
	t, err := s.Store.CurrentTerms(ctx, v, sc, project)
	if err != nil {
		return Acceptance{}, false, err
	}
	a, err := s.Store.Acceptance(ctx, v, sc, project, person)
	return a, err == nil && a.Version >= t.Version, err
}

// Accept records that the scope's person accepts the given version. It fails
// with Conflict when another version is in force: nobody accepts what he has not
// read. The entry goes to the streams of the project and of the person.
func (s *Agreements) Accept(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, version int) error {
	me, ok := sc.Person()
	if !ok || !sc.MayWrite() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return s.acceptFor(ctx, tx, sc, project, me, version)
}

func (s *Agreements) acceptFor(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, me PersonID, version int) error {
	t, err := s.Store.CurrentTerms(ctx, tx, sc, project)
	if err != nil {
		return err
	}
	if t.Version != version {
		return fault.New(fault.Conflict, "people.terms.changed")
	}
	a, err := s.Store.Acceptance(ctx, tx, sc, project, me)
	if err != nil || a.Version >= version {
		return err
	}
	if err := s.Store.AddAcceptance(ctx, tx, sc, Acceptance{Project: project, Person: me, Version: version, At: tx.Now()}); err != nil {
		return err
	}
	args := map[string]string{"person": string(me), "project": string(project), "version": itoa(version)}
	tx.Record(ProjectEntry(sc, project, "people.ledger.terms_accepted", args))
	tx.Record(PersonEntry(sc, me, "people.ledger.terms_accepted", args))
	return nil
}

// set makes a new version and reports it; unchanged text keeps the version.
func (s *Agreements) set(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, text string) (bool, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	t, err := s.Store.CurrentTerms(ctx, tx, sc, project)
	if err != nil || t.Text == text {
		return false, err
	}
	n := Terms{Project: project, Version: t.Version + 1, Text: text, Since: tx.Now()}
	if err := s.Store.AddTerms(ctx, tx, sc, n); err != nil {
		return false, err
	}
	tx.Record(ProjectEntry(sc, project, "people.ledger.terms_set", map[string]string{"version": itoa(n.Version)}))
	return true, nil
}

// tellTerms asks everybody whom new terms bind to accept them: until then nothing under
// embargo is shown or mailed to him.
func (t *Team) tellTerms(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID) error {
	bound, err := t.Agreements.Store.Bound(ctx, tx, AsJob("people.terms", project.object()), project)
	if err != nil {
		return err
	}
	link := t.Origin + "/terms/" + string(project)
	for chunk := range slices.Chunk(bound, maxRecipients) {
		l := Letter{Project: project, Confidence: "project:" + string(project), Key: "people.letter.terms", Link: link, Args: map[string]string{"link": link}}
		for _, p := range chunk {
			l.To = append(l.To, Recipient{Person: p})
		}
		if err := t.Post.Put(ctx, tx, sc, l); err != nil {
			return err
		}
	}
	return nil
}
