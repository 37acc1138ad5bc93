package advisory

import (
	"context"
	"errors"

	"github.com/tocsin-sec/tocsin/internal/advisory/decision"
	"github.com/tocsin-sec/tocsin/internal/advisory/keyuse"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// signedByUse reports whether what is staged is signed by exactly the keys in use.
func (s *Service) signedByUse(ctx context.Context, v unit.View, a Advisory) (bool, error) {
	if a.Stage == nil {
		return false, nil
	}
	keys, err := s.Keys.Public(ctx, v, a.Project)
	return keyuse.Current(keys, a.Stage.Key, v.Now()), err
}

// readyWith reports whether what is staged, and of everything that it replaces too, is there
// for now and signed by the keys in use.
func (s *Service) readyWith(ctx context.Context, v unit.View, a Advisory) (bool, error) {
	list, err := s.predecessors(ctx, v, a)
	if err != nil {
		return false, err
	}
	for _, o := range append(list, a) {
		if good, err := s.signedByUse(ctx, v, o); err != nil || !good || !o.stagedFor(v.Now()) {
			return false, err
		}
	}
	return true, nil
}

// KeyNotes returns what the page says of the project's signing keys beside the
// blockers: which of several will have ended when the embargo does.
func (s *Service) KeyNotes(ctx context.Context, v unit.View, sc people.Scope, a Advisory) ([]Blocker, error) {
	if a.Working == nil {
		return nil, nil
	}
	at, _, err := s.until(ctx, v, sc, a)
	if err != nil {
		return nil, err
	}
	if at.Before(v.Now()) {
		at = v.Now()
	}
	keys, err := s.Keys.Public(ctx, v, a.Project)
	if err != nil {
		return nil, err
	}
	_, notes := keyuse.At(keys, at)
	refused, stops, err := s.Refused(ctx, v, sc, a)
	if !stops {
		notes = append(notes, refused...)
	}
	return notes, err
}

// faultSigner is the key of the fault with which a signer command fails.
const faultSigner = "advisory.fault.signer"

// signerFailed tells lead and deputies at the first failure of a signer command, while
// the queue tries on: it returns the error for that.
func (s *Service) signerFailed(ctx context.Context, j unit.Running, sc people.Scope, id ID, cause error) error {
	if f, ok := faultOf(cause); !ok || f.Key != faultSigner || j.Attempt > 1 {
		return cause
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		a, err := s.Store.Lock(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		a.Failure = decision.Failed(j.Kind, cause, tx.Now())
		to, err := s.deciders(ctx, tx, sc, a)
		if err != nil {
			return err
		}
		if len(to) > 0 {
			l := people.Letter{Project: a.Project, About: a.Object, To: to, Key: "advisory.signer", Link: s.URL + "/advisory/" + string(a.ID)}
			if err := s.Post.Put(ctx, tx, sc, l); err != nil {
				return err
			}
		}
		return s.Store.Save(ctx, tx, sc, a)
	})
	return errors.Join(cause, err)
}
