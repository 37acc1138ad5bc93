package reading

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// filing is one place with the ids that it needs: made before the transaction,
// whose closure may run again.
type filing struct {
	place
	message desk.MessageID
	report  desk.ReportID
	answer  string // Message-ID of the automatic answer
}

// file commits everything that reading found: the row is done, files are named, and
// each place gets its message, all or nothing.
func (s *Reader) file(ctx context.Context, r *reading, j unit.Running) error {
	var places []place
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		places, err = s.route(ctx, v, r)
		return err
	})
	if err != nil {
		return err
	}
	filings := make([]filing, len(places))
	for i, p := range places {
		filings[i] = filing{place: p, message: desk.MessageID(ident.New()), report: desk.ReportID(ident.New()), answer: s.Desk.Post.NewMessageID()}
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		if err := s.Intakes.FinishIntake(ctx, tx, r.scope, r.in.ID); err != nil {
			return err
		}
		m, err := s.settle(ctx, tx, r)
		if err != nil {
			return err
		}
		for _, f := range filings {
			if err := s.put(ctx, tx, r, m, f); err != nil {
				return err
			}
		}
		killpoint.At("intake.filing")
		return nil
	})
}

// settle returns the message with its files named and the replay decided, without
// changing the reading: the closure may run again.
func (s *Reader) settle(ctx context.Context, tx unit.Tx, r *reading) (desk.Message, error) {
	m := r.msg
	m.Parts = append([]desk.Part(nil), r.msg.Parts...)
	m.Troubles = append([]desk.Trouble(nil), r.msg.Troubles...)
	for _, k := range r.kept {
		id, err := k.Keep(ctx, tx, s.Files, r.in.Confidence(), desk.FileOwner(r.in.Confidence()))
		if err != nil {
			return desk.Message{}, err
		}
		m.Parts[k.part].File = id
	}
	for _, p := range r.payloads {
		before, err := s.Desk.Messages.PayloadSeen(ctx, tx, r.scope, r.in.ID, p)
		if err != nil {
			return desk.Message{}, err
		}
		if before && !m.Replayed {
			m.Replayed = true
			m.Troubles = append(m.Troubles, desk.Trouble{Key: "desk.trouble.replayed"})
		}
	}
	return m, nil
}

// put files the message in one place.
func (s *Reader) put(ctx context.Context, tx unit.Tx, r *reading, m desk.Message, f filing) error {
	m.ID, m.Object = f.message, f.object
	m.Signatures = signers(m.Signatures, r.known, f.project.ID)
	if f.tag != "" {
		if _, err := s.Bounces.Bounced(ctx, tx, r.scope, f.tag, f.failed, f.code); err != nil {
			return err
		}
	}
	if f.object == "" {
		return s.newReport(ctx, tx, r, m, f)
	}
	sc := people.AsJob(desk.KindRead, f.object, string(r.in.ID))
	rep, err := s.Desk.Reports.Lock(ctx, tx, sc, desk.ReportID(f.object))
	switch {
	case fault.Is(err, fault.NotFound): // not a report: a later domain's case
		return s.Desk.Forward(ctx, tx, sc, f.project.ID, m, f.bounced())
	case err != nil:
		return err
	case rep.Project != f.project.ID:
		// It came to another project's address: whose key that one knows says nothing here.
		m.Signatures = signers(r.msg.Signatures, r.known, rep.Project)
	}
	switch {
	case rep.State == desk.Released && rep.Case != "":
		m.Object, f.object = rep.Case, rep.Case
		return s.Desk.Forward(ctx, tx, people.AsJob(desk.KindRead, rep.Case, string(r.in.ID)), rep.Project, m, f.bounced())
	}
	return s.Desk.Attach(ctx, tx, sc, rep, m, f.bounced())
}

// newReport holds the mail as a new report and answers it if it may.
func (s *Reader) newReport(ctx context.Context, tx unit.Tx, r *reading, m desk.Message, f filing) error {
	rep := desk.Report{
		ID: f.report, Project: f.project.ID, Via: desk.ByMail, From: m.From,
		Title: m.Subject, Encrypted: m.Cipher != desk.Clear, Flagged: len(m.Troubles) > 0,
		Lang: languageOf(r.mail, m, f.project.Langs),
	}
	m.Object = string(rep.ID)
	silence := desk.MayAnswer(answerFacts(r, m, s.ownAddresses(r)))
	return s.Desk.Hold(ctx, tx, people.AsJob(desk.KindRead, string(rep.ID), string(r.in.ID)), desk.Holding{
		Project: f.project, Report: rep, Message: m, Silence: silence, AnswerTo: m.Sender, AnswerID: f.answer,
	})
}

// ownAddresses are the role and bounce addresses of the projects that the mail is for.
func (s *Reader) ownAddresses(r *reading) []string {
	var own []string
	for _, t := range r.targets {
		for _, a := range t.project.Addresses {
			a = strings.ToLower(a)
			_, domain, _ := strings.Cut(a, "@")
			own = append(own, a, "bounce@"+domain)
		}
	}
	return own
}

func answerFacts(r *reading, m desk.Message, own []string) desk.AnswerFacts {
	f := desk.AnswerFacts{ReturnPath: m.Sender, From: m.From.Mail, Own: own, SPF: m.Auth.SPF}
	if r.mail == nil {
		return f
	}
	f.AutoSubmitted, f.Precedence = r.mail.AutoSubmitted, r.mail.Precedence
	f.Report = r.mail.Report != nil
	for _, h := range r.mail.Header {
		name := strings.ToLower(h.Name)
		f.List = f.List || strings.HasPrefix(name, "list-")
		if name == "x-auto-response-suppress" {
			f.Suppress = h.Value
		}
	}
	return f
}
