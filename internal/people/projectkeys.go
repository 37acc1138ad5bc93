package people

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// MakeKey generates a key pair for a purpose and puts it in use; chairs may. The
// pair is made before the transaction; the keys in use before are retired in it, unless
// the new one is to serve beside them: while readers fetch it both sign.
func (s *Projects) MakeKey(ctx context.Context, sc Scope, project ProjectID, purpose string, beside bool) (PrivateKey, error) {
	var p Project
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err = s.Team.mustBe(ctx, v, sc, project, Chair); err != nil {
			return err
		}
		p, err = s.Store.FindProject(ctx, v, sc, project)
		return err
	})
	if err != nil {
		return PrivateKey{}, err
	}
	return s.makeKey(ctx, sc, p, purpose, beside)
}

func (s *Projects) makeKey(ctx context.Context, sc Scope, p Project, purpose string, beside bool) (PrivateKey, error) {
	var now time.Time
	err := s.Work.View(ctx, func(_ context.Context, v unit.View) error { now = v.Now(); return nil })
	if err != nil {
		return PrivateKey{}, err
	}
	sec, info, err := s.PGP.Generate(p.Name+" security team", p.Address(), now)
	if err != nil {
		return PrivateKey{}, err
	}
	return s.addKey(ctx, sc, PrivateKey{Project: p.ID, Purpose: purpose, KeyInfo: info, Secret: sec}, beside)
}

func (s *Projects) mustChair(ctx context.Context, sc Scope, project ProjectID) error {
	return s.Work.View(ctx, func(ctx context.Context, v unit.View) error { return s.Team.mustBe(ctx, v, sc, project, Chair) })
}

// PutKey takes an existing secret key into use; chairs may. It fails with
// Invalid for a key that is locked, revoked, expired or cannot serve the purpose.
func (s *Projects) PutKey(ctx context.Context, sc Scope, project ProjectID, purpose string, key secret.String, beside bool) (PrivateKey, error) {
	if err := s.mustChair(ctx, sc, project); err != nil {
		return PrivateKey{}, err
	}
	info, err := s.PGP.Public(key)
	if err != nil {
		return PrivateKey{}, err
	}
	return s.addKey(ctx, sc, PrivateKey{Project: project, Purpose: purpose, KeyInfo: info, Secret: key}, beside)
}

// PutCertificate takes a public certificate; chairs may. One of a key that the project
// has takes the place of the old one, and a revoked one ends its use at once. Any other
// is a signing key whose secret part is elsewhere: the signer command asks it, and it
// fails with Invalid (people.key.no_signer) on a site without one.
func (s *Projects) PutCertificate(ctx context.Context, sc Scope, project ProjectID, raw []byte, beside bool) (PrivateKey, error) {
	if err := s.mustChair(ctx, sc, project); err != nil {
		return PrivateKey{}, err
	}
	if len(raw) > maxKeyFile {
		return PrivateKey{}, fault.New(fault.TooLarge, "people.key.large")
	}
	infos, err := s.PGP.ParseKeys(raw)
	if err != nil {
		return PrivateKey{}, err
	}
	if len(infos) != 1 {
		return PrivateKey{}, keyField("people.key.one")
	}
	k := PrivateKey{Project: project, Purpose: PurposeSign, KeyInfo: infos[0], External: true}
	known := false
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		known, err = s.recertify(ctx, tx, sc, k)
		return err
	})
	if err != nil || known {
		return k, err
	}
	if !s.Signer {
		return k, keyField("people.key.no_signer")
	}
	return s.addKey(ctx, sc, k, beside)
}

// recertify reports whether the project has the key, and takes the newer certificate.
// A certificate that takes a revocation back is refused.
func (s *Projects) recertify(ctx context.Context, tx unit.Tx, sc Scope, k PrivateKey) (bool, error) {
	ks, err := s.Ring.Public(ctx, tx, k.Project)
	if err != nil {
		return false, err
	}
	known := false
	for _, old := range ks {
		if old.Fingerprint != k.Fingerprint {
			continue
		}
		if old.Revoked && !k.Revoked {
			return true, keyField("people.key.unusable")
		}
		if old.External && !old.Retired.IsZero() && !k.Revoked {
			continue // taken into use again
		}
		known = true
		if err := s.Ring.Recertify(ctx, tx, k.Project, old.ID, k.KeyInfo); err != nil {
			return true, err
		}
		if k.Revoked && old.Retired.IsZero() {
			if err := s.Ring.Retire(ctx, tx, k.Project, old.ID); err != nil {
				return true, err
			}
		}
	}
	if !known {
		return false, nil
	}
	kind := "people.ledger.key_certificate"
	if k.Revoked {
		kind = "people.ledger.key_revoked"
	}
	tx.Record(ProjectEntry(sc, k.Project, kind, map[string]string{"fingerprint": k.Fingerprint}))
	return true, tx.Emit(ctx, ProjectChanged{Project: k.Project})
}

func (s *Projects) addKey(ctx context.Context, sc Scope, k PrivateKey, beside bool) (PrivateKey, error) {
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		can := k.Purpose == PurposeDecrypt && k.CanEncrypt || k.Purpose == PurposeSign && k.CanSign
		if !can || k.Revoked || !k.Expires.IsZero() && k.Expires.Before(tx.Now()) {
			return keyField("people.key.unusable")
		}
		if beside {
			if err := s.roomFor(ctx, tx, k); err != nil {
				return err
			}
		}
		k.ID, k.Added = ident.New(), tx.Now()
		tx.Record(ProjectEntry(sc, k.Project, "people.ledger.key_in_use", map[string]string{"purpose": k.Purpose, "fingerprint": k.Fingerprint}))
		if err := s.Ring.Add(ctx, tx, k, beside); err != nil {
			return err
		}
		return tx.Emit(ctx, ProjectChanged{Project: k.Project})
	})
	return k, err
}

// roomFor keeps the signatures of one file few: every reader checks each of them.
func (s *Projects) roomFor(ctx context.Context, v unit.View, k PrivateKey) error {
	ks, err := s.Ring.Public(ctx, v, k.Project)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(ks, func(o PrivateKey) bool {
		return o.Purpose != k.Purpose || !o.Retired.IsZero() || o.Fingerprint == k.Fingerprint
	})
	if len(others) >= MaxSigning {
		return keyField("people.key.many_signing", "max", itoa(MaxSigning))
	}
	return nil
}

// RetireKey ends the use of a key; chairs may. It still opens old mail.
func (s *Projects) RetireKey(ctx context.Context, sc Scope, project ProjectID, id string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Team.mustBe(ctx, tx, sc, project, Chair); err != nil {
			return err
		}
		tx.Record(ProjectEntry(sc, project, "people.ledger.key_retired", map[string]string{"key": id}))
		if err := s.Ring.Retire(ctx, tx, project, id); err != nil {
			return err
		}
		return tx.Emit(ctx, ProjectChanged{Project: project})
	})
}
