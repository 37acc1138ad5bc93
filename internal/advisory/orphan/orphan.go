// Package orphan follows the withdrawal of an advisory that replaced others: the page and
// the text of each of them say that its successor is no replacement any more, signed anew,
// and those who decide about it are told, once.
//
// The CSAF document of a superseded advisory stays as it was approved: it leads to that of
// the successor, which says itself that it is withdrawn. To name another successor, or to
// withdraw what was superseded as well, is a person's decision (advisory.Service).
package orphan

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/around"
	"github.com/tocsin-sec/tocsin/internal/advisory/edition"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Kind is the job that does the work; it runs after a withdrawal. Its subject is the project.
const Kind = "advisory.orphan"

// Advisories is what this package needs of *advisory.Service.
type Advisories interface {
	Released(ctx context.Context, v unit.View, sc people.Scope, id advisory.ID) (record.Input, error)
}

// Service is the operations.
type Service struct {
	Work       unit.Work
	Advisories Advisories
	Store      advisory.Store
	Site       pubsite.Store
	Keys       pubsite.Keys
	Roles      around.Roles
	Post       around.Post
	Render     edition.Renderer
	URL        string
}

// Follow follows advisory.Published within.
func (s *Service) Follow(_ context.Context, tx unit.Tx, f advisory.Published) error {
	if f.Withdrawn && !f.First {
		tx.Enqueue(unit.Job{Kind: Kind, Subject: string(f.Project), Key: Kind + ":" + string(f.Advisory), Args: map[string]string{"advisory": string(f.Advisory), "project": string(f.Project)}})
	}
	return nil
}

// page is a superseded advisory whose page is made anew.
type page struct {
	of    advisory.Advisory
	in    record.Input
	files []pubtree.File
}

// Do is the handler of Kind. What is signed is made outside of any transaction; an advisory
// that changed meanwhile makes the job come again.
func (s *Service) Do(ctx context.Context, j unit.Running) error {
	project, gone := people.ProjectID(j.Args["project"]), advisory.ID(j.Args["advisory"])
	var pages []page
	var key pubsite.SigningKey
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if pages, err = s.pages(ctx, v, project, gone); err == nil && len(pages) > 0 {
			key, err = s.Keys.Signing(ctx, v, project)
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := range pages {
		if pages[i].files, err = (edition.Maker{Render: s.Render, Key: key}).Pages(ctx, pages[i].in); err != nil {
			return err
		}
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		for _, p := range pages {
			if err := s.put(ctx, tx, p); err != nil {
				return err
			}
		}
		return j.Fence.Done(ctx, tx)
	})
}

// scope is that of the job about one of the advisories.
func scope(a advisory.Advisory) people.Scope {
	return people.AsJob(Kind, a.Object, string(a.Project))
}

// pages returns what the withdrawn advisory replaces by the newest publication. What is to be
// superseded only is stopped by the guards of its own publication.
func (s *Service) pages(ctx context.Context, v unit.View, project people.ProjectID, gone advisory.ID) ([]page, error) {
	list, err := s.Store.Predecessors(ctx, v, people.AsJob(Kind, string(project)), project, gone)
	var out []page
	for _, a := range list {
		n := len(a.Published)
		if n == 0 || a.Published[n-1].Superseded == nil || advisory.ID(a.Published[n-1].Superseded.Advisory) != gone {
			continue
		}
		in, err := s.Advisories.Released(ctx, v, scope(a), a.ID)
		if err != nil {
			return nil, err
		}
		if in.Successor != nil {
			in.Successor.Gone = true
		}
		out = append(out, page{of: a, in: in})
	}
	return out, err
}

// put makes one page public and tells who decides.
func (s *Service) put(ctx context.Context, tx unit.Tx, p page) error {
	sc := scope(p.of)
	now, err := s.Store.Lock(ctx, tx, sc, p.of.ID)
	if err != nil {
		return err
	}
	if len(now.Published) != len(p.of.Published) {
		return fault.New(fault.Unavailable, "advisory.fault.changed")
	}
	if err := s.Site.Lock(ctx, tx, sc); err != nil {
		return err
	}
	if _, err := s.Site.Flip(ctx, tx, sc, p.files); err != nil {
		return err
	}
	to, err := around.Deciders(ctx, tx, sc, s.Roles, now.Object, string(now.Project))
	if err != nil || len(to) == 0 {
		return err
	}
	tx.Record(people.ProjectEntry(sc, now.Project, "advisory.ledger.orphaned", map[string]string{"advisory": string(now.ID)}))
	// The letter says nothing of a case: it goes out unencrypted if need be.
	return s.Post.Put(ctx, tx, sc, people.Letter{Project: now.Project, About: now.Object, To: to, Key: "advisory.orphaned", Link: s.URL + "/advisory/" + string(now.ID)})
}
