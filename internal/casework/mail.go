package casework

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Follow takes a mail that belongs to a case, in the transaction that reads it. It
// enters the conversation by itself only when a participant's registered key signed
// the whole body and the payload was not seen before. All else waits at the case
// for a member. Neither changes the state of the case or anybody's rights.
func (s *Service) Follow(ctx context.Context, tx unit.Tx, f desk.MailForCase) error {
	job := people.AsJob("casework.mail", f.Object)
	c, err := s.Cases.Lock(ctx, tx, job, CaseID(f.Object))
	if fault.Is(err, fault.NotFound) {
		return nil // it belongs to another domain's object
	}
	if err != nil {
		return err
	}
	m, err := s.Messages.Message(ctx, tx, job, f.Message)
	if err != nil {
		return err
	}
	m = m.In(c.Project)
	if f.KeyProject != "" && f.KeyProject != c.Project {
		f.SignedBy, f.KeyAddress = "", ""
	}
	role, err := s.sender(ctx, tx, c, f)
	if err != nil {
		return err
	}
	enters := role != "" && role != people.Observer
	hold, to := Waiting, Everyone
	if enters {
		hold = Posted
		if isNote(m.Subject) && role != people.Reporter {
			to = Team
		}
	}
	i := c.next(KindMail, to, hold, trustOf(m), tx.Now())
	i.fill(m)
	if i.Hold == Posted {
		return s.enter(ctx, tx, job, c, i, role, m)
	}
	i.Author = "" // what is not authenticated has no author
	return s.hold(ctx, tx, job, c, i)
}

// sender returns the role on the case of whoever authenticated the mail, or "". A key
// that is registered for an address without an account speaks for the reporter with
// this address. A domain's aligned signature may stand for the reporter where the
// project wants that; the mail then still shows as unverified.
func (s *Service) sender(ctx context.Context, v unit.View, c Case, f desk.MailForCase) (people.Role, error) {
	job := people.AsJob("casework.mail", string(c.ID))
	gs, err := s.Grants.Holders(ctx, v, job, string(c.ID))
	if err != nil {
		return "", err
	}
	if f.Authenticated() {
		if f.Person == "" && f.KeyAddress != "" && strings.EqualFold(f.KeyAddress, c.Reporter.Mail) {
			return people.Reporter, nil
		}
		// The roles of an account that is shut stay on record and count for nothing.
		if p, err := s.People.Person(ctx, v, job, f.Person); err != nil || p.State != people.Active {
			return "", ignoreMissing(err)
		}
		return roleOf(gs, f.Person), nil
	}
	if !f.DKIMAligned || f.Replayed {
		return "", nil
	}
	p, err := s.People.Project(ctx, v, job, c.Project)
	if err != nil || !p.Policy.AlignedEnters {
		return "", err
	}
	if c.Reporter.Mail != "" && strings.EqualFold(f.From, c.Reporter.Mail) {
		return people.Reporter, nil
	}
	for _, g := range gs {
		p, err := s.People.Person(ctx, v, job, g.Holder)
		if err == nil && strings.EqualFold(p.Email, f.From) && g.Role == people.Reporter {
			return people.Reporter, nil
		}
	}
	return "", nil
}

func ignoreMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func roleOf(gs []people.Grant, who people.PersonID) people.Role {
	best := people.Role("")
	for _, g := range gs {
		if g.Holder == who && g.Role.OnCase() && (best == "" || rank(g.Role) < rank(best)) {
			best = g.Role
		}
	}
	return best
}

// isNote reports whether a member marked his mail as an internal note.
func isNote(subject string) bool {
	sub := strings.ToLower(strings.TrimSpace(subject))
	for strings.HasPrefix(sub, "re:") {
		sub = strings.TrimSpace(sub[3:])
	}
	return strings.HasPrefix(sub, "[internal]")
}

// enter adds an authenticated mail to the conversation like a message written here: a
// member's reply goes on to the reporter.
func (s *Service) enter(ctx context.Context, tx unit.Tx, job people.Scope, c Case, i Item, role people.Role, m desk.Message) error {
	if role == people.Reporter {
		if i.Trust != Signed {
			i.Author = ""
		}
		c.Thread.follow(m.MailID)
	}
	return s.post(ctx, tx, job, c, i, role)
}

// hold keeps a mail at the case until a member lets it in, and tells the team.
func (s *Service) hold(ctx context.Context, tx unit.Tx, job people.Scope, c Case, i Item) error {
	if err := s.Items.AddItem(ctx, tx, job, i); err != nil {
		return err
	}
	if err := s.Cases.Save(ctx, tx, job, c); err != nil {
		return err
	}
	tx.Record(c.entry(job, "casework.ledger.mail_held", i.args()))
	return s.Tell(ctx, tx, job, c, Notice{To: ToTeam, Key: "casework.letter.mail_held"})
}

