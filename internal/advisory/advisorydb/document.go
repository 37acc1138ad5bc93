package advisorydb

import (
	"context"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// PutDocument implements pubsite.Store. The document itself lies in the tree; the column json,
// of the time when it lay here as well, stays for the backups of then.
func (s Site) PutDocument(ctx context.Context, tx unit.Tx, _ people.Scope, d pubtree.Document) (pubtree.Document, error) {
	was, err := sqldb.One(ctx, tx, scanDocument(), selectDocument+` from advisory_document where project = ? and name = ?`, string(d.Project), d.Name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return pubtree.Document{}, err
	}
	if d, err = s.sealDocument(ctx, tx, d); err != nil {
		return pubtree.Document{}, err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `insert into advisory_document (project, name, advisory, number, title, summary, rating, cves, version, year,
		initial_at, current_at, withdrawn, json, level, stamp, entry, atom, osv_id, osv_at, osv, osv_crc, osv_size, sealed)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
		on conflict (project, name) do update set title = excluded.title, summary = excluded.summary, rating = excluded.rating,
		cves = excluded.cves, version = excluded.version, current_at = excluded.current_at, withdrawn = excluded.withdrawn, json = excluded.json,
		level = excluded.level, stamp = excluded.stamp, entry = excluded.entry, atom = excluded.atom, osv_id = excluded.osv_id,
		osv_at = excluded.osv_at, osv = excluded.osv, osv_crc = excluded.osv_crc, osv_size = excluded.osv_size, sealed = 1
		where advisory_document.advisory = excluded.advisory`,
		string(d.Project), d.Name, d.Advisory, d.Number, d.Title, d.Summary, d.Rating, spaced(d.CVEs), d.Version, d.Year,
		d.Initial, d.Current, d.Withdrawn, []byte{}, string(d.Level), d.Stamp, d.Entry, d.Atom,
		d.Member.ID, sqldb.Micros(d.Member.Modified), d.Member.Deflated, int64(d.Member.CRC), d.Member.Size)
	if err != nil {
		return pubtree.Document{}, err
	}
	if n == 0 {
		return pubtree.Document{}, taken()
	}
	return was, nil
}

const selectDocument = `select project, name, advisory, number, title, summary, rating, cves, version, year, initial_at, current_at, withdrawn,
	level, stamp, osv_id, osv_at, osv_crc, osv_size`

func scanDocument(more ...any) func(sqldb.Row) (pubtree.Document, error) {
	return func(r sqldb.Row) (pubtree.Document, error) {
		var d pubtree.Document
		var cves string
		var initial, current, modified, crc int64
		err := r.Scan(append([]any{&d.Project, &d.Name, &d.Advisory, &d.Number, &d.Title, &d.Summary, &d.Rating, &cves, &d.Version, &d.Year,
			&initial, &current, &d.Withdrawn, &d.Level, &d.Stamp, &d.Member.ID, &modified, &crc, &d.Member.Size}, more...)...)
		d.CVEs, d.Initial, d.Current = strings.Fields(cves), sqldb.Time(initial), sqldb.Time(current)
		d.Member.CRC, d.Member.Modified = uint32(crc), sqldb.Time(modified)
		return d, err
	}
}

func spaced(list []string) string { return strings.Join(list, " ") }

// Documents implements pubsite.Store.
func (Site) Documents(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID, limit int) ([]pubtree.Document, error) {
	where, args := "level = 'WHITE'", []any{}
	if project != "" {
		where, args = "project = ? and level = 'WHITE'", []any{string(project)}
	}
	return sqldb.All(ctx, v, scanDocument(), selectDocument+` from advisory_document where `+where+` order by current_at desc, name limit ?`, append(args, limit)...)
}

// DocumentByName implements pubsite.Store.
func (s Site) DocumentByName(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID, name string) (pubtree.Document, error) {
	found, err := s.documents(ctx, v, `project = ? and name = ?`, string(project), name)
	if err != nil {
		return pubtree.Document{}, err
	}
	if len(found) == 0 {
		return pubtree.Document{}, fault.Missing()
	}
	return found[0], nil
}

// Named implements pubsite.Store.
func (s Site) Named(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID, names []string) (map[string]pubtree.Document, error) {
	out := make(map[string]pubtree.Document, len(names))
	for some := range slices.Chunk(names, together) {
		found, err := s.documents(ctx, v, `project = ? and name in (`+sqldb.Marks(len(some))+`)`, append([]any{string(project)}, texts(some)...)...)
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			out[d.Name] = d
		}
	}
	return out, nil
}

