package downstream

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Store keeps subscriptions, events and deliveries, sealed. They exist for the chairs and
// deputies of the project and for jobs that name it; all else is fault.Missing.
type Store interface {
	Add(ctx context.Context, tx unit.Tx, sc people.Scope, s Subscription) error
	Save(ctx context.Context, tx unit.Tx, sc people.Scope, s Subscription) error
	Get(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id string) (Subscription, error)
	// List returns the subscriptions of a project, the oldest first.
	List(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Subscription, error)
	Remove(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, id string) error
	// Active returns active subscriptions after an id, in the order of ids.
	Active(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, after string, limit int) ([]Subscription, error)
	// Asked reports whether an address has a subscription of its own asking that is
	// active, or one that it was asked about since, and how many such questions of all
	// addresses the project has since.
	Asked(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, address string, since time.Time) (same bool, all int, err error)

	AddEvent(ctx context.Context, tx unit.Tx, sc people.Scope, e Event) error
	Event(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id string) (Event, error)
	// AddDelivery stores a delivery and reports false when the subscription has one of
	// this event already.
	AddDelivery(ctx context.Context, tx unit.Tx, sc people.Scope, d Delivery) (bool, error)
	Delivery(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id string) (Delivery, error)
	SaveDelivery(ctx context.Context, tx unit.Tx, sc people.Scope, d Delivery) error
	// Deliveries returns the newest deliveries of a subscription.
	Deliveries(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, subscription string, limit int) ([]Delivery, error)
	// DeadOf returns those of a subscription that were given up, the oldest first.
	DeadOf(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, subscription string) ([]Delivery, error)
	// Sweep forgets events and deliveries from before an instant.
	Sweep(ctx context.Context, tx unit.Tx, sc people.Scope, before time.Time) error
}

// Roles is what downstream needs of people.Grants.
type Roles interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
	Holders(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Grant, error)
}

// Projects is what downstream needs of people.Directory.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
}

// Post is what downstream needs of people.Post.
type Post interface {
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, l people.Letter) error
}

// Service is the operations.
type Service struct {
	Work     unit.Work
	Store    Store
	Site     pubsite.Store
	Projects Projects
	Roles    Roles
	Post     Post
	Caller   Caller
	// MAC is a keyed hash, for the links in mails.
	MAC func(purpose, value string) string
	URL string
	// Plain allows webhooks by http, where the operator opened private networks.
	Plain bool
}

// leads wants a chair or a deputy who may write.
func (s *Service) leads(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (people.PersonID, error) {
	me, ok := sc.Person()
	if !ok {
		return "", fault.Missing()
	}
	r, err := s.Roles.RoleOn(ctx, v, sc, string(project))
	if err != nil {
		return "", err
	}
	if r != people.Chair && r != people.Deputy {
		return "", fault.Missing()
	}
	if !sc.MayWrite() {
		return "", fault.New(fault.Denied, "people.read_only")
	}
	return me, nil
}

// Change is what the team says of a subscription.
type Change struct {
	Kind      Kind
	Name      string
	URL       string
	Address   string
	Lang      string
	Wants     []Want
	Clearance string // "" is GREEN
}

func (c Change) into(s Subscription) Subscription {
	s.Name, s.URL, s.Address, s.Lang, s.Wants = strings.TrimSpace(c.Name), strings.TrimSpace(c.URL), strings.TrimSpace(c.Address), c.Lang, c.Wants
	if s.Clearance = c.Clearance; s.Clearance == "" {
		s.Clearance = "GREEN"
	}
	return s
}

// Add makes a subscription; chairs and deputies may. The secret of a webhook is returned
// here and by NewSecret, and nowhere else.
func (s *Service) Add(ctx context.Context, sc people.Scope, project people.ProjectID, c Change) (Subscription, secret.String, error) {
	out := c.into(Subscription{Project: project, Kind: c.Kind, State: Active})
	if out.Kind == Webhook {
		out.Address, out.Secret = "", NewSecret()
	} else {
		out.URL = ""
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		me, err := s.leads(ctx, tx, sc, project)
		if err != nil {
			return err
		}
		if err := out.check(s.Plain); err != nil {
			return err
		}
		all, err := s.Store.List(ctx, tx, sc, project)
		if err != nil {
			return err
		}
		if len(all) >= maxOfAll {
			return fault.New(fault.TooMany, "advisory.down.many", "max", maxOfAll)
		}
		out.ID, out.By, out.Created = ident.New(), me, tx.Now()
		tx.Record(people.ProjectEntry(sc, project, "advisory.ledger.down_added", map[string]string{"name": out.Name, "clearance": out.Clearance}))
		return s.Store.Add(ctx, tx, sc, out)
	})
	return out, out.Secret, err
}

