package cve

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

// KindRefill is the job that fills a project's pool up; its subject is the project. Each
// run plans the next one, a day later.
const KindRefill = "cve.refill"

const (
	refillEvery = 24 * time.Hour
	// settled is how long after an unclear request nothing of it can still be under way:
	// several times the client's limit for a request.
	settled    = 10 * time.Minute
	alertEvery = 24 * time.Hour
)

func refillJob(project people.ProjectID, at time.Time) unit.Job {
	return unit.Job{Kind: KindRefill, Subject: string(project), At: at, Args: map[string]string{"project": string(project)},
		Key: KindRefill + ":" + string(project), Replace: true}
}

// FillUp has the pool of a project filled up now and not at its next turn; what there was
// left to find out about the account is asked again as well. Errors: fault.NotFound for
// who is neither chair nor deputy, fault.Conflict for a project without an account.
func (s *Service) FillUp(ctx context.Context, sc people.Scope, project people.ProjectID) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.lead(ctx, tx, sc, project); err != nil {
			return err
		}
		set, err := s.Setups.Setup(ctx, tx, sc, project)
		if err != nil {
			return err
		}
		if !set.Ready() {
			return fault.New(fault.Conflict, "cve.fault.no_cna")
		}
		job := refillJob(project, tx.Now())
		job.Args["more"] = "1"
		tx.Enqueue(job)
		tx.Record(projectEntry(project, sc, "cve.ledger.fill_up", nil))
		return nil
	})
}

// Refill is the job KindRefill. When fewer ids of a year are free than the low-water
// mark, it reserves up to ten; if more are needed it comes again. A reservation whose
// answer was lost is looked up before anything is asked again. The first run of an account
// also asks for the UUID of its organisation, which stands in every record.
func (s *Service) Refill(ctx context.Context, j unit.Running) error {
	sc, project := jobScope(j), people.ProjectID(j.Args["project"])
	var set Setup
	var account Account
	var ask services.Ask
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if set, err = s.Setups.Setup(ctx, v, sc, project); err != nil || !set.Ready() {
			return err
		}
		if account, err = s.account(ctx, v, sc, project); err != nil {
			return err
		}
		free, err := s.Numbers.Pool(ctx, v, sc, project)
		ask = set.need(free, v.Now(), j.Args["more"] != "")
		return err
	})
	if err != nil || !set.Ready() {
		return err // the settings plan the next run when they change
	}
	api, err := s.Dial(account)
	if err == nil {
		if set.Ticket != nil {
			return s.recover(ctx, j, sc, api, set)
		}
		var quota services.Quota
		if quota, err = api.Quota(ctx); err == nil {
			set.Quota = quota
			unnamed := set.name(ctx, api)
			if ask.Amount > 0 {
				ask.Amount = min(ask.Amount, max(quota.Available, 1)) // what little there is; Prepare refuses none
				return s.reserve(ctx, j, sc, api, set, ask)
			}
			return s.refilled(ctx, j, sc, set, outcome{checked: true, err: unnamed})
		}
	}
	return s.refilled(ctx, j, sc, set, outcome{checked: err == nil, err: err})
}

// name asks for the organisation's UUID where it is not known. The pool does not wait for
// it: it is the next run's error when nothing else was to do.
func (s *Setup) name(ctx context.Context, api API) error {
	if s.OrgID != "" {
		return nil
	}
	org, err := api.Org(ctx)
	s.OrgID = org.ID
	return err
}

// need is what the pool lacks: of the current year, and of the next one in the second
// half of December, when numbers of it are assigned already. A pool that is being filled
// goes on (more) until it is full.
func (s Setup) need(free []Number, now time.Time, more bool) services.Ask {
	now = now.UTC()
	years := []int{now.Year()}
	if now.Month() == time.December && now.Day() > 15 {
		years = append(years, now.Year()+1)
	}
	for _, year := range years {
		n := 0
		for _, f := range free {
			if f.Year == year {
				n++
			}
		}
		if n < s.Low || n == 0 || more && n < s.Fill {
			return services.Ask{Year: year, Amount: min(s.Fill-n, maxAsk)}
		}
	}
	return services.Ask{}
}

// reserve stores the ticket, asks, and stores the answer.
func (s *Service) reserve(ctx context.Context, j unit.Running, sc people.Scope, api API, set Setup, ask services.Ask) error {
	ticket, err := api.Prepare(ctx, ask)
	if err != nil {
		return s.refilled(ctx, j, sc, set, outcome{checked: errors.Is(err, services.ErrQuota), err: err})
	}
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		now, err := s.Setups.Setup(ctx, tx, sc, set.Project)
		if err != nil {
			return err
		}
		if now.Ticket != nil || now.Version != set.Version {
			return fault.New(fault.Conflict, "cve.fault.changed") // the next try sees what is there
		}
		now.Ticket, now.TicketAt = &ticket, tx.Now()
		set.Version++ // as the store counts
		return s.Setups.SaveSetup(ctx, tx, sc, now)
	})
	if err != nil {
		return err
	}
	set.Ticket = &ticket
	killpoint.At("cve.asking")
	batch, err := api.Reserve(ctx, ticket)
	killpoint.At("cve.reserved")
	done := outcome{checked: true, err: err, ids: batch.IDs, asked: ask.Amount}
	var unclear *services.UnclearError
	done.open = errors.As(err, &unclear)
	if err == nil && batch.Short != nil {
		done.err = batch.Short
	}
	if batch.Left >= 0 && err == nil {
		set.Quota.Available = batch.Left
		set.Quota.Reserved = set.Quota.Quota - batch.Left
	}
	return s.refilled(ctx, j, sc, set, done)
}

