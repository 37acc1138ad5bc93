package people

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// JoinState is where somebody is on the way into a team (requirement row LV-3).
type JoinState string

// The states. Asked, then vouched for by a member, then approved by another, then
// joined by accepting the embargo terms. The zero value is invalid.
const (
	Asked     JoinState = "asked"
	Vouched   JoinState = "vouched"
	Approved  JoinState = "approved"
	Joined    JoinState = "joined"
	Refused   JoinState = "refused"
	Withdrawn JoinState = "withdrawn"
	Left      JoinState = "left"
)

// Join is one person's way into the team of a project. It is kept for good: the
// voucher's words are part of the record.
type Join struct {
	ID      string
	Project ProjectID
	Person  PersonID
	Role    Role
	State   JoinState
	Text    string // who he is and for whom he stands
	Source  string // "page", "mail" or "admin"
	By      string // actor who entered it
	// Name and Address are what a member typed of somebody who asked by mail. The team
	// knows no more of him until he joins: whose account it is, if there was one, it must
	// not learn by typing an address.
	Name     string
	Address  string
	Voucher  PersonID
	Word     string // the voucher's words, or the chair's reason to do without
	Approver string
	Why      string // reason of a refusal or removal
	Asked    time.Time
	Changed  time.Time
}

// Open reports whether somebody still has to decide.
func (j Join) Open() bool { return j.State == Asked || j.State == Vouched || j.State == Approved }

// JoinStore keeps joins. They are seen by the team of the project, by the person
// himself, and, while nobody leads the team, by administrators.
type JoinStore interface {
	AddJoin(ctx context.Context, tx unit.Tx, sc Scope, j Join) error
	SaveJoin(ctx context.Context, tx unit.Tx, sc Scope, j Join) error
	FindJoin(ctx context.Context, v unit.View, sc Scope, id string) (Join, error)
	// JoinsOf lists those of a project, or of the person with an empty project, newest first.
	JoinsOf(ctx context.Context, v unit.View, sc Scope, project ProjectID, person PersonID) ([]Join, error)
}

// TeamJoined and TeamLeft say that somebody became or is no more a member.
// Casework follows TeamLeft: the roles on the project's cases end with it.
type (
	TeamJoined struct {
		Project ProjectID
		Person  PersonID
	}
	TeamLeft struct {
		Project ProjectID
		Person  PersonID
		Removed bool
	}
)

// TeamLed says that a member became chair or deputy: whoever leads the project leads
// its open cases too, for he is alerted of them.
type TeamLed struct {
	Project ProjectID
	Person  PersonID
}

// TeamUnled says that a member is neither chair nor deputy any more: what he leads by
// that office alone goes with it.
type TeamUnled struct {
	Project ProjectID
	Person  PersonID
}

// FactName implements unit.Fact.
func (TeamUnled) FactName() string { return "people.team_unled" }

// FactName implements unit.Fact.
func (TeamLed) FactName() string { return "people.team_led" }

// FactName implements unit.Fact.
func (TeamJoined) FactName() string { return "people.team_joined" }

// FactName implements unit.Fact.
func (TeamLeft) FactName() string { return "people.team_left" }

// Team is how people join and leave a project's security team. Its verbs write to the
// project's stream.
type Team struct {
	Joins      JoinStore
	Persons    DirectoryStore
	Grants     *Grants
	Agreements *Agreements
	Post       *Post
	Origin     string
}

const maxJoinText = 4000 // characters: who one is does not take more

// Ask is a signed-in person's wish to join. It fails with Conflict when he is in the
// team or has asked already.
func (t *Team) Ask(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, text string) (Join, error) {
	me, err := sc.Writer()
	if err != nil {
		return Join{}, err
	}
	return t.enter(ctx, tx, sc, Join{Project: project, Person: me, Role: TeamMember, Text: text, Source: "page"})
}

// Enter is the wish of somebody who asked by mail, entered by a member of the team with
// the name and address that he typed.
func (t *Team) Enter(ctx context.Context, tx unit.Tx, sc Scope, j Join) (Join, error) {
	if err := t.mustBe(ctx, tx, sc, j.Project, Chair, Deputy, TeamMember); err != nil {
		return Join{}, err
	}
	j.Role, j.Source = TeamMember, byMail
	return t.enter(ctx, tx, sc, j)
}

// byMail is the source of a join that another entered.
const byMail = "mail"

// Hidden reports whether the team must not be told whose account the join is of: he was
// entered by another and has not joined.
func (j Join) Hidden() bool { return j.Source == byMail && j.Open() }

