package people

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Keys is the public keys of people: letters are encrypted to them, and mail signed by
// them enters a case by itself.
type Keys struct {
	Work   unit.Work
	Store  KeyStore
	PGP    PGP
	Post   *Post
	Origin string
}

const (
	maxKeyFile = 1 << 20 // bytes; the largest certificates of well-connected people fit
	maxKeys    = 10      // of one person
)

// Upload adds the certificates of a file to the scope's person. It fails with
// Invalid beside the field "key" for what is no certificate, for one that is
// revoked, expired or cannot be encrypted to, and above ten keys. The revocation of a
// certificate that is there already is taken: its signatures count no more.
func (s *Keys) Upload(ctx context.Context, sc Scope, raw []byte) ([]Key, error) {
	me, err := sc.Writer()
	if err != nil {
		return nil, err
	}
	return s.upload(ctx, sc, Key{Person: me}, raw, PersonEntry(sc, me, "people.ledger.key_added", nil))
}

// UploadFor adds a certificate of a mail address without account, such as a
// reporter's whose key a member has checked. The face has checked that the scope
// handles this report of his in the project; its stream says who registered which key.
// The key counts in this project alone: another one's moderators have not checked it.
// It is the same for an address whose holder has an account: his own keys come first and
// alone speak for him.
func (s *Keys) UploadFor(ctx context.Context, sc Scope, project ProjectID, report, address string, raw []byte) ([]Key, error) {
	if _, err := sc.Writer(); err != nil {
		return nil, err
	}
	a, err := Address(address)
	if err != nil {
		return nil, err
	}
	entry := unit.Entry{Stream: unit.Stream{Kind: "report", ID: report}, Kind: "people.ledger.key_for_address", Actor: sc.Actor()}
	return s.upload(ctx, sc, Key{Address: a, Project: project}, raw, entry)
}

func (s *Keys) upload(ctx context.Context, sc Scope, owner Key, raw []byte, entry unit.Entry) ([]Key, error) {
	if len(raw) > maxKeyFile {
		return nil, fault.New(fault.TooLarge, "people.key.large")
	}
	infos, err := s.PGP.ParseKeys(raw)
	if err != nil {
		var why *fault.Error
		if errors.As(err, &why) && why.Kind == fault.Invalid {
			return nil, keyField(why.Key, why.Args...)
		}
		return nil, keyField("people.key.unreadable")
	}
	var out []Key
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		out = nil
		have, err := s.Store.KeysOf(ctx, tx, sc, owner.Project, owner.Person, owner.Address)
		if err != nil {
			return err
		}
		if owner.Person == "" {
			// The keys of an account at this address are its holder's: they are not counted,
			// and not replaced.
			have = slices.DeleteFunc(have, func(k Key) bool { return k.Person != "" })
		}
		if len(have)+len(infos) > maxKeys {
			return keyField("people.key.many")
		}
		for _, info := range infos {
			k, err := s.add(ctx, tx, sc, owner, info, have, entry)
			if err != nil {
				return err
			}
			out = append(out, k)
		}
		return nil
	})
	return out, err
}

func (s *Keys) add(ctx context.Context, tx unit.Tx, sc Scope, owner Key, info KeyInfo, have []Key, entry unit.Entry) (Key, error) {
	same := func(k Key) bool { return k.Fingerprint == info.Fingerprint }
	revokes := info.Revoked && slices.ContainsFunc(have, same)
	if !info.Usable(tx.Now()) && !revokes {
		return Key{}, keyField("people.key.unusable")
	}
	if entry.Args = map[string]string{"fingerprint": info.Fingerprint}; revokes {
		entry.Kind = "people.ledger.key_revoked"
	}
	for _, h := range have {
		// The same certificate again is an update: a new expiry, a revocation.
		if !same(h) {
			continue
		}
		if h.Revoked && !info.Revoked {
			return Key{}, keyField("people.key.unusable") // an older copy takes nothing back
		}
		if err := s.Store.RemoveKey(ctx, tx, sc, owner.Project, h.ID); err != nil {
			return Key{}, err
		}
	}
	k := Key{ID: ident.New(), Person: owner.Person, Address: owner.Address, Project: owner.Project, KeyInfo: info, Added: tx.Now()}
	tx.Record(entry)
	return k, s.Store.AddKey(ctx, tx, sc, k)
}

func keyField(key string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "key", Key: key, Args: args}}}
}

