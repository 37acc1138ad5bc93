// Package resign signs everything that a project has published anew: after a key was
// added, revoked or replaced. The documents stay as they are, byte for byte; each
// signature changes from one to the next in one transaction, so that none is missing
// at any time.
//
// A run goes on where it was after the server was killed. Kill points:
// resign.signed (a batch is signed, nothing stored), resign.switching (within the
// transaction that stores it), resign.stored (after it).
package resign

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/keyuse"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Kind is the job that does a run; its subject is the project.
const Kind = "advisory.resign"

// batch is how many signatures one transaction switches: some milliseconds of the
// writer's time.
const batch = 20

// State is where a run stands.
type State string

// The states of a run.
const (
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed" // given up: a person starts it again, and it goes on
)

// Run is the newest run of a project.
type Run struct {
	ID       string
	Project  people.ProjectID
	State    State
	By       people.PersonID
	Keys     string // fingerprints of the keys that sign, with blanks between
	After    string // the last path that has its new signature
	Done     int
	Total    int
	Problem  string // catalogue key of the last failure, "" for none
	Args     []string
	Started  time.Time
	Finished time.Time
}

// Named returns the arguments of the problem for the catalogue.
func (r Run) Named() []any {
	out := make([]any, len(r.Args))
	for i, a := range r.Args {
		out[i] = a
	}
	return out
}

// Store keeps the newest run of each project for its team and for the job that names it.
type Store interface {
	// Run returns it, fault.Missing when there is none or the scope sees none.
	Run(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (Run, error)
	// Lock is Run for a change in this transaction.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID) (Run, error)
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, r Run) error
	// Signatures returns the paths of the project's signatures in the newest
	// generation after a path, in order; limit 0 is all.
	Signatures(ctx context.Context, v unit.View, sc people.Scope, slug, after string, limit int) ([]string, error)
}

// Roles is what re-signing needs of people.Grants.
type Roles interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
	Holders(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Grant, error)
}

// Projects is what re-signing needs of people.Directory.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
}

// Post is what re-signing needs of people.Post.
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
	Keys     pubsite.Keys
	Post     Post
	URL      string
}

// may wants a chair or a deputy who may write; for all others the project has no
// signatures to make.
func (s *Service) may(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (people.PersonID, error) {
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

// Start begins a run, or goes on with one that was given up; chairs and deputies may.
// It fails with Conflict while one is running, with Invalid when the project has no key
// that signs now.
func (s *Service) Start(ctx context.Context, sc people.Scope, project people.ProjectID) (Run, error) {
	var out Run
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		me, err := s.may(ctx, tx, sc, project)
		if err != nil {
			return err
		}
		old, err := s.Store.Lock(ctx, tx, sc, project)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if old.State == Running {
			return fault.New(fault.Conflict, "advisory.resign.is_running")
		}
		if _, err := s.signer(ctx, tx, project); err != nil {
			return err
		}
		p, err := s.Projects.Project(ctx, tx, sc, project)
		if err != nil {
			return err
		}
		all, err := s.Store.Signatures(ctx, tx, sc, p.Slug, "", 0)
		if err != nil {
			return err
		}
		out = Run{ID: ident.New(), Project: project, State: Running, By: me, Total: len(all), Started: tx.Now()}
		if old.State == Failed {
			out.Keys, out.After, out.Done, out.Started = old.Keys, old.After, old.Done, old.Started
		}
		tx.Record(people.ProjectEntry(sc, project, "advisory.ledger.resign", map[string]string{"n": fmt.Sprint(out.Total)}))
		tx.Enqueue(unit.Job{Kind: Kind, Subject: string(project), Key: Kind + ":" + string(project), Args: map[string]string{"project": string(project)}})
		return s.Store.Put(ctx, tx, sc, out)
	})
	return out, err
}

// Newest returns the newest run, NotFound when there was none; for the project's team.
func (s *Service) Newest(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (Run, error) {
	return s.Store.Run(ctx, v, sc, project)
}

func (s *Service) signer(ctx context.Context, v unit.View, project people.ProjectID) (pubsite.SigningKey, error) {
	key, err := s.Keys.Signing(ctx, v, project)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Invalid, "advisory.fault.no_key")
	}
	return key, err
}

// signed is one signature that is ready to be stored.
type signed struct {
	path       string
	generation int64 // of the file that it is over
	file       pubtree.File
}

// Do is the handler of Kind: it works on the run until it is done.
func (s *Service) Do(ctx context.Context, j unit.Running) error {
	project := people.ProjectID(j.Subject)
	sc := people.AsJob(Kind, j.Subject)
	for {
		more, err := s.step(ctx, sc, j, project)
		if err != nil {
			return errors.Join(err, s.note(ctx, sc, project, err, false))
		}
		if !more {
			return nil
		}
	}
}

