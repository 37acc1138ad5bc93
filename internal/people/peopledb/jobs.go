package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// isAdmin asks the condition of administers by itself.
func isAdmin(ctx context.Context, v unit.View, sc people.Scope) (bool, error) {
	admin, args := administers(sc)
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from (select 1 as one) x where `+admin, args...)
	return n > 0, err
}

// DeadJobs implements account.JobStore.
func (s *Store) DeadJobs(ctx context.Context, v unit.View, sc people.Scope, limit int) ([]account.JobRow, error) {
	if ok, err := isAdmin(ctx, v, sc); err != nil || !ok {
		return nil, err
	}
	items, err := jobs.List(ctx, v, jobs.Dead, limit)
	if err != nil {
		return nil, err
	}
	out := make([]account.JobRow, 0, len(items))
	for _, i := range items {
		out = append(out, account.JobRow{ID: i.ID, Kind: i.Kind, Problem: i.FaultKey, Attempts: i.Attempt, Created: i.Created})
	}
	return out, nil
}

// RetryJob implements account.JobStore.
func (s *Store) RetryJob(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error {
	ok, err := isAdmin(ctx, tx, sc)
	if err != nil {
		return err
	}
	if !ok {
		return fault.Missing()
	}
	return jobs.Retry(ctx, tx, id)
}

var _ account.JobStore = (*Store)(nil)
