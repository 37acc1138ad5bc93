package cve

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

// KindWrite is the job that carries out a number's wish at the CVE Services. Arguments:
// number, project, and case unless the number is of the pool.
const KindWrite = "cve.write"

// writing is how long one writer has a number for itself: a write, its read-backs and
// their tries all lie within.
const writing = 10 * time.Minute

func (n Number) writeJob(at time.Time) unit.Job {
	args := map[string]string{"number": string(n.ID), "project": string(n.Project), "case": string(n.Case)}
	subject := string(n.Case)
	if subject == "" {
		subject = string(n.Project)
	}
	return unit.Job{Kind: KindWrite, Subject: subject, Args: args, At: at, Key: KindWrite + ":" + string(n.ID), Replace: true}
}

// jobScope is what a job about a project, and perhaps a case of it, may see.
func jobScope(j unit.Running) people.Scope {
	subjects := []string{j.Args["project"]}
	if c := j.Args["case"]; c != "" {
		subjects = append(subjects, c)
	}
	return people.AsJob(j.Kind, subjects...)
}

// Write is the job KindWrite. One writer at a time has a number; the state changes only
// when the record was read back, and only if nobody has wished otherwise meanwhile.
// Writing the same twice does nothing, so that a lost answer or a kill costs nothing.
func (s *Service) Write(ctx context.Context, j unit.Running) error {
	sc := jobScope(j)
	c, err := s.claim(ctx, j, sc)
	if err != nil || c.n.Todo == Nothing {
		return err
	}
	killpoint.At("cve.claimed")
	err = s.carryOut(ctx, c)
	killpoint.At("cve.readback")
	if again := s.record(ctx, j, sc, c.n, err); again != nil {
		return again
	}
	killpoint.At("cve.recorded")
	return nil
}

// claimed is a number that this job alone writes, with what it needs.
type claimed struct {
	n         Number
	account   Account
	container []byte
	unfit     error // why there is no container
}

// claim makes this job the number's one writer and reads what it needs. Without a wish,
// or while another writes, it ends the job.
func (s *Service) claim(ctx context.Context, j unit.Running, sc people.Scope) (claimed, error) {
	var c claimed
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c = claimed{}
		n, err := s.Numbers.Lock(ctx, tx, sc, NumberID(j.Args["number"]))
		if fault.Is(err, fault.NotFound) || err == nil && n.Todo == Nothing {
			return j.Fence.Done(ctx, tx)
		}
		if err != nil {
			return err
		}
		if n.Writer != "" && n.Writer != j.ID && n.Until.After(tx.Now()) {
			tx.Enqueue(n.writeJob(n.Until))
			return j.Fence.Done(ctx, tx)
		}
		n.Writer, n.Until = j.ID, tx.Now().Add(writing)
		if err := s.Numbers.Save(ctx, tx, sc, n); err != nil {
			return err
		}
		c.n = n
		if c.account, err = s.account(ctx, tx, sc, n.Project); err != nil {
			return err
		}
		if n.Todo != PutRecord {
			return nil
		}
		var name string
		name, c.container, err = s.Records.Container(ctx, tx, sc, n.Case, n.Advisory)
		switch {
		case fault.Is(err, fault.NotFound) || err == nil && (name != n.CVE || c.container == nil):
			c.unfit = errNoRecord // withdrawn, or with another number by now
			return nil
		case fault.Is(err, fault.Invalid):
			c.unfit = errors.Join(errUnfit, err)
			return nil
		}
		return err
	})
	return c, err
}

