package server

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// flow is the table of facts and who follows them; it implements sqldb.Emitter.
// flows, below, is the one page on which every row stands.
type flow map[string][]follower

// follower hears one fact: Within the transaction, where its error undoes
// everything, or After it as a job.
type follower struct {
	within func(context.Context, unit.Tx, unit.Fact) error
	job    string // kind of the After-job
	handle func(context.Context, unit.Running) error
}

// Emit implements sqldb.Emitter.
func (f flow) Emit(ctx context.Context, tx unit.Tx, fact unit.Fact) error {
	for _, w := range f[fact.FactName()] {
		if w.within != nil {
			if err := w.within(ctx, tx, fact); err != nil {
				return err
			}
			continue
		}
		raw, err := json.Marshal(fact)
		if err != nil {
			return fmt.Errorf("fact %s: %w", fact.FactName(), err)
		}
		tx.Enqueue(unit.Job{Kind: w.job, Args: map[string]string{"fact": string(raw)}})
	}
	return nil
}

// handlers are the After-followers by kind of job.
func (f flow) handlers() map[string]func(context.Context, unit.Running) error {
	all := map[string]func(context.Context, unit.Running) error{}
	for _, followers := range f {
		for _, w := range followers {
			if w.handle != nil {
				all[w.job] = w.handle
			}
		}
	}
	return all
}

// within makes a follower in the same transaction.
func within[F unit.Fact](f func(context.Context, unit.Tx, F) error) follower {
	return follower{within: func(ctx context.Context, tx unit.Tx, fact unit.Fact) error {
		typed, ok := fact.(F)
		if !ok {
			return fmt.Errorf("fact %s is a %T, its follower wants a %T", fact.FactName(), fact, typed)
		}
		return f(ctx, tx, typed)
	}}
}

// after makes a follower by job; name is who follows ("advisory").
func after[F unit.Fact](name string, f func(context.Context, unit.Running, F) error) follower {
	var zero F
	return follower{
		job: "flow." + zero.FactName() + "." + name,
		handle: func(ctx context.Context, j unit.Running) error {
			var fact F
			if err := json.Unmarshal([]byte(j.Args["fact"]), &fact); err != nil {
				return fmt.Errorf("fact of job %s: %w", j.ID, err)
			}
			return f(ctx, j, fact)
		},
	}
}
