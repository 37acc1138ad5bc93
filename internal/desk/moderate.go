package desk

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// maxBulk bounds how many reports one decision covers, so that the writer is held
// for a short time only.
const maxBulk = 50

// Decide is one decision about one or more held reports.
type Decide struct {
	Reports []ReportID
	Do      Decision
	Reason  string // for the ledger and the next moderator
	Text    string // own words to the reporter, below the fixed ones; may be empty
	Canned  TextID // or one of the project's texts
	Of      string // the report or case that it repeats, for MarkDuplicate
	Quiet   bool   // send no letter
}

// Decide is the operation: every report or none. It fails with fault.NotFound when
// one of them, or what it is said to repeat, does not exist for the scope, with
// fault.Conflict where a state forbids it, with fault.Invalid without a reason and
// fault.TooLarge for more than 50.
func (s *Service) Decide(ctx context.Context, sc people.Scope, cmd Decide) error {
	if !sc.MayWrite() {
		return fault.New(fault.Denied, "people.read_only")
	}
	if err := cmd.check(); err != nil {
		return err
	}
	ids := make([]string, len(cmd.Reports)) // before the transaction: it may run again
	for i := range ids {
		ids[i] = ident.New()
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		for i, id := range cmd.Reports {
			if err := s.decideOne(ctx, tx, sc, id, cmd, ids[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (cmd Decide) check() error {
	if len(cmd.Reports) > maxBulk {
		return fault.New(fault.TooLarge, "desk.fault.bulk", "most", maxBulk)
	}
	var c fault.Checks
	c.Require(len(cmd.Reports) > 0, "id", "desk.field.none_picked")
	c.Require(strings.TrimSpace(cmd.Reason) != "", "reason", "desk.field.reason_missing")
	c.Require(len(cmd.Reason) <= maxReason, "reason", "desk.field.too_long", "most", maxReason)
	c.Require(len(cmd.Text) <= maxReason, "text", "desk.field.too_long", "most", maxReason)
	c.Require(cmd.Do != MarkDuplicate || cmd.Of != "", "of", "desk.field.of_missing")
	c.Require(cmd.Do != Ask || strings.TrimSpace(cmd.Text) != "" || cmd.Canned != "", "text", "desk.field.question_missing")
	return c.Err()
}

func (s *Service) decideOne(ctx context.Context, tx unit.Tx, sc people.Scope, id ReportID, cmd Decide, mid string) error {
	r, err := s.Reports.LockToDecide(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	if err := r.decide(cmd.Do, cmd.Reason, tx.Now()); err != nil {
		return err
	}
	args := map[string]string{"why": strings.TrimSpace(cmd.Reason)}
	if cmd.Do == MarkDuplicate {
		if err := s.mayRepeat(ctx, tx, sc, id, cmd.Of); err != nil {
			return err
		}
		r.Case = cmd.Of
		args["of"] = cmd.Of
	}
	project, err := s.Projects.Project(ctx, tx, sc, r.Project)
	if err != nil {
		return err
	}
	if cmd.Do.Tells() && !cmd.Quiet {
		told, err := s.tell(ctx, tx, sc, project, &r, cmd, MessageID(mid))
		if err != nil {
			return err
		}
		if told {
			args["told"] = "yes"
		}
	}
	if err := s.Reports.Save(ctx, tx, sc, r); err != nil {
		return err
	}
	tx.Record(r.entry("desk.ledger."+cmd.Do.String(), sc, args))
	s.planReminder(tx, r, project.Policy)
	return nil
}

// mayRepeat checks that the moderator sees what the report is said to repeat.
func (s *Service) mayRepeat(ctx context.Context, v unit.View, sc people.Scope, id ReportID, of string) error {
	if string(id) == of {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "of", Key: "desk.field.of_itself"}}}
	}
	err := s.Reports.SeesObject(ctx, v, sc, of)
	if fault.Is(err, fault.NotFound) {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "of", Key: "desk.field.of_unknown"}}}
	}
	return err
}

// tell writes the letter of a decision to the reporter and keeps it in the exchange. It
// reports false when there is no address to write to.
func (s *Service) tell(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project, r *Report, cmd Decide, mid MessageID) (bool, error) {
	text := strings.TrimSpace(cmd.Text)
	if text == "" && cmd.Canned != "" {
		t, err := s.Texts.Text(ctx, tx, sc, cmd.Canned)
		if err != nil {
			return false, err
		}
		text = t.Body
	}
	m := Message{
		ID: mid, Object: string(r.ID), At: tx.Now(), Subject: r.Title, Text: text,
		Actor: sc.Actor(), Answers: cmd.Do.String(),
	}
	to, first, before, err := s.reporter(ctx, tx, sc, *r)
	if err != nil {
		return false, err
	}
	if to != "" {
		l, err := s.letter(ctx, tx, sc, p, *r, first, to)
		if err != nil {
			return false, err
		}
		l.ID = string(mid) // the page behind the link asks by it how the letter went
		l.Key, l.Body, l.Written = "desk.letter."+cmd.Do.String(), text, true
		// What came encrypted is answered encrypted, or by a notice with the link: also when
		// only a later mail did, whose subject stood inside.
		// So is who only typed the address: whose mailbox it is, nobody has shown.
		l.Confidential = r.Encrypted || before.Cipher != Clear || l.To[0].Typed
		l.InReplyTo, l.References = bracket(before.MailID), thread(before)
		if r.Via == ByMail && !l.Confidential && before.Subject != "" {
			l.Subject = replySubject(before.Subject)
		}
		m.MailID = CleanMailID(s.Post.NewMessageID())
		l.MessageID = bracket(m.MailID)
		if err := s.Post.Put(ctx, tx, sc, l); err != nil {
			return false, err
		}
	}
	r.Messages++
	return to != "", s.Messages.InsertMessage(ctx, tx, sc, m)
}

// reporter returns where to write to, or "", and the first and the newest message from there. The
// address is what the report says; nobody has verified it, and no letter
// repeats what the report says.
func (s *Service) reporter(ctx context.Context, v unit.View, sc people.Scope, r Report) (to string, first, newest Message, err error) {
	list, err := s.Messages.MessagesOf(ctx, v, sc, string(r.ID), 0)
	if err != nil {
		return "", first, newest, err
	}
	to = r.From.Mail
	for i, m := range list {
		if !m.Inbound || m.Automatic && i > 0 {
			continue
		}
		newest = m
		if i == 0 {
			first = m
			if len(m.ReplyTo) > 0 {
				to = m.ReplyTo[0].Mail
			}
		}
	}
	if _, err := people.Address(to); err != nil {
		to = ""
	}
	return to, first, newest, nil
}

// replySubject puts one "Re:" before a subject.
func replySubject(s string) string {
	if len(s) >= 3 && strings.EqualFold(s[:3], "re:") {
		return s
	}
	return "Re: " + s
}
