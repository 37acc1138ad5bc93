package desk

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// TextID is the ident id of a canned text.
type TextID string

// Text is one of a project's own answers to reporters, kept for the next time.
type Text struct {
	ID      TextID
	Project people.ProjectID
	For     Decision
	Title   string // what the moderators' list and the ledger call it
	Body    string // what the reporter reads
}

// TextStore keeps canned texts. They exist for the project's moderators and team.
type TextStore interface {
	Text(ctx context.Context, v unit.View, sc people.Scope, id TextID) (Text, error)
	TextsOf(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Text, error)
	// OnTeam is nil when the scope belongs to the project's team.
	OnTeam(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) error
	// SaveText adds or changes a text; the scope must be of the project's team.
	SaveText(ctx context.Context, tx unit.Tx, sc people.Scope, t Text) error
	RemoveText(ctx context.Context, tx unit.Tx, sc people.Scope, id TextID) error
}

// SaveText is the operation that adds (without an id) or changes a canned text. It
// fails with fault.Invalid for an empty one and with fault.NotFound for a project
// whose team the scope does not belong to.
func (s *Service) SaveText(ctx context.Context, sc people.Scope, t Text) (TextID, error) {
	var c fault.Checks
	c.Require(strings.TrimSpace(t.Title) != "", "title", "desk.field.title_missing")
	c.Require(len(t.Title) <= 200, "title", "desk.field.too_long", "most", 200)
	c.Require(strings.TrimSpace(t.Body) != "", "body", "desk.field.text_missing")
	c.Require(len(t.Body) <= maxReason, "body", "desk.field.too_long", "most", maxReason)
	c.Require(t.For.Tells(), "for", "desk.field.for")
	if err := c.Err(); err != nil {
		return "", err
	}
	if !sc.MayWrite() {
		return "", fault.New(fault.Denied, "people.read_only")
	}
	fresh := t.ID == ""
	if fresh {
		t.ID = TextID(ident.New())
	}
	return t.ID, s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if !fresh {
			old, err := s.Texts.Text(ctx, tx, sc, t.ID)
			if err != nil {
				return err
			}
			t.Project = old.Project
		}
		tx.Record(textEntry(sc, t.Project, "desk.ledger.text_saved", t.Title))
		return s.Texts.SaveText(ctx, tx, sc, t)
	})
}

// RemoveText is the operation that removes a canned text.
func (s *Service) RemoveText(ctx context.Context, sc people.Scope, id TextID) error {
	if !sc.MayWrite() {
		return fault.New(fault.Denied, "people.read_only")
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		t, err := s.Texts.Text(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		tx.Record(textEntry(sc, t.Project, "desk.ledger.text_removed", t.Title))
		return s.Texts.RemoveText(ctx, tx, sc, id)
	})
}

func textEntry(sc people.Scope, p people.ProjectID, kind, title string) unit.Entry {
	return unit.Entry{
		Stream: unit.Stream{Kind: "project", ID: string(p)}, Kind: kind,
		Actor: sc.Actor(), Args: map[string]string{"title": title},
	}
}

// TextsOf returns the canned texts of a project to its team; to everybody else it is
// fault.NotFound.
func (s *Service) TextsOf(ctx context.Context, sc people.Scope, project people.ProjectID) ([]Text, error) {
	var out []Text
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err := s.Texts.OnTeam(ctx, v, sc, project); err != nil {
			return err
		}
		out, err = s.Texts.TextsOf(ctx, v, sc, project)
		return err
	})
	return out, err
}
