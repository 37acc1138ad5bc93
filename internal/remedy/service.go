package remedy

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Store keeps mirrors and works. A mirror exists for who holds a role on its project and
// for jobs that name it or its product; a work for whom its case does, and for jobs that
// name the product.
type Store interface {
	// Mirror returns how a product's mirror stands; the zero Mirror with its id when it was
	// never fetched, or the scope does not see it.
	Mirror(ctx context.Context, v unit.View, sc people.Scope, id product.ID) (Mirror, error)
	PutMirror(ctx context.Context, tx unit.Tx, sc people.Scope, m Mirror) error
	// OfCase lists the works of a case by the product's name.
	OfCase(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Work, error)
	// Get returns one of them, else fault.NotFound.
	Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) (Work, error)
	// Put inserts a work of version 0 and replaces one of another version, which it raises;
	// it loses the race when somebody was faster.
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, w Work) error
	// PutFound replaces what was found for a work of this version, which stays: the form that
	// somebody has open is still about the same fixes.
	PutFound(ctx context.Context, tx unit.Tx, sc people.Scope, w Work) error
	// Behind lists the cases with a work on the product that was computed for other heads.
	Behind(ctx context.Context, v unit.View, sc people.Scope, p product.ID, heads string) ([]casework.CaseID, error)
}

// Cases is what remedy needs of *casework.Service.
type Cases interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	Tell(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, n casework.Notice) error
	SetAffected(ctx context.Context, sc people.Scope, id casework.CaseID, version int64, rows []casework.Affected) error
}

// Products is what remedy needs of *product.Service.
type Products interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id product.ID) (product.Product, error)
}

// Roles is what remedy needs of people.Grants.
type Roles interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
}

// Repositories keeps mirrors of repositories and asks them. It is never called within a
// transaction. Its errors are faults when a person can do something about them.
type Repositories interface {
	// Fetch brings the mirror and its index up to date.
	Fetch(ctx context.Context, id product.ID, url string) (Copy, error)
	// Matrix computes a matrix on the mirror, which it fetches when there is none.
	Matrix(ctx context.Context, id product.ID, url string, q Question) (Found, error)
}

// Copy is what a fetch brought.
type Copy struct {
	Heads   string // a sum over all branches and tags
	Commits int
}

// Question is what a matrix is computed of.
type Question struct {
	Fixes      []string
	Introduced []string
	Branches   []Asked
	Answers    []branchfix.Answer
}

// Asked is a branch of the question.
type Asked struct {
	Name  string
	Ended bool // nobody fixes it any more
}

// Service works on mirrors and matrices.
type Service struct {
	Work         unit.Work
	Store        Store
	Cases        Cases
	Products     Products
	Roles        Roles
	Repositories Repositories
	Origin       string // the site's address, for links in letters
}

// OfCase lists what is known about the fixes of a case that the scope may see, else
// fault.NotFound.
func (s *Service) OfCase(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Work, error) {
	if _, _, err := s.Cases.Get(ctx, v, sc, id); err != nil {
		return nil, err
	}
	return s.Store.OfCase(ctx, v, sc, id)
}

// Mirror returns how the mirror of a product stands that the scope may see, else
// fault.NotFound.
func (s *Service) Mirror(ctx context.Context, v unit.View, sc people.Scope, id product.ID) (Mirror, error) {
	if _, err := s.Products.Get(ctx, v, sc, id); err != nil {
		return Mirror{}, err
	}
	return s.Store.Mirror(ctx, v, sc, id)
}

// SetFixes says which commits fix the case's flaws in a product, and which brought them;
// no fixes take it back. The case's team may, for products that it sees. Errors:
// fault.NotFound for who sees the case or the product not, fault.Denied, fault.Invalid
// beside the field, fault.Conflict when it changed since version.
func (s *Service) SetFixes(ctx context.Context, sc people.Scope, id casework.CaseID, p product.ID, version int64, fixes, introduced []string) error {
	var checks fault.Checks
	fixes, introduced = commits(&checks, "fixes", fixes), commits(&checks, "introduced", introduced)
	invalid := checks.Err()
	return s.change(ctx, sc, id, p, version, func(w *Work, _ time.Time) (string, map[string]string, error) {
		if invalid != nil {
			return "", nil, invalid
		}
		w.Fixes, w.Introduced, w.Found = fixes, introduced, Found{}
		return "remedy.ledger.fixes", map[string]string{"n": strconv.Itoa(len(fixes))}, nil
	})
}

