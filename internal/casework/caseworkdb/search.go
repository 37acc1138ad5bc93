package caseworkdb

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Search implements casework.ListStore.
func (s *Store) Search(ctx context.Context, v unit.View, sc people.Scope, cur casework.Cursor, limit int, match func(casework.Hit) bool) error {
	ok, a := sees(sc)
	mine, b := seesItem(sc)
	from := cur.At
	if from.IsZero() {
		from = v.Now().Add(24 * time.Hour)
	}
	where, w, err := s.among(ctx, v, sc)
	if err != nil {
		return err
	}
	rows, err := sqldb.All(ctx, v, scanFound, foundColumns+"(i.at < ? or i.at = ? and i.id < ?) and "+where+ok+" and "+mine+" order by i.at desc, i.id desc limit ?",
		join([]any{from, from, cur.ID}, w, a, b, []any{limit})...)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	titles := map[casework.CaseID]string{}
	for _, row := range rows {
		i, err := s.openItem(ctx, v, row.sealedItem)
		if err != nil {
			return err
		}
		title, known := titles[i.Case]
		if !known {
			if err := s.get(ctx, v, titleAt(i.Case), row.title, &title); err != nil {
				return err
			}
			titles[i.Case] = title
		}
		if !match(casework.Hit{Case: i.Case, Title: title, Item: i}) {
			return nil
		}
	}
	return nil
}

// found is an item with its case's title.
type found struct {
	sealedItem
	title []byte
}

const foundColumns = `select i.id, i.case_id, i.number, i.kind, i.audience, i.hold, i.trust, i.at, i.author, i.content, c.title
	from casework_item i join casework_case c on c.id = i.case_id where `

func scanFound(row sqldb.Row) (found, error) {
	var f found
	var at int64
	err := row.Scan(&f.ID, &f.Case, &f.Number, &f.Kind, &f.Audience, &f.Hold, &f.Trust, &at, &f.Author, &f.content, &f.title)
	f.At = sqldb.Time(at)
	return f, err
}

// few is how many cases a search names one by one. Who sees few of many cases would
// otherwise pay for all the items in between.
const few = 1000

// among narrows a search to the scope's cases when these are few.
func (s *Store) among(ctx context.Context, v unit.View, sc people.Scope) (string, []any, error) {
	ok, args := sees(sc)
	ids, err := sqldb.All(ctx, v, sqldb.Value[string], `select c.id from casework_case c where `+ok+` limit ?`, append(args, few+1)...)
	if err != nil || len(ids) > few {
		return "", nil, err
	}
	out := make([]any, len(ids))
	for n, id := range ids {
		out[n] = id
	}
	return "i.case_id in (" + sqldb.Marks(len(ids)) + ") and ", out, nil
}
