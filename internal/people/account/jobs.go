package account

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// JobRow is a job that will not be tried again, as an administrator sees it: what kind
// and why, not what about.
type JobRow struct {
	ID, Kind string
	Problem  string // catalogue key of the last failure, "" without one
	Attempts int
	Created  time.Time
}

// JobStore lets administrators look at the jobs; for other scopes it is empty.
type JobStore interface {
	DeadJobs(ctx context.Context, v unit.View, sc people.Scope, limit int) ([]JobRow, error)
	// RetryJob fails with Conflict for a job that is not dead.
	RetryJob(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error
}

// maxJobs is how many dead jobs a page shows; more of them have one cause.
const maxJobs = 200

// DeadJobs lists the jobs that will not be tried again.
func (s *Admin) DeadJobs(ctx context.Context, sc people.Scope) ([]JobRow, error) {
	var out []JobRow
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err = s.must(ctx, v, sc); err != nil || s.Jobs == nil {
			return err
		}
		out, err = s.Jobs.DeadJobs(ctx, v, sc, maxJobs)
		return err
	})
	return out, err
}

// RetryJob lets a dead job start afresh. There is no way to cancel one here: an
// administrator must not be able to stop the end of an embargo that he does not see.
func (s *Admin) RetryJob(ctx context.Context, sc people.Scope, id string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.must(ctx, tx, sc); err != nil {
			return err
		}
		tx.Record(unit.Entry{Stream: unit.Stream{Kind: "site"}, Kind: "people.ledger.job_retried", Actor: sc.Actor(), Args: map[string]string{"job": id}})
		return s.Jobs.RetryJob(ctx, tx, sc, id)
	})
}

// OpenLinks lists the one-time links that wait to be used.
func (s *Admin) OpenLinks(ctx context.Context, sc people.Scope) ([]Link, error) {
	var out []Link
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err = s.must(ctx, v, sc); err != nil {
			return err
		}
		out, err = s.Links.OpenLinks(ctx, v, sc)
		return err
	})
	return out, err
}
