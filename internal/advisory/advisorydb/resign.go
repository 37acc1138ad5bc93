package advisorydb

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/resign"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Resigns implements resign.Store.
type Resigns struct{}

func scanRun(r sqldb.Row) (resign.Run, error) {
	var x resign.Run
	var args string
	var started, finished int64
	if err := r.Scan(&x.Project, &x.ID, &x.State, &x.By, &x.Keys, &x.After, &x.Done, &x.Total, &x.Problem, &args, &started, &finished); err != nil {
		return x, err
	}
	x.Started, x.Finished = sqldb.Time(started), sqldb.Time(finished)
	return x, json.Unmarshal([]byte(args), &x.Args)
}

const selectRun = `select r.project, r.id, r.state, r.person, r.keys, r.after_path, r.done, r.total, r.problem, r.args, r.started_at, r.finished_at
	from advisory_resign r where r.project = ? and `

// Run implements resign.Store.
func (Resigns) Run(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (resign.Run, error) {
	cond, args := sees(sc, "r.project")
	return sqldb.One(ctx, v, scanRun, selectRun+cond, append([]any{string(project)}, args...)...)
}

// Lock implements resign.Store.
func (Resigns) Lock(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID) (resign.Run, error) {
	cond, args := sees(sc, "r.project")
	return sqldb.One(ctx, tx, scanRun, selectRun+cond+sqldb.Of(tx).Lock(), append([]any{string(project)}, args...)...)
}

// Put implements resign.Store.
func (Resigns) Put(ctx context.Context, tx unit.Tx, _ people.Scope, r resign.Run) error {
	if r.Args == nil {
		r.Args = []string{}
	}
	args, err := json.Marshal(r.Args)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into advisory_resign (project, id, state, person, keys, after_path, done, total, problem, args, started_at, finished_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (project) do update set id = excluded.id, state = excluded.state, person = excluded.person, keys = excluded.keys,
		after_path = excluded.after_path, done = excluded.done, total = excluded.total, problem = excluded.problem, args = excluded.args,
		started_at = excluded.started_at, finished_at = excluded.finished_at`,
		string(r.Project), r.ID, string(r.State), string(r.By), r.Keys, r.After, r.Done, r.Total, r.Problem, string(args), r.Started, r.Finished)
	return err
}

// Signatures implements resign.Store. Public keys end with .asc too and are no
// signatures.
func (Resigns) Signatures(ctx context.Context, v unit.View, _ people.Scope, slug, after string, limit int) ([]string, error) {
	if limit == 0 {
		limit = 1 << 30
	}
	keys := "csaf/" + slug + "/openpgp"
	return sqldb.All(ctx, v, sqldb.Value[string], `select path from advisory_site where to_generation = 0 and kind = '' and path > ? and path like '%.asc'
		and (path > ? and path < ? or path > ? and path < ? or path > ? and path < ?) and not (path > ? and path < ?) order by path limit ?`,
		after, "advisories/"+slug+"/", "advisories/"+slug+"0", "csaf/"+slug+"/", "csaf/"+slug+"0", "osv/"+slug+"/", "osv/"+slug+"0",
		keys+"/", keys+"0", limit)
}

// Since returns when the last run that is done began, the zero time for none: a key that
// was retired before signs nothing any more. Like the keys themselves it is public.
func (Resigns) Since(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) (time.Time, error) {
	all, err := sqldb.All(ctx, v, sqldb.Value[int64], `select started_at from advisory_resign where project = ? and state = ?`, string(project), string(resign.Done))
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	return sqldb.Time(all[0]), nil
}

var _ resign.Store = Resigns{}
