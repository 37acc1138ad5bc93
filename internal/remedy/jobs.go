package remedy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// The kinds of jobs.
const (
	KindFetch  = "remedy.fetch"  // fetches a product's mirror; each run plans the next
	KindMatrix = "remedy.matrix" // computes the matrix of a case in one product
)

// fetchEvery is how often a repository is looked at by itself.
const fetchEvery = time.Hour

func fetchJob(id product.ID, project people.ProjectID, at time.Time) unit.Job {
	return unit.Job{Kind: KindFetch, Subject: string(id), At: at, Key: KindFetch + ":" + string(id), Replace: true,
		Args: map[string]string{"product": string(id), "project": string(project)}}
}

func matrixJob(w Work) unit.Job {
	return unit.Job{Kind: KindMatrix, Subject: string(w.Case), Key: KindMatrix + ":" + string(w.Case) + ":" + string(w.Product),
		Args: map[string]string{"case": string(w.Case), "product": string(w.Product), "project": string(w.Project)}}
}

// jobScope sees what the job's row names.
func jobScope(j unit.Running) people.Scope {
	var subjects []string
	for _, k := range []string{"case", "product", "project"} {
		if id := j.Args[k]; id != "" {
			subjects = append(subjects, id)
		}
	}
	return people.AsJob(j.Kind, subjects...)
}

// Fetch is the job KindFetch. That a fetch fails is shown on the product's page and no
// failure of the job: it comes again at its next turn.
func (s *Service) Fetch(ctx context.Context, j unit.Running) error {
	sc := jobScope(j)
	var p product.Product
	var m Mirror
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if p, err = s.Products.Get(ctx, v, sc, product.ID(j.Args["product"])); err != nil {
			return err
		}
		m, err = s.Store.Mirror(ctx, v, sc, p.ID)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && p.Repository == "" {
		return nil // it is planned again when there is something to fetch
	}
	if err != nil {
		return err
	}
	got, failed := s.Repositories.Fetch(ctx, p.ID, p.Repository)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		m := m
		m.Product, m.Project, m.URL, m.Tried = p.ID, p.Project, p.Repository, tx.Now()
		m.Problem, m.Detail = Problem(failed)
		if failed == nil {
			m.Fetched, m.Heads, m.Commits = tx.Now(), got.Heads, got.Commits
		}
		if err := s.Store.PutMirror(ctx, tx, sc, m); err != nil {
			return err
		}
		tx.Enqueue(fetchJob(p.ID, p.Project, tx.Now().Add(fetchEvery)))
		if failed != nil {
			return nil
		}
		if err := tx.Emit(ctx, Fetched{Product: p.ID, Project: p.Project, Heads: got.Heads}); err != nil {
			return err
		}
		cases, err := s.Store.Behind(ctx, tx, sc, p.ID, got.Heads)
		for _, id := range cases {
			tx.Enqueue(matrixJob(Work{Case: id, Project: p.Project, Product: p.ID}))
		}
		return err
	})
}

// Fetched is the fact that a product's mirror was brought up to date.
type Fetched struct {
	Product product.ID
	Project people.ProjectID
	Heads   string // a sum over all branches and tags
}

// FactName implements unit.Fact.
func (Fetched) FactName() string { return "remedy.fetched" }

// Problem says why a repository could not be asked: a catalogue key with what to do next,
// and git's own words if there are any. Both are empty for no error.
func Problem(err error) (key, detail string) {
	if err == nil {
		return "", ""
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		return "remedy.problem.internal", ""
	}
	for i := 0; i+1 < len(f.Args); i += 2 {
		if text, ok := f.Args[i+1].(string); ok && f.Args[i] == "detail" {
			detail = text
		}
	}
	return f.Key, detail
}

// Matrix is the job KindMatrix: it computes outside of any transaction and stores the
// result, unless somebody changed meanwhile what it was computed of. The case's leads are
// told of branches that have come to be partially fixed.
func (s *Service) Matrix(ctx context.Context, j unit.Running) error {
	sc := jobScope(j)
	var w Work
	var p product.Product
	var q Question
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if w, err = s.Store.Get(ctx, v, sc, casework.CaseID(j.Args["case"]), product.ID(j.Args["product"])); err != nil {
			return err
		}
		p, err = s.Products.Get(ctx, v, sc, w.Product)
		q = question(w, p, span.DateOf(v.Now(), time.UTC))
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && len(w.Fixes) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	var found Found
	switch {
	case p.Repository == "":
		found.Problem = "remedy.problem.no_repository"
	case len(q.Branches) == 0:
		found.Problem = "remedy.problem.no_branches"
	default:
		var failed error
		found, failed = s.Repositories.Matrix(ctx, p.ID, p.Repository, q)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if failed != nil {
			key, detail := Problem(failed)
			found = Found{Problem: key, What: detail}
		}
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		return s.store(ctx, tx, sc, w, found)
	})
}

// question asks about every branch of the product, the ended ones too.
func question(w Work, p product.Product, today span.Date) Question {
	q := Question{Fixes: w.Fixes, Introduced: w.Introduced}
	for _, b := range p.Branches {
		q.Branches = append(q.Branches, Asked{Name: b.Name, Ended: !b.Supported(today)})
	}
	for _, a := range w.Answers {
		q.Answers = append(q.Answers, branchfix.Answer{Branch: a.Branch, Fix: a.Fix, Head: a.Head, State: a.State})
	}
	return q
}

// store keeps what was found for a work that is still as it was asked.
func (s *Service) store(ctx context.Context, tx unit.Tx, sc people.Scope, asked Work, found Found) error {
	c, _, err := s.Cases.Lock(ctx, tx, sc, asked.Case)
	if err != nil {
		return ignoreMissing(err)
	}
	w, err := s.Store.Get(ctx, tx, sc, asked.Case, asked.Product)
	if err != nil || w.Version != asked.Version {
		return ignoreMissing(err) // whoever changed it has planned another job
	}
	moved, partial := changes(w.Found, found)
	found.At = tx.Now()
	w.Found = found
	if err := s.Store.PutFound(ctx, tx, sc, w); err != nil {
		return err
	}
	if len(moved) > 0 {
		tx.Record(w.entry(sc, "remedy.ledger.states", map[string]string{"states": strings.Join(moved, ", ")}))
	}
	if len(partial) == 0 || !c.State.Open() {
		return nil
	}
	return s.Cases.Tell(ctx, tx, sc, c, casework.Notice{To: casework.ToLeads, Key: "remedy.letter.partial",
		Args: map[string]string{"product": w.Name, "branches": strings.Join(partial, ", "), "page": s.Origin + "/cases/" + string(c.ID) + "/fixes"}})
}

// changes names the branches whose state is another now ("9.x fixed"), and those that have
// come to be partially fixed.
func changes(old, now Found) (moved, partial []string) {
	for _, b := range now.Branches {
		before, had := old.branch(b.Name)
		if had && before.State == b.State {
			continue
		}
		moved = append(moved, b.Name+" "+string(b.State))
		if b.State == branchfix.Partial {
			partial = append(partial, b.Name)
		}
	}
	slices.Sort(moved)
	return moved, partial
}

func ignoreMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
