package product

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Store keeps products. A product exists for those who hold any role on its
// project, and for jobs that name the project or the product.
type Store interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id ID) (Product, error)
	// List returns the products of a project by name; an empty project means all that
	// the scope sees.
	List(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Product, error)
	// Insert fails with fault.Conflict when the project has a product of that name.
	Insert(ctx context.Context, tx unit.Tx, sc people.Scope, p Product) error
	// Save replaces the product; fault.Conflict when it changed since it was read.
	Save(ctx context.Context, tx unit.Tx, sc people.Scope, p Product) error
}

// Roles is what product needs of people.Grants.
type Roles interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
}

// Service keeps the products of projects.
type Service struct {
	Work  unit.Work
	Store Store
	Roles Roles
}

// Changed says that a product was added, or that what it says of itself was replaced.
type Changed struct {
	Product    ID
	Project    people.ProjectID
	Repository string // where its source lies now, "" for nowhere
}

// FactName implements unit.Fact.
func (Changed) FactName() string { return "product.changed" }

// Get returns a product that the scope may see, else fault.NotFound.
func (s *Service) Get(ctx context.Context, v unit.View, sc people.Scope, id ID) (Product, error) {
	return s.Store.Get(ctx, v, sc, id)
}

// List returns the products of a project by name; none for a project that the
// scope does not see.
func (s *Service) List(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Product, error) {
	return s.Store.List(ctx, v, sc, project)
}

// Add creates a product. The project's team may; for others the project does not
// exist (fault.NotFound). A second product of the same name is fault.Conflict.
func (s *Service) Add(ctx context.Context, sc people.Scope, p Product) (ID, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	p.ID = ID(ident.New())
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.may(ctx, tx, sc, p.Project); err != nil {
			return err
		}
		p.Created = tx.Now()
		if err := s.Store.Insert(ctx, tx, sc, p); err != nil {
			return err
		}
		tx.Record(p.entry(sc, "product.ledger.added"))
		return tx.Emit(ctx, Changed{Product: p.ID, Project: p.Project, Repository: p.Repository})
	})
	return p.ID, err
}

// Update replaces what a product says of itself. p.Version must be the one that
// the person saw; an older one fails with fault.Conflict, so that nobody undoes
// another's change unseen.
func (s *Service) Update(ctx context.Context, sc people.Scope, p Product) error {
	if err := p.check(); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		old, err := s.Store.Get(ctx, tx, sc, p.ID)
		if err != nil {
			return err
		}
		if err := s.may(ctx, tx, sc, old.Project); err != nil {
			return err
		}
		p.Project, p.Created = old.Project, old.Created
		if err := s.Store.Save(ctx, tx, sc, p); err != nil {
			return err
		}
		tx.Record(p.entry(sc, "product.ledger.changed"))
		return tx.Emit(ctx, Changed{Product: p.ID, Project: p.Project, Repository: p.Repository})
	})
}

// may lets the project's team change products.
func (s *Service) may(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) error {
	if !sc.MayWrite() {
		return fault.New(fault.Denied, "people.read_only")
	}
	r, err := s.Roles.RoleOn(ctx, v, sc, string(project))
	if err != nil {
		return err
	}
	switch r {
	case people.Chair, people.Deputy, people.TeamMember:
		return nil
	default:
		return fault.New(fault.Denied, "product.fault.team_only")
	}
}

func (p Product) entry(sc people.Scope, kind string) unit.Entry {
	return unit.Entry{Stream: unit.Stream{Kind: "project", ID: string(p.Project)}, Kind: kind, Actor: sc.Actor(),
		Args: map[string]string{"product": p.Name}}
}
