package backup

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

type table struct {
	name    string
	columns []string
	after   []string // tables that its foreign keys refer to
}

// tables returns the tables that are copied, each behind those that it refers to.
// Left out: the versions of the schema (in the header), what an engine derives
// by itself (full-text shadows, generated columns).
func tables(ctx context.Context, tx *sql.Tx, d sqldb.Dialect) ([]table, error) {
	names, err := texts(ctx, tx, map[sqldb.Dialect]string{
		sqldb.SQLite:   `select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite\_%' escape '\'`,
		sqldb.Postgres: `select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'`,
	}[d])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	slices.Sort(names)
	var all []table
	for _, name := range names {
		if strings.HasPrefix(name, "goose_") {
			continue
		}
		t := table{name: name}
		t.columns, err = texts(ctx, tx, map[sqldb.Dialect]string{
			sqldb.SQLite:   `select name from pragma_table_info('` + name + `') order by cid`,
			sqldb.Postgres: `select column_name from information_schema.columns where table_schema = current_schema() and table_name = '` + name + `' and is_generated = 'NEVER' order by ordinal_position`,
		}[d])
		if err != nil {
			return nil, fmt.Errorf("list columns of %s: %w", name, err)
		}
		t.after, err = texts(ctx, tx, map[sqldb.Dialect]string{
			sqldb.SQLite:   `select "table" from pragma_foreign_key_list('` + name + `')`,
			sqldb.Postgres: `select confrelid::regclass::text from pg_constraint where contype = 'f' and conrelid = '` + name + `'::regclass`,
		}[d])
		if err != nil {
			return nil, fmt.Errorf("list references of %s: %w", name, err)
		}
		all = append(all, t)
	}
	return ordered(all), nil
}

// ordered puts every table behind those that it refers to; within a circle the
// order of names stays.
func ordered(in []table) []table {
	var out []table
	placed := map[string]bool{}
	for len(out) < len(in) {
		before := len(out)
		for _, t := range in {
			if placed[t.name] {
				continue
			}
			ready := !slices.ContainsFunc(t.after, func(n string) bool { return n != t.name && !placed[n] })
			if ready {
				out = append(out, t)
				placed[t.name] = true
			}
		}
		if len(out) == before { // a circle: take the first that is left
			i := slices.IndexFunc(in, func(t table) bool { return !placed[t.name] })
			out = append(out, in[i])
			placed[in[i].name] = true
		}
	}
	return out
}

func texts(ctx context.Context, tx *sql.Tx, q string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func list(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = quote(c)
	}
	return strings.Join(quoted, ", ")
}
