package advisorydb

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Downstreams implements downstream.Store. Everything that could name a subscriber or an
// advisory under TLP:AMBER is sealed.
type Downstreams struct{ *Store }

// leads is the condition that the scope's person leads the project.
func leads(sc people.Scope, column string) (string, []any) {
	return peopledb.Sees(sc, column, people.Chair, people.Deputy)
}

// subscriptionBody is what is sealed of a subscription.
type subscriptionBody struct {
	downstream.Subscription
	Secret string // secret.String does not print, and so not into JSON either
}

type subscriptionRow struct {
	downstream.Subscription
	body []byte
}

const selectSubscription = `select d.id, d.project, d.state, d.person, d.created_at, d.body from advisory_downstream d where `

func scanSubscription(r sqldb.Row) (subscriptionRow, error) {
	var x subscriptionRow
	var at int64
	err := r.Scan(&x.ID, &x.Project, &x.State, &x.By, &at, &x.body)
	x.Created = sqldb.Time(at)
	return x, err
}

func (s Downstreams) unsealed(ctx context.Context, v unit.View, x subscriptionRow) (downstream.Subscription, error) {
	var b subscriptionBody
	if err := s.open(ctx, v, "advisory_downstream", x.ID, x.body, &b); err != nil {
		return downstream.Subscription{}, err
	}
	out := b.Subscription
	out.ID, out.Project, out.State, out.By, out.Created = x.ID, x.Project, x.State, x.By, x.Created
	if b.Secret != "" {
		out.Secret = secret.New(b.Secret)
	}
	return out, nil
}

func (s Downstreams) body(ctx context.Context, tx unit.Tx, x downstream.Subscription) ([]byte, error) {
	b := subscriptionBody{Subscription: x, Secret: x.Secret.Reveal()}
	b.Subscription.Secret = secret.String{}
	return s.sealed(ctx, tx, "downstream:"+x.ID, "advisory_downstream", x.ID, b)
}

func (s Downstreams) mac(address string) string {
	if address == "" {
		return ""
	}
	return s.Seal.MAC("downstream.address", strings.ToLower(address))
}

// Add implements downstream.Store.
func (s Downstreams) Add(ctx context.Context, tx unit.Tx, sc people.Scope, x downstream.Subscription) error {
	body, err := s.body(ctx, tx, x)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into advisory_downstream (id, project, state, person, address_mac, created_at, body) values (?, ?, ?, ?, ?, ?, ?)`,
		x.ID, string(x.Project), string(x.State), string(x.By), s.mac(x.Address), x.Created, body)
	return err
}

// Save implements downstream.Store.
func (s Downstreams) Save(ctx context.Context, tx unit.Tx, sc people.Scope, x downstream.Subscription) error {
	body, err := s.body(ctx, tx, x)
	if err != nil {
		return err
	}
	cond, args := leads(sc, "advisory_downstream.project")
	_, err = sqldb.Of(tx).Exec(ctx, `update advisory_downstream set state = ?, address_mac = ?, body = ? where id = ? and `+cond,
		append([]any{string(x.State), s.mac(x.Address), body, x.ID}, args...)...)
	return err
}

// Get implements downstream.Store.
func (s Downstreams) Get(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id string) (downstream.Subscription, error) {
	cond, args := leads(sc, "d.project")
	x, err := sqldb.One(ctx, v, scanSubscription, selectSubscription+`d.id = ? and d.project = ? and `+cond, append([]any{id, string(project)}, args...)...)
	if err != nil {
		return downstream.Subscription{}, err
	}
	return s.unsealed(ctx, v, x)
}

func (s Downstreams) all(ctx context.Context, v unit.View, q string, args ...any) ([]downstream.Subscription, error) {
	rows, err := sqldb.All(ctx, v, scanSubscription, q, args...)
	if err != nil {
		return nil, err
	}
	out := make([]downstream.Subscription, len(rows))
	for i, x := range rows {
		if out[i], err = s.unsealed(ctx, v, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// List implements downstream.Store.
func (s Downstreams) List(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]downstream.Subscription, error) {
	cond, args := leads(sc, "d.project")
	return s.all(ctx, v, selectSubscription+`d.project = ? and `+cond+` order by d.created_at, d.id`, append([]any{string(project)}, args...)...)
}

// Active implements downstream.Store.
func (s Downstreams) Active(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, after string, limit int) ([]downstream.Subscription, error) {
	cond, args := leads(sc, "d.project")
	return s.all(ctx, v, selectSubscription+`d.project = ? and d.state = ? and d.id > ? and `+cond+` order by d.id limit ?`,
		append(append([]any{string(project), string(downstream.Active), after}, args...), limit)...)
}

// Remove implements downstream.Store.
func (s Downstreams) Remove(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, id string) error {
	if _, err := s.Get(ctx, tx, sc, project, id); err != nil {
		return err
	}
	c := sqldb.Of(tx)
	if _, err := c.Exec(ctx, `delete from advisory_delivery where downstream = ?`, id); err != nil {
		return err
	}
	_, err := c.Exec(ctx, `delete from advisory_downstream where id = ?`, id)
	return err
}

// Asked implements downstream.Store.
func (s Downstreams) Asked(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, address string, since time.Time) (same bool, all int, err error) {
	cond, args := leads(sc, "d.project")
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from advisory_downstream d where d.project = ? and d.person = '' and d.address_mac = ?
		and (d.state = ? or d.created_at > ?) and `+cond, append([]any{string(project), s.mac(address), string(downstream.Active), since}, args...)...)
	if err != nil {
		return false, 0, err
	}
	all, err = sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from advisory_downstream d where d.project = ? and d.person = '' and d.created_at > ? and `+cond,
		append([]any{string(project), since}, args...)...)
	return n > 0, all, err
}

// AddEvent implements downstream.Store.
func (s Downstreams) AddEvent(ctx context.Context, tx unit.Tx, _ people.Scope, e downstream.Event) error {
	body, err := s.sealed(ctx, tx, "project:"+string(e.Project), "advisory_event", e.ID, e)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into advisory_event (id, project, created_at, body) values (?, ?, ?, ?)`, e.ID, string(e.Project), e.Created, body)
	return err
}

