package cve

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

// SetupStore keeps the settings of projects. They exist for who holds a role on the
// project, and for jobs that name it.
type SetupStore interface {
	// Setup returns the settings; the zero Setup with the project's id when there are none.
	Setup(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (Setup, error)
	// SaveSetup writes them; fault.Conflict when they changed since they were read.
	SaveSetup(ctx context.Context, tx unit.Tx, sc people.Scope, s Setup) error
	// Key returns the sealed API key opened; only jobs that name the project see it.
	Key(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (secret.String, error)
	// PutKey seals a new key.
	PutKey(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, key secret.String) error
}

// Store keeps numbers. One that belongs to a case exists for whom the case exists, one
// of the pool for whom the project's settings do.
type Store interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id NumberID) (Number, error)
	// Lock is Get for a change in this transaction.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id NumberID) (Number, error)
	Insert(ctx context.Context, tx unit.Tx, sc people.Scope, n Number) error
	Save(ctx context.Context, tx unit.Tx, sc people.Scope, n Number) error
	// OfCase lists a case's numbers, oldest first.
	OfCase(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Number, error)
	// Pool lists the project's free ids, oldest year and number first.
	Pool(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Number, error)
	// Free locks one free id of the year for this transaction; fault.NotFound when there is none.
	Free(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, year int) (Number, error)
	// Seen returns a number with this CVE id that the scope sees; fault.NotFound when
	// it sees none.
	Seen(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, cve string) (Number, error)
	// Known returns which of the ids the project has a number of, visible or not; for
	// jobs that name the project.
	Known(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, cves []string) (map[string]bool, error)
}

// API is what cve needs of a client of the CVE Services (kit/cve/services).
type API interface {
	Prepare(ctx context.Context, ask services.Ask) (services.Ticket, error)
	Reserve(ctx context.Context, t services.Ticket) (services.Batch, error)
	Look(ctx context.Context, t services.Ticket) ([]services.ID, error)
	Quota(ctx context.Context) (services.Quota, error)
	Org(ctx context.Context) (services.Org, error)
	Put(ctx context.Context, id string, container []byte) (services.Record, error)
	Reject(ctx context.Context, id string, r services.Rejection) (services.Record, error)
	SetState(ctx context.Context, id string, s services.State) (services.ID, error)
}

// Records is where the record of a number comes from: what is published of an advisory.
type Records interface {
	// Container returns the CVE id that the published advisory has and the CNA container
	// of its record, nil when it was withdrawn; fault.NotFound when nothing of it is
	// published, fault.Invalid when it does not fit the format. Equal publications give
	// equal bytes.
	Container(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, advisory string) (cve string, container []byte, err error)
}

// Cases is what cve needs of *casework.Service.
type Cases interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	Tell(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, n casework.Notice) error
}

// Grants is what cve needs of *people.Grants.
type Grants interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
	Holders(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Grant, error)
}

// Projects is what cve needs of *people.Directory.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
}

// Post is what cve needs of *people.Post.
type Post interface {
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, l people.Letter) error
}

// Service works on numbers.
type Service struct {
	Work     unit.Work
	Setups   SetupStore
	Numbers  Store
	Cases    Cases
	Grants   Grants
	Projects Projects
	Post     Post
	Records  Records
	// Dial makes a client; it fails for an account that cannot be one.
	Dial   func(Account) (API, error)
	Origin string // the site's address, for links in letters
}

// OfCase lists the numbers of a case that the scope may see, else fault.NotFound.
func (s *Service) OfCase(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Number, error) {
	if _, _, err := s.Cases.Get(ctx, v, sc, id); err != nil {
		return nil, err
	}
	return s.Numbers.OfCase(ctx, v, sc, id)
}

