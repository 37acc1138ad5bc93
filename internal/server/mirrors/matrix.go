package mirrors

import (
	"context"
	"errors"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Matrix implements remedy.Repositories.
func (m *Mirrors) Matrix(ctx context.Context, id product.ID, url string, q remedy.Question) (remedy.Found, error) {
	unlock, err := m.lock(ctx, id)
	if err != nil {
		return remedy.Found{}, err
	}
	defer unlock()
	c, err := m.ready(ctx, id, url)
	if err != nil {
		return remedy.Found{}, told(err)
	}
	defer c.Close()
	found, err := c.answer(ctx, q)
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		err = told(err)
	}
	return found, err
}

// answer computes the matrix of a question.
func (c *mirror) answer(ctx context.Context, q remedy.Question) (remedy.Found, error) {
	req := branchfix.Request{Tags: c.tags, Answers: q.Answers, Try: true}
	for _, series := range q.Fixes {
		ids, err := c.resolve(ctx, strings.Split(series, ","))
		if err != nil {
			return remedy.Found{}, err
		}
		req.Fixes = append(req.Fixes, ids)
	}
	for _, series := range q.Introduced {
		ids, err := c.resolve(ctx, strings.Split(series, ","))
		if err != nil {
			return remedy.Found{}, err
		}
		req.Introduced = append(req.Introduced, ids...)
	}
	for _, b := range q.Branches {
		if head, ok := c.branches[b.Name]; ok {
			req.Branches = append(req.Branches, branchfix.Branch{Name: b.Name, Head: head, EndOfLife: b.Ended})
		}
	}
	m, err := branchfix.Compute(ctx, c.index, c, req)
	if err != nil {
		return remedy.Found{}, err
	}
	out := remedy.Found{Heads: c.sum, Subjects: c.index.Subjects(m)}
	at := 0
	for _, b := range q.Branches {
		if _, ok := c.branches[b.Name]; !ok {
			out.Branches = append(out.Branches, absent(b))
			continue
		}
		out.Branches = append(out.Branches, remedy.Branch{BranchState: m.Branches[at]})
		at++
	}
	return out, nil
}

// absent is a branch that the repository does not have: nobody can tell, unless nobody
// fixes it any more.
func absent(b remedy.Asked) remedy.Branch {
	s := branchfix.Unknown
	if b.Ended {
		s = branchfix.WontFix
	}
	return remedy.Branch{BranchState: branchfix.BranchState{Name: b.Name, State: s}, Absent: true}
}

// resolve finds the commits that people named. They have to be in the index, so behind a
// branch or a tag, or are taken into it.
func (c *mirror) resolve(ctx context.Context, names []string) ([]branchfix.ID, error) {
	var out []branchfix.ID
	for _, n := range names {
		id, err := c.Resolve(ctx, n)
		if errors.Is(err, git.ErrNoObject) {
			return nil, fault.New(fault.Invalid, "remedy.problem.commit", "detail", n)
		}
		if err != nil {
			return nil, err
		}
		if !c.index.Has(id) {
			if _, err := c.Index(ctx, c.index, []branchfix.ID{id}, nil); err != nil {
				return nil, err
			}
		}
		out = append(out, id)
	}
	return out, nil
}
