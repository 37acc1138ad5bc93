package peopledb

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// keyBody is what is sealed of a public key.
type keyBody struct {
	Address string         `json:"address,omitempty"`
	Info    people.KeyInfo `json:"info"`
}

const keyColumns = `select k.id, k.person, k.project, k.added_at, k.warned_at, k.body from people_key k`

type keyRow struct {
	people.Key
	body []byte
}

func scanKey(r sqldb.Row) (keyRow, error) {
	var k keyRow
	err := r.Scan(&k.ID, &k.Person, &k.Project, at{&k.Added}, at{&k.Warned}, &k.body)
	return k, err
}

func (s *Store) keys(ctx context.Context, v unit.View, q string, args ...any) ([]people.Key, error) {
	rows, err := sqldb.All(ctx, v, scanKey, keyColumns+q, args...)
	if err != nil {
		return nil, err
	}
	out := make([]people.Key, 0, len(rows))
	for _, r := range rows {
		var b keyBody
		if err := s.open(ctx, v, "people_key", r.ID, r.body, &b); err != nil {
			return nil, err
		}
		r.Address, r.KeyInfo = b.Address, b.Info
		out = append(out, r.Key)
	}
	return out, nil
}

// AddKey implements people.KeyStore.
func (s *Store) AddKey(ctx context.Context, tx unit.Tx, _ people.Scope, k people.Key) error {
	confidence, mac := personal(k.Person), ""
	if k.Person == "" {
		mac = s.addressMAC(k.Address)
		confidence = "address:" + mac
	}
	body, err := s.sealed(ctx, tx, confidence, "people_key", k.ID, keyBody{k.Address, k.KeyInfo})
	if err != nil {
		return err
	}
	err = exec(ctx, tx, `insert into people_key (id, person, project, address_mac, expires_at, added_at, warned_at, body) values (?, ?, ?, ?, ?, ?, 0, ?)`,
		k.ID, k.Person, k.Project, mac, k.Expires, k.Added, body)
	if err != nil {
		return err
	}
	for _, h := range append([]string{k.Fingerprint}, k.Handles...) {
		err := exec(ctx, tx, `insert into people_handle (mac, key) values (?, ?) on conflict (mac, key) do nothing`, s.Seal.MAC("people.handle", h), k.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// RemoveKey implements people.KeyStore. A key without person is removed by who may
// write to its address's case, which the caller has checked.
func (s *Store) RemoveKey(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, id string) error {
	mine, args := own(sc, "people_key.person")
	n, err := sqldb.Of(tx).Exec(ctx, `delete from people_key where id = ? and (person = '' and project = ? and project <> '' or `+mine+`)`, append([]any{id, project}, args...)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Missing()
	}
	return exec(ctx, tx, `delete from people_handle where key = ?`, id)
}

// KeysOf implements people.KeyStore.
func (s *Store) KeysOf(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, person people.PersonID, address string) ([]people.Key, error) {
	known, args := knows(sc, "k.person")
	mac := "-" // no address: matches nothing
	if address != "" {
		mac = s.addressMAC(address)
	}
	// The key of an address is found by who knows the address, in its project; that of a person, also by
	// his account's address, by who may know the person.
	return s.keys(ctx, v, ` where k.person <> '' and (k.person = ? or k.person in (select a.id from people_person a where a.address_mac = ?)) and `+known+`
		or k.person = '' and k.address_mac = ? and k.project = ? order by k.added_at desc, k.id`, append(append([]any{person, mac}, args...), mac, project)...)
}

// KeysByHandle implements people.KeyStore.
func (s *Store) KeysByHandle(ctx context.Context, v unit.View, sc people.Scope, projects []people.ProjectID, handles []string) ([]people.Key, error) {
	if len(handles) == 0 {
		return nil, nil
	}
	known, kargs := knows(sc, "k.person")
	args := make([]any, 0, len(handles)+len(kargs))
	for _, h := range handles {
		args = append(args, s.Seal.MAC("people.handle", h))
	}
	in := append([]people.ProjectID{""}, projects...) // never empty
	for _, p := range in {
		args = append(args, p)
	}
	return s.keys(ctx, v, ` where k.id in (select h.key from people_handle h where h.mac in (`+sqldb.Marks(len(handles))+`))
		and (k.person = '' and k.project <> '' and k.project in (`+sqldb.Marks(len(in))+`) or k.person <> '' and `+known+`) order by k.added_at desc, k.id`, append(args, kargs...)...)
}

// ExpiringKeys implements people.KeyStore.
func (s *Store) ExpiringKeys(ctx context.Context, v unit.View, sc people.Scope, before time.Time, limit int) ([]people.Key, error) {
	mine, args := own(sc, "k.person")
	return s.keys(ctx, v, ` where k.expires_at > ? and k.expires_at <= ? and k.person <> '' and `+mine+` order by k.expires_at, k.id limit ?`,
		append(append([]any{v.Now(), before}, args...), limit)...)
}

// MarkWarned implements people.KeyStore.
func (s *Store) MarkWarned(ctx context.Context, tx unit.Tx, _ people.Scope, id string) error {
	return exec(ctx, tx, `update people_key set warned_at = ? where id = ?`, tx.Now(), id)
}

// ExpiringProjectKeys implements people.KeyStore.
func (s *Store) ExpiringProjectKeys(ctx context.Context, v unit.View, sc people.Scope, before time.Time, limit int) ([]people.EndingKey, error) {
	mine, args := own(sc, "''") // jobs only
	out, err := sqldb.All(ctx, v, func(r sqldb.Row) (people.EndingKey, error) {
		var k people.EndingKey
		var body string
		if err := r.Scan(&k.ID, &k.Project, &k.Purpose, &body, at{&k.Warned}); err != nil {
			return k, err
		}
		return k, json.Unmarshal([]byte(body), &k.KeyInfo)
	}, `select k.id, k.project, k.purpose, k.body, k.warned_at from people_projectkey k
		where k.retired_at = 0 and k.expires_at > ? and k.expires_at <= ? and `+mine+` order by k.expires_at, k.id limit ?`, append(append([]any{v.Now(), before}, args...), limit)...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Leaders, err = sqldb.All(ctx, v, sqldb.Value[people.PersonID], `select g.holder from people_grant g
			where g.object = ? and g.role in (?, ?) and g.ended_at = 0 group by g.holder order by min(g.since_at), g.holder`,
			out[i].Project, people.Chair, people.Deputy)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// MarkProjectKeyWarned implements people.KeyStore.
func (s *Store) MarkProjectKeyWarned(ctx context.Context, tx unit.Tx, _ people.Scope, id string) error {
	return exec(ctx, tx, `update people_projectkey set warned_at = ? where id = ?`, tx.Now(), id)
}

// Keyring implements people.Keyring over the ring of the seal.
type Keyring struct{ Store *Store }

func (r Keyring) keys(ctx context.Context, v unit.View, q string, args ...any) ([]people.PrivateKey, error) {
	return sqldb.All(ctx, v, func(row sqldb.Row) (people.PrivateKey, error) {
		var k people.PrivateKey
		var body string
		if err := row.Scan(&k.ID, &k.Project, &k.Purpose, &body, &k.External, at{&k.Added}, at{&k.Retired}); err != nil {
			return k, err
		}
		return k, json.Unmarshal([]byte(body), &k.KeyInfo)
	}, `select k.id, k.project, k.purpose, k.body, k.external, k.added_at, k.retired_at from people_projectkey k where `+q+`
		order by k.retired_at <> 0, k.added_at desc, k.id`, args...)
}

// Current implements people.Keyring.
func (r Keyring) Current(ctx context.Context, v unit.View, purpose string, project people.ProjectID) (people.PrivateKey, error) {
	ks, err := r.All(ctx, v, purpose, project)
	if err != nil {
		return people.PrivateKey{}, err
	}
	for _, k := range ks {
		if k.Retired.IsZero() && !k.External {
			return k, nil
		}
	}
	return people.PrivateKey{}, fault.Missing()
}

// All implements people.Keyring.
func (r Keyring) All(ctx context.Context, v unit.View, purpose string, project people.ProjectID) ([]people.PrivateKey, error) {
	ks, err := r.keys(ctx, v, `k.purpose = ? and k.project = ?`, purpose, project)
	if err != nil {
		return nil, err
	}
	raw, err := r.Store.Ring.All(ctx, v, purpose, string(project))
	if err != nil {
		return nil, err
	}
	for i := range ks {
		for _, k := range raw {
			if k.ID == ks[i].ID {
				ks[i].Secret = secret.New(string(k.Secret))
			}
		}
	}
	return ks, nil
}

// Add implements people.Keyring. The ring gives the key its id; one whose secret part is
// elsewhere has an empty one there.
func (r Keyring) Add(ctx context.Context, tx unit.Tx, k people.PrivateKey, beside bool) error {
	ks, err := r.keys(ctx, tx, `k.project = ? and k.purpose = ? and k.retired_at = 0`, k.Project, k.Purpose)
	if err != nil {
		return err
	}
	for _, old := range ks {
		if !beside || old.Fingerprint == k.Fingerprint {
			if err := r.retire(ctx, tx, old.ID); err != nil {
				return err
			}
		}
	}
	raw, err := r.Store.Ring.Add(ctx, tx, k.Purpose, string(k.Project), []byte(k.Secret.Reveal()), k.Expires)
	if err != nil {
		return err
	}
	body, err := json.Marshal(k.KeyInfo)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `insert into people_projectkey (id, project, purpose, body, external, added_at, retired_at, expires_at) values (?, ?, ?, ?, ?, ?, 0, ?)`,
		raw.ID, k.Project, k.Purpose, string(body), k.External, tx.Now(), k.Expires)
}

// Recertify implements people.Keyring.
func (r Keyring) Recertify(ctx context.Context, tx unit.Tx, project people.ProjectID, id string, info people.KeyInfo) error {
	body, err := json.Marshal(info)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `update people_projectkey set body = ?, expires_at = ? where project = ? and id = ?`, string(body), info.Expires, project, id)
}

// Retire implements people.Keyring.
func (r Keyring) Retire(ctx context.Context, tx unit.Tx, project people.ProjectID, id string) error {
	ks, err := r.keys(ctx, tx, `k.project = ? and k.id = ? and k.retired_at = 0`, project, id)
	if err != nil {
		return err
	}
	if len(ks) == 0 {
		return fault.Missing()
	}
	return r.retire(ctx, tx, id)
}

func (r Keyring) retire(ctx context.Context, tx unit.Tx, id string) error {
	if err := r.Store.Ring.RetireKey(ctx, tx, id); err != nil {
		return err
	}
	return exec(ctx, tx, `update people_projectkey set retired_at = ? where id = ?`, tx.Now(), id)
}

// Public implements people.Keyring.
func (r Keyring) Public(ctx context.Context, v unit.View, project people.ProjectID) ([]people.PrivateKey, error) {
	return r.keys(ctx, v, `k.project = ?`, project)
}
