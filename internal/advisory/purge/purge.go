// Package purge tells a cache in front of the site, such as a CDN, which addresses
// changed: after each change of the tree, at least once. Only what everybody may read is
// told.
//
// The program that takes the list is the operator's (--purge-command), run by
// internal/server; the tree is in advisorydb.
package purge

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Kind is the job that tells; it runs after each publication and once a minute.
const Kind = "advisory.purge"

// batch is how many addresses one run of the program gets.
const batch = 1000

// Store keeps up to which generation of the tree the cache was told.
type Store interface {
	Told(ctx context.Context, v unit.View, sc people.Scope) (int64, error)
	Tell(ctx context.Context, tx unit.Tx, sc people.Scope, generation int64) error
}

// Site is what purge needs of pubsite.Store.
type Site interface {
	Changed(ctx context.Context, v unit.View, sc people.Scope, since int64) (pubsite.Flipped, error)
}

// Service is the operations.
type Service struct {
	Work  unit.Work
	Store Store
	Site  Site
	// Run gives the program a list, one address a line; nil means that there is none.
	Run func(ctx context.Context, list []byte) error
	URL string
}

// Follow follows advisory.Published within: the list goes out at once.
func (s *Service) Follow(_ context.Context, tx unit.Tx, _ advisory.Published) error {
	if s.Run != nil {
		tx.Enqueue(unit.Job{Kind: Kind, Key: Kind, Args: map[string]string{}})
	}
	return nil
}

// Purge is the handler of Kind. The generation is noted after the program took the whole
// list: after a stop it gets it again. Kill point: purge.told.
func (s *Service) Purge(ctx context.Context, j unit.Running) error {
	if s.Run == nil {
		return nil
	}
	sc := people.Anyone()
	var changed pubsite.Flipped
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		since, err := s.Store.Told(ctx, v, sc)
		if err != nil {
			return err
		}
		changed, err = s.Site.Changed(ctx, v, sc, since)
		changed.Any = changed.Generation != since
		return err
	})
	if err != nil || !changed.Any {
		return err
	}
	for list := changed.Changed; len(list) > 0; list = list[min(batch, len(list)):] {
		var b strings.Builder
		for _, path := range list[:min(batch, len(list))] {
			b.WriteString(s.URL + "/" + path + "\n")
		}
		if err := s.Run(ctx, []byte(b.String())); err != nil {
			return err
		}
	}
	killpoint.At("purge.told")
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Store.Tell(ctx, tx, sc, changed.Generation); err != nil {
			return err
		}
		return j.Fence.Done(ctx, tx)
	})
}