func (t *Team) enter(ctx context.Context, tx unit.Tx, sc Scope, j Join) (Join, error) {
	var c fault.Checks
	j.Text = strings.TrimSpace(j.Text)
	c.Require(j.Text != "", "text", "people.field.empty")
	c.Require(len([]rune(j.Text)) <= maxJoinText, "text", "people.field.long", "max", itoa(maxJoinText))
	if err := c.Err(); err != nil {
		return Join{}, err
	}
	own, err := t.Joins.JoinsOf(ctx, tx, sc, j.Project, j.Person)
	if err != nil {
		return Join{}, err
	}
	for _, o := range own {
		if o.Open() || o.State == Joined {
			return Join{}, fault.New(fault.Conflict, "people.join.already")
		}
	}
	j.ID, j.State, j.By, j.Asked, j.Changed = ident.New(), Asked, sc.Actor(), tx.Now(), tx.Now()
	if err := t.Joins.AddJoin(ctx, tx, sc, j); err != nil {
		return Join{}, err
	}
	t.record(tx, sc, j, "people.ledger.join_asked")
	return j, t.tellTeam(ctx, tx, sc, j)
}

// Vouch records a member's word for somebody who asked. He cannot vouch for
// himself. It fails with NotFound for who is not in the team.
func (t *Team) Vouch(ctx context.Context, tx unit.Tx, sc Scope, id, word string) (Join, error) {
	j, me, err := t.take(ctx, tx, sc, id, Chair, Deputy, TeamMember)
	if err != nil {
		return j, err
	}
	if j.Person == me {
		return j, fault.New(fault.Denied, "people.join.self")
	}
	if j.State != Asked {
		return j, fault.New(fault.Conflict, "people.join.state")
	}
	if word = strings.TrimSpace(word); word == "" || len([]rune(word)) > maxJoinText {
		return j, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "word", Key: "people.field.empty"}}}
	}
	j.State, j.Voucher, j.Word = Vouched, me, word
	t.record(tx, sc, j, "people.ledger.join_vouched")
	return j, t.save(ctx, tx, sc, &j)
}

// Approve lets somebody in for whom another member vouched: the approver is the chair or a
// deputy and neither the voucher nor the one who asks. A chair whose team is
// himself alone gives his reason instead of a voucher's word.
// Membership begins when the embargo terms are accepted; who did so already is in at once.
func (t *Team) Approve(ctx context.Context, tx unit.Tx, sc Scope, id, reason string) (Join, error) {
	j, me, err := t.take(ctx, tx, sc, id, Chair, Deputy)
	if err != nil {
		return j, err
	}
	if j.Person == me || j.Voucher == me {
		return j, fault.New(fault.Denied, "people.join.other")
	}
	switch j.State {
	case Vouched:
	case Asked:
		alone, err := t.alone(ctx, tx, sc, j.Project)
		if err != nil {
			return j, err
		}
		if reason = strings.TrimSpace(reason); !alone || reason == "" {
			return j, fault.New(fault.Conflict, "people.join.unvouched")
		}
		j.Word = reason
	default:
		return j, fault.New(fault.Conflict, "people.join.state")
	}
	j.State, j.Approver = Approved, sc.Actor()
	t.record(tx, sc, j, "people.ledger.join_approved")
	if err := t.save(ctx, tx, sc, &j); err != nil {
		return j, err
	}
	return t.begin(ctx, tx, sc, j)
}

// Refuse ends a wish to join with a reason that is kept; the one who asked may
// withdraw it himself.
func (t *Team) Refuse(ctx context.Context, tx unit.Tx, sc Scope, id, why string) (Join, error) {
	if _, err := sc.Writer(); err != nil {
		return Join{}, err
	}
	j, err := t.Joins.FindJoin(ctx, tx, sc, id)
	if err != nil {
		return j, err
	}
	if !j.Open() {
		return j, fault.New(fault.Conflict, "people.join.state")
	}
	j.State, j.Why = Withdrawn, strings.TrimSpace(why)
	if !isPerson(sc, j.Person) {
		if err := t.mustBe(ctx, tx, sc, j.Project, Chair, Deputy); err != nil {
			return j, err
		}
		j.State = Refused
	}
	t.record(tx, sc, j, "people.ledger.join_"+string(j.State))
	return j, t.save(ctx, tx, sc, &j)
}

// Nominate puts a person beside the rule of joining: an administrator names the first
// chair of a project that nobody leads. It takes effect when the terms are accepted.
func (t *Team) Nominate(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, who PersonID, r Role) (Join, error) {
	j := Join{ID: ident.New(), Project: project, Person: who, Role: r, State: Approved, Source: "admin", By: sc.Actor(), Approver: sc.Actor(), Asked: tx.Now(), Changed: tx.Now()}
	if err := t.Joins.AddJoin(ctx, tx, sc, j); err != nil {
		return j, err
	}
	t.record(tx, sc, j, "people.ledger.nominated")
	return t.begin(ctx, tx, sc, j)
}

