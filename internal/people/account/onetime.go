package account

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// CodeKey is a person's one-time secret. Until it is confirmed by a first code it asks
// for nothing at sign-in.
type CodeKey struct {
	Key       secret.String // "" when there is none
	Confirmed bool
}

// CodeStore keeps one-time secrets sealed and recovery codes as MACs.
type CodeStore interface {
	CodeKeyOf(ctx context.Context, v unit.View, sc people.Scope, person people.PersonID) (CodeKey, error)
	// SetCodeKey replaces the secret; with an empty key it removes all.
	SetCodeKey(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, k CodeKey) error
	// UseStep marks a step as used and answers false when it, or a later one, was.
	UseStep(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, step int64) (bool, error)
	SetRecovery(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, codes []secret.String) error
	// UseRecovery spends a recovery code and answers false when there is no such unspent one.
	UseRecovery(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, code secret.String) (bool, error)
	RecoveryLeft(ctx context.Context, v unit.View, sc people.Scope, person people.PersonID) (int, error)
}

const recoveryCodes = 10

// StartCodes makes a one-time secret for the scope's person and returns it with the URL for
// the QR picture. It asks for nothing until ConfirmCodes. It fails with
// Conflict when codes are in use: they are ended first.
func (s *Service) StartCodes(ctx context.Context, sc people.Scope) (key, url secret.String, err error) {
	p, err := s.Me(ctx, sc)
	if err != nil {
		return key, url, err
	}
	if key, url, err = s.OneTime.New(p.Email); err != nil {
		return key, url, err
	}
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		k, err := s.Codes.CodeKeyOf(ctx, tx, sc, p.ID)
		if err != nil {
			return err
		}
		if k.Confirmed {
			return fault.New(fault.Conflict, "people.codes.in_use")
		}
		return s.Codes.SetCodeKey(ctx, tx, sc, p.ID, CodeKey{Key: key})
	})
	return key, url, err
}

// ConfirmCodes puts the secret in force with a first code and returns the
// recovery codes, which are shown this once. It fails with Invalid for a wrong code.
func (s *Service) ConfirmCodes(ctx context.Context, sc people.Scope, code string) ([]secret.String, error) {
	me, err := sc.Writer()
	if err != nil {
		return nil, err
	}
	var codes []secret.String
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		k, err := s.Codes.CodeKeyOf(ctx, tx, sc, me)
		if err != nil {
			return err
		}
		if k.Key.Empty() || k.Confirmed {
			return fault.New(fault.Conflict, "people.codes.in_use")
		}
		step, ok := s.OneTime.Match(k.Key, code, tx.Now())
		if !ok {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "code", Key: "people.sign_in.code"}}}
		}
		k.Confirmed = true
		if err := s.Codes.SetCodeKey(ctx, tx, sc, me, k); err != nil {
			return err
		}
		if _, err := s.Codes.UseStep(ctx, tx, sc, me, step); err != nil {
			return err
		}
		tx.Record(people.PersonEntry(sc, me, "people.ledger.codes_on", nil))
		codes, err = s.newRecovery(ctx, tx, sc, me)
		return err
	})
	return codes, err
}

// NewRecovery replaces the recovery codes; the face has asked for a fresh proof.
func (s *Service) NewRecovery(ctx context.Context, sc people.Scope) ([]secret.String, error) {
	me, err := sc.Writer()
	if err != nil {
		return nil, err
	}
	var codes []secret.String
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		k, err := s.Codes.CodeKeyOf(ctx, tx, sc, me)
		if err != nil {
			return err
		}
		if !k.Confirmed {
			return fault.New(fault.Conflict, "people.codes.none")
		}
		tx.Record(people.PersonEntry(sc, me, "people.ledger.recovery", nil))
		codes, err = s.newRecovery(ctx, tx, sc, me)
		return err
	})
	return codes, err
}

// newRecovery makes codes of 80 bits in four groups of four, readable on paper.
func (s *Service) newRecovery(ctx context.Context, tx unit.Tx, sc people.Scope, me people.PersonID) ([]secret.String, error) {
	codes := make([]secret.String, recoveryCodes)
	for i := range codes {
		r := ident.New()
		codes[i] = secret.New(strings.Join([]string{r[:4], r[4:8], r[8:12], r[12:16]}, "-"))
	}
	return codes, s.Codes.SetRecovery(ctx, tx, sc, me, codes)
}

// EndCodes takes the second factor away; the face has asked for a fresh proof.
func (s *Service) EndCodes(ctx context.Context, sc people.Scope) error {
	me, err := sc.Writer()
	if err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		tx.Record(people.PersonEntry(sc, me, "people.ledger.codes_off", nil))
		return s.Codes.SetCodeKey(ctx, tx, sc, me, CodeKey{})
	})
}

// RecoveryLeft counts the unspent recovery codes of the scope's person.
func (s *Service) RecoveryLeft(ctx context.Context, sc people.Scope) (int, error) {
	me, ok := sc.Person()
	if !ok {
		return 0, nil
	}
	var n int
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		n, err = s.Codes.RecoveryLeft(ctx, v, sc, me)
		return err
	})
	return n, err
}

// useCode accepts a one-time code once, or spends a recovery code.
func (s *Service) useCode(ctx context.Context, tx unit.Tx, sc people.Scope, who people.PersonID, code string) (bool, error) {
	if len(code) > 100 {
		return false, nil
	}
	k, err := s.Codes.CodeKeyOf(ctx, tx, sc, who)
	if err != nil || !k.Confirmed {
		return false, err
	}
	if step, ok := s.OneTime.Match(k.Key, code, tx.Now()); ok {
		return s.Codes.UseStep(ctx, tx, sc, who, step)
	}
	ok, err := s.Codes.UseRecovery(ctx, tx, sc, who, secret.New(recoveryForm(code)))
	if ok {
		tx.Record(people.PersonEntry(sc, who, "people.ledger.recovery_used", nil))
	}
	return ok, err
}

// recoveryForm writes a typed recovery code as it was shown.
func recoveryForm(code string) string {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	if len(code) != 16 {
		return code
	}
	return strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-")
}
