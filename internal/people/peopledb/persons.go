package peopledb

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// personBody is what is sealed of a person.
type personBody struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Lang  string `json:"lang,omitempty"`
	Zone  string `json:"zone,omitempty"`
	About string `json:"about,omitempty"`
}

const personColumns = `select p.id, p.state, p.admin, p.totp, p.public, p.created_at, p.seen_at, p.body from people_person p`

// row is a person with its body still sealed.
type row struct {
	people.Person
	body []byte
}

func scanPerson(r sqldb.Row) (row, error) {
	var p row
	err := r.Scan(&p.ID, &p.State, flag{&p.Admin}, flag{&p.TOTP}, flag{&p.Public}, at{&p.Created}, at{&p.LastSeen}, &p.body)
	return p, err
}

func (s *Store) person(ctx context.Context, v unit.View, p row) (people.Person, error) {
	var b personBody
	if err := s.open(ctx, v, "people_person", string(p.ID), p.body, &b); err != nil {
		return people.Person{}, err
	}
	p.Name, p.Email, p.Lang, p.Zone, p.About = b.Name, b.Email, b.Lang, b.Zone, b.About
	if p.Name == "" {
		p.Name, _, _ = strings.Cut(b.Email, "@") // invited, not yet named
	}
	return p.Person, nil
}

func (s *Store) persons(ctx context.Context, v unit.View, rows []row) ([]people.Person, error) {
	out := make([]people.Person, 0, len(rows))
	for _, r := range rows {
		p, err := s.person(ctx, v, r)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// AddPerson implements account.AccountStore.
func (s *Store) AddPerson(ctx context.Context, tx unit.Tx, _ people.Scope, p people.Person) error {
	mac := s.addressMAC(p.Email)
	// Asked first: a unique key's error would end PostgreSQL's transaction.
	n, err := sqldb.One(ctx, tx, sqldb.Value[int], `select count(*) from people_person where address_mac = ?`, mac)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "people.person.exists")
	}
	body, err := s.sealed(ctx, tx, personal(p.ID), "people_person", string(p.ID), bodyOf(p))
	if err != nil {
		return err
	}
	return exec(ctx, tx, `insert into people_person (id, address_mac, state, admin, totp, pass, public, body, created_at, seen_at)
		values (?, ?, ?, ?, 0, '', ?, ?, ?, 0)`, p.ID, mac, p.State, p.Admin, p.Public, body, p.Created)
}

// BringPerson implements account.AccountStore. Who asks may not know whether there is an
// account: what is sealed for nothing is the price of not showing it.
func (s *Store) BringPerson(ctx context.Context, tx unit.Tx, _ people.Scope, p people.Person) (people.PersonID, error) {
	body, err := s.sealed(ctx, tx, personal(p.ID), "people_person", string(p.ID), bodyOf(p))
	if err != nil {
		return "", err
	}
	mac := s.addressMAC(p.Email)
	err = exec(ctx, tx, `insert into people_person (id, address_mac, state, admin, totp, pass, public, body, created_at, seen_at)
		values (?, ?, ?, ?, 0, '', ?, ?, ?, 0) on conflict (address_mac) do nothing`, p.ID, mac, p.State, p.Admin, p.Public, body, p.Created)
	if err != nil {
		return "", err
	}
	return sqldb.One(ctx, tx, sqldb.Value[people.PersonID], `select id from people_person where address_mac = ?`, mac)
}

// DropUnborn implements account.AccountStore.
func (s *Store) DropUnborn(ctx context.Context, tx unit.Tx, _ people.Scope, id people.PersonID) error {
	n, err := sqldb.One(ctx, tx, sqldb.Value[int], `select count(*) from people_person where id = ?`, id)
	if err != nil || n > 0 {
		return err
	}
	return s.Seal.Destroy(ctx, tx, personal(id))
}

func bodyOf(p people.Person) personBody {
	return personBody{Name: p.Name, Email: p.Email, Lang: p.Lang, Zone: p.Zone, About: p.About}
}

// SavePerson implements account.AccountStore.
func (s *Store) SavePerson(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Person) error {
	body, err := s.sealed(ctx, tx, personal(p.ID), "people_person", string(p.ID), bodyOf(p))
	if err != nil {
		return err
	}
	mine, margs := own(sc, "people_person.id")
	admin, aargs := administers(sc)
	args := append([]any{s.addressMAC(p.Email), p.State, p.Admin, p.Public, body, p.ID}, margs...)
	n, err := sqldb.Of(tx).Exec(ctx, `update people_person set address_mac = ?, state = ?, admin = ?, public = ?, body = ?
		where id = ? and (`+mine+` or `+admin+`)`, append(args, aargs...)...)
	if err == nil && n == 0 {
		err = fault.Missing()
	}
	return err
}

