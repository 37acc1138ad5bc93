package advisorydb

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Site implements advisory.SiteStore. What it holds is public, so that every scope reads
// it; it is written by jobs and, for gaps, by those whom advisory has checked.
type Site struct{}

func scanFile(r sqldb.Row) (advisory.SiteFile, error) {
	var f advisory.SiteFile
	var at int64
	err := r.Scan(&f.Path, &f.Generation, &at, &f.Size, &f.Bytes)
	f.At = sqldb.Time(at)
	return f, err
}

const selectFile = `select path, from_generation, changed_at, size, bytes from advisory_site where to_generation = 0 and `

// File implements advisory.SiteStore.
func (Site) File(ctx context.Context, v unit.View, _ people.Scope, path string) (advisory.SiteFile, error) {
	return sqldb.One(ctx, v, scanFile, selectFile+`path = ?`, path)
}

// List implements advisory.SiteStore. Paths are ASCII, so that "0" is the character
// after "/" and the range below a folder needs no like.
func (Site) List(ctx context.Context, v unit.View, _ people.Scope, prefix string) ([]advisory.SiteFile, error) {
	where, args := "1 = 1", []any{}
	if folder, ok := strings.CutSuffix(prefix, "/"); ok {
		where, args = "path > ? and path < ?", []any{folder + "/", folder + "0"}
	}
	return sqldb.All(ctx, v, func(r sqldb.Row) (advisory.SiteFile, error) {
		var f advisory.SiteFile
		var at int64
		err := r.Scan(&f.Path, &f.Generation, &at, &f.Size)
		f.At = sqldb.Time(at)
		return f, err
	}, `select path, from_generation, changed_at, size from advisory_site where to_generation = 0 and `+where+` order by path`, args...)
}

// Lock implements advisory.SiteStore.
func (Site) Lock(ctx context.Context, tx unit.Tx, _ people.Scope) error {
	_, err := generation(ctx, tx)
	return err
}

// generation locks the number of the tree's generation and returns it. The migration
// puts no row in: a restore fills tables that are empty.
func generation(ctx context.Context, tx unit.Tx) (int64, error) {
	c := sqldb.Of(tx)
	_, err := c.Exec(ctx, `insert into advisory_generation (id, generation) values (1, 0) on conflict (id) do nothing`)
	if err != nil {
		return 0, err
	}
	return sqldb.One(ctx, tx, sqldb.Value[int64], `select generation from advisory_generation where id = 1`+c.Lock())
}

// Flip implements advisory.SiteStore. The generation's row is locked first, so that
// two flips follow each other and readers see one tree or the next.
func (s Site) Flip(ctx context.Context, tx unit.Tx, sc people.Scope, files []advisory.StagedFile) (pubsite.Flipped, error) {
	c := sqldb.Of(tx)
	now, err := generation(ctx, tx)
	if err != nil {
		return pubsite.Flipped{}, err
	}
	out := pubsite.Flipped{Generation: now + 1}
	for _, f := range files {
		changed, err := s.put(ctx, tx, sc, f, out.Generation)
		if err != nil {
			return pubsite.Flipped{}, fmt.Errorf("flip %s: %w", f.Path, err)
		}
		if changed {
			out.Changed = append(out.Changed, f.Path)
		}
	}
	if len(out.Changed) == 0 {
		return pubsite.Flipped{Generation: now}, nil
	}
	_, err = c.Exec(ctx, `update advisory_generation set generation = ? where id = 1`, out.Generation)
	return out, err
}

// put writes one file under a generation and reports whether it changed.
func (s Site) put(ctx context.Context, tx unit.Tx, sc people.Scope, f advisory.StagedFile, next int64) (bool, error) {
	c := sqldb.Of(tx)
	old, err := s.File(ctx, tx, sc, f.Path)
	there := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return false, err
	}
	if there && f.Bytes != nil && bytes.Equal(old.Bytes, f.Bytes) || !there && f.Bytes == nil {
		return false, nil
	}
	if there {
		if _, err := c.Exec(ctx, `update advisory_site set to_generation = ? where path = ? and to_generation = 0`, next, f.Path); err != nil {
			return false, err
		}
	}
	if f.Bytes == nil {
		return true, nil
	}
	_, err = c.Exec(ctx, `insert into advisory_site (path, from_generation, to_generation, changed_at, size, bytes) values (?, ?, 0, ?, ?, ?)`,
		f.Path, next, tx.Now(), len(f.Bytes), f.Bytes)
	return true, err
}

