package advisory

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/around"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Service is the operations on advisories.
type Service struct {
	Work      unit.Work
	Store     Store
	Site      SiteStore
	Cases     Cases
	Embargoes Embargoes
	Roles     Roles
	Projects  Projects
	Series    Series
	Keys      Keys
	Post      Post
	Mail      Deliveries
	Render    Renderer
	Numbering Numbering // nil: no project is a CNA
	URL       string    // base URL of the site, no slash at its end
	// Fetch gets a file of the published tree as an outsider would; nil reads it
	// from the store.
	Fetch func(ctx context.Context, path string) ([]byte, error)
	// Own says that Fetch asks this very program, not an address.
	Own bool
	// Unchanged reports whether an outsider gets a file in exactly the state with this ETag;
	// nil knows of none.
	Unchanged func(ctx context.Context, path, etag string) bool
}

// site is the published site as the service's parts make it.
func (s *Service) site() *pubsite.Site {
	return &pubsite.Site{Work: s.Work, Store: s.Site, Projects: s.Projects, Keys: s.Keys, Texts: s.Render, URL: s.URL, Fetch: s.Fetch, Own: s.Own, Unchanged: s.Unchanged}
}

// ProjectChanged follows people.ProjectChanged within: a new key can be fetched, and
// new settings stand in the metadata, at once and not at the next round.
func (s *Service) ProjectChanged(_ context.Context, tx unit.Tx, _ people.ProjectChanged) error {
	tx.Enqueue(pubsite.Job(tx.Now()))
	return nil
}

// Refresh is the handler of KindSite and runs every few minutes.
func (s *Service) Refresh(ctx context.Context, j unit.Running) error { return s.site().Refresh(ctx, j) }

// may wants the scope to be a person who works on the advisory and may write.
func (s *Service) may(ctx context.Context, v unit.View, sc people.Scope, object string) (people.PersonID, error) {
	return around.May(ctx, v, sc, s.Roles, object)
}

// change runs f on the locked advisory in one transaction and saves it.
func (s *Service) change(ctx context.Context, sc people.Scope, id ID, f func(context.Context, unit.Tx, people.PersonID, *Advisory) error) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		a, err := s.Store.Lock(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		me, err := s.may(ctx, tx, sc, a.Object)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, me, &a); err != nil {
			return err
		}
		return s.Store.Save(ctx, tx, sc, a)
	})
}

// entry is a line in the stream of the case, or of the project for an import.
func (a Advisory) entry(kind, actor string, args map[string]string) unit.Entry {
	stream := unit.Stream{Kind: "case", ID: a.Case}
	if a.Case == "" {
		stream = unit.Stream{Kind: "project", ID: string(a.Project)}
	}
	return unit.Entry{Stream: stream, Kind: kind, Actor: actor, Args: args}
}

// job is a job about the advisory; at most one of a kind waits.
func (a Advisory) job(kind string, at time.Time) unit.Job {
	return unit.Job{Kind: kind, Subject: a.Object, At: at, Key: kind + ":" + string(a.ID), Replace: true,
		Args: map[string]string{"advisory": string(a.ID), "project": string(a.Project)}}
}

// scope is the scope of a job about an advisory: its object and its project.
func scope(j unit.Job) people.Scope { return people.AsJob(j.Kind, j.Subject, j.Args["project"]) }

// Get returns an advisory that the scope may see, else fault.NotFound.
func (s *Service) Get(ctx context.Context, v unit.View, sc people.Scope, id ID) (Advisory, error) {
	return s.Store.Get(ctx, v, sc, id)
}

// OfCase returns the advisories of a case, none for one that the scope does not see.
func (s *Service) OfCase(ctx context.Context, v unit.View, sc people.Scope, caseID string) ([]Advisory, error) {
	return s.Store.OfObject(ctx, v, sc, caseID)
}

// List returns the advisories that the scope sees, newest first, at most 500.
func (s *Service) List(ctx context.Context, v unit.View, sc people.Scope) ([]Advisory, error) {
	return s.Store.List(ctx, v, sc, 500)
}

// Draft begins the advisory of a case with what the case knows. It fails with
// fault.Conflict when the case has one that is not abandoned.
func (s *Service) Draft(ctx context.Context, sc people.Scope, caseID string) (ID, error) {
	var id ID
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		me, err := s.may(ctx, tx, sc, caseID)
		if err != nil {
			return err
		}
		id, err = s.draft(ctx, tx, sc, caseID, me)
		return err
	})
	return id, err
}

