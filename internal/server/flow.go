package server

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// flow is the table of facts and who follows them; it implements sqldb.Emitter.
// flows.go has the one page on which every row stands. A follower runs within the
// transaction of the fact, and its error undoes everything; what is to happen
// afterwards it enqueues as a job of its own.
type flow map[string][]follower

type follower func(context.Context, unit.Tx, unit.Fact) error

// Emit implements sqldb.Emitter.
func (f flow) Emit(ctx context.Context, tx unit.Tx, fact unit.Fact) error {
	for _, follow := range f[fact.FactName()] {
		if err := follow(ctx, tx, fact); err != nil {
			return err
		}
	}
	return nil
}

// within makes a follower of a method that takes the fact's own type.
func within[F unit.Fact](f func(context.Context, unit.Tx, F) error) follower {
	return func(ctx context.Context, tx unit.Tx, fact unit.Fact) error {
		typed, ok := fact.(F)
		if !ok {
			return fmt.Errorf("fact %s is a %T, its follower wants a %T", fact.FactName(), fact, typed)
		}
		return f(ctx, tx, typed)
	}
}
