package casework

import (
	"context"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// PostMessage asks to write into a case.
type PostMessage struct {
	Case  CaseID
	Text  string
	Note  bool   // an internal note: the marked exception to the reply
	Files []File // already written as blobs: Blob, Size, Name and Type
}

// PostMessage writes a reply or an internal note. A reply reaches everyone on the
// case, and the reporter by mail in his thread: encrypted if his key is known,
// else as a notice without content and a link. Leads, members and the reporter
// may write; only leads and members write notes (fault.Denied).
func (s *Service) PostMessage(ctx context.Context, sc people.Scope, cmd PostMessage) (ItemID, error) {
	if err := cmd.check(); err != nil {
		return "", err
	}
	var id ItemID
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, role, err := s.lockFor(ctx, tx, sc, cmd.Case, people.Lead, people.Member, people.Reporter)
		if err != nil {
			return err
		}
		to := Everyone
		if cmd.Note {
			if role == people.Reporter {
				return fault.New(fault.Denied, "casework.fault.denied")
			}
			to = Team
		}
		i := c.next(KindMessage, to, Posted, Session, tx.Now())
		i.Author, _ = sc.Person()
		i.Content.Text = cmd.Text
		i.attach(cmd.Files)
		id = i.ID
		return s.post(ctx, tx, sc, c, i, role)
	})
	return id, err
}

// check holds the fields of the form.
func (cmd PostMessage) check() error {
	var c fault.Checks
	if strings.TrimSpace(cmd.Text) != "" || len(cmd.Files) == 0 {
		typed.Text(&c, "text", cmd.Text, maxText)
	}
	c.Require(len(cmd.Text) <= maxText, "text", "casework.field.long", "n", maxText)
	c.Require(len(cmd.Files) <= maxFiles, "files", "casework.field.many", "n", maxFiles)
	return c.Err()
}

// attach makes the uploaded blobs the item's files.
func (i *Item) attach(files []File) {
	for _, f := range files {
		f.ID, f.Case, f.Item, f.Name = FileID(ident.New()), i.Case, i.ID, typed.FileName(f.Name)
		i.Files = append(i.Files, f)
	}
}

// post stores an item of the conversation and tells whom it is for.
func (s *Service) post(ctx context.Context, tx unit.Tx, sc people.Scope, c Case, i Item, by people.Role) error {
	if i.Audience == Everyone && by != people.Reporter && s.reachesReporter(c, i.Author) {
		if err := s.mailReply(ctx, tx, sc, &c, &i); err != nil {
			return err
		}
	}
	if err := s.Items.AddItem(ctx, tx, sc, i); err != nil {
		return err
	}
	if err := s.Cases.Save(ctx, tx, sc, c); err != nil {
		return err
	}
	kind := "casework.ledger.replied"
	if i.Audience == Team {
		kind = "casework.ledger.noted"
	}
	tx.Record(c.entry(sc, kind, i.args()))
	circle := ToTeam
	if i.Audience == Everyone {
		circle = ToOthers
	}
	return s.Tell(ctx, tx, sc, c, Notice{To: circle, Key: "casework.letter.news", Except: i.Author})
}

// reachesReporter reports whether the reporter can be written to and is not the author.
func (s *Service) reachesReporter(c Case, author people.PersonID) bool {
	if c.Reporter.Person != "" {
		return c.Reporter.Person != author
	}
	return s.mailReporter(c)
}

// mailReply sends an item to the reporter in his thread (RFC 5322 section 3.6.4).
// The copy that leaves is one entry in the ledger.
func (s *Service) mailReply(ctx context.Context, tx unit.Tx, sc people.Scope, c *Case, i *Item) error {
	reply, err := s.replyTo(ctx, tx, *c, replyTag(*c))
	if err != nil {
		return err
	}
	to, err := s.reporterAt(ctx, tx, *c)
	if err != nil {
		return err
	}
	l := people.Letter{ID: ident.New(), Project: c.Project, About: string(c.ID), Confidence: c.ID.Confidence(),
		To: []people.Recipient{to}, Key: "casework.letter.reply", Args: map[string]string{"title": c.Title},
		Subject: replySubject(*c), Body: i.Content.Text, Confidential: true, Written: true, Link: s.reporterLink(*c),
		MessageID: s.Post.NewMessageID(), ReplyTo: reply}
	if c.Thread.Last != "" {
		l.InReplyTo = "<" + c.Thread.Last + ">"
	}
	for _, r := range c.Thread.References {
		l.References = append(l.References, "<"+r+">")
	}
	for _, f := range i.Files {
		l.Files = append(l.Files, people.LetterFile{Blob: f.Blob, Name: f.Name, Type: f.Type})
	}
	if err := s.Post.Put(ctx, tx, sc, l); err != nil {
		return err
	}
	i.Letter, i.Content.Sent = l.ID, c.Reporter.Mail
	c.Thread.follow(strings.Trim(l.MessageID, "<>"))
	tx.Record(c.entry(sc, "casework.ledger.mailed", i.args()))
	return nil
}

// replyTag names whose tag the reply address carries.
func replyTag(c Case) string {
	if c.Reporter.Person != "" {
		return string(c.Reporter.Person)
	}
	return c.Reporter.Mail
}

// replySubject keeps the thread's own subject: the reporter wrote it in clear, so
// that it tells nobody anything new.
func replySubject(c Case) string {
	sub := strings.TrimSpace(c.Thread.Subject)
	if sub == "" {
		return ""
	}
	if strings.HasPrefix(strings.ToLower(sub), "re:") {
		return sub
	}
	return "Re: " + sub
}

// args name an item in the ledger.
func (i Item) args() map[string]string { return map[string]string{"item": string(i.ID)} }

// Reader is one who will see a message, and how.
type Reader struct {
	Person people.PersonID // "" for a reporter without an account
	Name   string
	Role   people.Role
	How    Way
}

// Way is how a message reaches somebody.
type Way int

// The ways.
const (
	OnPage Way = iota + 1 // a mail without content says that there is news here
	ByMail                // the text goes out by mail: encrypted if a key is known, else a notice and a link
)

// Readers says who will see a reply and who a note, before it is sent.
func (s *Service) Readers(ctx context.Context, v unit.View, sc people.Scope, c Case) (reply, note []Reader, err error) {
	gs, err := s.Grants.Holders(ctx, v, sc, string(c.ID))
	if err != nil {
		return nil, nil, err
	}
	ids := make([]people.PersonID, len(gs))
	for n, g := range gs {
		ids[n] = g.Holder
	}
	names, err := s.People.NamesOn(ctx, v, sc, string(c.ID), ids)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range gs {
		r := Reader{Person: g.Holder, Name: names[g.Holder], Role: g.Role, How: OnPage}
		if g.Holder == c.Reporter.Person {
			r.How = ByMail
		}
		if g.Role.OnCase() {
			reply = append(reply, r)
		}
		if g.Role == people.Lead || g.Role == people.Member {
			note = append(note, r)
		}
	}
	if s.mailReporter(c) {
		reply = append(reply, Reader{Name: c.Reporter.Mail, Role: people.Reporter, How: ByMail})
	}
	byRole := func(a, b Reader) int { return rank(a.Role) - rank(b.Role) }
	slices.SortStableFunc(reply, byRole)
	slices.SortStableFunc(note, byRole)
	return reply, note, nil
}

func rank(r people.Role) int {
	return slices.Index([]people.Role{people.Lead, people.Member, people.Reporter, people.Observer}, r)
}
