package people

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// SeriesStore counts a project's advisory numbers by year.
type SeriesStore interface {
	// NextNumber returns the next count of the year and moves on, in one statement.
	NextNumber(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, year int) (int, error)
	// PassNumber moves the count past n.
	PassNumber(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, year, n int) error
}

// Series gives out the numbers PREFIX-YYYY-NNNN of a project (design, section 4). A
// number is taken in the transaction that stages a publication and belongs to it:
// when that never publishes, advisory keeps a documented gap, and no number is
// given twice.
type Series struct {
	Store    SeriesStore
	Projects ProjectFinder
}

// Take returns the next number of the project for the present year in UTC.
func (s *Series) Take(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID) (string, error) {
	p, err := s.Projects.FindProject(ctx, tx, sc, project)
	if err != nil {
		return "", err
	}
	year := tx.Now().UTC().Year()
	n, err := s.Store.NextNumber(ctx, tx, sc, project, year)
	if err != nil {
		return "", err
	}
	number := fmt.Sprintf("%s-%d-%04d", p.Series, year, n)
	tx.Record(ProjectEntry(sc, project, "people.ledger.number", map[string]string{"number": number}))
	return number, nil
}

// Pass notes a number of the project's own series that came from outside (an
// imported advisory), so that Take never gives it again. Numbers of other
// series change nothing.
func (s *Series) Pass(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, number string) error {
	p, err := s.Projects.FindProject(ctx, tx, sc, project)
	if err != nil {
		return err
	}
	rest, ok := strings.CutPrefix(number, p.Series+"-")
	if !ok {
		return nil
	}
	y, c, ok := strings.Cut(rest, "-")
	year, err1 := strconv.Atoi(y)
	n, err2 := strconv.Atoi(c)
	if !ok || err1 != nil || err2 != nil || len(y) != 4 || year < 1990 || n < 0 || n > 9_999_999 {
		return nil
	}
	return s.Store.PassNumber(ctx, tx, sc, project, year, n)
}
