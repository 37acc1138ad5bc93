package deskdb

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// seesTexts is the rule of who sees and edits canned texts: the project's team.
func seesTexts(sc people.Scope, column string) (string, []any) {
	return peopledb.Sees(sc, column, people.Chair, people.Deputy, people.TeamMember, people.Moderator)
}

func scanText(row sqldb.Row) (desk.Text, error) {
	var t desk.Text
	var answers string
	err := row.Scan(&t.ID, &t.Project, &answers, &t.Title, &t.Body)
	if err != nil {
		return t, err
	}
	t.For, err = desk.ParseDecision(answers)
	return t, err
}

const textQuery = `select t.id, t.project_id, t.answers, t.title, t.body from desk_text t where `

// Text implements desk.TextStore.
func (s *Store) Text(ctx context.Context, v unit.View, sc people.Scope, id desk.TextID) (desk.Text, error) {
	sees, args := seesTexts(sc, "t.project_id")
	return sqldb.One(ctx, v, scanText, textQuery+`t.id = ? and `+sees, append([]any{id}, args...)...)
}

// TextsOf implements desk.TextStore.
func (s *Store) TextsOf(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]desk.Text, error) {
	sees, args := seesTexts(sc, "t.project_id")
	return sqldb.All(ctx, v, scanText, textQuery+`t.project_id = ? and `+sees+` order by t.at, t.id limit 200`, append([]any{project}, args...)...)
}

// OnTeam implements desk.TextStore.
func (s *Store) OnTeam(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) error {
	sees, args := seesTexts(sc, "o.id")
	_, err := sqldb.One(ctx, v, sqldb.Value[int], `select 1 from (select cast(? as text) as id) o where `+sees, append([]any{project}, args...)...)
	return err
}

// SaveText implements desk.TextStore.
func (s *Store) SaveText(ctx context.Context, tx unit.Tx, sc people.Scope, t desk.Text) error {
	sees, args := seesTexts(sc, "o.id")
	n, err := sqldb.Of(tx).Exec(ctx, `insert into desk_text (id, project_id, answers, title, body, at)
		select cast(? as text), o.id, cast(? as text), cast(? as text), cast(? as text), cast(? as bigint)
		from (select cast(? as text) as id) o where `+sees+`
		on conflict (id) do update set answers = excluded.answers, title = excluded.title, body = excluded.body`,
		append([]any{t.ID, t.For.String(), t.Title, t.Body, sqldb.Micros(tx.Now()), t.Project}, args...)...)
	if err != nil {
		return fmt.Errorf("save text: %w", err)
	}
	if n == 0 {
		return fault.Missing()
	}
	return nil
}

// RemoveText implements desk.TextStore.
func (s *Store) RemoveText(ctx context.Context, tx unit.Tx, sc people.Scope, id desk.TextID) error {
	sees, args := seesTexts(sc, "desk_text.project_id")
	n, err := sqldb.Of(tx).Exec(ctx, `delete from desk_text where id = ? and `+sees, append([]any{id}, args...)...)
	if err != nil {
		return fmt.Errorf("remove text: %w", err)
	}
	if n == 0 {
		return fault.Missing()
	}
	return nil
}
