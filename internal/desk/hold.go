package desk

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Holding is a new report on its way to the moderators.
type Holding struct {
	Project  people.Project
	Report   Report
	Message  Message
	Silence  Silence // why nobody is answered
	AnswerTo string  // address of the automatic answer
	AnswerID string  // its Message-ID, made before the transaction
}

// Bounce says what a delivery report is about.
type Bounce struct {
	Letter string // where it is known
	Failed bool   // for good
}

// Hold stores a new held report with its first message, answers the sender at once
// (requirement row LV-2), and plans the reminder of the moderators.
// The scope is a job that names the report.
func (s *Service) Hold(ctx context.Context, tx unit.Tx, sc people.Scope, h Holding) error {
	r := h.Report
	r.State, r.ReceivedAt, r.Messages, r.LinkSerial, r.Version = Held, tx.Now(), 1, 1, 1
	cal := h.Project.Policy.Calendar()
	r.DueAck = cal.Due(tx.Now(), h.Project.Policy.Acknowledge)
	r.DueAssess = cal.Due(tx.Now(), h.Project.Policy.Assess)
	if h.Silence == NoSilence {
		n, err := s.Intakes.Count(ctx, tx, sc, "answer", string(h.Project.ID)+"\x00"+strings.ToLower(h.AnswerTo))
		if err != nil {
			return err
		}
		if n > AnswersPerDay {
			h.Silence = SilentTooMany
		}
	}
	r.Silence = h.Silence
	if err := s.Reports.Insert(ctx, tx, sc, r); err != nil {
		return err
	}
	if err := s.Messages.InsertMessage(ctx, tx, sc, h.Message); err != nil {
		return err
	}
	if err := s.Threads.Bind(ctx, tx, sc, r.Project, h.Message.MailID, string(r.ID)); err != nil {
		return err
	}
	args := map[string]string{"via": r.Via.String()}
	if h.Silence == NoSilence {
		if err := s.answer(ctx, tx, sc, h, r); err != nil {
			return err
		}
		args["answered"] = "yes"
	} else {
		args["silence"] = string(h.Silence)
	}
	tx.Record(r.entry("desk.ledger.received", sc, args))
	s.planReminder(tx, r, h.Project.Policy)
	return tx.Emit(ctx, Received{Report: r.ID, Project: r.Project})
}

// answer tells the sender in a fixed text that the report is held. It repeats nothing
// of the report, not even its subject (RFC 3834 section 3.1.5 allows a fixed one).
func (s *Service) answer(ctx context.Context, tx unit.Tx, sc people.Scope, h Holding, r Report) error {
	l, err := s.letter(ctx, tx, sc, h.Project, r, h.Message, h.AnswerTo)
	if err != nil {
		return err
	}
	l.Key, l.MessageID, l.Auto = "desk.letter.held", h.AnswerID, true
	l.Args["due"] = span.Stamp(r.DueAck.In(h.Project.Policy.Location()))
	if sig, ok := h.Message.Authenticates(); ok && sig.Person != "" {
		// Whoever signed has a key, at whatever address the mail came from.
		l.To[0].Person = people.PersonID(sig.Person)
	}
	l.InReplyTo, l.References = bracket(h.Message.MailID), thread(h.Message)
	return s.Post.Put(ctx, tx, sc, l)
}

// letter begins a letter about a report, which the first message began, to one address.
func (s *Service) letter(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project, r Report, first Message, to string) (people.Letter, error) {
	tag, err := s.Threads.Tag(ctx, tx, sc, string(r.ID), to)
	if err != nil {
		return people.Letter{}, err
	}
	lang := r.Lang
	if lang == "" {
		lang = firstOf(p.Langs)
	}
	link := s.StatusURL(r)
	return people.Letter{
		Project: p.ID, About: string(r.ID), Confidence: "report:" + string(r.ID),
		To:   []people.Recipient{{Address: to, Lang: lang, Typed: Typed(r, first, to), Given: r.Claims.Key}},
		Args: map[string]string{"project": p.Name, "link": link},
		Link: link,
		// The link opens the exchange: it leaves in clear only where no key is known.
		Private: true,
		ReplyTo: TaggedAddress(p.Address(), tag),
	}, nil
}

// StatusURL is the reporter's secret link to the report.
func (s *Service) StatusURL(r Report) string {
	return strings.TrimSuffix(s.BaseURL, "/") + "/status/" + s.Links.Token(r.ID, r.LinkSerial)
}

