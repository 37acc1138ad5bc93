package casework

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Circle is who of a case gets a letter.
type Circle int

// The circles.
const (
	ToLeads    Circle = iota + 1 // the leads
	ToTeam                       // leads and members
	ToEveryone                   // all participants, and the reporter without an account
	ToOthers                     // all participants but the reporter, whom a reply has reached already
)

// Notice is a letter to people of a case. It is confidential: encrypted to whom a
// key is known, else a notice without content and with a link.
type Notice struct {
	To     Circle
	Key    string            // catalogue prefix: Key+".subject", Key+".body"
	Args   map[string]string // of the body; "title" is added
	Text   string            // somebody's own words below the catalogue's text
	Except people.PersonID   // who caused it need not be told
}

// Tell puts a letter to people of the case into the queue, in this transaction. It
// writes to nobody, without an error, when the circle is empty. Other domains tell
// participants through it, so that who is told is decided in one place.
func (s *Service) Tell(ctx context.Context, tx unit.Tx, sc people.Scope, c Case, n Notice) error {
	to, err := s.recipients(ctx, tx, c, n.To, n.Except)
	if err != nil {
		return err
	}
	if n.To == ToEveryone && s.mailReporter(c) {
		at, err := s.reporterAt(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := s.letter(ctx, tx, sc, c, n, []people.Recipient{at}, s.reporterLink(c), c.Reporter.Mail); err != nil {
			return err
		}
	}
	if len(to) == 0 {
		return nil
	}
	return s.letter(ctx, tx, sc, c, n, to, s.caseLink(c), "team")
}

func (s *Service) letter(ctx context.Context, tx unit.Tx, sc people.Scope, c Case, n Notice, to []people.Recipient, link, tagOf string) error {
	args := map[string]string{"title": c.Title}
	for k, v := range n.Args {
		args[k] = v
	}
	reply, err := s.replyTo(ctx, tx, c, tagOf)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(to, maxRecipients) {
		l := people.Letter{Project: c.Project, About: string(c.ID), Confidence: c.ID.Confidence(), To: batch, Key: n.Key, Args: args,
			Body: n.Text, Confidential: true, Link: link, ReplyTo: reply, MessageID: s.Post.NewMessageID()}
		if err := s.Post.Put(ctx, tx, sc, l); err != nil {
			return err
		}
	}
	return nil
}

// maxRecipients is how many addressees one letter takes (people.Post).
const maxRecipients = 200

// recipients are the accounts of a circle.
func (s *Service) recipients(ctx context.Context, v unit.View, c Case, circle Circle, except people.PersonID) ([]people.Recipient, error) {
	gs, err := s.Grants.Holders(ctx, v, people.AsJob("casework.tell", string(c.ID)), string(c.ID))
	if err != nil {
		return nil, err
	}
	var out []people.Recipient
	for _, g := range gs {
		if g.Holder == except || !circle.has(g.Role) || circle == ToOthers && g.Holder == c.Reporter.Person || slices.ContainsFunc(out, func(r people.Recipient) bool { return r.Person == g.Holder }) {
			continue
		}
		out = append(out, people.Recipient{Person: g.Holder})
	}
	return out, nil
}

func (c Circle) has(r people.Role) bool {
	switch c {
	case ToLeads:
		return r == people.Lead
	case ToTeam:
		return r == people.Lead || r == people.Member
	default:
		return r.OnCase()
	}
}

// mailReporter reports whether the reporter is reached by mail alone: he has no account
// on the case but an address.
func (s *Service) mailReporter(c Case) bool {
	if c.Reporter.Person != "" || c.Reporter.Mail == "" {
		return false
	}
	_, err := people.Address(c.Reporter.Mail)
	return err == nil
}

// reporterAt is where the reporter is written to: an account at the address that it has
// when the letter goes out. For an address that was only typed the report's own key counts.
func (s *Service) reporterAt(ctx context.Context, v unit.View, c Case) (people.Recipient, error) {
	to := people.Recipient{Address: c.Reporter.Mail, Lang: c.Reporter.Lang, Typed: c.Reporter.Typed}
	if c.Reporter.Person != "" {
		to.Person, to.Address = c.Reporter.Person, ""
	}
	if c.Report == "" {
		return to, nil
	}
	r, err := s.Reports.Get(ctx, v, people.AsJob("casework.tell", string(c.Report)), c.Report)
	// Cases from before Typed was kept have it from the report.
	if to.Typed = to.Typed || r.Via == desk.ByWeb || r.Via == desk.ByAPI; to.Typed {
		to.Given = r.Claims.Key
	}
	return to, ignoreMissing(err)
}

// caseLink is where participants with an account read the case.
func (s *Service) caseLink(c Case) string { return s.Origin + "/cases/" + string(c.ID) }

// reporterLink is where the reporter reads what a notice does not say.
func (s *Service) reporterLink(c Case) string {
	if c.Reporter.Person != "" {
		return s.caseLink(c)
	}
	if s.Links == nil || c.Report == "" {
		return ""
	}
	return s.Origin + "/status/" + s.Links.Token(c.Report, c.Reporter.Serial) + "/case"
}

// replyTo is the role address with the tag that brings an answer to the case.
func (s *Service) replyTo(ctx context.Context, tx unit.Tx, c Case, who string) (string, error) {
	job := people.AsJob("casework.tell", string(c.ID))
	p, err := s.People.Project(ctx, tx, job, c.Project)
	if err != nil {
		return "", err
	}
	tag, err := s.Threads.Tag(ctx, tx, job, string(c.ID), who)
	if err != nil {
		return "", err
	}
	return desk.TaggedAddress(p.Address(), tag), nil
}