// recover looks what a reservation has brought whose answer is not stored: the process
// ended, or nobody could tell.
func (s *Service) recover(ctx context.Context, j unit.Running, sc people.Scope, api API, set Setup) error {
	found, err := api.Look(ctx, *set.Ticket)
	if err != nil {
		return s.refilled(ctx, j, sc, set, outcome{err: err, open: true})
	}
	return s.refilled(ctx, j, sc, set, outcome{checked: true, ids: found, asked: set.Ticket.Ask.Amount, looked: true})
}

// outcome is what a run has come to.
type outcome struct {
	checked bool // the CVE Services have answered
	ids     []services.ID
	asked   int
	open    bool // nobody knows whether the reservation happened
	looked  bool // the ids were found by looking
	err     error
}

// refilled stores the outcome: the ids enter the pool and the ticket goes, in one
// transaction, which also plans the next run.
func (s *Service) refilled(ctx context.Context, j unit.Running, sc people.Scope, was Setup, o outcome) error {
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		set, err := s.Setups.Setup(ctx, tx, sc, was.Project)
		if err != nil {
			return err
		}
		next, more := tx.Now().Add(refillEvery), false
		if was.Ticket != nil {
			switch {
			case o.open:
				next = tx.Now().Add(killpoint.Wait(settled / 5))
			case o.looked && len(o.ids) == 0 && tx.Now().Before(set.TicketAt.Add(killpoint.Wait(settled))):
				next = set.TicketAt.Add(killpoint.Wait(settled)) // it may still be under way
			default:
				set.Ticket, set.TicketAt = nil, time.Time{}
				if o.err == nil {
					next, more = tx.Now(), true
				}
			}
			if err := s.pool(ctx, tx, sc, set, o.ids); err != nil {
				return err
			}
			killpoint.At("cve.pooling")
		}
		if o.checked {
			set.Quota, set.Checked = was.Quota, tx.Now()
			if set.URL == was.URL && set.Org == was.Org {
				set.OrgID = was.OrgID
			}
		}
		if err := s.note(ctx, tx, sc, &set, o.err); err != nil {
			return err
		}
		if o.err != nil && passing(o.err) && !o.open {
			next = tx.Now().Add(settled)
		}
		again := refillJob(set.Project, next)
		if more {
			again.Args["more"] = "1"
		}
		tx.Enqueue(again)
		return s.Setups.SaveSetup(ctx, tx, sc, set)
	})
	if err == nil {
		killpoint.At("cve.pooled")
	}
	return err
}

// pool puts reserved ids into the pool, but none that is known: of a case that typed it
// in, or from an earlier look.
func (s *Service) pool(ctx context.Context, tx unit.Tx, sc people.Scope, set Setup, ids []services.ID) error {
	var names []string
	for _, id := range ids {
		names = append(names, id.ID)
	}
	known, err := s.Numbers.Known(ctx, tx, sc, set.Project, names)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id services.ID) bool { return known[id.ID] })
	for _, id := range ids {
		n := Number{ID: NumberID(ident.New()), Project: set.Project, State: Reserved, Origin: OfPool, Year: id.Year, Words: Words{CVE: id.ID}, ReservedAt: id.Reserved, Changed: tx.Now()}
		if n.ReservedAt.IsZero() {
			n.ReservedAt = tx.Now()
		}
		if err := s.Numbers.Insert(ctx, tx, sc, n); err != nil {
			return err
		}
		tx.Record(projectEntry(set.Project, sc, "cve.ledger.reserved", map[string]string{"cve": n.CVE}))
	}
	return nil
}

// note keeps what went wrong, and tells chair and deputies once a day as long as it does.
func (s *Service) note(ctx context.Context, tx unit.Tx, sc people.Scope, set *Setup, failed error) error {
	set.Problem, set.Detail = "", ""
	if failed == nil {
		set.Alerted = time.Time{}
		return nil
	}
	set.Problem, set.Detail = problemOf(failed), typed.Cut(failed.Error(), 2000)
	if e := (*services.Error)(nil); errors.As(failed, &e) && e.Status == 206 {
		set.Problem = "cve.problem.short"
	}
	if tx.Now().Before(set.Alerted.Add(alertEvery)) {
		return nil
	}
	set.Alerted = tx.Now()
	key := "cve.letter.trouble"
	if set.Problem == "cve.problem.quota" || set.Problem == "cve.problem.short" {
		key = "cve.letter.quota"
	}
	return s.alert(ctx, tx, sc, set.Project, key)
}

// alert writes to chair and deputies of a project; the letter says nothing of a case.
func (s *Service) alert(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, key string) error {
	gs, err := s.Grants.Holders(ctx, tx, sc, string(project))
	if err != nil {
		return err
	}
	var to []people.Recipient
	for _, g := range gs {
		if r := (people.Recipient{Person: g.Holder}); (g.Role == people.Chair || g.Role == people.Deputy) && !slices.Contains(to, r) {
			to = append(to, r)
		}
	}
	if len(to) == 0 {
		return nil
	}
	p, err := s.Projects.Project(ctx, tx, sc, project)
	if err != nil {
		return err
	}
	return s.Post.Put(ctx, tx, sc, people.Letter{Project: project, To: to, Key: key, Link: s.Origin + "/teams/" + p.Slug + "/cve",
		Args: map[string]string{"project": p.Name}})
}