// keepOld is how long replaced files stay in the table: nobody reads them, but a mistake
// can be looked at.
const keepOld = 30 * 24 * time.Hour

// Sweep removes files that were replaced long ago. It is for a daily job.
func (Site) Sweep(ctx context.Context, tx unit.Tx, _ people.Scope) (int64, error) {
	return sqldb.Of(tx).Exec(ctx, `delete from advisory_site where to_generation > 0 and changed_at < ?`, tx.Now().Add(-keepOld))
}

// PutDocument implements advisory.SiteStore.
func (Site) PutDocument(ctx context.Context, tx unit.Tx, _ people.Scope, d advisory.PublicDocument) error {
	n, err := sqldb.Of(tx).Exec(ctx, `insert into advisory_document (project, name, advisory, number, title, summary, rating, cves, version, year,
		initial_at, current_at, withdrawn, json) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (project, name) do update set title = excluded.title, summary = excluded.summary, rating = excluded.rating,
		cves = excluded.cves, version = excluded.version, current_at = excluded.current_at, withdrawn = excluded.withdrawn, json = excluded.json
		where advisory_document.advisory = excluded.advisory`,
		string(d.Project), d.Name, d.Advisory, d.Number, d.Title, d.Summary, d.Rating, strings.Join(d.CVEs, " "), d.Version, d.Year,
		d.Initial, d.Current, d.Withdrawn, []byte(d.JSON))
	if err != nil {
		return err
	}
	if n == 0 {
		return taken()
	}
	return nil
}

const selectDocument = `select project, name, advisory, number, title, summary, rating, cves, version, year, initial_at, current_at, withdrawn`

func scanDocument(more ...any) func(sqldb.Row) (advisory.PublicDocument, error) {
	return func(r sqldb.Row) (advisory.PublicDocument, error) {
		var d advisory.PublicDocument
		var cves string
		var initial, current int64
		err := r.Scan(append([]any{&d.Project, &d.Name, &d.Advisory, &d.Number, &d.Title, &d.Summary, &d.Rating, &cves, &d.Version, &d.Year,
			&initial, &current, &d.Withdrawn}, more...)...)
		d.CVEs, d.Initial, d.Current = strings.Fields(cves), sqldb.Time(initial), sqldb.Time(current)
		return d, err
	}
}

// Documents implements advisory.SiteStore.
func (Site) Documents(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) ([]advisory.PublicDocument, error) {
	return sqldb.All(ctx, v, scanDocument(), selectDocument+` from advisory_document where ? = '' or project = ? order by current_at desc, name`,
		string(project), string(project))
}

// DocumentByName implements advisory.SiteStore.
func (Site) DocumentByName(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID, name string) (advisory.PublicDocument, error) {
	var raw []byte
	d, err := sqldb.One(ctx, v, scanDocument(&raw), selectDocument+`, json from advisory_document where project = ? and name = ?`, string(project), name)
	d.JSON = raw
	return d, err
}

// PutGap implements advisory.SiteStore.
func (Site) PutGap(ctx context.Context, tx unit.Tx, _ people.Scope, project people.ProjectID, number string) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into advisory_gap (project, number, noted_at) values (?, ?, ?) on conflict (project, number) do nothing`,
		string(project), number, tx.Now())
	return err
}

// Gaps implements advisory.SiteStore.
func (Site) Gaps(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) ([]string, error) {
	return sqldb.All(ctx, v, sqldb.Value[string], `select number from advisory_gap where project = ? order by number`, string(project))
}

var _ advisory.SiteStore = Site{}