// Attach adds a message to a report that is not a case. Whatever it says, the
// state stays; the moderators see that there is news.
func (s *Service) Attach(ctx context.Context, tx unit.Tx, sc people.Scope, r Report, m Message, b *Bounce) error {
	r.heard()
	r.Flagged = r.Flagged || len(m.Troubles) > 0
	if err := s.Reports.Save(ctx, tx, sc, r); err != nil {
		return err
	}
	if err := s.Messages.InsertMessage(ctx, tx, sc, m); err != nil {
		return err
	}
	if err := s.Threads.Bind(ctx, tx, sc, r.Project, m.MailID, string(r.ID)); err != nil {
		return err
	}
	kind := "desk.ledger.more"
	if b != nil {
		kind = "desk.ledger.bounced"
	}
	tx.Record(r.entry(kind, sc, nil))
	if b != nil {
		return tx.Emit(ctx, Bounced{Intake: m.Intake, Message: m.ID, Object: string(r.ID), Letter: b.Letter, Failed: b.Failed})
	}
	return nil
}

// Forward hands a mail to a project on to the domain that has the object: casework
// follows both facts Within.
func (s *Service) Forward(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, m Message, b *Bounce) error {
	if err := s.Messages.InsertMessage(ctx, tx, sc, m); err != nil {
		return err
	}
	if b != nil {
		return tx.Emit(ctx, Bounced{Intake: m.Intake, Message: m.ID, Object: m.Object, Letter: b.Letter, Failed: b.Failed})
	}
	if err := s.Threads.Bind(ctx, tx, sc, project, m.MailID, m.Object); err != nil {
		return err
	}
	f := MailForCase{
		Intake: m.Intake, Message: m.ID, Object: m.Object, From: m.From.Mail,
		DKIMAligned: m.Auth.Aligned(), Replayed: m.Replayed, ByLink: m.Intake == "",
	}
	if sig, ok := m.Authenticates(); ok {
		f.SignedBy, f.Person = sig.Fingerprint, people.PersonID(sig.Person)
		f.KeyAddress, f.KeyProject = sig.Address, people.ProjectID(sig.Project)
	}
	return tx.Emit(ctx, f)
}

// thread returns the References of an answer (RFC 5322 section 3.6.4).
func thread(m Message) []string {
	var out []string
	for _, id := range append(last(m.References, maxReferences), m.MailID) {
		if id = bracket(id); id != "" {
			out = append(out, id)
		}
	}
	return out
}

func bracket(id string) string {
	if id = CleanMailID(id); id == "" {
		return ""
	}
	return "<" + id + ">"
}

// Follow binds the Message-ID of every letter to the thread of its object, so
// that replies find it (fact people.LetterQueued, Within).
func (s *Service) Follow(ctx context.Context, tx unit.Tx, f people.LetterQueued) error {
	if f.About == "" {
		return nil
	}
	return s.Threads.Bind(ctx, tx, people.AsJob("desk.thread", f.About), f.Project, f.MessageID, f.About)
}

// FollowFailed files a letter that will never arrive at the report that it was about
// (fact people.LetterFailed, Within). What is about something else is left to its owner.
func (s *Service) FollowFailed(ctx context.Context, tx unit.Tx, f people.LetterFailed) error {
	sc := people.AsJob("desk.failed", f.About)
	r, err := s.Reports.Lock(ctx, tx, sc, ReportID(f.About))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r.Flagged = true
	tx.Record(r.entry("desk.ledger.letter_failed", sc, map[string]string{"code": f.Code}))
	return s.Reports.Save(ctx, tx, sc, r)
}

// KindTidy is the job that removes counters of days gone by, once a day.
const KindTidy = "desk.tidy"

// Tidy is the handler of KindTidy.
func (s *Service) Tidy(ctx context.Context, j unit.Running) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		return s.Intakes.Tidy(ctx, tx, people.AsJob(KindTidy))
	})
}

// KindRemind is the job that reminds moderators of one report; its subject is the
// report's id.
const KindRemind = "desk.remind"

func (s *Service) planReminder(tx unit.Tx, r Report, p people.Policy) {
	at := s.nextReminder(tx.Now(), r, p)
	if at.IsZero() {
		return
	}
	tx.Enqueue(unit.Job{
		Kind: KindRemind, Subject: string(r.ID), Args: map[string]string{"report": string(r.ID)},
		At: at, Key: KindRemind + ":" + string(r.ID), Replace: true,
	})
}

// nextReminder is when somebody has to be reminded next of a held report's first answer, then
// of its assessment (span.Calendar.Remind). The zero time ends it: a released report's
// assessment is owed by the leads of its case, whom package casework/reminder reminds.
func (s *Service) nextReminder(now time.Time, r Report, p people.Policy) time.Time {
	switch {
	case r.State != Held:
		return time.Time{}
	case r.AckedAt.IsZero():
		return p.Calendar().Remind(now, r.DueAck)
	default:
		return p.Calendar().Remind(now, r.DueAssess)
	}
}

// FileOwner is the name under which the files of one arrival are kept: it may be
// filed in several places.
func FileOwner(confidence string) string { return "desk:" + confidence }
