package casework

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// searchDepth is how many items one search looks at: sealed text cannot be indexed
// (design, section 4). A cursor goes on behind them.
const searchDepth = 2000

// Found is one page of a search.
type Found struct {
	Hits []Hit
	Next Cursor // zero: everything has been looked at
	Done int    // items looked at
}

// Search looks for all of the words in the titles and items that the scope may
// see, newest first. It looks at no more than 2,000 items and stops earlier at 50 hits;
// Next goes on from there. Of what the scope has not read yet a hit says only where it is.
func (s *Service) Search(ctx context.Context, v unit.View, sc people.Scope, text string, cur Cursor) (Found, error) {
	words := terms(text)
	if len(words) == 0 {
		return Found{}, fault.New(fault.Invalid, "casework.fault.no_words")
	}
	var out Found
	done, last, err := s.Lists.Search(ctx, v, sc, cur, searchDepth, words, func(h Hit) bool {
		if matches(words, h) {
			out.Hits = append(out.Hits, h)
		}
		return len(out.Hits) < 50
	})
	if out.Done = done; len(out.Hits) >= 50 || done == searchDepth {
		out.Next = last
	}
	if err != nil {
		return Found{}, err
	}
	return out, s.closeUnread(ctx, v, sc, out.Hits)
}

// closeUnread takes the words out of the hits that the viewer has not seen.
func (s *Service) closeUnread(ctx context.Context, v unit.View, sc people.Scope, hits []Hit) error {
	marks := map[CaseID]int{}
	for n, h := range hits {
		mark, known := marks[h.Case]
		if !known {
			var err error
			if mark, err = s.Seen.Seen(ctx, v, sc, h.Case); err != nil {
				return err
			}
			marks[h.Case] = mark
		}
		if h.Item.Number > mark {
			hits[n].Unread, hits[n].Item.Content = true, Content{}
		}
	}
	return nil
}

// maxWords bounds a query.
const maxWords = 10

// terms splits a query into lower-case words.
func terms(text string) []string {
	if len(text) > 400 {
		text = strings.ToValidUTF8(text[:400], "")
	}
	w := strings.Fields(strings.ToLower(text))
	return w[:min(len(w), maxWords)]
}

// matches reports whether every word is somewhere in the hit.
func matches(words []string, h Hit) bool {
	c := h.Item.Content
	all := strings.ToLower(h.Title + "\n" + c.Subject + "\n" + c.From + " " + c.Address + "\n" + c.Text)
	for _, w := range words {
		if !strings.Contains(all, w) {
			return false
		}
	}
	return true
}

// List returns a page of the cases that the scope may see.
func (s *Service) List(ctx context.Context, v unit.View, sc people.Scope, q Query) (Page, error) {
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = 50
	}
	q.Offset = max(0, min(q.Offset, 100_000))
	if len(q.States) == 0 {
		q.States = []State{Received, Valid, Accepted, Deferred}
	}
	return s.Lists.List(ctx, v, sc, q)
}
