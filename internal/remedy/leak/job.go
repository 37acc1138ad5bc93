package leak

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
)

// Kind is the job that compares what a fetch brought with the patches of a case.
const Kind = "remedy.leaks"

// lookJob has ids alone: a job's row is not sealed.
func lookJob(id casework.CaseID, project people.ProjectID, p product.ID) unit.Job {
	return unit.Job{Kind: Kind, Subject: string(id), Key: Kind + ":" + string(id) + ":" + string(p),
		Args: map[string]string{"case": string(id), "product": string(p), "project": string(project)}}
}

// Follow is the Within-follower of remedy.Fetched: it plans a look for each watch on the
// product, unless nothing is new since its last one.
func (s *Service) Follow(ctx context.Context, tx unit.Tx, f remedy.Fetched) error {
	cases, err := s.Store.Watching(ctx, tx, people.AsJob(Kind, string(f.Product)), f.Product, f.Heads)
	for _, id := range cases {
		tx.Enqueue(lookJob(id, f.Project, f.Product))
	}
	return err
}

// Look is the job Kind. It compares outside of any transaction. That the repository cannot
// be asked is shown at the case, and no failure of the job: the next fetch plans it again.
func (s *Service) Look(ctx context.Context, j unit.Running) error {
	sc := people.AsJob(Kind, j.Args["case"], j.Args["product"], j.Args["project"])
	var w Watch
	var p product.Product
	var files []File
	public := false
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if w, err = s.Store.Watch(ctx, v, sc, casework.CaseID(j.Args["case"]), product.ID(j.Args["product"])); err != nil {
			return err
		}
		c, _, err := s.Cases.Get(ctx, v, sc, w.Case)
		if err != nil || c.Facts.Public.Set {
			public = c.Facts.Public.Set
			return err
		}
		if p, err = s.Products.Get(ctx, v, sc, w.Product); err != nil {
			return err
		}
		files, err = s.Store.Patches(ctx, v, sc, w.Case, w.Product)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && public {
		return nil
	}
	if err != nil {
		return err
	}
	answer, failed := s.compare(ctx, w, p, files)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		return ignoreMissing(s.keep(ctx, tx, sc, w, answer, failed))
	})
}

func (s *Service) compare(ctx context.Context, w Watch, p product.Product, files []File) (Answer, error) {
	if p.Repository == "" {
		return Answer{}, fault.New(fault.Conflict, "remedy.problem.no_repository")
	}
	mails, err := read(files)
	if err != nil {
		return Answer{}, err
	}
	return s.Mirrors.Leaks(ctx, p.ID, p.Repository, Question{Series: secrets(mails), Since: w.Tips})
}

// keep stores the answer for a watch that is still as it was asked: whoever changed it has
// planned another look.
func (s *Service) keep(ctx context.Context, tx unit.Tx, sc people.Scope, asked Watch, a Answer, failed error) error {
	c, _, err := s.Cases.Lock(ctx, tx, sc, asked.Case)
	if err != nil {
		return err
	}
	w, err := s.Store.Watch(ctx, tx, sc, asked.Case, asked.Product)
	if err != nil || w.Version != asked.Version {
		return err
	}
	var fresh []Match
	if failed != nil {
		w.Problem, w.Detail = remedy.Problem(failed)
		w.Looked = tx.Now()
	} else {
		fresh = w.take(a, tx.Now())
	}
	if err := s.Store.PutSeen(ctx, tx, sc, w); err != nil {
		return err
	}
	for _, m := range fresh {
		tx.Record(w.entry(sc, "remedy.ledger.leak", map[string]string{"commit": m.Commit.Short(), "part": strconv.Itoa(m.Part), "weight": Percent(m.Weight)}))
	}
	if len(fresh) == 0 {
		return nil
	}
	return s.Cases.Tell(ctx, tx, sc, c, casework.Notice{To: casework.ToLeads, Key: "remedy.letter.leak",
		Args: map[string]string{"product": w.Name, "commits": list(fresh), "page": s.Origin + "/cases/" + string(c.ID) + "/fixes?product=" + string(w.Product)}})
}

// list names commits for a letter, those that a person has to look at with a question mark.
func list(fresh []Match) string {
	var out []string
	for _, m := range fresh[:min(len(fresh), maxTold)] {
		mark := ""
		if m.Asks() {
			mark = "?"
		}
		out = append(out, m.Commit.Short()+mark)
	}
	if more := len(fresh) - len(out); more > 0 {
		out = append(out, fmt.Sprintf("+%d", more))
	}
	return strings.Join(out, ", ")
}

// Percent writes a weight as people read it.
func Percent(w float64) string { return strconv.FormatFloat(100*w, 'f', 0, 64) + " %" }

func ignoreMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