// SetHash implements account.AccountStore.
func (s *Store) SetHash(ctx context.Context, tx unit.Tx, sc people.Scope, id people.PersonID, phc string) error {
	mine, args := own(sc, "people_person.id")
	return exec(ctx, tx, `update people_person set pass = ? where id = ? and `+mine, append([]any{phc, id}, args...)...)
}

const credentialColumns = `select p.id, p.pass, p.totp,
	case when exists (select 1 from people_device d where d.mac = ? and d.person = p.id and d.until_at > ?) then 1 else 0 end
	from people_person p where p.state = 'active' and p.`

func (s *Store) credential(ctx context.Context, v unit.View, column, value string, device secret.String) (account.Credential, error) {
	c, err := sqldb.One(ctx, v, func(r sqldb.Row) (account.Credential, error) {
		var c account.Credential
		err := r.Scan(&c.Person, &c.Hash, flag{&c.TOTP}, flag{&c.Device})
		return c, err
	}, credentialColumns+column+` = ?`, s.mac("device", device), v.Now(), value)
	if fault.Is(err, fault.NotFound) {
		return account.Credential{}, nil
	}
	return c, err
}

// CredentialAt implements account.AccountStore.
func (s *Store) CredentialAt(ctx context.Context, v unit.View, _ people.Scope, address string, device secret.String) (account.Credential, error) {
	return s.credential(ctx, v, "address_mac", s.addressMAC(address), device)
}

// CredentialOf implements account.AccountStore.
func (s *Store) CredentialOf(ctx context.Context, v unit.View, _ people.Scope, id people.PersonID) (account.Credential, error) {
	return s.credential(ctx, v, "id", string(id), secret.String{})
}

