package caseworkdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Search implements casework.ListStore. It takes the ids first, from an index alone;
// titles and digests then say which items are worth opening.
func (s *Store) Search(ctx context.Context, v unit.View, sc people.Scope, cur casework.Cursor, limit int, words []string, match func(casework.Hit) bool) (int, casework.Cursor, error) {
	places, oldest, err := s.newest(ctx, v, sc, cur, limit)
	if err != nil || len(places) == 0 {
		return 0, casework.Cursor{}, err
	}
	titles, err := s.titles(ctx, v, places)
	if err != nil {
		return 0, casework.Cursor{}, err
	}
	maybe, err := s.candidates(ctx, v, places, titles, words)
	if err != nil {
		return 0, casework.Cursor{}, err
	}
	for chunk := range slices.Chunk(maybe, hitChunk) {
		items, err := s.openHits(ctx, v, sc, chunk)
		if err != nil {
			return 0, casework.Cursor{}, err
		}
		for _, p := range chunk {
			if i, ok := items[p.item]; ok && !match(casework.Hit{Case: i.Case, Title: titles[p.of], Item: i}) {
				return slices.Index(places, p) + 1, casework.Cursor{At: i.At, ID: i.ID}, nil
			}
		}
	}
	return len(places), casework.Cursor{At: oldest, ID: places[len(places)-1].item}, nil
}

// place is an item and its case.
type place struct {
	item casework.ItemID
	of   casework.CaseID
}

// newest returns the newest items below the cursor that the scope sees, and the time of
// the last. They come as one text: reading a row for each costs more than finding it.
func (s *Store) newest(ctx context.Context, v unit.View, sc people.Scope, cur casework.Cursor, limit int) ([]place, time.Time, error) {
	if cur.At.IsZero() {
		cur.At = v.Now().Add(24 * time.Hour)
	}
	few, err := peopledb.HoldsLittle(ctx, v, sc)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("search: %w", err)
	}
	var from string
	var args []any
	if few {
		ok, a := among(sc)
		mine, b := seesItem(sc)
		from = "casework_case c cross join casework_item i where i.case_id = c.id and " + ok + " and " + mine
		args = join(a, b)
	} else {
		ok, a := peopledb.Sees(sc, "i.case_id")
		team, b := peopledb.Sees(sc, "i.case_id", people.Lead, people.Member)
		from = "casework_item i where " + ok + " and (i.audience = 1 and i.hold = 1 or " + team + ")"
		args = join(a, b)
	}
	type found struct {
		ids    string
		oldest int64
	}
	f, err := sqldb.One(ctx, v, func(r sqldb.Row) (f found, err error) { return f, r.Scan(&f.ids, &f.oldest) },
		`select coalesce(string_agg(x.id || ' ' || x.case_id, ','), ''), coalesce(min(x.at), 0) from (select i.id, i.case_id, i.at from `+from+
			` and (i.at, i.id) < (?, ?) order by i.at desc, i.id desc`+sqldb.Limit(limit)+`) x`, join(args, []any{cur.At, cur.ID})...)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("search: %w", err)
	}
	out := make([]place, 0, limit)
	for pair := range strings.SplitSeq(f.ids, ",") {
		if item, of, ok := strings.Cut(pair, " "); ok {
			out = append(out, place{casework.ItemID(item), casework.CaseID(of)})
		}
	}
	return out, sqldb.Time(f.oldest), nil
}

// Sizes of the lists of ids in statements; shorter lists are filled up, so that one
// compiled statement serves all.
const (
	idChunk  = 200
	hitChunk = 50
)

// marked are n arguments: the ids, and the last one again.
func marked[T ~string](ids []T, n int) []any {
	out := make([]any, n)
	for k := range out {
		out[k] = string(ids[min(k, len(ids)-1)])
	}
	return out
}

// titles opens the titles of the items' cases.
func (s *Store) titles(ctx context.Context, v unit.View, places []place) (map[casework.CaseID]string, error) {
	out := map[casework.CaseID]string{}
	var ids []casework.CaseID
	for _, p := range places {
		if _, ok := out[p.of]; !ok {
			out[p.of] = ""
			ids = append(ids, p.of)
		}
	}
	for chunk := range slices.Chunk(ids, idChunk) {
		rows, err := sqldb.All(ctx, v, scanWords[casework.CaseID], `select c.id, c.title from casework_case c where c.id in (`+sqldb.Marks(idChunk)+`)`,
			marked(chunk, idChunk)...)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		for _, r := range rows {
			var title string
			if err := s.get(ctx, v, titleAt(r.id), r.words, &title); err != nil {
				return nil, err
			}
			out[r.id] = title
		}
	}
	return out, nil
}

// sealedWords is the id of a row and what is sealed of it.
type sealedWords[T any] struct {
	id    T
	words []byte
}

func scanWords[T any](row sqldb.Row) (w sealedWords[T], err error) {
	return w, row.Scan(&w.id, &w.words)
}

// candidates are the places where each word may be: in the title or in the item.
func (s *Store) candidates(ctx context.Context, v unit.View, places []place, titles map[casework.CaseID]string, words []string) ([]place, error) {
	known, err := s.digested(ctx, v, places)
	if err != nil {
		return nil, err
	}
	low := make(map[casework.CaseID]string, len(titles))
	for id, title := range titles {
		low[id] = strings.ToLower(title)
	}
	var out []place
	for n, p := range places {
		if !slices.ContainsFunc(words, func(w string) bool { return !known[n].may(w) && !strings.Contains(low[p.of], w) }) {
			out = append(out, p)
		}
	}
	return out, nil
}

// digested returns the digests of the items; those that were not known are made.
func (s *Store) digested(ctx context.Context, v unit.View, places []place) ([]digest, error) {
	out := s.digests.get(places, v.Now())
	at := map[casework.ItemID]int{}
	var ids []casework.ItemID
	for n, d := range out {
		if d == nil {
			at[places[n].item] = n
			ids = append(ids, places[n].item)
		}
	}
	for chunk := range slices.Chunk(ids, idChunk) {
		rows, err := sqldb.All(ctx, v, scanWords[casework.ItemID], `select i.id, i.content from casework_item i where i.id in (`+sqldb.Marks(idChunk)+`)`,
			marked(chunk, idChunk)...)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		for _, r := range rows {
			var c casework.Content
			if err := s.get(ctx, v, itemAt(r.id), r.words, &c); err != nil {
				return nil, err
			}
			d := digestOf(c)
			out[at[r.id]] = d
			s.digests.put(r.id, d, v.Now())
		}
	}
	return out, nil
}

// openHits reads and opens items that a search may have found.
func (s *Store) openHits(ctx context.Context, v unit.View, sc people.Scope, places []place) (map[casework.ItemID]casework.Item, error) {
	ids := make([]casework.ItemID, len(places))
	for n, p := range places {
		ids[n] = p.item
	}
	ok, a := sees(sc)
	mine, b := seesItem(sc)
	rows, err := sqldb.All(ctx, v, scanItem, itemColumns+"i.id in ("+sqldb.Marks(hitChunk)+") and "+ok+" and "+mine, join(marked(ids, hitChunk), a, b)...)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	out := make(map[casework.ItemID]casework.Item, len(rows))
	for _, row := range rows {
		if out[row.ID], err = s.openItem(ctx, v, row); err != nil {
			return nil, err
		}
	}
	return out, nil
}
