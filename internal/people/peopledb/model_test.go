package peopledb_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// world is the naive model of the grants: what is held now, what ever was, who
// accepted which terms. It is written from the text of the rules, without their code.
type world struct {
	held     map[held]bool
	touched  map[string]bool
	accepted map[people.PersonID]int
	terms    int
	ended    int
	project  string
}

type held struct {
	object string
	who    people.PersonID
	role   people.Role
}

func (w *world) roles(object string, who people.PersonID) (out []people.Role) {
	for h := range w.held {
		if h.object == object && h.who == who {
			out = append(out, h.role)
		}
	}
	return out
}

// gives is the rule of who gives what, as a table.
func gives(r people.Role) []people.Role {
	return map[people.Role][]people.Role{
		people.Lead:   {people.Lead, people.Member, people.Reporter, people.Observer},
		people.Member: {people.Reporter, people.Observer},
		people.Chair:  {people.Chair, people.Deputy, people.TeamMember, people.Moderator},
		people.Deputy: {people.TeamMember, people.Moderator},
	}[r]
}

func (w *world) may(object string, actor people.PersonID, r people.Role) bool {
	for _, h := range w.roles(object, actor) {
		if slices.Contains(gives(h), r) {
			return true
		}
	}
	return false
}

// grant is what Grant should answer.
func (w *world) grant(object string, actor, to people.PersonID, r people.Role) fault.Kind {
	if len(w.roles(object, actor)) == 0 && w.touched[object] {
		return fault.NotFound
	}
	selfDuty := actor == to && r == people.Moderator && slices.Contains(w.roles(object, actor), people.TeamMember)
	if w.touched[object] && !w.may(object, actor, r) && !selfDuty {
		return fault.Denied
	}
	// A role on a project needs the terms of that project, which is the object itself.
	if r.OnProject() && object == w.project && w.accepted[to] < w.terms {
		return fault.Conflict
	}
	w.held[held{object, to, r}], w.touched[object] = true, true
	return fault.Internal // stands for success here
}

// end is what End should answer.
func (w *world) end(object string, actor, from people.PersonID, r people.Role) fault.Kind {
	switch {
	case len(w.roles(object, actor)) == 0 && w.touched[object]:
		return fault.NotFound
	case w.touched[object] && actor != from && !w.may(object, actor, r):
		return fault.Denied
	}
	if r == people.Chair || r == people.Lead {
		others := false
		for h := range w.held {
			others = others || h.object == object && h.role == r && h.who != from
		}
		if !others {
			return fault.Conflict
		}
	}
	if !w.held[held{object, from, r}] {
		return fault.NotFound
	}
	delete(w.held, held{object, from, r})
	w.ended++
	return fault.Internal
}

// fewer lowers the number of checks, each of which makes dozens of durable
// transactions, unless the command line asks for a number (make soak).
func fewer(t *testing.T, n string) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f == nil || f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(f.DefValue); err != nil {
			t.Error(err)
		}
	})
}

func TestGrantsAgreeWithANaiveModel(t *testing.T) {
	fewer(t, "12")
	each(t, func(t *testing.T, s *site) {
		rapid.Check(t, func(rt *rapid.T) {
			project := people.ProjectID(ident.New())
			objects := []string{ident.New(), ident.New(), string(project)}
			persons := []people.PersonID{people.PersonID(ident.New()), people.PersonID(ident.New()), people.PersonID(ident.New()), people.PersonID(ident.New())}
			roles := []people.Role{people.Lead, people.Member, people.Reporter, people.Observer, people.Chair, people.Deputy, people.TeamMember, people.Moderator}
			w := &world{held: map[held]bool{}, touched: map[string]bool{}, accepted: map[people.PersonID]int{}, terms: 1, project: string(project)}
			must := func(f func(context.Context, unit.Tx) error) {
				if err := s.Work.Do(t.Context(), f); err != nil {
					rt.Fatal(err)
				}
			}
			terms := func() {
				must(func(ctx context.Context, tx unit.Tx) error {
					return s.store.AddTerms(ctx, tx, people.Anyone(), people.Terms{Project: project, Version: w.terms, Since: tx.Now()})
				})
			}
			terms()
			outcome := func(fact string, err error, want fault.Kind) {
				if (err == nil) != (want == fault.Internal) || err != nil && fault.Of(err) != want {
					rt.Fatalf("%s: %v, the model says %v", fact, err, want)
				}
			}
			rt.Repeat(map[string]func(*rapid.T){
				"grant": func(rt *rapid.T) {
					o, a, b, r := rapid.SampledFrom(objects).Draw(rt, "object"), rapid.SampledFrom(persons).Draw(rt, "actor"), rapid.SampledFrom(persons).Draw(rt, "to"), rapid.SampledFrom(roles).Draw(rt, "role")
					if r.OnProject() != (o == string(project)) {
						rt.Skip("a role of the other kind")
					}
					err := s.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
						return s.grants.Grant(ctx, tx, people.AsPerson(a), o, b, r)
					})
					outcome(fmt.Sprintf("%s grants %s on %s to %s", a, r, o, b), err, w.grant(o, a, b, r))
				},
				"end": func(rt *rapid.T) {
					o, a, b, r := rapid.SampledFrom(objects).Draw(rt, "object"), rapid.SampledFrom(persons).Draw(rt, "actor"), rapid.SampledFrom(persons).Draw(rt, "from"), rapid.SampledFrom(roles).Draw(rt, "role")
					err := s.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
						return s.grants.End(ctx, tx, people.AsPerson(a), o, b, r, "x")
					})
					outcome(fmt.Sprintf("%s ends %s on %s of %s", a, r, o, b), err, w.end(o, a, b, r))
				},
				"accept": func(rt *rapid.T) {
					a := rapid.SampledFrom(persons).Draw(rt, "who")
					must(func(ctx context.Context, tx unit.Tx) error {
						return s.team.Agreements.Accept(ctx, tx, people.AsPerson(a), project, w.terms)
					})
					w.accepted[a] = w.terms
				},
				"new terms": func(rt *rapid.T) {
					if w.terms > 2 {
						rt.Skip("enough versions")
					}
					w.terms++
					terms()
				},
				"": func(rt *rapid.T) {
					s.View(t, func(ctx context.Context, v unit.View) error { return s.compare(ctx, v, w, objects, persons) })
				},
			})
		})
	})
}