// step signs one batch and reports whether there is more to do.
func (s *Service) step(ctx context.Context, sc people.Scope, j unit.Running, project people.ProjectID) (bool, error) {
	var run Run
	var key pubsite.SigningKey
	var files []pubsite.File
	var paths []string
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		files = nil
		if run, err = s.Store.Run(ctx, v, sc, project); err != nil || run.State != Running {
			return err
		}
		p, err := s.Projects.Project(ctx, v, sc, project)
		if err != nil {
			return err
		}
		if key, err = s.signer(ctx, v, project); err != nil {
			return err
		}
		if by := keyuse.Joined(key.Fingerprints()); by != run.Keys {
			run.Keys, run.After, run.Done = by, "", 0 // keys changed: from the beginning
		}
		if paths, err = s.Store.Signatures(ctx, v, sc, p.Slug, run.After, batch); err != nil {
			return err
		}
		for _, path := range paths {
			f, err := s.Site.File(ctx, v, sc, strings.TrimSuffix(path, ".asc"))
			if fault.Is(err, fault.NotFound) {
				continue // a signature over nothing is left alone
			}
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		return nil
	})
	if err != nil || run.State != Running {
		return false, err
	}
	if len(paths) == 0 {
		return false, s.finish(ctx, sc, j, project)
	}
	done := make([]signed, 0, len(files))
	for _, f := range files {
		signature, err := key.Sign(ctx, f.Bytes)
		if err != nil {
			return false, err
		}
		done = append(done, signed{f.Path, f.Generation, pubtree.File{Path: f.Path + ".asc", Bytes: signature}})
	}
	killpoint.At("resign.signed")
	if err := s.store(ctx, sc, run, done, paths[len(paths)-1]); err != nil {
		return false, err
	}
	killpoint.At("resign.stored")
	return true, j.Fence.Progress(ctx, run.Done+len(done), run.Total)
}

// store switches the signatures, in one transaction. A file that changed since it was read got its signature
// from its own publication, by the keys of that moment: the run goes over it again.
func (s *Service) store(ctx context.Context, sc people.Scope, run Run, done []signed, last string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		return s.turn(ctx, tx, sc, run, done, last)
	})
}

func (s *Service) turn(ctx context.Context, tx unit.Tx, sc people.Scope, run Run, done []signed, last string) error {
	if err := s.Site.Lock(ctx, tx, sc); err != nil {
		return err
	}
	now, err := s.Store.Lock(ctx, tx, sc, run.Project)
	if err != nil || now.ID != run.ID || now.State != Running {
		return err
	}
	now.Keys, now.After, now.Done, now.Problem, now.Args = run.Keys, last, run.Done, "", nil
	reached := run.After
	var files []pubtree.File
	for _, d := range done {
		f, err := s.Site.File(ctx, tx, sc, d.path)
		if fault.Is(err, fault.NotFound) {
			reached = d.file.Path
			continue // it moved meanwhile, with its signature
		}
		if err != nil {
			return err
		}
		if f.Generation != d.generation {
			now.After = reached
			break
		}
		files = append(files, d.file)
		reached = d.file.Path
		now.Done++
	}
	if _, err := s.Site.Flip(ctx, tx, sc, files); err != nil {
		return err
	}
	if err := s.Store.Put(ctx, tx, sc, now); err != nil {
		return err
	}
	killpoint.At("resign.switching")
	return nil
}

func (s *Service) finish(ctx context.Context, sc people.Scope, j unit.Running, project people.ProjectID) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		run, err := s.Store.Lock(ctx, tx, sc, project)
		if err != nil {
			return err
		}
		if run.State == Running {
			run.State, run.Finished, run.Total, run.Problem, run.Args = Done, tx.Now(), run.Done, "", nil
			if err := s.Store.Put(ctx, tx, sc, run); err != nil {
				return err
			}
			tx.Record(people.ProjectEntry(sc, project, "advisory.ledger.resigned", map[string]string{"n": fmt.Sprint(run.Done), "keys": run.Keys}))
			tx.Enqueue(pubsite.Job(tx.Now())) // keys that sign nothing any more leave the metadata
		}
		return j.Fence.Done(ctx, tx)
	})
}

// note keeps why the run does not get on; for good when nothing more is tried.
func (s *Service) note(ctx context.Context, sc people.Scope, project people.ProjectID, cause error, forGood bool) error {
	return s.Work.Do(context.WithoutCancel(ctx), func(ctx context.Context, tx unit.Tx) error {
		run, err := s.Store.Lock(ctx, tx, sc, project)
		if err != nil || run.State != Running {
			return err
		}
		run.Problem, run.Args = "advisory.failure.internal", nil
		var f *fault.Error
		if errors.As(cause, &f) && f.Kind != fault.Internal {
			run.Problem = f.Key
			for _, a := range f.Args {
				run.Args = append(run.Args, fmt.Sprint(a))
			}
		}
		if !forGood {
			return s.Store.Put(ctx, tx, sc, run)
		}
		run.State, run.Finished = Failed, tx.Now()
		if err := s.tell(ctx, tx, sc, run); err != nil {
			return err
		}
		return s.Store.Put(ctx, tx, sc, run)
	})
}

// tell writes to chairs and deputies that the run was given up.
func (s *Service) tell(ctx context.Context, tx unit.Tx, sc people.Scope, run Run) error {
	grants, err := s.Roles.Holders(ctx, tx, sc, string(run.Project))
	if err != nil {
		return err
	}
	l := people.Letter{Project: run.Project, Key: "advisory.resign.failed", Link: s.URL + "/teams/" + string(run.Project) + "/signatures"}
	for _, g := range grants {
		if g.Role == people.Chair || g.Role == people.Deputy {
			l.To = append(l.To, people.Recipient{Person: g.Holder})
		}
	}
	if len(l.To) == 0 {
		return nil
	}
	return s.Post.Put(ctx, tx, sc, l)
}

// Died is called for the job of a run that will not be tried again.
func (s *Service) Died(ctx context.Context, j unit.Running, cause error) error {
	project := people.ProjectID(j.Subject)
	err := s.note(ctx, people.AsJob(Kind, j.Subject), project, cause, true)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
