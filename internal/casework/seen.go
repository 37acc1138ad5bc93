package casework

import (
	"context"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// View opens a case for reading: it notes how far the scope sees it before the
// first byte leaves, and gives the case, the role and that number. Only when the
// mark grows is anything written, and then one entry in the ledger says so; a page
// must show no item above the number.
func (s *Service) View(ctx context.Context, sc people.Scope, id CaseID) (Case, people.Role, int, error) {
	var c Case
	var role people.Role
	var seen int
	read := func(ctx context.Context, v unit.View) (err error) {
		if c, role, err = s.Get(ctx, v, sc, id); err != nil {
			return err
		}
		seen, err = s.Seen.Seen(ctx, v, sc, id)
		return err
	}
	if err := s.Work.View(ctx, read); err != nil || seen >= c.Items {
		return c, role, c.Items, err
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := read(ctx, tx); err != nil {
			return err
		}
		grew, err := s.Seen.Grow(ctx, tx, sc, id, c.Items)
		if err != nil || !grew {
			return err
		}
		tx.Record(c.entry(sc, "casework.ledger.seen", map[string]string{"through": strconv.Itoa(c.Items)}))
		return nil
	})
	return c, role, c.Items, err
}

// Conversation returns up to limit items with a number below before (0: the
// newest), in order, as far as the scope's role sees them.
func (s *Service) Conversation(ctx context.Context, v unit.View, sc people.Scope, id CaseID, before, limit int) ([]Item, error) {
	if limit <= 0 || limit > 500 {
		limit = 100
	}
	items, err := s.Items.Items(ctx, v, sc, id, before, limit)
	if _, ok := sc.Bearer(); ok && err == nil {
		err = s.forBearer(ctx, v, sc, id, items)
	}
	return items, err
}

// forBearer notes which items went out encrypted and takes out what the link must not show.
func (s *Service) forBearer(ctx context.Context, v unit.View, sc people.Scope, id CaseID, items []Item) error {
	if len(items) == 0 {
		return nil
	}
	c, err := s.Cases.Get(ctx, v, sc, id)
	if err != nil {
		return err
	}
	var letters []string
	for _, i := range items {
		if i.Letter != "" {
			letters = append(letters, i.Letter)
		}
	}
	sent, err := s.Letters.SentEncrypted(ctx, v, sc, letters)
	if err != nil {
		return err
	}
	for n := range items {
		items[n].Closed = sent[items[n].Letter]
		items[n].forBearer(c.Reporter)
	}
	return nil
}

// forBearer takes out what a secret link must not show: whoever read the link on its
// way may be behind it. What came or went encrypted stays closed, and no address is said;
// nor what would tell somebody who only typed the reporter's address that it has an account
// or a key here: the reporter's name and proof, and that a letter to a shut account failed.
func (i *Item) forBearer(r Reporter) {
	if i.Author != "" && i.Author == r.Person {
		i.Author = ""
	}
	i.Trust, i.Bounced = Session, false
	i.Content.From, i.Content.Address, i.Content.Sent, i.Content.Note = "", "", "", ""
	if i.Content.Cipher || i.Closed {
		i.Content.Text, i.Content.Subject, i.Files = "", "", nil
	}
}

// History returns the case's timeline: the lines of its ledger stream, oldest first,
// after a sequence number. A reporter and an observer get the lines that
// concern them; whatever tells of notes, held mail or people is the team's.
func (s *Service) History(ctx context.Context, v unit.View, sc people.Scope, id CaseID, after int64, limit int) ([]Line, error) {
	_, role, err := s.Get(ctx, v, sc, id)
	if err != nil {
		return nil, err
	}
	if OfTeam(role) {
		return s.Timeline.Lines(ctx, v, id.Stream(), after, limit)
	}
	return s.openLines(ctx, v, id, after, limit)
}

// openLines reads the lines that may be told to everyone on the case. They are counted
// among themselves: the gaps in the stream's own numbers would tell of the others.
func (s *Service) openLines(ctx context.Context, v unit.View, id CaseID, after int64, limit int) ([]Line, error) {
	const page = 500
	var out []Line
	n, from := int64(0), int64(0)
	for {
		lines, err := s.Timeline.Lines(ctx, v, id.Stream(), from, page)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			from = l.Seq
			if !openLine(l.Kind) {
				continue
			}
			if n++; n <= after {
				continue
			}
			if l.Seq = n; l.Kind == "casework.ledger.opened" {
				// Why a moderator let the report through was said to the team.
				l.Args = map[string]string{"title": l.Args["title"]}
			}
			if out = append(out, l); len(out) == limit {
				return out, nil
			}
		}
		if len(lines) < page {
			return out, nil
		}
	}
}

// openLine reports whether a line may be told to everyone on the case.
func openLine(kind string) bool {
	switch kind {
	case "casework.ledger.opened", "casework.ledger.moved", "casework.ledger.severity", "casework.ledger.weaknesses",
		"casework.ledger.titled", "casework.ledger.affected", "casework.ledger.replied",
		"casework.ledger.fact_public", "casework.ledger.fact_exploited", "casework.ledger.fact_attacked", "casework.ledger.fact_corrected",
		"embargo.ledger.set", "embargo.ledger.restart", "embargo.ledger.extend", "embargo.ledger.shorten",
		"embargo.ledger.correct", "embargo.ledger.end", "embargo.ledger.exception", "embargo.ledger.end_asked":
		return true
	}
	return false
}