// Standing returns the CVE id of a case and who assigned it: what an advisory begins
// with. Both are empty when the case has none, or several.
func (s *Service) Standing(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (cve, assignedBy string, err error) {
	all, err := s.Numbers.OfCase(ctx, v, sc, id)
	if err != nil {
		return "", "", err
	}
	found := 0
	for _, n := range all {
		if n.Stands() {
			cve, assignedBy = n.CVE, n.AssignedBy
			found++
		}
	}
	if found != 1 {
		return "", "", nil
	}
	return cve, assignedBy, nil
}

// Ways are the ways to a number that a case's project has.
type Ways struct {
	CNA         bool
	Org         string
	OutsideName string
	OutsideMail string
	OutsideForm string
}

// Ways returns how a case's project comes to numbers. Whoever works on the case knows
// that much, also without a role on the project.
func (s *Service) Ways(ctx context.Context, v unit.View, sc people.Scope, c casework.Case) (Ways, error) {
	set, err := s.Setups.Setup(ctx, v, people.AsJob("cve.ways", string(c.Project)), c.Project)
	return Ways{CNA: set.Ready(), Org: set.Org, OutsideName: set.OutsideName, OutsideMail: set.OutsideMail, OutsideForm: set.OutsideForm}, err
}

// Organisation returns the UUID and the short name of the CNA that a project is, both
// empty for one that is none, the UUID while the CVE Services have not told it. It is what
// every CVE record of theirs shows: whoever may read a record of the project may ask.
func (s *Service) Organisation(ctx context.Context, v unit.View, project people.ProjectID) (id, shortName string, err error) {
	set, err := s.Setups.Setup(ctx, v, people.AsJob("cve.organisation", string(project)), project)
	if err != nil || !set.CNA {
		return "", "", err
	}
	return set.OrgID, set.Org, nil
}

// lead is who may change the settings and the pool: chair and deputies. For who holds
// no role on the project it does not exist.
func (s *Service) lead(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) error {
	r, err := s.Grants.RoleOn(ctx, v, sc, string(project))
	switch {
	case err != nil:
		return err
	case r != people.Chair && r != people.Deputy:
		return fault.Missing()
	case !sc.MayWrite():
		return fault.New(fault.Denied, "people.read_only")
	}
	return nil
}

// Pool returns the settings and the free ids of a project, for its chair and deputies;
// for others it does not exist.
func (s *Service) Pool(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (Setup, []Number, error) {
	r, err := s.Grants.RoleOn(ctx, v, sc, string(project))
	if err == nil && r != people.Chair && r != people.Deputy {
		err = fault.Missing()
	}
	if err != nil {
		return Setup{}, nil, err
	}
	set, err := s.Setups.Setup(ctx, v, sc, project)
	if err != nil {
		return Setup{}, nil, err
	}
	free, err := s.Numbers.Pool(ctx, v, sc, project)
	return set, free, err
}

// Change replaces the settings of a project; an empty key keeps the one that is stored.
// Errors: fault.NotFound for who is neither chair nor deputy, fault.Invalid with
// every wrong field, fault.Conflict when they changed since in.Version.
func (s *Service) Change(ctx context.Context, sc people.Scope, in Setup, key secret.String) error {
	in.tidy()
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.lead(ctx, tx, sc, in.Project); err != nil {
			return err
		}
		old, err := s.Setups.Setup(ctx, tx, sc, in.Project)
		if err != nil {
			return err
		}
		if old.Version != in.Version {
			return fault.New(fault.Conflict, "cve.fault.changed")
		}
		// A key goes to the address and account it was typed in for, never to another.
		moved := old.URL != in.URL || old.Org != in.Org || old.User != in.User
		if err := in.check(!key.Empty() || old.HasKey && !moved); err != nil {
			return err
		}
		set := in
		set.HasKey = !key.Empty() || old.HasKey && !moved
		set.OrgID, set.Quota, set.Checked, set.Ticket, set.TicketAt = old.OrgID, old.Quota, old.Checked, old.Ticket, old.TicketAt
		if moved {
			if old.Ticket != nil {
				return fault.New(fault.Conflict, "cve.fault.open_ticket")
			}
			set.OrgID, set.Quota, set.Checked = "", services.Quota{}, time.Time{}
		}
		if err := s.Setups.SaveSetup(ctx, tx, sc, set); err != nil {
			return err
		}
		if !key.Empty() || !set.HasKey && old.HasKey {
			if err := s.Setups.PutKey(ctx, tx, sc, in.Project, key); err != nil {
				return err
			}
		}
		tx.Record(projectEntry(in.Project, sc, "cve.ledger.setup", map[string]string{"org": set.Org, "url": set.URL}))
		if set.Ready() {
			tx.Enqueue(refillJob(in.Project, tx.Now()))
		}
		return nil
	})
}

// projectEntry is one line of the project's stream.
func projectEntry(id people.ProjectID, sc people.Scope, kind string, args map[string]string) unit.Entry {
	return unit.Entry{Stream: unit.Stream{Kind: "project", ID: string(id)}, Kind: kind, Actor: sc.Actor(), Args: args}
}

// entry is one line of the case's stream.
func (n Number) entry(sc people.Scope, kind string, args map[string]string) unit.Entry {
	if n.CVE != "" {
		if args == nil {
			args = map[string]string{}
		}
		args["cve"] = n.CVE
	}
	return unit.Entry{Stream: n.Case.Stream(), Kind: kind, Actor: sc.Actor(), Args: args}
}
