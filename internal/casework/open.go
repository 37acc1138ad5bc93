package casework

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// OpenFromReport asks to release a held report and to open a case with it.
type OpenFromReport struct {
	Report   desk.ReportID
	Title    string    // "": the report's own
	Reason   string    // why it is released
	Until    time.Time // end of the embargo; zero: the project's aim
	Longer   string    // why it is longer than the aim; the opener stands for it by name
	Public   bool      // already public: no embargo
	Evidence string    // of Public
	Team     bool      // the project's whole team joins, not only chair and deputies
}

// Open asks for a case of the team's own finding.
type Open struct {
	Project  people.ProjectID
	Title    string
	Text     string // the first item, for everyone on the case
	Reason   string
	Until    time.Time
	Longer   string
	Public   bool
	Evidence string
	Team     bool
}

// OpenFromReport releases the report and opens its case, in one transaction with
// the embargo and with everything that follows (design, section 3). The releasing
// moderator leads; the project's chair and deputies lead too. It fails as
// desk.Service.Release does, and as the embargo's rules say for the date.
func (s *Service) OpenFromReport(ctx context.Context, sc people.Scope, cmd OpenFromReport) (CaseID, error) {
	if err := checkOpening(cmd.Title, cmd.Reason, cmd.Public, cmd.Evidence, true); err != nil {
		return "", err
	}
	id := CaseID(ident.New())
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		r, err := s.Reports.Release(ctx, tx, sc, cmd.Report, cmd.Reason)
		if err != nil {
			return err
		}
		job := people.AsJob("casework.open", string(id), string(r.ID))
		msgs, err := s.Messages.MessagesOf(ctx, tx, job, string(r.ID), maxReportMessages)
		if err != nil {
			return err
		}
		c := fromReport(id, r, msgs, cmd.Title, sc, tx.Now())
		if c.Reporter, err = s.whoReported(ctx, tx, job, r, msgs); err != nil {
			return err
		}
		o := opening{public: cmd.Public, evidence: cmd.Evidence, reason: cmd.Reason, until: cmd.Until, longer: cmd.Longer, team: cmd.Team}
		items := reportItems(&c, msgs, tx.Now())
		if err := s.begin(ctx, tx, sc, &c, o, items); err != nil {
			return err
		}
		if err := s.Reports.Opened(ctx, tx, sc, r, string(id)); err != nil {
			return err
		}
		if err := s.admitReporter(ctx, tx, job, c); err != nil {
			return err
		}
		return s.claimsOf(ctx, tx, job, c, r.Claims)
	})
	return id, err
}

// maxReportMessages bounds how much of a report's mail goes into the case; the
// rest stays readable with the report.
const maxReportMessages = 100

// Open opens a case without a report. The project's team may; for others the
// project does not exist.
func (s *Service) Open(ctx context.Context, sc people.Scope, cmd Open) (CaseID, error) {
	if err := checkOpening(cmd.Title, cmd.Reason, cmd.Public, cmd.Evidence, false); err != nil {
		return "", err
	}
	var checks fault.Checks
	if strings.TrimSpace(cmd.Text) != "" {
		typed.Text(&checks, "text", cmd.Text, maxText)
	}
	if err := checks.Err(); err != nil {
		return "", err
	}
	id := CaseID(ident.New())
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		p, err := s.teamProject(ctx, tx, sc, cmd.Project)
		if err != nil {
			return err
		}
		c := Case{ID: id, Project: p.ID, Title: strings.TrimSpace(cmd.Title), State: Received, StateAt: tx.Now(),
			OpenedAt: tx.Now(), ChangedAt: tx.Now(), OpenedBy: sc.Actor(),
			DueAssess: p.Policy.Calendar().Due(tx.Now(), p.Policy.Assess)}
		var items []Item
		if strings.TrimSpace(cmd.Text) != "" {
			me, _ := sc.Person()
			i := c.next(KindMessage, Everyone, Posted, Session, tx.Now())
			i.Author, i.Content.Text = me, cmd.Text
			items = append(items, i)
		}
		return s.begin(ctx, tx, sc, &c, opening{public: cmd.Public, evidence: cmd.Evidence, reason: cmd.Reason,
			until: cmd.Until, longer: cmd.Longer, team: cmd.Team}, items)
	})
	return id, err
}

// teamProject returns the project when the scope belongs to its team.
func (s *Service) teamProject(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error) {
	r, err := s.Grants.RoleOn(ctx, v, sc, string(id))
	if err != nil {
		return people.Project{}, err
	}
	if r != people.Chair && r != people.Deputy && r != people.TeamMember || !sc.MayWrite() {
		return people.Project{}, fault.New(fault.Denied, "casework.fault.denied")
	}
	return s.People.Project(ctx, v, sc, id)
}

// opening is what both ways of opening have in common.
type opening struct {
	public           bool
	evidence, reason string
	until            time.Time
	longer           string
	team             bool
}

