package server

import (
	"context"
	"errors"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// kept is a transaction that keeps the jobs.
type kept struct {
	unit.Tx
	jobs []unit.Job
}

func (k *kept) Enqueue(j unit.Job) { k.jobs = append(k.jobs, j) }

func TestFollowersAreCalledWithinOrAfterTheTransaction(t *testing.T) {
	refusal := errors.New("no")
	var within1, after1 people.ProjectChanged
	var answer error
	f := flow{people.ProjectChanged{}.FactName(): {
		within(func(_ context.Context, _ unit.Tx, fact people.ProjectChanged) error { within1 = fact; return answer }),
		after("server", func(_ context.Context, _ unit.Running, fact people.ProjectChanged) error { after1 = fact; return nil }),
	}}
	fact := people.ProjectChanged{Project: "p1"}
	tx := &kept{}
	if err := f.Emit(t.Context(), tx, fact); err != nil || within1 != fact || len(tx.jobs) != 1 {
		t.Fatalf("error %v, within %v, jobs %v", err, within1, tx.jobs)
	}
	job := tx.jobs[0]
	if after1 != (people.ProjectChanged{}) {
		t.Error("the After-follower ran in the transaction")
	}
	if err := f.handlers()[job.Kind](t.Context(), unit.Running{Job: job}); err != nil || after1 != fact {
		t.Errorf("error %v, after %v", err, after1)
	}
	answer = refusal
	tx = &kept{}
	if err := f.Emit(t.Context(), tx, fact); !errors.Is(err, refusal) || len(tx.jobs) != 0 {
		t.Errorf("a Within-follower that refuses: error %v, jobs %v", err, tx.jobs)
	}
	if err := f.Emit(t.Context(), tx, people.TeamJoined{}); err != nil {
		t.Errorf("a fact without a follower: %v", err)
	}
}