// Accept accepts the terms in force as the scope's person and begins every
// approved membership of his in the project.
func (t *Team) Accept(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, version int) error {
	if _, err := sc.Writer(); err != nil {
		return err
	}
	return t.accept(ctx, tx, sc, project, version)
}

func (t *Team) accept(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, version int) error {
	if err := t.Agreements.Accept(ctx, tx, sc, project, version); err != nil {
		return err
	}
	me, _ := sc.Person()
	js, err := t.Joins.JoinsOf(ctx, tx, sc, project, me)
	if err != nil {
		return err
	}
	for _, j := range js {
		if j.State != Approved {
			continue
		}
		if _, err := t.begin(ctx, tx, sc, j); err != nil {
			return err
		}
	}
	return nil
}

// Remove ends every role of a person on the project, with the reason; everybody may
// leave himself. The last chair cannot. Where nobody is left on duty the
// chair is.
func (t *Team) Remove(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, who PersonID, why string) error {
	self := isPerson(sc, who)
	if !self {
		if err := t.mustBe(ctx, tx, sc, project, Chair, Deputy); err != nil {
			return err
		}
	}
	all, err := t.Grants.locked(ctx, tx, sc, project.object())
	if err != nil {
		return err
	}
	mine := slices.DeleteFunc(slices.Clone(all), func(g Grant) bool { return g.Holder != who })
	if len(mine) == 0 {
		return fault.Missing()
	}
	// The rights of the one who leaves himself end with the first role, so the
	// highest goes last.
	slices.SortFunc(mine, func(a, b Grant) int {
		return slices.Index(projectRoles(), b.Role) - slices.Index(projectRoles(), a.Role)
	})
	for _, g := range mine {
		if err := t.Grants.End(ctx, tx, sc, project.object(), who, g.Role, why); err != nil {
			return err
		}
	}
	if err := t.left(ctx, tx, sc, project, who, why); err != nil {
		return err
	}
	if err := t.someoneOnDuty(ctx, tx, sc, project, all, who); err != nil {
		return err
	}
	return tx.Emit(ctx, TeamLeft{Project: project, Person: who, Removed: !self})
}

// left closes the join row, whose words stay.
func (t *Team) left(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, who PersonID, why string) error {
	js, err := t.Joins.JoinsOf(ctx, tx, sc, project, who)
	if err != nil {
		return err
	}
	for _, j := range js {
		if j.State == Joined {
			j.State, j.Why = Left, why
			if err := t.save(ctx, tx, sc, &j); err != nil {
				return err
			}
		}
	}
	return nil
}

// Duty puts a member on or off duty: moderators are those on duty. Members put
// themselves on, chair and deputies anybody. The last one on duty stays until another
// takes over (Conflict): held reports are seen by nobody else.
func (t *Team) Duty(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, who PersonID, on bool) error {
	if on {
		member, err := t.isMember(ctx, tx, sc, project, who)
		if err != nil {
			return err
		}
		if !member {
			return fault.Missing()
		}
		return t.Grants.Grant(ctx, tx, sc, project.object(), who, Moderator)
	}
	all, err := t.Grants.locked(ctx, tx, sc, project.object())
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(g Grant) bool { return g.Role == Moderator && g.Holder != who }) {
		return fault.New(fault.Conflict, "people.duty.last")
	}
	return t.Grants.End(ctx, tx, sc, project.object(), who, Moderator, "duty")
}

// SetRole makes a member a deputy or chair, or a member again. Chairs do this; a
// project may have several chairs (from different organisations, row OC-20).
func (t *Team) SetRole(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, who PersonID, r Role, on bool) error {
	if r != Chair && r != Deputy {
		return fault.New(fault.Invalid, "people.grant.invalid")
	}
	member, err := t.isMember(ctx, tx, sc, project, who)
	if err != nil {
		return err
	}
	if !member {
		return fault.Missing()
	}
	if !on {
		return t.demote(ctx, tx, sc, project, who, r)
	}
	if err := t.Grants.Grant(ctx, tx, sc, project.object(), who, r); err != nil {
		return err
	}
	return tx.Emit(ctx, TeamLed{Project: project, Person: who})
}

func (t *Team) demote(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, who PersonID, r Role) error {
	if err := t.Grants.End(ctx, tx, sc, project.object(), who, r, "role"); err != nil {
		return err
	}
	all, err := t.Grants.Store.Holders(ctx, tx, AsJob("people.team", project.object()), project.object(), false)
	if err != nil || slices.ContainsFunc(all, func(g Grant) bool { return g.Holder == who && (g.Role == Chair || g.Role == Deputy) }) {
		return err
	}
	return tx.Emit(ctx, TeamUnled{Project: project, Person: who})
}

func (id ProjectID) object() string { return string(id) }