// compare asks every scope about every object, with and without roles.
func (s *site) compare(ctx context.Context, v unit.View, w *world, objects []string, persons []people.PersonID) error {
	for _, o := range objects {
		scopes := map[string]struct {
			sc   people.Scope
			sees bool
			role func(...people.Role) bool
		}{
			"anyone":  {people.Anyone(), false, func(...people.Role) bool { return false }},
			"nobody":  {people.Scope{}, false, func(...people.Role) bool { return false }},
			"bearer":  {people.AsBearer(o), true, func(...people.Role) bool { return true }},
			"other's": {people.AsBearer(objects[0] + "x"), false, func(...people.Role) bool { return false }},
			"job":     {people.AsJob("x", "y", o), true, func(...people.Role) bool { return true }},
			"idle":    {people.AsJob("x"), false, func(...people.Role) bool { return false }},
		}
		for _, p := range persons {
			scopes[string(p)] = struct {
				sc   people.Scope
				sees bool
				role func(...people.Role) bool
			}{people.AsPerson(p), len(w.roles(o, p)) > 0, func(rs ...people.Role) bool {
				return slices.ContainsFunc(rs, func(r people.Role) bool { return w.held[held{o, p, r}] })
			}}
		}
		for name, c := range scopes {
			if got, err := sees(ctx, v, c.sc, o); err != nil || got != c.sees {
				return fmt.Errorf("%s sees %s: %v, %v; the model says %v", name, o, got, err, c.sees)
			}
			for _, rs := range [][]people.Role{{people.Moderator}, {people.Lead, people.Chair}, {people.Observer, people.TeamMember}} {
				if got, err := sees(ctx, v, c.sc, o, rs...); err != nil || got != c.role(rs...) {
					return fmt.Errorf("%s sees %s as %v: %v, %v", name, o, rs, got, err)
				}
			}
			if err := s.compareHolders(ctx, v, w, c.sc, o, c.sees); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func (s *site) compareHolders(ctx context.Context, v unit.View, w *world, sc people.Scope, o string, sees bool) error {
	all, err := s.grants.Holders(ctx, v, sc, o)
	if err != nil {
		return err
	}
	want := 0
	for h := range w.held {
		if h.object == o && sees {
			want++
		}
	}
	if len(all) != want {
		return fmt.Errorf("sees %d holders of %s, the model %d", len(all), o, want)
	}
	for _, g := range all {
		if !w.held[held{o, g.Holder, g.Role}] {
			return fmt.Errorf("%s of %s on %s does not last", g.Role, g.Holder, o)
		}
	}
	role, err := s.grants.RoleOn(ctx, v, sc, o)
	p, isPerson := sc.Person()
	_, bearer := sc.Bearer()
	switch {
	case isPerson && sees:
		if err != nil || !slices.Contains(w.roles(o, p), role) {
			return fmt.Errorf("role %q, %v", role, err)
		}
	case bearer && sees:
		if role != people.Reporter {
			return fmt.Errorf("the bearer is %q", role)
		}
	default:
		if !fault.Is(err, fault.NotFound) {
			return fmt.Errorf("role %q, %v for who has none", role, err)
		}
	}
	return nil
}

func sees(ctx context.Context, v unit.View, sc people.Scope, object string, roles ...people.Role) (bool, error) {
	q, args := peopledb.Sees(sc, "x.id", roles...)
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from (select cast(? as text) as id) x where `+q, append([]any{object}, args...)...)
	return n == 1, err
}
