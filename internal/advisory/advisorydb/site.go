package advisorydb

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Site implements pubsite.Store. Most of what it holds is public and read by every
// scope; files of AMBER and RED exist for readers of the project and its jobs.
type Site struct {
	// Seal seals what is of AMBER and RED. Without it there is nothing of either to read.
	Seal *seal.Sealer
}

// reads is the condition that the scope may read a row of advisory_site s.
func reads(v unit.View, sc people.Scope) (string, []any) {
	const free = "(s.level in ('', 'WHITE', 'GREEN')"
	if mac, ok := sc.Bearer(); ok {
		return free + ` or exists (select 1 from advisory_reader r where r.mac = ? and r.project = s.project and r.ended_at = 0
			and r.ends_at > ? and (r.level = 'RED' or s.level = 'AMBER')))`, []any{mac, v.Now()}
	}
	if _, subjects, ok := sc.Job(); ok && len(subjects) > 0 {
		args := make([]any, len(subjects))
		for i, x := range subjects {
			args[i] = x
		}
		return free + " or s.project in (" + sqldb.Marks(len(subjects)) + "))", args
	}
	return free + ")", nil
}

// stored is a row of advisory_site.
type stored struct {
	pubsite.File
	project people.ProjectID
	year    int
	sealed  bool // since there is the column; only what is of AMBER or RED really is
}

func scanStored(r sqldb.Row) (stored, error) {
	var f stored
	var at int64
	err := r.Scan(&f.Path, &f.Generation, &at, &f.Size, &f.project, &f.Level, &f.Kind, &f.year, &f.Seq, &f.Bytes, &f.sealed)
	f.At = sqldb.Time(at)
	return f, err
}

const (
	selectColumns = `select s.path, s.from_generation, s.changed_at, s.size, s.project, s.level, s.kind, s.year, s.seq, s.bytes, s.sealed`
	selectFiles   = selectColumns + ` from advisory_site s where s.to_generation = 0`
	selectFile    = selectFiles + ` and s.path = ?`
)

// File implements pubsite.Store.
func (s Site) File(ctx context.Context, v unit.View, sc people.Scope, path string) (pubsite.File, error) {
	f, err := s.find(ctx, v, sc, path)
	if err != nil || !f.Kind.IsList() {
		return f.File, err
	}
	f.Bytes, err = s.assemble(ctx, v, f)
	return f.File, err
}

// Stat implements pubsite.Store.
func (s Site) Stat(ctx context.Context, v unit.View, sc people.Scope, path string) (pubsite.File, error) {
	f, err := s.find(ctx, v, sc, path)
	f.Bytes = nil
	return f.File, err
}

func (s Site) find(ctx context.Context, v unit.View, sc people.Scope, path string) (stored, error) {
	may, args := reads(v, sc)
	return s.one(ctx, v, selectFile+` and s.kind <> 'moved' and `+may, append([]any{path}, args...)...)
}

func (s Site) one(ctx context.Context, v unit.View, q string, args ...any) (stored, error) {
	f, err := sqldb.One(ctx, v, scanStored, q, args...)
	if err != nil {
		return f, err
	}
	all, err := s.opened(ctx, v, []stored{f})
	if err != nil {
		return stored{}, err
	}
	return all[0], nil
}

// Stored implements pubsite.Store.
func (s Site) Stored(ctx context.Context, v unit.View, sc people.Scope, paths []string) (map[string]pubsite.File, error) {
	may, args := reads(v, sc)
	out := make(map[string]pubsite.File, len(paths))
	for some := range slices.Chunk(paths, together) {
		found, err := sqldb.All(ctx, v, scanStored, selectFiles+marks(some)+` and s.kind <> 'moved' and `+may, append(texts(some), args...)...)
		if err == nil {
			found, err = s.opened(ctx, v, found)
		}
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			out[f.Path] = f.File
		}
	}
	return out, nil
}

// together is how many files one query asks for.
const together = 400

func marks(list []string) string { return " and s.path in (" + sqldb.Marks(len(list)) + ")" }

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

// Gone implements pubsite.Store.
func (s Site) Gone(ctx context.Context, v unit.View, sc people.Scope, path string) (string, error) {
	may, args := reads(v, sc)
	f, err := s.one(ctx, v, selectFile+` and s.kind = 'moved' and `+may, append([]any{path}, args...)...)
	return string(f.Bytes), err
}

