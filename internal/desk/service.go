package desk

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk/spool"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Service decides about reports.
type Service struct {
	Work     unit.Work
	Reports  ReportStore
	Messages MessageStore
	Intakes  IntakeStore
	Texts    TextStore
	Threads  *Threads
	Projects Projects
	Post     Post
	Letters  Letters
	Links    Links
	Files    spool.Files
	PGP      KeyReader
	// BaseURL is the site's public origin, for the reporters' links.
	BaseURL string
}

// Get returns a report that the scope may see, else fault.NotFound.
func (s *Service) Get(ctx context.Context, v unit.View, sc people.Scope, id ReportID) (Report, error) {
	return s.Reports.Get(ctx, v, sc, id)
}

// Message returns one message, read and with all that is known of it, to a scope
// that sees its object (report or case); else it fails with fault.NotFound.
func (s *Service) Message(ctx context.Context, v unit.View, sc people.Scope, id MessageID) (Message, error) {
	return s.Messages.Message(ctx, v, sc, id)
}

// Release lets a held report through: the verb within casework's OpenFromReport.
// Only a moderator on duty sees the report at all (else fault.NotFound); a report
// that is not held fails with fault.Conflict, an empty reason with fault.Invalid.
// The caller says by Opened which case it became.
func (s *Service) Release(ctx context.Context, tx unit.Tx, sc people.Scope, id ReportID, why string) (Report, error) {
	if !sc.MayWrite() {
		return Report{}, fault.New(fault.Denied, "people.read_only")
	}
	r, err := s.Reports.LockToDecide(ctx, tx, sc, id)
	if err != nil {
		return Report{}, err
	}
	if err := r.release(why, tx.Now()); err != nil {
		return Report{}, err
	}
	if err := s.Reports.Save(ctx, tx, sc, r); err != nil {
		return Report{}, err
	}
	r.Version++
	tx.Record(r.entry("desk.ledger.released", sc, map[string]string{"why": r.Reason}))
	killpoint.At("release.deciding")
	return r, tx.Emit(ctx, WasReleased{Report: id, Project: r.Project})
}

// Opened notes which case a released report became, so that later mail in its
// threads goes there. It belongs into the transaction of Release, after the case
// exists, with the report that Release returned.
func (s *Service) Opened(ctx context.Context, tx unit.Tx, sc people.Scope, r Report, caseID string) error {
	r.Case = caseID
	if err := s.Reports.Save(ctx, tx, sc, r); err != nil {
		return err
	}
	killpoint.At("release.opened")
	return nil
}

// Assessed notes that the case of a released report was assessed (valid or
// invalid), which ends the reminders. The scope must see the report or its case.
func (s *Service) Assessed(ctx context.Context, tx unit.Tx, sc people.Scope, id ReportID) error {
	r, err := s.Reports.Lock(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	if !r.AssessedAt.IsZero() {
		return nil
	}
	r.AssessedAt = tx.Now()
	return s.Reports.Save(ctx, tx, sc, r)
}

// entry is a line of the report's own stream in the ledger.
func (r Report) entry(kind string, sc people.Scope, args map[string]string) unit.Entry {
	return unit.Entry{
		Stream: unit.Stream{Kind: "report", ID: string(r.ID)},
		Kind:   kind, Actor: sc.Actor(), Args: args,
	}
}
