package sqldbtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// SameSchema fails when the migrations make different tables on the two engines:
// tables, columns, class of type, not null, primary keys and indexes. Every db
// package may call it with its own sources; internal/server does with all.
func SameSchema(t *testing.T, sources []sqldb.Source) {
	t.Helper()
	a, b := Schema(t, SQLite(t, sources)), Schema(t, Postgres(t, sources))
	for _, k := range slices.Sorted(maps.Keys(a)) {
		if a[k] != b[k] {
			t.Errorf("%s is %q on SQLite and %q on PostgreSQL", k, a[k], b[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if a[k] == "" {
			t.Errorf("%s is %q on PostgreSQL only", k, b[k])
		}
	}
}

// Schema returns a line for each column ("table.column": "bigint not null") and
// index ("index name": "unique on table") of the store, goose's tables left out.
func Schema(t testing.TB, e *Env) map[string]string {
	t.Helper()
	columns := `select m.name, c.name, lower(c.type), c."notnull", c.pk > 0
		from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'`
	indexes := `select i.name, m.name, i."unique" from sqlite_master m join pragma_index_list(m.name) i
		where m.type = 'table' and i.origin = 'c'`
	if e.DB.Dialect() == sqldb.Postgres {
		columns = `select c.table_name, c.column_name, c.data_type, case when c.is_nullable = 'NO' then 1 else 0 end,
			exists (select 1 from information_schema.table_constraints k join information_schema.key_column_usage u
				on u.constraint_name = k.constraint_name and u.table_name = k.table_name
				where k.constraint_type = 'PRIMARY KEY' and k.table_name = c.table_name and u.column_name = c.column_name)
			from information_schema.columns c where c.table_schema = 'public'`
		indexes = `select i.relname, r.relname, case when x.indisunique then 1 else 0 end from pg_index x
			join pg_class i on i.oid = x.indexrelid join pg_class r on r.oid = x.indrelid
			join pg_namespace n on n.oid = r.relnamespace
			where n.nspname = 'public' and not x.indisprimary
			and not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid)`
	}
	out := map[string]string{}
	rows(t, e, columns, func(scan func(...any) error) error {
		var table, column, class string
		var notNull, primary bool
		if err := scan(&table, &column, &class, &notNull, &primary); err != nil {
			return err
		}
		if class == "blob" || class == "bytea" {
			class = "bytes"
		}
		switch {
		case primary:
			class += " primary key" // which is not null on PostgreSQL by itself
		case notNull:
			class += " not null"
		}
		if !strings.HasPrefix(table, "goose_") {
			out[table+"."+column] = class
		}
		return nil
	})
	rows(t, e, indexes, func(scan func(...any) error) error {
		var index, table string
		var unique bool
		if err := scan(&index, &table, &unique); err != nil {
			return err
		}
		if !strings.HasPrefix(table, "goose_") {
			out["index "+index] = fmt.Sprintf("unique %v on %s", unique, table)
		}
		return nil
	})
	return out
}

func rows(t testing.TB, e *Env, q string, f func(scan func(...any) error) error) {
	t.Helper()
	r, err := e.DB.Reader().QueryContext(t.Context(), q)
	if err != nil {
		t.Fatalf("read the schema: %v", err)
	}
	defer r.Close()
	for r.Next() {
		if err := f(r.Scan); err != nil {
			t.Fatalf("read the schema: %v", err)
		}
	}
	if err := r.Err(); err != nil {
		t.Fatalf("read the schema: %v", err)
	}
}