// AllPersons implements account.AccountStore.
func (s *Store) AllPersons(ctx context.Context, v unit.View, sc people.Scope) ([]people.Person, error) {
	admin, args := administers(sc)
	rows, err := sqldb.All(ctx, v, scanPerson, personColumns+` where `+admin, args...)
	if err != nil {
		return nil, err
	}
	out, err := s.persons(ctx, v, rows)
	slices.SortFunc(out, func(a, b people.Person) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

// AnyAdmin implements account.AccountStore.
func (s *Store) AnyAdmin(ctx context.Context, v unit.View, _ people.Scope) (bool, error) {
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from people_person where admin = 1 and state = 'active'`)
	return n > 0, err
}

// FindPerson implements people.DirectoryStore.
func (s *Store) FindPerson(ctx context.Context, v unit.View, sc people.Scope, id people.PersonID) (people.Person, error) {
	return s.findPerson(ctx, v, sc, "id", string(id))
}

// LockPerson implements account.AccountStore.
func (s *Store) LockPerson(ctx context.Context, tx unit.Tx, sc people.Scope, id people.PersonID) (people.Person, error) {
	// Locked whoever asks: the scope decides in the next statement.
	_, err := sqldb.All(ctx, tx, sqldb.Value[string], `select id from people_person where id = ?`+sqldb.Of(tx).Lock(), id)
	if err != nil {
		return people.Person{}, err
	}
	return s.FindPerson(ctx, tx, sc, id)
}

// FindAddress implements people.DirectoryStore.
func (s *Store) FindAddress(ctx context.Context, v unit.View, sc people.Scope, address string) (people.Person, error) {
	return s.findPerson(ctx, v, sc, "address_mac", s.addressMAC(address))
}

// AddressMark implements account.AccountStore.
func (s *Store) AddressMark(_ context.Context, _ unit.View, _ people.Scope, address string) string {
	return s.addressMAC(address)
}

// FindMark implements account.AccountStore.
func (s *Store) FindMark(ctx context.Context, v unit.View, sc people.Scope, mark string) (people.Person, error) {
	return s.findPerson(ctx, v, sc, "address_mac", mark)
}

// findPerson asks first whether the scope knows the one with this id and only then
// for the row, so that a hidden person costs what one who is not there costs.
func (s *Store) findPerson(ctx context.Context, v unit.View, sc people.Scope, column, value string) (people.Person, error) {
	known, args := knows(sc, "x.id")
	id := "cast(? as text)"
	if column != "id" {
		id = "coalesce((select i.id from people_person i where i." + column + " = ?), '')"
	}
	p, err := sqldb.One(ctx, v, scanPerson, `with x as materialized (select `+id+` as id), k as materialized (select x.id from x where `+known+`)
		`+personColumns+` join k on k.id = p.id`, append([]any{value}, args...)...)
	if err != nil {
		return people.Person{}, err
	}
	return s.person(ctx, v, p)
}

// FindNames implements people.DirectoryStore.
func (s *Store) FindNames(ctx context.Context, v unit.View, sc people.Scope, object string, ids []people.PersonID) (map[people.PersonID]string, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	out := make(map[people.PersonID]string, len(ids))
	for chunk := range slices.Chunk(ids, 200) {
		here, args := shares(sc, object, "p.id")
		known, kargs := knows(sc, "p.id")
		args = append(args, kargs...)
		// Few lengths of lists, so that the statement is often one that is compiled.
		size := 8
		for size < len(chunk) {
			size *= 5
		}
		for n := range size {
			args = append(args, string(chunk[min(n, len(chunk)-1)]))
		}
		rows, err := sqldb.All(ctx, v, scanPerson, personColumns+` where (`+here+` or `+known+`) and p.id in (`+sqldb.Marks(size)+`)`, args...)
		if err != nil {
			return nil, err
		}
		ps, err := s.persons(ctx, v, rows)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			out[p.ID] = p.Name
		}
	}
	return out, nil
}

// FindTeam implements people.DirectoryStore.
func (s *Store) FindTeam(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]people.Teammate, error) {
	whole, args := wholeTeam(sc)
	type held struct {
		row
		role   people.Role
		since  time.Time
		inside bool
	}
	list, err := sqldb.All(ctx, v, func(r sqldb.Row) (held, error) {
		var h held
		err := r.Scan(&h.ID, &h.State, flag{&h.Admin}, flag{&h.TOTP}, flag{&h.Public}, at{&h.Created}, at{&h.LastSeen}, &h.body, &h.role, at{&h.since}, flag{&h.inside})
		return h, err
	}, `select p.id, p.state, p.admin, p.totp, p.public, p.created_at, p.seen_at, p.body, m.role, m.since_at, m.inside from (
		select h.object, h.holder, h.role, h.since_at, case when `+whole+` then 1 else 0 end as inside
		from people_grant h where h.object = ? and h.ended_at = 0) m
		join people_person p on p.id = m.holder join people_project t on t.id = m.object
		where m.inside = 1 or p.public = 1 and p.state = 'active' and t.team_page = 1
		order by m.since_at, p.id`, append(args, project)...)
	if err != nil {
		return nil, err
	}
	var out []people.Teammate
	for _, h := range list {
		i := slices.IndexFunc(out, func(t people.Teammate) bool { return t.Person.ID == h.ID })
		if i < 0 {
			p, err := s.person(ctx, v, h.row)
			if err != nil {
				return nil, err
			}
			if !h.inside {
				p = people.Person{ID: p.ID, Name: p.Name, About: p.About, State: p.State, Public: true}
			}
			out = append(out, people.Teammate{Person: p, Since: h.since})
			i = len(out) - 1
		}
		out[i].Roles = append(out[i].Roles, h.role)
	}
	return out, s.teamRecord(ctx, v, sc, project, out)
}

// wholeTeam is the condition that the scope sees all of the team of the grant h.
func wholeTeam(sc people.Scope) (string, []any) {
	if _, _, ok := sc.Job(); ok {
		return "1 = 1", nil
	}
	sees, args := Sees(sc, "h.object")
	admin, more := administers(sc)
	return sees + " or " + admin, append(args, more...)
}

// teamRecord adds to the teammates what they accepted and who vouched for them, as
// far as the scope sees it.
func (s *Store) teamRecord(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, team []people.Teammate) error {
	joins, err := s.JoinsOf(ctx, v, sc, project, "")
	if err != nil {
		return err
	}
	for i := range team {
		t := &team[i]
		slices.SortFunc(t.Roles, func(a, b people.Role) int { return rank(a) - rank(b) })
		a, err := s.Acceptance(ctx, v, sc, project, t.Person.ID)
		if err != nil {
			return err
		}
		t.Terms, t.TermsAt = a.Version, a.At
		for _, j := range joins {
			if j.Person == t.Person.ID && j.State == people.Joined {
				t.Voucher, t.Word = j.Voucher, j.Word
			}
		}
	}
	return nil
}

func rank(r people.Role) int {
	return slices.Index([]people.Role{people.Chair, people.Deputy, people.TeamMember, people.Moderator}, r)
}
