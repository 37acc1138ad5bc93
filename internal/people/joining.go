package people

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// begin turns an approved join into grants once the terms are accepted; before that it
// asks for the acceptance by letter. The grants are given by the approval that is on
// record, whoever's request it is that completes it. Who was entered by another joins by
// an act of his own even where he accepted the terms before: a team that types an address
// gets no member by it, and does not learn that there is an account.
func (t *Team) begin(ctx context.Context, tx unit.Tx, sc Scope, j Join) (Join, error) {
	job := AsJob("people.join", j.Project.object()) // the approver may not know whom he lets in
	a, ok, err := t.Agreements.Accepted(ctx, tx, job, j.Project, j.Person)
	if err != nil {
		return j, err
	}
	p, err := t.Persons.FindPerson(ctx, tx, job, j.Person)
	if err != nil {
		return j, err
	}
	if j.Hidden() && !isPerson(sc, j.Person) {
		return j, t.tellApproved(ctx, tx, sc, j, "join:"+j.ID)
	}
	if p.State != Active {
		return j, nil // the invitation asks for the terms
	}
	if !ok {
		return j, t.tellApproved(ctx, tx, sc, j, "person:"+string(j.Person))
	}
	before, err := t.Grants.Store.Holders(ctx, tx, job, j.Project.object(), false)
	if err != nil {
		return j, err
	}
	roles := []Role{TeamMember}
	if j.Role != TeamMember {
		roles = append(roles, j.Role)
	}
	if !slices.ContainsFunc(before, func(g Grant) bool { return g.Role == Moderator }) {
		roles = append(roles, Moderator) // somebody has to see held reports
	}
	for _, r := range roles {
		if err := t.Grants.put(ctx, tx, sc, Grant{Object: j.Project.object(), Holder: j.Person, Role: r, Terms: a.Version}); err != nil {
			return j, err
		}
	}
	j.State = Joined
	t.record(tx, sc, j, "people.ledger.joined")
	if err := t.save(ctx, tx, sc, &j); err != nil {
		return j, err
	}
	if err := tx.Emit(ctx, TeamJoined{Project: j.Project, Person: j.Person}); err != nil || j.Role == TeamMember {
		return j, err
	}
	return j, tx.Emit(ctx, TeamLed{Project: j.Project, Person: j.Person})
}

// tellApproved asks the person to accept the terms, by which he joins.
func (t *Team) tellApproved(ctx context.Context, tx unit.Tx, sc Scope, j Join, confidence string) error {
	link := t.Origin + "/terms/" + string(j.Project)
	return t.Post.Put(ctx, tx, sc, Letter{Project: j.Project, Confidence: confidence, To: []Recipient{{Person: j.Person}},
		Key: "people.letter.approved", Link: link, Args: map[string]string{"link": link}})
}

// someoneOnDuty puts a chair on duty when the one who left was the last.
func (t *Team) someoneOnDuty(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, before []Grant, gone PersonID) error {
	var chair PersonID
	for _, g := range before {
		if g.Holder == gone {
			continue
		}
		if g.Role == Moderator {
			return nil
		}
		if g.Role == Chair && chair == "" {
			chair = g.Holder
		}
	}
	if chair == "" {
		return nil
	}
	return t.Grants.put(ctx, tx, sc, Grant{Object: project.object(), Holder: chair, Role: Moderator})
}

// TermsToAccept returns the terms of the approved memberships of a person that wait
// for their acceptance.
func (t *Team) TermsToAccept(ctx context.Context, v unit.View, sc Scope, who PersonID) ([]Terms, error) {
	js, err := t.Joins.JoinsOf(ctx, v, sc, "", who)
	if err != nil {
		return nil, err
	}
	var out []Terms
	for _, j := range js {
		if j.State != Approved {
			continue
		}
		terms, err := t.Agreements.Current(ctx, v, sc, j.Project)
		if err != nil {
			return nil, err
		}
		out = append(out, terms)
	}
	return out, nil
}

func (t *Team) isMember(ctx context.Context, v unit.View, sc Scope, project ProjectID, who PersonID) (bool, error) {
	all, err := t.Grants.Holders(ctx, v, sc, project.object())
	return slices.ContainsFunc(all, func(g Grant) bool { return g.Holder == who && g.Role != Moderator }), err
}

// alone reports whether the team is one person.
func (t *Team) alone(ctx context.Context, v unit.View, sc Scope, project ProjectID) (bool, error) {
	all, err := t.Grants.Holders(ctx, v, sc, project.object())
	if err != nil || len(all) == 0 {
		return false, err
	}
	return !slices.ContainsFunc(all, func(g Grant) bool { return g.Holder != all[0].Holder }), nil
}

// take loads a join for a member who wants to decide.
func (t *Team) take(ctx context.Context, tx unit.Tx, sc Scope, id string, roles ...Role) (Join, PersonID, error) {
	me, err := sc.Writer()
	if err != nil {
		return Join{}, "", err
	}
	j, err := t.Joins.FindJoin(ctx, tx, sc, id)
	if err != nil {
		return j, me, err
	}
	return j, me, t.mustBe(ctx, tx, sc, j.Project, roles...)
}

// mustBe fails with NotFound for who holds no role on the project and with Denied for
// who holds another.
func (t *Team) mustBe(ctx context.Context, v unit.View, sc Scope, project ProjectID, roles ...Role) error {
	if !sc.MayWrite() {
		return fault.New(fault.Denied, "people.read_only")
	}
	held, err := t.Grants.Store.Held(ctx, v, sc, project.object())
	if err != nil {
		return err
	}
	if len(held) == 0 {
		return fault.Missing()
	}
	if !slices.ContainsFunc(held, func(r Role) bool { return slices.Contains(roles, r) }) {
		return fault.New(fault.Denied, "people.grant.denied")
	}
	return nil
}

func (t *Team) save(ctx context.Context, tx unit.Tx, sc Scope, j *Join) error {
	j.Changed = tx.Now()
	return t.Joins.SaveJoin(ctx, tx, sc, *j)
}

func (t *Team) record(tx unit.Tx, sc Scope, j Join, kind string) {
	args := map[string]string{"join": j.ID, "person": string(j.Person), "role": string(j.Role), "source": j.Source}
	if j.Word != "" {
		args["word"] = j.Word // sealed with the project's stream; the record of who answered for whom
	}
	if j.Why != "" {
		args["why"] = j.Why
	}
	tx.Record(ProjectEntry(sc, j.Project, kind, args))
}

// tellTeam writes to the chairs and deputies that somebody wants to join.
func (t *Team) tellTeam(ctx context.Context, tx unit.Tx, sc Scope, j Join) error {
	all, err := t.Grants.Store.Holders(ctx, tx, AsJob("people.join", j.Project.object()), j.Project.object(), false)
	if err != nil {
		return err
	}
	var to []Recipient
	for _, g := range all {
		if g.Role == Chair || g.Role == Deputy {
			if r := (Recipient{Person: g.Holder}); !slices.Contains(to, r) {
				to = append(to, r)
			}
		}
	}
	if len(to) == 0 {
		return nil
	}
	link := t.Origin + "/teams/" + string(j.Project)
	confidence := "person:" + string(j.Person)
	if j.Hidden() {
		confidence = "join:" + j.ID
	}
	return t.Post.Put(ctx, tx, sc, Letter{Project: j.Project, Confidence: confidence, To: to, Key: "people.letter.join_asked", Link: link, Args: map[string]string{"link": link}})
}