func (s *Service) account(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (Account, error) {
	set, err := s.Setups.Setup(ctx, v, sc, project)
	if err != nil || !set.Ready() {
		return Account{}, err
	}
	key, err := s.Setups.Key(ctx, v, sc, project)
	return Account{URL: set.URL, Org: set.Org, User: set.User, Key: key}, err
}

// Writes that cannot be made.
var (
	errNoAccount = errors.New("the project has no account at the CVE Services")
	errNoRecord  = errors.New("nothing is published that has the number")
	errUnfit     = errors.New("the advisory does not fit the CVE format")
)

// carryOut does at the CVE Services what the number wishes.
func (s *Service) carryOut(ctx context.Context, c claimed) error {
	switch {
	case c.unfit != nil:
		return c.unfit
	case c.account.Key.Empty():
		return errNoAccount
	}
	api, err := s.Dial(c.account)
	if err != nil {
		return err
	}
	n, container := c.n, c.container
	switch {
	case n.Todo == PutRecord:
		if n.State == Disputed {
			if container, err = tagged(container, "disputed"); err != nil {
				return err
			}
		}
		_, err = api.Put(ctx, n.CVE, container)
	case n.Case == "":
		_, err = api.SetState(ctx, n.CVE, services.Rejected)
	default:
		r := services.Rejection{Reason: n.Reason}
		if n.ReplacedBy != "" {
			r.ReplacedBy = []string{n.ReplacedBy}
		}
		_, err = api.Reject(ctx, n.CVE, r)
	}
	return err
}

// tagged adds a tag to a CNA container.
func tagged(container []byte, tag string) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(container, &members); err != nil {
		return nil, err
	}
	var tags []string
	if raw, ok := members["tags"]; ok {
		if err := json.Unmarshal(raw, &tags); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(tags, tag) {
		tags = append(tags, tag)
	}
	raw, err := json.Marshal(tags)
	if err != nil {
		return nil, err
	}
	members["tags"] = raw
	return json.Marshal(members)
}

// record stores what a write has come to. A problem that may pass is the job's error, so
// that it is tried again; any other waits for a person, who is told.
func (s *Service) record(ctx context.Context, j unit.Running, sc people.Scope, was Number, failed error) error {
	again := failed
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		n, err := s.Numbers.Lock(ctx, tx, sc, was.ID)
		if err != nil {
			return err
		}
		if n.Writer != j.ID {
			again = nil
			return j.Fence.Done(ctx, tx) // it took too long; another has it
		}
		n.Writer, n.Until = "", time.Time{}
		switch {
		case n.Wish != was.Wish:
			// Somebody wished otherwise: the job that waits does that.
			again = nil
			tx.Enqueue(n.writeJob(tx.Now()))
		case failed == nil:
			if err := s.wrote(tx, sc, &n); err != nil {
				return err
			}
			killpoint.At("cve.recording")
		default:
			first := n.Problem == ""
			n.Problem, n.Detail, n.Changed = problemOf(failed), typed.Cut(failed.Error(), 2000), tx.Now()
			lasting := !passing(failed)
			if lasting {
				again = nil
			}
			if first || lasting && n.Problem != was.Problem {
				if err := s.tellProblem(ctx, tx, sc, n); err != nil {
					return err
				}
			}
		}
		if err := s.Numbers.Save(ctx, tx, sc, n); err != nil {
			return err
		}
		if again != nil {
			return nil
		}
		return j.Fence.Done(ctx, tx)
	})
	if err != nil {
		return err
	}
	return again
}

// wrote changes the state after a write that was read back.
func (s *Service) wrote(tx unit.Tx, sc people.Scope, n *Number) error {
	kind, err := "cve.ledger.published", error(nil)
	if n.Todo == PutRejected {
		kind, err = "cve.ledger.rejected", n.rejected(tx.Now())
	} else {
		err = n.published(tx.Now())
	}
	if err != nil {
		return err
	}
	n.Todo, n.Problem, n.Detail = Nothing, "", ""
	if n.Case == "" {
		tx.Record(projectEntry(n.Project, sc, kind, map[string]string{"cve": n.CVE}))
		return nil
	}
	tx.Record(n.entry(sc, kind, nil))
	return nil
}

// tellProblem tells the leads of the case that a number waits for them.
func (s *Service) tellProblem(ctx context.Context, tx unit.Tx, sc people.Scope, n Number) error {
	if n.Case == "" {
		return s.alert(ctx, tx, sc, n.Project, "cve.letter.trouble")
	}
	c, _, err := s.Cases.Get(ctx, tx, sc, n.Case)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, sc, c, n, "cve.letter.problem")
}

// problemOf is the catalogue key for what went wrong.
func problemOf(err error) string {
	var different *services.DifferenceError
	var unclear *services.UnclearError
	switch {
	case errors.Is(err, errNoAccount):
		return "cve.problem.account"
	case errors.Is(err, errNoRecord):
		return "cve.problem.record"
	case errors.As(err, &unclear):
		return "cve.problem.unclear"
	case errors.As(err, &different):
		return "cve.problem.different"
	case errors.Is(err, services.ErrQuota):
		return "cve.problem.quota"
	case errors.Is(err, services.ErrUnauthenticated):
		return "cve.problem.key"
	case errors.Is(err, services.ErrForbidden):
		return "cve.problem.forbidden"
	case errors.Is(err, services.ErrInvalid), errors.Is(err, errUnfit):
		return "cve.problem.invalid"
	case errors.Is(err, services.ErrBusy):
		return "cve.problem.busy"
	}
	return "cve.problem.down"
}

// passing reports whether the same may go well later without a person.
func passing(err error) bool {
	switch problemOf(err) {
	case "cve.problem.busy", "cve.problem.unclear", "cve.problem.down":
		return true
	}
	return false
}