// change runs f on a subscription in one transaction.
func (s *Service) change(ctx context.Context, sc people.Scope, project people.ProjectID, id, entry string, f func(context.Context, unit.Tx, *Subscription) error) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if _, err := s.leads(ctx, tx, sc, project); err != nil {
			return err
		}
		x, err := s.Store.Get(ctx, tx, sc, project, id)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, &x); err != nil {
			return err
		}
		tx.Record(people.ProjectEntry(sc, project, entry, map[string]string{"name": x.Name, "clearance": x.Clearance}))
		return s.Store.Save(ctx, tx, sc, x)
	})
}

// Save changes name, address, products and clearance.
func (s *Service) Save(ctx context.Context, sc people.Scope, project people.ProjectID, id string, c Change) error {
	return s.change(ctx, sc, project, id, "advisory.ledger.down_changed", func(_ context.Context, _ unit.Tx, x *Subscription) error {
		*x = c.into(*x)
		return x.check(s.Plain)
	})
}

// Pause stops the messages, or lets them go on; what was published meanwhile is not
// told later.
func (s *Service) Pause(ctx context.Context, sc people.Scope, project people.ProjectID, id string, pause bool) error {
	entry := "advisory.ledger.down_resumed"
	if pause {
		entry = "advisory.ledger.down_paused"
	}
	return s.change(ctx, sc, project, id, entry, func(_ context.Context, _ unit.Tx, x *Subscription) error {
		if x.State == Pending || x.State == Ended {
			return fault.New(fault.Conflict, "advisory.down.not_confirmed")
		}
		if x.State, x.Problem = Active, ""; pause {
			x.State = Paused
		}
		return nil
	})
}

// NewSecret replaces the secret of a webhook and returns the new one.
func (s *Service) NewSecret(ctx context.Context, sc people.Scope, project people.ProjectID, id string) (secret.String, error) {
	fresh := NewSecret()
	err := s.change(ctx, sc, project, id, "advisory.ledger.down_secret", func(_ context.Context, _ unit.Tx, x *Subscription) error {
		if x.Kind != Webhook {
			return fault.New(fault.Conflict, "advisory.down.no_secret")
		}
		x.Secret = fresh
		return nil
	})
	return fresh, err
}

// Retry tries all deliveries again that were given up.
func (s *Service) Retry(ctx context.Context, sc people.Scope, project people.ProjectID, id string) (int, error) {
	n := 0
	err := s.change(ctx, sc, project, id, "advisory.ledger.down_retried", func(ctx context.Context, tx unit.Tx, x *Subscription) error {
		dead, err := s.Store.DeadOf(ctx, tx, sc, project, id)
		if err != nil {
			return err
		}
		n = len(dead)
		for _, d := range dead {
			d.State, d.Tries, d.Next, d.Done = Waiting, 0, tx.Now(), time.Time{}
			if err := s.Store.SaveDelivery(ctx, tx, sc, d); err != nil {
				return err
			}
			tx.Enqueue(d.job())
		}
		x.State, x.Problem, x.Failing = Active, "", time.Time{}
		return nil
	})
	return n, err
}

// Remove forgets a subscription and its deliveries.
func (s *Service) Remove(ctx context.Context, sc people.Scope, project people.ProjectID, id string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if _, err := s.leads(ctx, tx, sc, project); err != nil {
			return err
		}
		x, err := s.Store.Get(ctx, tx, sc, project, id)
		if err != nil {
			return err
		}
		tx.Record(people.ProjectEntry(sc, project, "advisory.ledger.down_removed", map[string]string{"name": x.Name}))
		return s.Store.Remove(ctx, tx, sc, project, id)
	})
}

// List returns the subscriptions of a project for those who lead it.
func (s *Service) List(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Subscription, error) {
	return s.Store.List(ctx, v, sc, project)
}

// newest is how many deliveries the page shows.
const newest = 50

// One returns a subscription with its newest deliveries.
func (s *Service) One(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id string) (Subscription, []Delivery, error) {
	x, err := s.Store.Get(ctx, v, sc, project, id)
	if err != nil {
		return x, nil, err
	}
	ds, err := s.Store.Deliveries(ctx, v, sc, project, id, newest)
	return x, ds, err
}
