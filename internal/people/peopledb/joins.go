package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// joinBody is what is sealed of a join.
type joinBody struct {
	Text string `json:"text,omitempty"`
	Word string `json:"word,omitempty"`
	Why  string `json:"why,omitempty"`
	// Of who was entered by another.
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
}

// sealJoin seals what is said in a join. That of somebody whom another entered has a key of
// its own: one of his account would be there already or not.
func (s *Store) sealJoin(ctx context.Context, tx unit.Tx, j people.Join) ([]byte, error) {
	confidence := personal(j.Person)
	if j.Address != "" {
		confidence = "join:" + j.ID
	}
	return s.sealed(ctx, tx, confidence, "people_join", j.ID, joinBody{j.Text, j.Word, j.Why, j.Name, j.Address})
}

const joinColumns = `select j.id, j.project, j.person, j.role, j.state, j.source, j.by_actor, j.voucher, j.approver, j.asked_at, j.changed_at, j.body from people_join j`

type joinRow struct {
	people.Join
	body []byte
}

func scanJoin(r sqldb.Row) (joinRow, error) {
	var j joinRow
	err := r.Scan(&j.ID, &j.Project, &j.Person, &j.Role, &j.State, &j.Source, &j.By, &j.Voucher, &j.Approver, at{&j.Asked}, at{&j.Changed}, &j.body)
	return j, err
}

func (s *Store) join(ctx context.Context, v unit.View, j joinRow) (people.Join, error) {
	var b joinBody
	err := s.open(ctx, v, "people_join", j.ID, j.body, &b)
	j.Text, j.Word, j.Why, j.Name, j.Address = b.Text, b.Word, b.Why, b.Name, b.Address
	return j.Join, err
}

// seesJoin is the condition that the scope may see the join j.
func seesJoin(sc people.Scope) (string, []any) {
	team, targs := Sees(sc, "j.project")
	mine, margs := own(sc, "j.person")
	admin, aargs := administers(sc)
	// An administrator sees only what was entered by one: who was named to lead.
	return "(" + team + " or " + mine + " or j.source = 'admin' and " + admin + ")", append(append(targs, margs...), aargs...)
}

// AddJoin implements people.JoinStore.
func (s *Store) AddJoin(ctx context.Context, tx unit.Tx, _ people.Scope, j people.Join) error {
	body, err := s.sealJoin(ctx, tx, j)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `insert into people_join (id, project, person, role, state, source, by_actor, voucher, approver, asked_at, changed_at, body)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, j.ID, j.Project, j.Person, j.Role, j.State, j.Source, j.By, j.Voucher, j.Approver, j.Asked, j.Changed, body)
}

// SaveJoin implements people.JoinStore. Who leaves has no grant left to see the
// row by, so the rule of the verb before it is what lets the change through.
func (s *Store) SaveJoin(ctx context.Context, tx unit.Tx, _ people.Scope, j people.Join) error {
	body, err := s.sealJoin(ctx, tx, j)
	if err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update people_join set state = ?, voucher = ?, approver = ?, changed_at = ?, body = ? where id = ?`,
		j.State, j.Voucher, j.Approver, j.Changed, body, j.ID)
	if err == nil && n == 0 {
		err = fault.Missing()
	}
	return err
}

// FindJoin implements people.JoinStore.
func (s *Store) FindJoin(ctx context.Context, v unit.View, sc people.Scope, id string) (people.Join, error) {
	sees, args := seesJoin(sc)
	j, err := sqldb.One(ctx, v, scanJoin, joinColumns+` where j.id = ? and `+sees, append([]any{id}, args...)...)
	if err != nil {
		return people.Join{}, err
	}
	return s.join(ctx, v, j)
}

// JoinsOf implements people.JoinStore.
func (s *Store) JoinsOf(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, person people.PersonID) ([]people.Join, error) {
	sees, args := seesJoin(sc)
	rows, err := sqldb.All(ctx, v, scanJoin, joinColumns+` where (j.project = ? or ? = '') and (j.person = ? or ? = '') and `+sees+`
		order by j.asked_at desc, j.id`, append([]any{project, project, person, person}, args...)...)
	if err != nil {
		return nil, err
	}
	out := make([]people.Join, 0, len(rows))
	for _, r := range rows {
		j, err := s.join(ctx, v, r)
		if err != nil {
			return nil, err
		}
		out = append(out, j)
	}
	return out, nil
}