// begin stores the case with its items, gives the first roles and tells the
// followers: the embargo is set within.
func (s *Service) begin(ctx context.Context, tx unit.Tx, sc people.Scope, c *Case, o opening, items []Item) error {
	me, ok := sc.Person()
	if !ok {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	if o.public {
		if err := c.mark(IsPublic, FactMark{Set: true, Evidence: o.evidence, By: me, At: tx.Now()}); err != nil {
			return err
		}
	}
	if err := s.Cases.Insert(ctx, tx, sc, *c); err != nil {
		return err
	}
	if err := s.Grants.GrantUnder(ctx, tx, sc, string(c.ID), c.Project, me, people.Lead); err != nil {
		return err
	}
	tx.Record(c.entry(sc, "casework.ledger.opened", map[string]string{"title": c.Title, "reason": o.reason}))
	if o.public {
		tx.Record(c.entry(sc, "casework.ledger.fact_public", map[string]string{"evidence": o.evidence}))
	}
	for _, i := range items {
		if err := s.Items.AddItem(ctx, tx, sc, i); err != nil {
			return err
		}
	}
	if err := s.admitTeam(ctx, tx, sc, *c, me, o.team); err != nil {
		return err
	}
	return tx.Emit(ctx, Opened{Case: c.ID, Project: c.Project, By: sc.Actor(), Person: me, Public: o.public, Until: o.until, Reason: o.longer})
}

// admitTeam makes the chair and the deputies leads, and with all every other member of
// the team a member. Who has not accepted the terms in force is invited instead
// and sees nothing before.
func (s *Service) admitTeam(ctx context.Context, tx unit.Tx, sc people.Scope, c Case, me people.PersonID, all bool) error {
	team, err := s.People.Team(ctx, tx, sc, c.Project)
	if err != nil {
		return err
	}
	for _, t := range team {
		role, back := people.Member, people.Role("")
		if t.Has(people.Chair) || t.Has(people.Deputy) {
			role, back = people.Lead, people.NoRole
			if all {
				back = people.Member
			}
		} else if !all {
			continue
		}
		if t.Person.ID == me {
			continue
		}
		err := s.Grants.GrantByOffice(ctx, tx, sc, string(c.ID), c.Project, t.Person.ID, role, back)
		if fault.Is(err, fault.Conflict) {
			if err := s.invite(ctx, tx, sc, c, Invitation{Person: t.Person.ID, Role: role, Back: back}); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		tx.Record(c.entry(sc, "casework.ledger.joined", map[string]string{"person": string(t.Person.ID), "role": string(role)}))
	}
	return nil
}

// admitReporter gives the reporter's account its role when the report was
// authenticated; otherwise the reporter keeps the secret link.
func (s *Service) admitReporter(ctx context.Context, tx unit.Tx, job people.Scope, c Case) error {
	if c.Reporter.Person == "" {
		return nil
	}
	if err := s.Grants.Grant(ctx, tx, job, string(c.ID), c.Reporter.Person, people.Reporter); err != nil {
		return err
	}
	tx.Record(c.entry(job, "casework.ledger.joined", map[string]string{"person": string(c.Reporter.Person), "role": string(people.Reporter)}))
	return nil
}

// fromReport is the case that a released report becomes.
func fromReport(id CaseID, r desk.Report, msgs []desk.Message, title string, sc people.Scope, now time.Time) Case {
	if title = strings.TrimSpace(title); title == "" {
		title = r.Title
	}
	c := Case{ID: id, Project: r.Project, Report: r.ID, Title: typed.Cut(title, 4*maxTitle), State: Received, StateAt: now,
		OpenedAt: now, ChangedAt: now, OpenedBy: sc.Actor(), DueAssess: r.DueAssess}
	for i, m := range msgs {
		if !m.Inbound {
			c.Thread.follow(m.MailID)
			continue
		}
		if i == 0 || c.Thread.Subject == "" {
			c.Thread.Subject = m.Subject
		}
		c.Thread.follow(m.MailID)
	}
	return c
}

// whoReported says who the reporter is, as far as a signature shows it: that under the
// mail which began the report, or a later one by the holder of the address that it came
// from. Whoever else wrote into the thread is not the reporter. Where it is shown, replies
// go to the signer's own address, for anybody can write any From above a signed text.
func (s *Service) whoReported(ctx context.Context, v unit.View, job people.Scope, r desk.Report, msgs []desk.Message) (Reporter, error) {
	out := Reporter{Name: r.From.Name, Mail: r.From.Mail, Lang: r.Lang, Serial: r.LinkSerial}
	began := true
	for _, m := range msgs {
		if !m.Inbound {
			continue
		}
		first := began
		if began = false; first {
			out.Typed = desk.Typed(r, m, out.Mail)
		}
		sig, ok := m.Authenticates()
		if ok && sig.Person == "" && first {
			out.Name, out.Mail, out.Typed = "", sig.Address, false
		}
		if !ok || sig.Person == "" {
			continue
		}
		p, err := s.People.Person(ctx, v, job, people.PersonID(sig.Person))
		if err != nil {
			return out, err
		}
		if p.State == people.Active && (first || strings.EqualFold(p.Email, r.From.Mail)) {
			out.Person, out.Name, out.Mail = p.ID, p.Name, p.Email
			out.Typed = out.Typed && !first
			return out, nil
		}
	}
	return out, nil
}

// checkOpening holds the fields that both forms have.
func checkOpening(title, reason string, public bool, evidence string, titleOptional bool) error {
	var c fault.Checks
	if title != "" || !titleOptional {
		typed.Line(&c, "title", title, maxTitle)
	}
	checkReason(&c, reason)
	if public {
		typed.Text(&c, "evidence", evidence, maxReason)
	}
	return c.Err()
}
