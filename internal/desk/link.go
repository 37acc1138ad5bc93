package desk

import (
	"context"
	"net/netip"

	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// OpenLink turns the secret of a reporter's link into the scope of that one report.
// It fails with fault.NotFound for any other text.
func (s *Service) OpenLink(ctx context.Context, token string) (people.Scope, error) {
	var id ReportID
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		id, err = s.Links.ByToken(ctx, v, people.Anyone(), token)
		return err
	})
	if err != nil {
		return people.Scope{}, err
	}
	return people.AsBearer(string(id)), nil
}

// Status is what the holder of a report's link may see of it: where it stands and
// what was written to and fro. Reasons and notes of the team are not in it, nor the
// words of a mail that came or went encrypted: the link itself may have been read on
// the way.
type Status struct {
	Report   Report
	Project  people.Project
	Messages []Message
	// Closed are the answers that went out encrypted: their words are in that mail alone.
	Closed map[MessageID]bool
}

// Status returns the bearer's report, else fault.NotFound.
func (s *Service) Status(ctx context.Context, sc people.Scope) (Status, error) {
	var out Status
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		id, ok := sc.Bearer()
		if !ok {
			id = "" // the same statement runs and finds nothing
		}
		if out.Report, err = s.Reports.Get(ctx, v, sc, ReportID(id)); err != nil {
			return err
		}
		if out.Project, err = s.Projects.Project(ctx, v, people.Anyone(), out.Report.Project); err != nil {
			return err
		}
		if out.Messages, err = s.Messages.MessagesOf(ctx, v, sc, id, 200); err != nil {
			return err
		}
		return s.close(ctx, v, sc, &out)
	})
	if err != nil {
		return Status{}, err
	}
	for i, m := range out.Messages {
		kept := Message{ID: m.ID, At: m.At, Inbound: m.Inbound, Text: m.Text, Cipher: m.Cipher, Answers: m.Answers, Automatic: m.Automatic}
		if m.Inbound && m.Cipher != Clear || out.Closed[m.ID] {
			kept.Text = ""
		}
		for _, p := range m.Parts {
			if p.File != "" {
				kept.Parts = append(kept.Parts, Part{Type: p.Type, Size: p.Size})
			}
		}
		out.Messages[i] = kept
	}
	out.Report.Reason = ""
	return out, nil
}

// close notes which answers went out encrypted. A letter has the id of its message.
func (s *Service) close(ctx context.Context, v unit.View, sc people.Scope, st *Status) error {
	var ids []string
	for _, m := range st.Messages {
		if !m.Inbound {
			ids = append(ids, string(m.ID))
		}
	}
	sent, err := s.Letters.SentEncrypted(ctx, v, sc, ids)
	st.Closed = make(map[MessageID]bool, len(sent))
	for id, yes := range sent {
		st.Closed[MessageID(id)] = yes
	}
	return err
}

// Add is what a reporter writes over his link.
type Add struct {
	Text   string
	Files  []Upload
	Staged []Staged // stored before, by Stage
	Remote netip.Addr
}

// Add is the operation by which the holder of a report's link writes more: it goes
// to the held report, or to the case that it became. It fails with
// fault.Invalid when nothing was written, fault.TooMany above FormsPerDay.
func (s *Service) Add(ctx context.Context, sc people.Scope, cmd Add) error {
	cmd.Text = strings.ToValidUTF8(strings.TrimSpace(cmd.Text), "\uFFFD")
	var c fault.Checks
	c.Require(cmd.Text != "" || len(cmd.Files)+len(cmd.Staged) > 0, "text", "desk.field.text_missing")
	c.Require(len(cmd.Text) <= maxFormText, "text", "desk.field.too_long", "most", maxFormText)
	if err := c.Err(); err != nil {
		return err
	}
	id, _ := sc.Bearer()
	m := Message{ID: MessageID(ident.New()), Object: id, Inbound: true, Text: cmd.Text, ByLink: true, Auth: Auth{Remote: network(cmd.Remote)}}
	confidence := m.Confidence()
	for _, f := range cmd.Staged {
		m.Parts = append(m.Parts, Part{Path: itoa(len(m.Parts) + 1), Type: f.Type, Name: f.Name, Size: f.Size, File: f.File})
	}
	kept, err := s.takeFiles(ctx, confidence, cmd.Files, &m)
	if err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		r, err := s.Reports.Lock(ctx, tx, sc, ReportID(id))
		if err != nil {
			return err
		}
		if err := s.limit(ctx, tx, cmd.Remote); err != nil {
			return err
		}
		m, err := s.nameFiles(ctx, tx, confidence, m, kept)
		if err != nil {
			return err
		}
		m.At, m.From, m.Subject = tx.Now(), r.From, r.Title
		if r.State == Released && r.Case != "" {
			m.Object = r.Case
			// The bearer does not see the case; that his words belong there is the
			// report's own state.
			return s.Forward(ctx, tx, people.AsJob("desk.link", r.Case), r.Project, m, nil)
		}
		return s.Attach(ctx, tx, sc, r, m, nil)
	})
}