// List implements pubsite.Store. Paths are ASCII, so that "0" is the character
// after "/" and the range below a folder needs no like.
func (Site) List(ctx context.Context, v unit.View, sc people.Scope, prefix string) ([]pubsite.File, error) {
	may, args := reads(v, sc)
	if folder, ok := strings.CutSuffix(prefix, "/"); ok {
		may += " and s.path > ? and s.path < ?"
		args = append(args, folder+"/", folder+"0")
	}
	return sqldb.All(ctx, v, func(r sqldb.Row) (pubsite.File, error) {
		var f pubsite.File
		var at int64
		err := r.Scan(&f.Path, &f.Generation, &at, &f.Size)
		f.At = sqldb.Time(at)
		return f, err
	}, `select s.path, s.from_generation, s.changed_at, s.size from advisory_site s where s.to_generation = 0 and s.kind <> 'moved' and `+may+` order by s.path`, args...)
}

// Lists implements pubsite.Store.
func (Site) Lists(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) ([]string, error) {
	// No order: it would make SQLite walk the whole tree by its paths.
	out, err := sqldb.All(ctx, v, sqldb.Value[string], `select path from advisory_site where project = ? and to_generation = 0
		and kind in ('index', 'changes', 'feed', 'atom', 'osv-all', 'osv-changes', 'osv-zip')`, string(project))
	slices.Sort(out)
	return out, err
}

// Lock implements pubsite.Store.
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

// Flip implements pubsite.Store. The generation's row is locked first, so that
// two flips follow each other and readers see one tree or the next.
func (s Site) Flip(ctx context.Context, tx unit.Tx, _ people.Scope, files []pubtree.File) (pubsite.Flipped, error) {
	now, err := generation(ctx, tx)
	if err != nil {
		return pubsite.Flipped{}, err
	}
	w := flip{s: s, tx: tx, out: pubsite.Flipped{Generation: now + 1}}
	for some := range slices.Chunk(files, together) {
		if err := w.put(ctx, some); err != nil {
			return pubsite.Flipped{}, err
		}
	}
	if !w.out.Any {
		return pubsite.Flipped{Generation: now}, nil
	}
	_, err = sqldb.Of(tx).Exec(ctx, `update advisory_generation set generation = ? where id = 1`, w.out.Generation)
	return w.out, err
}

// Changed implements pubsite.Store.
func (Site) Changed(ctx context.Context, v unit.View, sc people.Scope, since int64) (pubsite.Flipped, error) {
	var out pubsite.Flipped
	var err error
	if out.Generation, err = sqldb.One(ctx, v, sqldb.Value[int64], `select coalesce(max(generation), 0) from advisory_generation`); err != nil {
		return out, err
	}
	may, args := reads(v, sc)
	out.Changed, err = sqldb.All(ctx, v, sqldb.Value[string], `select distinct s.path from advisory_site s
		where (s.from_generation > ? or s.to_generation > ?) and `+may+` order by s.path`, append([]any{since, since}, args...)...)
	out.Any = len(out.Changed) > 0
	return out, err
}

// keepOld is how long replaced files stay in the table: nobody reads them, but a mistake
// can be looked at.
const keepOld = 30 * 24 * time.Hour

// Sweep removes files that were replaced long ago. It is for a daily job.
func (Site) Sweep(ctx context.Context, tx unit.Tx, _ people.Scope) (int64, error) {
	return sqldb.Of(tx).Exec(ctx, sweepQuery, tx.Now().Add(-keepOld))
}

// sweepQuery runs after every publication: its index has the replaced files by their age, so
// that it meets those alone that it removes.
const sweepQuery = `delete from advisory_site where to_generation > 0 and changed_at < ?`

// PutGap implements pubsite.Store.
func (Site) PutGap(ctx context.Context, tx unit.Tx, _ people.Scope, project people.ProjectID, number string) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into advisory_gap (project, number, noted_at) values (?, ?, ?) on conflict (project, number) do nothing`,
		string(project), number, tx.Now())
	return err
}

// Gaps implements pubsite.Store.
func (Site) Gaps(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) ([]string, error) {
	return sqldb.All(ctx, v, sqldb.Value[string], `select number from advisory_gap where project = ? order by number`, string(project))
}

var _ pubsite.Store = Site{}