// Answer keeps what a person says about a fix on a branch whose head was a.Head when he
// looked. It holds until the branch moves in a way that touches the fix's files. Errors as
// of SetFixes.
func (s *Service) Answer(ctx context.Context, sc people.Scope, id casework.CaseID, p product.ID, version int64, a Answer) error {
	return s.change(ctx, sc, id, p, version, func(w *Work, now time.Time) (string, map[string]string, error) {
		if w.Version == 0 {
			return "", nil, fault.Missing()
		}
		a.By, _ = sc.Person()
		a.At = now
		a.Why = strings.TrimSpace(a.Why)
		args := map[string]string{"branch": a.Branch, "state": string(a.State), "why": a.Why}
		return "remedy.ledger.answered", args, w.answer(a)
	})
}

// change lets the case's team change a work, and has its matrix computed.
func (s *Service) change(ctx context.Context, sc people.Scope, id casework.CaseID, p product.ID, version int64, f func(*Work, time.Time) (string, map[string]string, error)) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, err := LockForTeam(ctx, tx, s.Cases, sc, id)
		if err != nil {
			return err
		}
		w, err := s.Store.Get(ctx, tx, sc, id, p)
		if fault.Is(err, fault.NotFound) {
			w, err = s.begin(ctx, tx, sc, c, p)
		}
		if err != nil {
			return err
		}
		if w.Version != version {
			return fault.New(fault.Conflict, "remedy.fault.changed")
		}
		kind, args, err := f(&w, tx.Now())
		if err != nil {
			return err
		}
		if err := s.Store.Put(ctx, tx, sc, w); err != nil {
			return err
		}
		tx.Record(w.entry(sc, kind, args))
		if len(w.Fixes) > 0 {
			tx.Enqueue(matrixJob(w))
		}
		return nil
	})
}

// begin is a new work on a product of the case's project that the scope sees.
func (s *Service) begin(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, p product.ID) (Work, error) {
	pr, err := ProductOf(ctx, tx, s.Products, sc, c, p)
	return Work{Case: c.ID, Project: c.Project, Product: p, Name: pr.Name}, err
}

// ProductOf returns a product that the scope sees and that is of the case's project, else
// fault.NotFound.
func ProductOf(ctx context.Context, v unit.View, products Products, sc people.Scope, c casework.Case, p product.ID) (product.Product, error) {
	pr, err := products.Get(ctx, v, sc, p)
	if err == nil && pr.Project != c.Project {
		err = fault.Missing()
	}
	return pr, err
}

// LockForTeam locks a case for those of its team that may write; for others it fails with
// fault.NotFound or fault.Denied.
func LockForTeam(ctx context.Context, tx unit.Tx, cases Cases, sc people.Scope, id casework.CaseID) (casework.Case, error) {
	c, r, err := cases.Lock(ctx, tx, sc, id)
	switch {
	case err != nil:
		return c, err
	case !casework.OfTeam(r):
		return c, fault.New(fault.Denied, "casework.fault.denied")
	case !sc.MayWrite():
		return c, fault.New(fault.Denied, "people.read_only")
	}
	return c, nil
}

// FetchNow has the mirror of a product fetched now and not at its next turn. The
// project's team may. Errors: fault.NotFound, fault.Denied, fault.Conflict for a product
// without a repository.
func (s *Service) FetchNow(ctx context.Context, sc people.Scope, id product.ID) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		p, err := s.Products.Get(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		r, err := s.Roles.RoleOn(ctx, tx, sc, string(p.Project))
		switch {
		case err != nil:
			return err
		case r != people.Chair && r != people.Deputy && r != people.TeamMember:
			return fault.New(fault.Denied, "product.fault.team_only")
		case !sc.MayWrite():
			return fault.New(fault.Denied, "people.read_only")
		case p.Repository == "":
			return fault.New(fault.Conflict, "remedy.fault.no_repository")
		}
		tx.Enqueue(fetchJob(p.ID, p.Project, tx.Now()))
		tx.Record(unit.Entry{Stream: unit.Stream{Kind: "project", ID: string(p.Project)}, Kind: "remedy.ledger.fetch", Actor: sc.Actor(), Args: map[string]string{"product": p.Name}})
		return nil
	})
}

// FollowProduct has the repository of a new or changed product fetched.
func (s *Service) FollowProduct(_ context.Context, tx unit.Tx, f product.Changed) error {
	if f.Repository != "" {
		tx.Enqueue(fetchJob(f.Product, f.Project, tx.Now()))
	}
	return nil
}
