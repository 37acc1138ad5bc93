package people

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Grant says that a person holds a role on an object since a time. Ending a
// grant keeps the row, so that the history says who could see what, when.
type Grant struct {
	Object string // case, report or project id
	Holder PersonID
	Role   Role
	Terms  int // version of the embargo terms that the holder had accepted, 0 for none
	// Project is whose terms bind the holder; "" binds to none.
	Project ProjectID
	// Back is set where the role came with an office on the project alone (a chair or deputy
	// leads its cases): the role to which the holder falls back without the office, or
	// NoRole. "" says that it was given by name.
	Back  Role
	By    string
	Since time.Time
	Ended time.Time // zero while it lasts
	Why   string    // catalogue key or word of who ended it
}

// GrantStore keeps grants. Every method filters by what the scope sees: for an
// object out of scope, Held and Holders are empty.
type GrantStore interface {
	// Held returns the roles that the scope's person holds on the object now.
	Held(ctx context.Context, v unit.View, sc Scope, object string) ([]Role, error)
	// Holders returns the grants on an object that the scope sees, oldest first;
	// with history the ended ones too.
	Holders(ctx context.Context, v unit.View, sc Scope, object string, history bool) ([]Grant, error)
	// Untouched reports whether no grant was ever made on the object.
	Untouched(ctx context.Context, v unit.View, sc Scope, object string) (bool, error)
	// LockHolders locks the grants that last on the object until the transaction ends:
	// what is read of them afterwards stays so.
	LockHolders(ctx context.Context, tx unit.Tx, sc Scope, object string) error
	// AddGrant stores a grant; one that lasts already is left as it is, but for one by office
	// that is given by name now.
	AddGrant(ctx context.Context, tx unit.Tx, sc Scope, g Grant) error
	// EndGrant ends the grant that lasts, or answers false when there is none.
	EndGrant(ctx context.Context, tx unit.Tx, sc Scope, g Grant) (bool, error)
}

// Grants gives and ends roles. Its verbs hold the rule of who may give what; the
// domain that owns the object writes its own ledger entry for a role on a case or
// report, Grants writes the one for a role on a project.
type Grants struct {
	Store GrantStore
	Terms TermsStore
}

// Grant gives role r on the object to a person. On an object without any grant
// the first may be given by whoever makes the object; later ones by the
// rule of the roles, or by a job that names the object. A role on a project
// needs the holder's acceptance of the project's current embargo terms.
//
// It fails with NotFound when the scope holds no role on the object, with
// Denied when its role may not give r, and with Conflict (people.terms.needed)
// when the terms are not accepted. Giving again what lasts changes nothing.
func (g *Grants) Grant(ctx context.Context, tx unit.Tx, sc Scope, object string, to PersonID, r Role) error {
	project := ProjectID("")
	if r.OnProject() {
		project = ProjectID(object)
	}
	return g.GrantUnder(ctx, tx, sc, object, project, to, r)
}

// GrantUnder is Grant for an object that belongs to a project: the holder must
// have accepted that project's current terms. Casework uses it for invited
// people; an empty project asks for no terms (a reporter is not bound by them).
func (g *Grants) GrantUnder(ctx context.Context, tx unit.Tx, sc Scope, object string, project ProjectID, to PersonID, r Role) error {
	return g.give(ctx, tx, sc, Grant{Object: object, Project: project, Holder: to, Role: r})
}

// GrantByOffice is GrantUnder for a role that the holder has by an office on the project
// alone; back is what he keeps without it, NoRole for nothing. A role that was given by name
// stays so.
func (g *Grants) GrantByOffice(ctx context.Context, tx unit.Tx, sc Scope, object string, project ProjectID, to PersonID, r, back Role) error {
	return g.give(ctx, tx, sc, Grant{Object: object, Project: project, Holder: to, Role: r, Back: back})
}

func (g *Grants) give(ctx context.Context, tx unit.Tx, sc Scope, n Grant) error {
	object, project, to, r := n.Object, n.Project, n.Holder, n.Role
	if !r.Valid() || object == "" || to == "" {
		return fault.New(fault.Invalid, "people.grant.invalid")
	}
	held, err := g.rights(ctx, tx, sc, object)
	if err != nil {
		return err
	}
	self := isPerson(sc, to)
	if held != nil && !mayGive(held, r, self) {
		return fault.New(fault.Denied, "people.grant.denied")
	}
	if project != "" {
		if n.Terms, err = g.accepted(ctx, tx, project, to); err != nil {
			return err
		}
	}
	return g.put(ctx, tx, sc, n)
}

// put stores a grant that the rules have allowed and records a project's.
func (g *Grants) put(ctx context.Context, tx unit.Tx, sc Scope, n Grant) error {
	n.By, n.Since = sc.Actor(), tx.Now()
	if n.Role.OnProject() {
		n.Project = ProjectID(n.Object)
	}
	if err := g.Store.AddGrant(ctx, tx, sc, n); err != nil {
		return err
	}
	if n.Role.OnProject() {
		tx.Record(ProjectEntry(sc, ProjectID(n.Object), "people.ledger.granted",
			map[string]string{"person": string(n.Holder), "role": string(n.Role)}))
	}
	return nil
}

