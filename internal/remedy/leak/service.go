package leak

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Store keeps watches. A watch exists for whom its case does, and for jobs that name its
// case or its product.
type Store interface {
	// Watches lists those of a case by the product's name.
	Watches(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Watch, error)
	// Watch returns one of them, else fault.NotFound.
	Watch(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) (Watch, error)
	// Patches returns the files of one of them, else fault.NotFound.
	Patches(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) ([]File, error)
	// PutWatch inserts a watch of version 0 with its files and replaces one of another
	// version, which it raises; it loses the race when somebody was faster.
	PutWatch(ctx context.Context, tx unit.Tx, sc people.Scope, w Watch, files []File) error
	// PutSeen replaces what is known of a watch of this version, which stays: it is that of
	// the patches.
	PutSeen(ctx context.Context, tx unit.Tx, sc people.Scope, w Watch) error
	// RemoveWatch deletes a watch of this version with its files, or loses the race.
	RemoveWatch(ctx context.Context, tx unit.Tx, sc people.Scope, w Watch) error
	// Watching lists the cases with a watch on the product that was looked at for other heads.
	Watching(ctx context.Context, v unit.View, sc people.Scope, p product.ID, heads string) ([]casework.CaseID, error)
}

// Mirrors compares what is public with secret patches. It is never called within a
// transaction, keeps nothing of the question, and its errors are faults that quote nothing
// of it.
type Mirrors interface {
	Leaks(ctx context.Context, id product.ID, url string, q Question) (Answer, error)
}

// Question is a series, and the tips behind which everything was compared with it before.
type Question struct {
	Series []branchfix.Secret
	Since  []branchfix.ID
}

// Answer is what was found.
type Answer struct {
	Found []branchfix.Leak
	Tips  []branchfix.ID // everything behind them has been compared now
	Heads string         // the sum over all branches and tags
	Lost  int            // commits that could not be read
}

// Service keeps and runs the watches.
type Service struct {
	Work     unit.Work
	Store    Store
	Cases    remedy.Cases
	Products remedy.Products
	Mirrors  Mirrors
	Origin   string // the site's address, for links in letters
}

// OfCase lists the watches of a case without their patches. They exist for the case's team
// alone: other participants see none. Who does not see the case gets fault.NotFound.
func (s *Service) OfCase(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Watch, error) {
	_, r, err := s.Cases.Get(ctx, v, sc, id)
	if err != nil || !casework.OfTeam(r) {
		return nil, err
	}
	return s.Store.Watches(ctx, v, sc, id)
}

// Patches returns the files of a watch to the case's team, else fault.NotFound.
func (s *Service) Patches(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) ([]File, error) {
	_, r, err := s.Cases.Get(ctx, v, sc, id)
	switch {
	case err != nil:
		return nil, err
	case !casework.OfTeam(r):
		return nil, fault.Missing()
	}
	return s.Store.Patches(ctx, v, sc, id, p)
}

// Put keeps secret patches at a case, in the place of earlier ones; no files remove them,
// with all that was found. The case's team may, for products that it sees, while the case
// is not public. Errors: fault.NotFound for who sees the case or the product not,
// fault.Denied, fault.Invalid beside the field, fault.Conflict when they changed since
// version or the case is public.
func (s *Service) Put(ctx context.Context, sc people.Scope, id casework.CaseID, p product.ID, version int64, files []File) error {
	mails, invalid := read(files)
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, err := remedy.LockForTeam(ctx, tx, s.Cases, sc, id)
		if err != nil {
			return err
		}
		w, err := s.Store.Watch(ctx, tx, sc, id, p)
		if fault.Is(err, fault.NotFound) && len(files) > 0 {
			var pr product.Product
			pr, err = remedy.ProductOf(ctx, tx, s.Products, sc, c, p)
			w = Watch{Case: c.ID, Project: c.Project, Product: p, Name: pr.Name}
		}
		switch {
		case err != nil:
			return err
		case invalid != nil:
			return invalid
		case w.Version != version:
			return fault.New(fault.Conflict, "remedy.fault.patches_changed")
		case len(files) == 0:
			tx.Record(w.entry(sc, "remedy.ledger.patches_removed", nil))
			return s.Store.RemoveWatch(ctx, tx, sc, w)
		case c.Facts.Public.Set:
			return fault.New(fault.Conflict, "remedy.fault.public")
		}
		by, _ := sc.Person()
		// Which commits the leads were told of stays, so that none is told twice.
		w.Heads, w.Seen = "", Seen{By: by, Given: tx.Now(), Parts: partsOf(mails), Told: w.Told}
		if err := s.Store.PutWatch(ctx, tx, sc, w, files); err != nil {
			return err
		}
		tx.Record(w.entry(sc, "remedy.ledger.patches", map[string]string{"n": strconv.Itoa(len(mails))}))
		tx.Enqueue(lookJob(w.Case, w.Project, w.Product))
		return nil
	})
}

// Judge says that a public commit is none of the patches, or takes that back; it needs a
// reason. The commit stays in the list and does not alarm any more. The case's team may.
// Errors: fault.NotFound for who sees the case not or when no such commit was found,
// fault.Denied, fault.Invalid beside the field.
func (s *Service) Judge(ctx context.Context, sc people.Scope, id casework.CaseID, p product.ID, commit branchfix.ID, dismiss bool, why string) error {
	var c fault.Checks
	typed.Text(&c, "reason", why, maxWhy)
	invalid := c.Err()
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if _, err := remedy.LockForTeam(ctx, tx, s.Cases, sc, id); err != nil {
			return err
		}
		if invalid != nil {
			return invalid
		}
		w, err := s.Store.Watch(ctx, tx, sc, id, p)
		if err != nil {
			return err
		}
		by, _ := sc.Person()
		word := Word{By: by, At: tx.Now(), Dismissed: dismiss, Why: strings.TrimSpace(why)}
		if !w.judge(commit, word) {
			return fault.Missing()
		}
		kind := "remedy.ledger.leak_restored"
		if dismiss {
			kind = "remedy.ledger.leak_dismissed"
		}
		tx.Record(w.entry(sc, kind, map[string]string{"commit": commit.Short(), "why": word.Why}))
		return s.Store.PutSeen(ctx, tx, sc, w)
	})
}

// Text is the files one after another, as git am reads them.
func Text(files []File) []byte {
	var out [][]byte
	for _, f := range files {
		out = append(out, f.Text)
	}
	return slices.Concat(out...)
}