// Decide asks to let a waiting mail in, or to refuse it.
type Decide struct {
	Case   CaseID
	Item   ItemID
	LetIn  bool
	Team   bool // let in as an internal note
	Reason string
}

// DecideMail lets a waiting mail into the conversation or refuses it. It stays
// shown as what it is: unverified. Nothing is mailed on by it. It fails with
// fault.Conflict when the mail waits no more.
func (s *Service) DecideMail(ctx context.Context, sc people.Scope, cmd Decide) error {
	var checks fault.Checks
	if !cmd.LetIn {
		checkReason(&checks, cmd.Reason)
	}
	if err := checks.Err(); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, err := s.lockTeam(ctx, tx, sc, cmd.Case)
		if err != nil {
			return err
		}
		i, err := s.Items.Item(ctx, tx, sc, cmd.Item)
		if err != nil {
			return err
		}
		if i.Case != c.ID {
			return fault.Missing()
		}
		if err := i.decide(cmd); err != nil {
			return err
		}
		if i.Hold == Posted && i.Audience == Everyone && strings.EqualFold(i.Content.Address, c.Reporter.Mail) {
			m, err := s.Messages.Message(ctx, tx, people.AsJob("casework.mail", string(c.ID)), i.Mail)
			if err == nil {
				c.Thread.follow(m.MailID)
			}
		}
		if i.Hold == Posted {
			// It becomes the newest item: whoever read past its old number has not seen it,
			// and what he sees of it now must be in the record.
			c.Items++
			i.Number = c.Items
		}
		if err := s.Items.SaveItem(ctx, tx, sc, i); err != nil {
			return err
		}
		if i.Hold == Posted && i.Audience == Everyone {
			c.ChangedAt = tx.Now()
		}
		if err := s.Cases.Save(ctx, tx, sc, c); err != nil {
			return err
		}
		kind := "casework.ledger.mail_refused"
		if cmd.LetIn {
			kind = "casework.ledger.mail_let_in"
		}
		tx.Record(c.entry(sc, kind, i.args()))
		return nil
	})
}

// decide moves a waiting item; fault.Conflict for any other.
func (i *Item) decide(cmd Decide) error {
	if i.Hold != Waiting {
		return fault.New(fault.Conflict, "casework.fault.not_waiting")
	}
	i.Hold, i.Content.Note = Refused, strings.TrimSpace(cmd.Reason)
	if cmd.LetIn {
		i.Hold, i.Audience = Posted, Everyone
		if cmd.Team {
			i.Audience = Team
		}
	}
	return nil
}

// FollowBounce files a delivery report at the case whose mail came back and marks
// what did not arrive.
func (s *Service) FollowBounce(ctx context.Context, tx unit.Tx, f desk.Bounced) error {
	job := people.AsJob("casework.mail", f.Object)
	c, err := s.Cases.Lock(ctx, tx, job, CaseID(f.Object))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.Failed && f.Letter != "" {
		if err := s.markBounced(ctx, tx, job, c, f.Letter); err != nil {
			return err
		}
	}
	m, err := s.Messages.Message(ctx, tx, job, f.Message)
	if err != nil {
		return err
	}
	i := c.next(KindBounce, Team, Posted, Unverified, tx.Now())
	i.fill(m)
	i.Author = ""
	if err := s.Items.AddItem(ctx, tx, job, i); err != nil {
		return err
	}
	if err := s.Cases.Save(ctx, tx, job, c); err != nil {
		return err
	}
	tx.Record(c.entry(job, "casework.ledger.bounced", i.args()))
	return nil
}

// FollowFailed marks a message whose letter will never arrive.
func (s *Service) FollowFailed(ctx context.Context, tx unit.Tx, f people.LetterFailed) error {
	job := people.AsJob("casework.mail", f.About)
	c, err := s.Cases.Lock(ctx, tx, job, CaseID(f.About))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.markBounced(ctx, tx, job, c, f.Letter)
}

func (s *Service) markBounced(ctx context.Context, tx unit.Tx, job people.Scope, c Case, letter string) error {
	i, err := s.Items.ByLetter(ctx, tx, job, c.ID, letter)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || i.Bounced {
		return err
	}
	i.Bounced = true
	tx.Record(c.entry(job, "casework.ledger.undelivered", i.args()))
	return s.Items.SaveItem(ctx, tx, job, i)
}