// End ends role r of a person on the object. Everybody may lay down his own
// roles; another's only who could give it. The last chair cannot go without
// a successor (Conflict). It fails with NotFound when the grant does not last.
func (g *Grants) End(ctx context.Context, tx unit.Tx, sc Scope, object string, from PersonID, r Role, why string) error {
	held, err := g.rights(ctx, tx, sc, object)
	if err != nil {
		return err
	}
	if held != nil && !mayEnd(held, r, isPerson(sc, from)) {
		return fault.New(fault.Denied, "people.grant.denied")
	}
	if r == Chair || r == Lead {
		// Locked: two who leave at once would each see the other stay.
		all, err := g.locked(ctx, tx, sc, object)
		if err != nil {
			return err
		}
		others := slices.ContainsFunc(all, func(o Grant) bool { return o.Role == r && o.Holder != from })
		if !others {
			return fault.New(fault.Conflict, "people.grant.last")
		}
	}
	was, err := g.Store.EndGrant(ctx, tx, sc, Grant{Object: object, Holder: from, Role: r, By: sc.Actor(), Ended: tx.Now(), Why: why})
	if err != nil {
		return err
	}
	if !was {
		return fault.Missing()
	}
	if r.OnProject() {
		tx.Record(ProjectEntry(sc, ProjectID(object), "people.ledger.ended",
			map[string]string{"person": string(from), "role": string(r), "why": why}))
	}
	return nil
}

// rights returns the roles that the scope's person holds. nil without an error means that
// no role is asked for: a job that names the object, or the maker of a new one.
func (g *Grants) rights(ctx context.Context, v unit.View, sc Scope, object string) ([]Role, error) {
	if !sc.MayWrite() {
		return nil, fault.New(fault.Denied, "people.read_only")
	}
	if _, subjects, ok := sc.Job(); ok {
		if slices.Contains(subjects, object) {
			return nil, nil
		}
		return nil, fault.Missing()
	}
	if _, ok := sc.Person(); !ok {
		return nil, fault.Missing()
	}
	held, err := g.Store.Held(ctx, v, sc, object)
	if err != nil || len(held) > 0 {
		return held, err
	}
	fresh, err := g.Store.Untouched(ctx, v, sc, object)
	if err != nil {
		return nil, err
	}
	if fresh {
		return nil, nil
	}
	return nil, fault.Missing()
}

// accepted returns the version of the terms that the person accepted. The look-up runs for
// the rule, not for the scope: who gives a role need not know the person otherwise.
func (g *Grants) accepted(ctx context.Context, v unit.View, project ProjectID, to PersonID) (int, error) {
	sc := AsJob("people.grant", string(project))
	t, err := g.Terms.CurrentTerms(ctx, v, sc, project)
	if err != nil {
		return 0, err
	}
	a, err := g.Terms.Acceptance(ctx, v, sc, project, to)
	if err != nil {
		return 0, err
	}
	if a.Version < t.Version {
		return 0, fault.New(fault.Conflict, "people.terms.needed")
	}
	return a.Version, nil
}

// RoleOn returns the highest role of the scope on the object: the person's, or
// Reporter for the bearer of the object's link. It fails with NotFound when there is
// none; a job holds no role and gets NotFound too.
func (g *Grants) RoleOn(ctx context.Context, v unit.View, sc Scope, object string) (Role, error) {
	if o, ok := sc.Bearer(); ok && o == object {
		return Reporter, nil
	}
	held, err := g.Store.Held(ctx, v, sc, object)
	if err != nil {
		return "", err
	}
	if r := highest(held); r != "" {
		return r, nil
	}
	return "", fault.Missing()
}

// locked is Holders with the grants locked: for a rule about who stays.
func (g *Grants) locked(ctx context.Context, tx unit.Tx, sc Scope, object string) ([]Grant, error) {
	if err := g.Store.LockHolders(ctx, tx, sc, object); err != nil {
		return nil, err
	}
	return g.Store.Holders(ctx, tx, sc, object, false)
}

// Has reports whether the scope holds one of the roles on the object now.
func (g *Grants) Has(ctx context.Context, v unit.View, sc Scope, object string, roles ...Role) (bool, error) {
	held, err := g.Store.Held(ctx, v, sc, object)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(held, func(r Role) bool { return slices.Contains(roles, r) }), nil
}

// Holders returns the grants that last on an object, oldest first; none for an
// object that the scope does not see.
func (g *Grants) Holders(ctx context.Context, v unit.View, sc Scope, object string) ([]Grant, error) {
	return g.Store.Holders(ctx, v, sc, object, false)
}

// History returns the ended grants of an object as well.
func (g *Grants) History(ctx context.Context, v unit.View, sc Scope, object string) ([]Grant, error) {
	return g.Store.Holders(ctx, v, sc, object, true)
}

func isPerson(sc Scope, id PersonID) bool {
	p, ok := sc.Person()
	return ok && p == id
}

// ProjectEntry is a line of a project's stream in the ledger.
func ProjectEntry(sc Scope, id ProjectID, kind string, args map[string]string) unit.Entry {
	return unit.Entry{Stream: unit.Stream{Kind: "project", ID: string(id)}, Kind: kind, Actor: sc.Actor(), Args: args}
}

// PersonEntry is a line of a person's stream in the ledger.
func PersonEntry(sc Scope, id PersonID, kind string, args map[string]string) unit.Entry {
	return unit.Entry{Stream: unit.Stream{Kind: "person", ID: string(id)}, Kind: kind, Actor: sc.Actor(), Args: args}
}
