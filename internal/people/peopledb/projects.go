package peopledb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const projectColumns = `select t.body, t.version from people_project t`

func scanProject(r sqldb.Row) (people.Project, error) {
	var p people.Project
	var body string
	var version int
	if err := r.Scan(&body, &version); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return p, fmt.Errorf("read a project: %w", err)
	}
	p.Version = version
	return p, nil
}

// FindProject implements people.ProjectFinder.
func (s *Store) FindProject(ctx context.Context, v unit.View, _ people.Scope, id people.ProjectID) (people.Project, error) {
	return sqldb.One(ctx, v, scanProject, projectColumns+` where t.id = ?`, id)
}

// FindProjectBySlug implements people.ProjectFinder.
func (s *Store) FindProjectBySlug(ctx context.Context, v unit.View, _ people.Scope, slug string) (people.Project, error) {
	return sqldb.One(ctx, v, scanProject, projectColumns+` where t.slug = ?`, slug)
}

// FindProjectByAddress implements people.ProjectFinder.
func (s *Store) FindProjectByAddress(ctx context.Context, v unit.View, _ people.Scope, address string) (people.Project, error) {
	return sqldb.One(ctx, v, scanProject, projectColumns+` join people_address a on a.project = t.id where a.address = ?`, address)
}

// FindProjects implements people.ProjectFinder.
func (s *Store) FindProjects(ctx context.Context, v unit.View, sc people.Scope, mine bool) ([]people.Project, error) {
	sees, args := Sees(sc, "t.id")
	if !mine {
		sees, args = "1 = 1", nil // what a project says of itself is public
	}
	out, err := sqldb.All(ctx, v, scanProject, projectColumns+` where `+sees, args...)
	slices.SortFunc(out, func(a, b people.Project) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Slug, b.Slug))
	})
	return out, err
}

// AddProject implements people.ProjectStore.
func (s *Store) AddProject(ctx context.Context, tx unit.Tx, _ people.Scope, p people.Project) error {
	p.Version = 1
	body, err := s.free(ctx, tx, p)
	if err != nil {
		return err
	}
	err = exec(ctx, tx, `insert into people_project (id, slug, series, team_page, version, body, created_at) values (?, ?, ?, ?, 1, ?, ?)`,
		p.ID, p.Slug, p.Series, p.Public.TeamPage, body, p.Created)
	if err != nil {
		return err
	}
	return addresses(ctx, tx, p)
}

// SaveProject implements people.ProjectStore.
func (s *Store) SaveProject(ctx context.Context, tx unit.Tx, _ people.Scope, p people.Project) error {
	body, err := s.free(ctx, tx, p)
	if err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update people_project set team_page = ?, version = version + 1, body = ? where id = ? and version = ?`,
		p.Public.TeamPage, body, p.ID, p.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "people.project.changed")
	}
	return addresses(ctx, tx, p)
}

// free checks that names which must be unique are no other project's, and returns
// the body.
func (s *Store) free(ctx context.Context, tx unit.Tx, p people.Project) (string, error) {
	taken := func(path, q string, args ...any) error {
		n, err := sqldb.One(ctx, tx, sqldb.Value[int], q, args...)
		if err == nil && n > 0 {
			err = &fault.Error{Kind: fault.Conflict, Key: "fault.invalid", Fields: []fault.Field{{Path: path, Key: "people.field.taken"}}}
		}
		return err
	}
	if err := taken("slug", `select count(*) from people_project where slug = ? and id <> ?`, p.Slug, p.ID); err != nil {
		return "", err
	}
	if err := taken("series", `select count(*) from people_project where series = ? and id <> ?`, p.Series, p.ID); err != nil {
		return "", err
	}
	for _, a := range p.Addresses {
		if err := taken("addresses", `select count(*) from people_address where address = ? and project <> ?`, a, p.ID); err != nil {
			return "", err
		}
	}
	body, err := json.Marshal(p)
	return string(body), err
}

func addresses(ctx context.Context, tx unit.Tx, p people.Project) error {
	if err := exec(ctx, tx, `delete from people_address where project = ?`, p.ID); err != nil {
		return err
	}
	for _, a := range p.Addresses {
		if err := exec(ctx, tx, `insert into people_address (address, project) values (?, ?) on conflict (address) do nothing`, a, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// NextNumber implements people.SeriesStore.
func (s *Store) NextNumber(ctx context.Context, tx unit.Tx, _ people.Scope, project people.ProjectID, year int) (int, error) {
	return sqldb.One(ctx, tx, sqldb.Value[int], `insert into people_series (project, year, next_number) values (?, ?, 2)
		on conflict (project, year) do update set next_number = people_series.next_number + 1 returning next_number - 1`, project, year)
}

// PassNumber implements people.SeriesStore.
func (s *Store) PassNumber(ctx context.Context, tx unit.Tx, _ people.Scope, project people.ProjectID, year, n int) error {
	return exec(ctx, tx, `insert into people_series (project, year, next_number) values (?, ?, ?)
		on conflict (project, year) do update set next_number = excluded.next_number where people_series.next_number < excluded.next_number`, project, year, n+1)
}