// Event implements downstream.Store.
func (s Downstreams) Event(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id string) (downstream.Event, error) {
	cond, args := leads(sc, "e.project")
	body, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select e.body from advisory_event e where e.id = ? and e.project = ? and `+cond, append([]any{id, string(project)}, args...)...)
	if err != nil {
		return downstream.Event{}, err
	}
	var e downstream.Event
	return e, s.open(ctx, v, "advisory_event", id, body, &e)
}

// AddDelivery implements downstream.Store.
func (s Downstreams) AddDelivery(ctx context.Context, tx unit.Tx, _ people.Scope, d downstream.Delivery) (bool, error) {
	n, err := sqldb.Of(tx).Exec(ctx, `insert into advisory_delivery (id, event, downstream, project, number, version, state, tries, problem, code, created_at, next_at, done_at)
		values (?, ?, ?, ?, ?, ?, ?, 0, '', 0, ?, ?, ?) on conflict (event, downstream) do nothing`,
		d.ID, d.Event, d.Subscription, string(d.Project), d.Number, d.Version, string(d.State), d.Created, d.Next, d.Done)
	return n > 0, err
}

const selectDelivery = `select y.id, y.event, y.downstream, y.project, y.number, y.version, y.state, y.tries, y.problem, y.code, y.created_at, y.next_at, y.done_at
	from advisory_delivery y where `

func scanDelivery(r sqldb.Row) (downstream.Delivery, error) {
	var d downstream.Delivery
	var created, next, done int64
	err := r.Scan(&d.ID, &d.Event, &d.Subscription, &d.Project, &d.Number, &d.Version, &d.State, &d.Tries, &d.Problem, &d.Code, &created, &next, &done)
	d.Created, d.Next, d.Done = sqldb.Time(created), sqldb.Time(next), sqldb.Time(done)
	return d, err
}

// Delivery implements downstream.Store.
func (s Downstreams) Delivery(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id string) (downstream.Delivery, error) {
	cond, args := leads(sc, "y.project")
	return sqldb.One(ctx, v, scanDelivery, selectDelivery+`y.id = ? and y.project = ? and `+cond, append([]any{id, string(project)}, args...)...)
}

// SaveDelivery implements downstream.Store.
func (s Downstreams) SaveDelivery(ctx context.Context, tx unit.Tx, _ people.Scope, d downstream.Delivery) error {
	_, err := sqldb.Of(tx).Exec(ctx, `update advisory_delivery set state = ?, tries = ?, problem = ?, code = ?, next_at = ?, done_at = ? where id = ?`,
		string(d.State), d.Tries, d.Problem, d.Code, d.Next, d.Done, d.ID)
	return err
}

// Deliveries implements downstream.Store.
func (s Downstreams) Deliveries(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, subscription string, limit int) ([]downstream.Delivery, error) {
	cond, args := leads(sc, "y.project")
	return sqldb.All(ctx, v, scanDelivery, selectDelivery+`y.downstream = ? and y.project = ? and `+cond+` order by y.created_at desc, y.id limit ?`,
		append(append([]any{subscription, string(project)}, args...), limit)...)
}

// DeadOf implements downstream.Store.
func (s Downstreams) DeadOf(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, subscription string) ([]downstream.Delivery, error) {
	cond, args := leads(sc, "y.project")
	return sqldb.All(ctx, v, scanDelivery, selectDelivery+`y.downstream = ? and y.project = ? and y.state = ? and `+cond+` order by y.created_at, y.id limit 500`,
		append([]any{subscription, string(project), string(downstream.Dead)}, args...)...)
}

// Sweep implements downstream.Store: deliveries and events, and questions that nobody
// answered.
func (s Downstreams) Sweep(ctx context.Context, tx unit.Tx, _ people.Scope, before time.Time) error {
	c := sqldb.Of(tx)
	if _, err := c.Exec(ctx, `delete from advisory_delivery where event in (select e.id from advisory_event e where e.created_at < ?)`, before); err != nil {
		return err
	}
	if _, err := c.Exec(ctx, `delete from advisory_event where created_at < ?`, before); err != nil {
		return err
	}
	_, err := c.Exec(ctx, `delete from advisory_downstream where state = ? and created_at < ?`, string(downstream.Pending), tx.Now().Add(-7*24*time.Hour))
	return err
}

var _ downstream.Store = Downstreams{}
