package desk

import (
	"context"
	"io"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// List returns reports that the scope may see, see Query.
func (s *Service) List(ctx context.Context, sc people.Scope, q Query) ([]Report, error) {
	var out []Report
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = s.Reports.List(ctx, v, sc, q)
		return err
	})
	return out, err
}

// Dossier is a report with its messages, as a moderator reads it.
type Dossier struct {
	Report   Report
	Messages []Message
	Project  people.Project
	Texts    []Text // the project's canned texts
}

// See returns a report with its messages and notes that the scope's person has seen
// them, once for each growth, before anything is shown. It fails with
// fault.NotFound for a report out of scope, and for the bearer of its link.
func (s *Service) See(ctx context.Context, sc people.Scope, id ReportID) (Dossier, error) {
	if _, ok := sc.Bearer(); ok {
		return Dossier{}, fault.Missing() // the reporter reads Status, without the team's reasons
	}
	d, err := s.dossier(ctx, sc, id)
	if err != nil || d.seen >= len(d.Messages) {
		return d.Dossier, err
	}
	if _, ok := sc.Person(); !ok {
		return d.Dossier, nil
	}
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Reports.MarkSeen(ctx, tx, sc, id, len(d.Messages)); err != nil {
			return err
		}
		tx.Record(d.Report.entry("desk.ledger.seen", sc, map[string]string{"through": itoa(len(d.Messages))}))
		return nil
	})
	if err != nil {
		return Dossier{}, err
	}
	return d.Dossier, nil
}

type dossier struct {
	Dossier
	seen int
}

func (s *Service) dossier(ctx context.Context, sc people.Scope, id ReportID) (dossier, error) {
	var d dossier
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if d.Report, err = s.Reports.Get(ctx, v, sc, id); err != nil {
			return err
		}
		if d.Messages, err = s.Messages.MessagesOf(ctx, v, sc, string(id), 200); err != nil {
			return err
		}
		if d.Project, err = s.Projects.Project(ctx, v, sc, d.Report.Project); err != nil {
			return err
		}
		if d.Texts, err = s.Texts.TextsOf(ctx, v, sc, d.Report.Project); err != nil {
			return err
		}
		d.seen, err = s.Reports.Seen(ctx, v, sc, id)
		return err
	})
	return d, err
}

// File is an opened file of a message.
type File struct {
	io.ReadSeekCloser
	Name string
	Type string // as the sender says: never to be trusted by a browser
	Size int64
}

// OpenFile opens part n of a message, or its original for n < 0, and writes who took
// it into the ledger first. It fails with fault.NotFound for a message out of scope
// and for a part without a file. The caller closes it.
func (s *Service) OpenFile(ctx context.Context, sc people.Scope, id MessageID, n int) (File, error) {
	var m Message
	var f File
	if _, ok := sc.Bearer(); ok {
		return f, fault.Missing() // a link may have been read on the way; files stay here
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if m, err = s.Messages.Message(ctx, tx, sc, id); err != nil {
			return err
		}
		kind := "case"
		if _, err := s.Reports.Get(ctx, tx, sc, ReportID(m.Object)); err == nil {
			kind = "report"
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		what := "raw"
		if n >= 0 {
			what = itoa(n)
		}
		tx.Record(unit.Entry{
			Stream: unit.Stream{Kind: kind, ID: m.Object}, Kind: "desk.ledger.downloaded", Actor: sc.Actor(),
			Args: map[string]string{"message": string(m.ID), "part": what},
		})
		return nil
	})
	if err != nil {
		return File{}, err
	}
	blob := m.Raw
	f.Name, f.Type = string(m.ID)+".eml", "message/rfc822"
	if n >= 0 {
		if n >= len(m.Parts) {
			return File{}, fault.Missing()
		}
		blob, f.Name, f.Type = m.Parts[n].File, m.Parts[n].Name, m.Parts[n].Type
	}
	if blob == "" {
		return File{}, fault.Missing()
	}
	f.ReadSeekCloser, f.Size, err = s.Files.Open(ctx, blob)
	return f, err
}