// Unstamped implements pubsite.Store. There is hardly ever one: two looks at the ends of an
// index find that out.
func (s Site) Unstamped(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID, stamp string, limit int) ([]pubtree.Document, error) {
	for _, other := range []string{"stamp < ?", "stamp > ?"} {
		old, err := s.documents(ctx, v, `project = ? and `+other+` order by stamp limit ?`, string(project), stamp, limit)
		if err != nil || len(old) > 0 {
			return old, err
		}
	}
	return nil, nil
}

// Places implements pubsite.Store. It goes from folder to folder and does not read the
// documents in them: a tree of ten thousand has some forty.
func (Site) Places(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) ([]pubtree.Place, error) {
	return sqldb.All(ctx, v, func(r sqldb.Row) (pubtree.Place, error) {
		var p pubtree.Place
		var newest, osv int64
		err := r.Scan(&p.Level, &p.Year, &newest, &osv)
		p.Newest, p.OSV = sqldb.Time(newest), osv > 0
		return p, err
	}, `with recursive place (level, year) as (
			select l.level, (select min(f.year) from advisory_document f where f.project = ? and f.level = l.level)
			from (select 'AMBER' as level union all select 'GREEN' union all select 'RED' union all select 'WHITE') l
			union all
			select place.level, (select min(n.year) from advisory_document n where n.project = ? and n.level = place.level and n.year > place.year)
			from place where place.year is not null)
		select place.level, place.year,
			(select max(d.current_at) from advisory_document d where d.project = ? and d.level = place.level and d.year = place.year),
			case when exists (select 1 from advisory_document o where o.project = ? and o.level = place.level and o.year = place.year and o.osv_id <> '') then 1 else 0 end
		from place where place.year is not null order by place.level, place.year`,
		string(project), string(project), string(project), string(project))
}

// line reads the columns that a list needs of each document, and no more: ten thousand
// rows are read at once.
func line(k pubtree.Kind) (columns string, scan func(sqldb.Row) (pubtree.Line, error)) {
	switch k {
	case pubtree.Feed, pubtree.Atom:
		columns = "name, current_at, entry"
		if k == pubtree.Atom {
			columns = "name, current_at, atom"
		}
		return columns, func(r sqldb.Row) (pubtree.Line, error) {
			var l pubtree.Line
			var current int64
			err := r.Scan(&l.Name, &current, &l.Text)
			l.Current = sqldb.Time(current)
			return l, err
		}
	case pubtree.OSVZip:
		return "osv_id, osv_at, osv_crc, osv_size, osv", func(r sqldb.Row) (pubtree.Line, error) {
			var l pubtree.Line
			var modified, crc int64
			err := r.Scan(&l.Member.ID, &modified, &crc, &l.Member.Size, &l.Member.Deflated)
			l.Member.Modified, l.Member.CRC = sqldb.Time(modified), uint32(crc)
			return l, err
		}
	case pubtree.OSVAll, pubtree.OSVChanges:
		return "osv_id, osv_at", func(r sqldb.Row) (pubtree.Line, error) {
			var l pubtree.Line
			var modified int64
			err := r.Scan(&l.Member.ID, &modified)
			l.Member.Modified = sqldb.Time(modified)
			return l, err
		}
	case pubtree.Plain, pubtree.Moved, pubtree.Index, pubtree.Changes:
	}
	return "name, year, current_at", func(r sqldb.Row) (pubtree.Line, error) {
		var l pubtree.Line
		var current int64
		err := r.Scan(&l.Name, &l.Year, &current)
		l.Current = sqldb.Time(current)
		return l, err
	}
}

// assemble puts a list together from the documents of its project, level and year.
func (s Site) assemble(ctx context.Context, v unit.View, f stored) ([]byte, error) {
	if !f.Level.Free() && f.Kind == pubtree.Feed {
		lines, err := s.hiddenLines(ctx, v, f)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(lines, f.Kind.Order)
		return pubtree.Assemble(f.Kind, f.Bytes, lines)
	}
	columns, scan := line(f.Kind)
	q := `select ` + columns + ` from advisory_document where project = ? and level = ?`
	args := []any{string(f.project), string(f.Level)}
	if f.year > 0 {
		q, args = q+` and year = ?`, append(args, f.year)
	}
	if f.Kind.OSV() {
		q += ` and osv_id <> ''`
	}
	if n := f.Kind.Most(); n > 0 {
		q, args = q+` order by current_at desc, name limit ?`, append(args, n)
	}
	lines, err := sqldb.All(ctx, v, scan, q, args...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(lines, f.Kind.Order)
	return pubtree.Assemble(f.Kind, f.Bytes, lines)
}
