package advisorydb

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// armedAt is what the column beside the sealed body says of the arming.
func armedAt(a advisory.Advisory) time.Time {
	if a.Arming == nil {
		return time.Time{}
	}
	return a.Arming.At
}

// CountStaged counts what is staged to be published, for administrators; for others it
// is zero.
func (s *Store) CountStaged(ctx context.Context, v unit.View, sc people.Scope) (int, error) {
	admin, args := peopledb.Administers(sc)
	return sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from advisory_staged where `+admin, args...)
}

// CountArmed counts the publications that would happen by themselves, for
// administrators; for others it is zero. It opens nothing sealed.
func (s *Store) CountArmed(ctx context.Context, v unit.View, sc people.Scope) (int, error) {
	admin, args := peopledb.Administers(sc)
	return sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from advisory_advisory where armed_at > 0 and `+admin, args...)
}

// Armed implements advisory.ArmedList.
func (s *Store) Armed(ctx context.Context, v unit.View, sc people.Scope) ([]advisory.ArmedRow, error) {
	admin, args := peopledb.Administers(sc)
	return sqldb.All(ctx, v, func(r sqldb.Row) (advisory.ArmedRow, error) {
		var a advisory.ArmedRow
		err := r.Scan(&a.ID, &a.Object)
		return a, err
	}, `select id, object from advisory_advisory where armed_at > 0 and `+admin+` order by id`, args...)
}

// LastNumbers returns the newest published number of each project, for administrators;
// for others nothing.
func (s *Store) LastNumbers(ctx context.Context, v unit.View, sc people.Scope) ([]string, error) {
	admin, args := peopledb.Administers(sc)
	return sqldb.All(ctx, v, sqldb.Value[string], `select d.number from advisory_document d where d.initial_at =
		(select max(o.initial_at) from advisory_document o where o.project = d.project) and `+admin+` order by d.project, d.number`, args...)
}

var _ advisory.ArmedList = (*Store)(nil)