// Remove takes a key of the scope's person away; NotFound when there is none such.
func (s *Keys) Remove(ctx context.Context, sc Scope, id string) error {
	me, err := sc.Writer()
	if err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		tx.Record(PersonEntry(sc, me, "people.ledger.key_removed", map[string]string{"key": id}))
		return s.Store.RemoveKey(ctx, tx, sc, "", id)
	})
}

// Mine lists the keys of the scope's person, newest first.
func (s *Keys) Mine(ctx context.Context, sc Scope) ([]Key, error) {
	var out []Key
	me, ok := sc.Person()
	if !ok {
		return nil, nil
	}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = s.Store.KeysOf(ctx, v, sc, "", me, "")
		return err
	})
	return out, err
}

// The times before a key's end at which its holder gets a letter.
const (
	warnFirst = 30 * 24 * time.Hour
	warnLast  = 7 * 24 * time.Hour
	// WarnProjectFirst and WarnProjectLast are those of a project's keys: readers all
	// over have to fetch the next one.
	WarnProjectFirst = 90 * 24 * time.Hour
	WarnProjectLast  = 30 * 24 * time.Hour
)

// KindWarn is the job of Keys.Warn, once a day.
const KindWarn = "people.keys"

// Warn is the job that writes to the holders of keys which end within 30 and
// again within 7 days, and to the chairs and deputies of projects about the projects'
// own keys within 90 and again within 30 days.
func (s *Keys) Warn(ctx context.Context, j unit.Running) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		sc := AsJob(j.Kind)
		ks, err := s.Store.ExpiringKeys(ctx, tx, sc, tx.Now().Add(warnFirst), 200)
		if err != nil {
			return err
		}
		for _, k := range ks {
			if !warnDue(k, tx.Now(), warnFirst, warnLast) {
				continue
			}
			if err := s.warn(ctx, tx, sc, k); err != nil {
				return err
			}
		}
		if err := s.warnProjects(ctx, tx, sc); err != nil {
			return err
		}
		return j.Fence.Done(ctx, tx)
	})
}

func (s *Keys) warnProjects(ctx context.Context, tx unit.Tx, sc Scope) error {
	ks, err := s.Store.ExpiringProjectKeys(ctx, tx, sc, tx.Now().Add(WarnProjectFirst), 200)
	if err != nil {
		return err
	}
	for _, k := range ks {
		if len(k.Leaders) == 0 || !warnDue(Key{KeyInfo: k.KeyInfo, Warned: k.Warned}, tx.Now(), WarnProjectFirst, WarnProjectLast) {
			continue
		}
		if err := s.Store.MarkProjectKeyWarned(ctx, tx, sc, k.ID); err != nil {
			return err
		}
		l := Letter{Project: k.Project, Confidence: "project:" + string(k.Project), Key: "people.letter.project_key_ends", Args: endArgs(k.KeyInfo, tx.Now(), s.Origin+"/teams/"+string(k.Project)+"/keys")}
		for _, c := range k.Leaders {
			l.To = append(l.To, Recipient{Person: c})
		}
		if err := s.Post.Put(ctx, tx, sc, l); err != nil {
			return err
		}
	}
	return nil
}

func endArgs(k KeyInfo, now time.Time, link string) map[string]string {
	return map[string]string{"fingerprint": k.Fingerprint, "day": span.Stamp(k.Expires.UTC()), "days": itoa(int(k.Expires.Sub(now) / (24 * time.Hour))), "link": link}
}

// warnDue reports whether a warning is due: none yet since the key was first that near
// its end, or none since it was last.
func warnDue(k Key, now time.Time, first, last time.Duration) bool {
	left := k.Expires.Sub(now)
	switch {
	case k.Expires.IsZero() || k.Revoked || left <= 0 || left > first:
		return false
	case left <= last:
		return k.Warned.Before(k.Expires.Add(-last))
	default:
		return k.Warned.Before(k.Expires.Add(-first))
	}
}

func (s *Keys) warn(ctx context.Context, tx unit.Tx, sc Scope, k Key) error {
	if err := s.Store.MarkWarned(ctx, tx, sc, k.ID); err != nil {
		return err
	}
	return s.Post.Put(ctx, tx, sc, Letter{Confidence: "person:" + string(k.Person), To: []Recipient{{Person: k.Person, Address: k.Address}}, Key: "people.letter.key_ends",
		Args: endArgs(k.KeyInfo, tx.Now(), s.Origin+"/settings/keys")})
}
