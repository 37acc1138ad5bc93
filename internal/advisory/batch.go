package advisory

import (
	"context"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/followup"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
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
		ids := make([]ID, len(list))
		for i, d := range list {
			ids[i] = d.ID
		}
		if _, err := s.Store.LockVersions(ctx, tx, sc, ids); err != nil {
			return err
		}
		all, err := s.Store.GetAll(ctx, tx, sc, ids)
		if err != nil {
			return err
		}
		for i, a := range all {
			if a.Object != string(project) {
				return fault.Missing()
			}
			if err := s.arm(ctx, tx, sc, &a, me, list[i].Hash, true); err != nil {
				return err
			}
			if err := s.Store.Save(ctx, tx, sc, a); err != nil {
				return err
			}
		}
		tx.Enqueue(unit.Job{Kind: KindBatch, Subject: string(project), At: tx.Now(), Args: several(project, ids)})
		return nil
	})
}

// several are the arguments of a job about more than one advisory of a project.
func several(project people.ProjectID, ids []ID) map[string]string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return map[string]string{"project": string(project), "advisories": strings.Join(list, " ")}
}

// named are the advisories of such a job, none for a job about one.
func named(j unit.Job) []ID {
	var out []ID
	for id := range strings.FieldsSeq(j.Args["advisories"]) {
		out = append(out, ID(id))
	}
	return out
}

// Batch is the handler of KindBatch. Run again after a crash it goes on with what is not
// published yet.
func (s *Service) Batch(ctx context.Context, j unit.Running) error {
	sc, ids := scope(j.Job), named(j.Job)
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
func (s *Service) together(ctx context.Context, sc people.Scope, project people.ProjectID, ids []ID) error {
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
		all, err = s.Store.GetAll(ctx, v, sc, ids)
		return err
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
	killpoint.At("publish.batch.before")
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return s.flipAll(ctx, tx, sc, p, all, staged) })
}

// flipAll is the publication of several: the same guards as for one, one flip. all is how
// they were read before rendering; what has changed since is read again.
func (s *Service) flipAll(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project, all []Advisory, staged map[ID]Staged) error {
	versions, err := s.Store.LockVersions(ctx, tx, sc, idsOf(all))
	if err != nil {
		return err
	}
	var ready []Advisory
	var docs []PublicDocument
	var files []StagedFile
	for _, a := range all {
		if versions[a.ID] != a.Version {
			if a, err = s.Store.Lock(ctx, tx, sc, a.ID); err != nil {
				return err
			}
		}
		if a.Working == nil || a.Abandoned != nil {
			continue // published already, or given up meanwhile
		}
		blocked, err := s.blocked(ctx, tx, sc, a)
		if err != nil {
			return err
		}
		with, err := s.predecessors(ctx, tx, a)
		if err != nil {
			return err
		}
		x, made := staged[a.ID]
		// What replaces others, or is replaced, has a flip of its own.
		if !made || len(with) > 0 || a.Working.Content.Superseded != nil || len(blocked) > 0 || x.Hash != a.Working.Hash || a.Arming == nil {
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
	ids := idsOf(ready)
	if err := s.Store.DropStaged(ctx, tx, sc, ids...); err != nil {
		return err
	}
	for _, a := range ready {
		if err := s.afterFlip(ctx, tx, sc, a, p, staged[a.ID], flipped); err != nil {
			return err
		}
	}
	tx.Enqueue(unit.Job{Kind: KindStep, Subject: string(p.ID), At: tx.Now(), Args: several(p.ID, ids)})
	tx.Enqueue(pubsite.Job(tx.Now()))
	killpoint.At("publish.batch.inside")
	return nil
}

func idsOf(all []Advisory) []ID {
	out := make([]ID, len(all))
	for i, a := range all {
		out[i] = a.ID
	}
	return out
}

// stepAll is Step for what was published together: all are checked in one go, and what is
// left of any of them, a failure or a letter, is a job of its own.
func (s *Service) stepAll(ctx context.Context, j unit.Running, ids []ID) error {
	sc := scope(j.Job)
	var all []Advisory
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		all, err = s.Store.GetAll(ctx, v, sc, ids)
		return err
	})
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(a Advisory) bool { return !a.unchecked() })
	var problems []error
	if len(all) > 0 {
		problems = s.site().Check(ctx, sc, all[0].Project, issues(all...))
	}
	killpoint.At("publish.checked")
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		versions, err := s.Store.LockVersions(ctx, tx, sc, idsOf(all))
		if err != nil {
			return err
		}
		for i, a := range all {
			if versions[a.ID] != a.Version {
				// Somebody began a correction, or has tried the step by hand: on its own.
				tx.Enqueue(a.job(KindStep, tx.Now()))
				continue
			}
			a.Steps = slices.Clone(a.Steps) // this may run again
			again, err := s.took(ctx, tx, sc, &a, judged(tx.Now(), problems[i]))
			if err != nil {
				return err
			}
			if followup.Next(a.Steps) >= 0 {
				tx.Enqueue(a.job(KindStep, again))
			}
		}
		return nil
	})
}

// unchecked reports whether the newest publication waits for its check.
func (a Advisory) unchecked() bool {
	at := followup.Next(a.Steps)
	return at >= 0 && a.Steps[at].Kind == CheckTree && len(a.Published) > 0
}

// issues names the newest publications.
func issues(all ...Advisory) []pubsite.Issue {
	out := make([]pubsite.Issue, len(all))
	for i, a := range all {
		out[i] = pubsite.Issue{Number: a.Number, Date: a.Published[len(a.Published)-1].Date}
	}
	return out
}