func (s *Service) draft(ctx context.Context, tx unit.Tx, sc people.Scope, caseID string, me people.PersonID) (ID, error) {
	c, err := s.Cases.Case(ctx, tx, sc, caseID)
	if err != nil {
		return "", err
	}
	others, err := s.Store.OfObject(ctx, tx, sc, caseID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(others, func(a Advisory) bool { return a.Abandoned == nil }) {
		return "", fault.New(fault.Conflict, "advisory.fault.exists")
	}
	a := Advisory{ID: ID(ident.New()), Object: caseID, Case: caseID, Project: c.Project, Created: tx.Now()}
	r := c.Record
	if r.TLP == "" {
		r.TLP = string(pubtree.White)
	}
	if r.Lang == "" {
		r.Lang = "en"
	}
	if _, err := a.edit(Content{Record: r, Change: s.Render.Texts(r.Lang).T("advisory.doc.initial")}, me, tx.Now()); err != nil {
		return "", err
	}
	if err := s.Store.Insert(ctx, tx, sc, a); err != nil {
		return "", err
	}
	tx.Record(a.entry("advisory.ledger.drafted", sc.Actor(), nil))
	return a.ID, s.Store.KeepRevision(ctx, tx, sc, a.ID, *a.Working)
}

// Save stores a new revision of the record. base is the hash of the revision that
// the person began with ("" when nothing is in work): if it changed meanwhile it
// fails with fault.Conflict and nothing is lost on either side. Problems do not
// keep a draft from being saved; only sizes and broken characters do. Saving voids
// approval, arming and confirmation; saving the same again changes nothing.
func (s *Service) Save(ctx context.Context, sc people.Scope, id ID, base string, r Record, change string) error {
	if err := r.Limits(); err != nil {
		return err
	}
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if was := a.workingHash(); was != base {
			return fault.New(fault.Conflict, "advisory.fault.changed")
		}
		told, err := s.told(ctx, tx, sc, *a)
		if err != nil {
			return err
		}
		known := told.Record.Branches
		if a.Working != nil {
			known = slices.Concat(a.Working.Content.Record.Branches, known)
		}
		r.KeepWaivers(known, string(me))
		c := Content{Record: r, Change: change}
		if change == "" {
			c.Change = s.defaultChange(*a, r.Lang)
		}
		// An import that nobody changed stays the document it was.
		if a.Working != nil && (a.Working.Content.Source != nil || a.elsewhere()) && a.Working.Content.SameRecord(r) {
			return nil
		}
		return s.edited(ctx, tx, sc, a, c, me, "advisory.ledger.saved")
	})
}

func (a Advisory) workingHash() string {
	if a.Working == nil {
		return ""
	}
	return a.Working.Hash
}

func (s *Service) defaultChange(a Advisory, lang string) string {
	key := "advisory.doc.initial"
	if len(a.Published) > 0 {
		key = "advisory.doc.corrected"
	}
	return s.Render.Texts(lang).T(key)
}

// edited makes the revision, drops what was staged and tells the ledger.
func (s *Service) edited(ctx context.Context, tx unit.Tx, sc people.Scope, a *Advisory, c Content, me people.PersonID, kind string) error {
	was := a.Approval != nil || a.Arming != nil
	fresh, err := a.edit(c, me, tx.Now())
	if err != nil || !fresh {
		return err
	}
	if err := s.Store.DropStaged(ctx, tx, sc, a.ID); err != nil {
		return err
	}
	if err := s.Store.KeepRevision(ctx, tx, sc, a.ID, *a.Working); err != nil {
		return err
	}
	args := map[string]string{"revision": itoa(a.Working.N), "hash": a.Working.Hash}
	tx.Record(a.entry(kind, sc.Actor(), args))
	if was {
		tx.Record(a.entry("advisory.ledger.voided", sc.Actor(), args))
	}
	return nil
}

// Withdraw begins the withdrawal of a published advisory: a revision that says why and
// makes no statement on products. It is approved and published as any other.
func (s *Service) Withdraw(ctx context.Context, sc people.Scope, id ID, reason string) error {
	if err := around.NeedReason("reason", reason); err != nil {
		return err
	}
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if len(a.Published) == 0 {
			return fault.New(fault.Conflict, "advisory.fault.not_published")
		}
		if a.Withdrawn() {
			return fault.New(fault.Conflict, "advisory.fault.withdrawn")
		}
		r, err := s.published(ctx, tx, sc, *a)
		if err != nil {
			return err
		}
		c := Content{Record: r, Withdrawn: reason, Change: s.Render.Texts(r.Lang).T("advisory.doc.withdrawn")}
		return s.edited(ctx, tx, sc, a, c, me, "advisory.ledger.withdrawing")
	})
}

// Published returns the record of the newest published revision, from which a
// correction begins.
func (s *Service) published(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (Record, error) {
	all, err := s.Store.Revisions(ctx, v, sc, a.ID)
	if err != nil {
		return Record{}, err
	}
	last := a.Published[len(a.Published)-1].Revision
	for _, r := range all {
		if r.N == last {
			return r.Content.Record, nil
		}
	}
	return Record{}, fault.Missing()
}

// Current returns the record to show in the editor: the one in work, else the one
// that is published.
func (s *Service) Current(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (Record, error) {
	if a.Working != nil {
		return a.Working.Content.Record, nil
	}
	if len(a.Published) == 0 {
		return Record{}, nil
	}
	return s.published(ctx, v, sc, a)
}

// MayWork reports whether the scope's person works on the object: whether a draft
// could be begun there.
func (s *Service) MayWork(ctx context.Context, v unit.View, sc people.Scope, object string) (bool, error) {
	_, err := s.may(ctx, v, sc, object)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied) {
		return false, nil
	}
	return err == nil, err
}
