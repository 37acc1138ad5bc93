package people

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// ProjectStore keeps projects.
type ProjectStore interface {
	ProjectFinder
	// AddProject and SaveProject fail with Conflict beside the field when the
	// slug, the series or a role address is another project's (all are public),
	// SaveProject also when the version moved on.
	AddProject(ctx context.Context, tx unit.Tx, sc Scope, p Project) error
	SaveProject(ctx context.Context, tx unit.Tx, sc Scope, p Project) error
}

// Projects changes what projects say of themselves. Its operations open their own
// transactions.
type Projects struct {
	Work       unit.Work
	Store      ProjectStore
	Team       *Team
	Agreements *Agreements
	Ring       Keyring
	PGP        PGP
	// Signer says that the site has a signer command, which keys elsewhere need.
	Signer bool
}

// Save stores new settings; chairs and deputies may. The slug, the series and
// the id stay as they are: they are in published URLs. It fails with Invalid
// beside each wrong field and with Conflict when somebody saved in between.
func (s *Projects) Save(ctx context.Context, sc Scope, p Project) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Team.mustBe(ctx, tx, sc, p.ID, Chair, Deputy); err != nil {
			return err
		}
		old, err := s.Store.FindProject(ctx, tx, sc, p.ID)
		if err != nil {
			return err
		}
		if old.Version != p.Version {
			return fault.New(fault.Conflict, "people.project.changed")
		}
		p.Slug, p.Series, p.Created, p.Register = old.Slug, old.Series, old.Created, old.Register
		if err := p.tidy(); err != nil {
			return err
		}
		if names := p.changed(old); len(names) > 0 {
			tx.Record(ProjectEntry(sc, p.ID, "people.ledger.settings_changed", map[string]string{"settings": strings.Join(names, ", ")}))
		} else {
			tx.Record(ProjectEntry(sc, p.ID, "people.ledger.settings", nil))
		}
		if err := s.Store.SaveProject(ctx, tx, sc, p); err != nil {
			return err
		}
		return tx.Emit(ctx, ProjectChanged{Project: p.ID})
	})
}

// Create makes a project and names its chair; account.Admin has checked who asks. An
// empty policy means DefaultPolicy.
func (s *Projects) Create(ctx context.Context, tx unit.Tx, sc Scope, p Project, terms string, chair PersonID) (Project, error) {
	if p.Policy.EmbargoAim == 0 {
		p.Policy = DefaultPolicy()
	}
	if p.Publisher.Category == "" {
		p.Publisher.Category = "vendor"
	}
	if err := p.tidy(); err != nil {
		return p, err
	}
	p.ID, p.Created = ProjectID(ident.New()), tx.Now()
	if err := s.Store.AddProject(ctx, tx, sc, p); err != nil {
		return p, err
	}
	tx.Record(ProjectEntry(sc, p.ID, "people.ledger.project", map[string]string{"name": p.Name}))
	if terms != "" {
		if _, err := s.Agreements.set(ctx, tx, sc, p.ID, terms); err != nil {
			return p, err
		}
	}
	if chair == "" {
		return p, nil
	}
	_, err := s.Team.Nominate(ctx, tx, sc, p.ID, chair, Chair)
	return p, err
}

// FirstKeys generates the keys of a project that has none; without PGP it does nothing.
func (s *Projects) FirstKeys(ctx context.Context, sc Scope, p Project) error {
	if s.PGP == nil {
		return nil
	}
	for _, purpose := range []string{PurposeDecrypt, PurposeSign} {
		if _, err := s.makeKey(ctx, sc, p, purpose, false); err != nil {
			return err
		}
	}
	return nil
}

// NameChair names a chair for an administrator; Conflict when somebody leads already.
func (s *Projects) NameChair(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, who PersonID) error {
	all, err := s.Team.Grants.Store.Holders(ctx, tx, AsJob("people.join", project.object()), project.object(), false)
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.Role == Chair {
			return fault.New(fault.Conflict, "people.project.led")
		}
	}
	_, err = s.Team.Nominate(ctx, tx, sc, project, who, Chair)
	return err
}

// tidy brings the settings into their stored form and checks them.
func (p *Project) tidy() error {
	p.Name = strings.TrimSpace(p.Name)
	for i, a := range p.Addresses {
		p.Addresses[i] = strings.ToLower(strings.TrimSpace(a))
	}
	p.Lists.Dev = strings.ToLower(strings.TrimSpace(p.Lists.Dev))
	p.Lists.Announce = strings.ToLower(strings.TrimSpace(p.Lists.Announce))
	var c fault.Checks
	p.check(&c)
	return c.Err()
}

// SetTerms puts a new version of the embargo terms in force; chairs may. Who
// accepted an older version keeps his roles, gets a letter, and sees nothing under
// embargo before he has accepted the new one.
func (s *Projects) SetTerms(ctx context.Context, sc Scope, project ProjectID, text string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Team.mustBe(ctx, tx, sc, project, Chair); err != nil {
			return err
		}
		if strings.TrimSpace(text) == "" || len(text) > maxText {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "terms", Key: "people.field.empty"}}}
		}
		anew, err := s.Agreements.set(ctx, tx, sc, project, text)
		if err != nil || !anew {
			return err
		}
		return s.Team.tellTerms(ctx, tx, sc, project)
	})
}

// ProjectChanged is the fact that the settings or keys of a project changed: what
// stands of them on the public site is written anew.
type ProjectChanged struct{ Project ProjectID }

// FactName implements unit.Fact.
func (ProjectChanged) FactName() string { return "people.project_changed" }
