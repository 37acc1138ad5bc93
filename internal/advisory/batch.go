package advisory

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// How many imports one call publishes, and how many of them one transaction.
const (
	MaxBatch   = 1000
	batchFlips = 50
)

// Decided names an advisory and the revision that somebody decided about.
type Decided struct {
	ID   ID
	Hash string
}

// PublishAll publishes approved imports of a project together: one word for all, one job,
// few flips. Each is armed as PublishNow arms it, all or none: the first that is not ready
// is fault.Conflict, one that is no import of the project NotFound.
func (s *Service) PublishAll(ctx context.Context, sc people.Scope, project people.ProjectID, list []Decided) error {
	if len(list) > MaxBatch {
		return fault.New(fault.TooLarge, "advisory.fault.batch", "n", MaxBatch)
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		me, err := s.may(ctx, tx, sc, string(project))
		if err != nil {
			return err
		}
		ids := make([]string, len(list))
		for i, d := range list {
			a, err := s.Store.Lock(ctx, tx, sc, d.ID)
			if err != nil {
				return err
			}
			if a.Object != string(project) {
				return fault.Missing()
			}
			if err := s.arm(ctx, tx, sc, &a, me, d.Hash, true); err != nil {
				return err
			}
			if err := s.Store.Save(ctx, tx, sc, a); err != nil {
				return err
			}
			ids[i] = string(d.ID)
		}
		tx.Enqueue(unit.Job{Kind: KindBatch, Subject: string(project), At: tx.Now(), Args: map[string]string{"project": string(project), "advisories": strings.Join(ids, " ")}})
		return nil
	})
}

// Batch is the handler of KindBatch. Run again after a crash it goes on with what is not
// published yet.
func (s *Service) Batch(ctx context.Context, j unit.Running) error {
	sc, ids := scope(j.Job), strings.Fields(j.Args["advisories"])
	for from := 0; from < len(ids); from += batchFlips {
		if err := s.together(ctx, sc, people.ProjectID(j.Args["project"]), ids[from:min(from+batchFlips, len(ids))]); err != nil {
			return err
		}
		killpoint.At("publish.batch")
		if err := j.Fence.Progress(ctx, min(from+batchFlips, len(ids)), len(ids)); err != nil {
			return err
		}
	}
	return nil
}

// together renders and signs some imports and flips them in one transaction. What cannot be
// rendered, or is not ready any more, goes the way of a single one: KindPublish says why.
func (s *Service) together(ctx context.Context, sc people.Scope, project people.ProjectID, ids []string) error {
	var p people.Project
	var key SigningKey
	var all []Advisory
	staged := map[ID]Staged{}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if p, err = s.Projects.Project(ctx, v, sc, project); err != nil {
			return err
		}
		if key, err = s.Keys.Signing(ctx, v, project); err != nil {
			return err
		}
		for _, id := range ids {
			a, err := s.Store.Get(ctx, v, sc, ID(id))
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Working == nil || a.Abandoned != nil {
			continue
		}
		if x, err := s.render(ctx, a, p, key, a.Working.At); err == nil {
			staged[a.ID] = x
		}
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return s.flipAll(ctx, tx, sc, p, ids, staged) })
}

// flipAll is the publication of several: the same guards as for one, one flip.
func (s *Service) flipAll(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project, ids []string, staged map[ID]Staged) error {
	var ready []Advisory
	var docs []PublicDocument
	var files []StagedFile
	for _, id := range ids {
		a, err := s.Store.Lock(ctx, tx, sc, ID(id))
		if err != nil {
			return err
		}
		if a.Working == nil || a.Abandoned != nil {
			continue // published already, or given up meanwhile
		}
		blocked, err := s.blocked(ctx, tx, sc, a)
		if err != nil {
			return err
		}
		x, made := staged[a.ID]
		if !made || len(blocked) > 0 || x.Hash != a.Working.Hash || a.Arming == nil {
			tx.Enqueue(a.job(KindPublish, tx.Now()))
			continue
		}
		ready, docs, files = append(ready, a), append(docs, x.Public), append(files, x.Files...)
	}
	if len(ready) == 0 {
		return nil
	}
	flipped, err := s.site().Publish(ctx, tx, sc, p, docs, files)
	if err != nil {
		return err
	}
	for _, a := range ready {
		if err := s.afterFlip(ctx, tx, sc, a, p, staged[a.ID], flipped); err != nil {
			return err
		}
	}
	return nil
}
