package sqldb

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Holders names who holds the database longer than any transaction of ours: programs
// on this machine for SQLite, sessions of the server for PostgreSQL. It is for the
// operator. What this machine does not tell is left out.
func (db *DB) Holders(ctx context.Context) ([]string, error) {
	if db.dialect == SQLite {
		return db.fileHolders(), nil
	}
	rows, err := db.read.QueryContext(ctx, `
		select distinct a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'local'),
			coalesce(a.state, ''), coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::bigint
		from pg_stat_activity a
		where a.datname = current_database() and a.pid <> pg_backend_pid() and a.xact_start < clock_timestamp() - interval '2 seconds'
			and (a.state like 'idle in transaction%'
				or exists (select 1 from pg_locks l where l.pid = a.pid and l.granted and l.locktype = 'relation' and l.mode in ('ExclusiveLock', 'AccessExclusiveLock'))
				or exists (select 1 from pg_stat_activity w where a.pid = any (pg_blocking_pids(w.pid))))
		order by 6 desc limit 10`)
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var pid, secs int64
		var user, app, from, state string
		if err := rows.Scan(&pid, &user, &app, &from, &state, &secs); err != nil {
			return nil, explain(err)
		}
		out = append(out, fmt.Sprintf("session %d (%s, %q from %s, %s for %s)", pid, user, app, from, state, time.Duration(secs)*time.Second))
	}
	return out, explain(rows.Err())
}

// fileHolders reads the kernel's table of locks. The one writer of a database in WAL
// mode locks byte 120 of its -shm file (SQLite, "WAL-mode File Format", section 2.3).
func (db *DB) fileHolders() []string {
	inode, ok := inodeOf(db.path + "-shm")
	if !ok {
		return nil
	}
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return nil // another system than Linux
	}
	var out []string
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) < 8 || f[1] != "POSIX" || f[3] != "WRITE" || !strings.HasSuffix(f[5], ":"+strconv.FormatUint(inode, 10)) {
			continue
		}
		first, _ := strconv.Atoi(f[6])
		last, err := strconv.Atoi(f[7])
		if first > 120 || err == nil && last < 120 || f[4] == strconv.Itoa(os.Getpid()) {
			continue
		}
		name, _ := os.ReadFile("/proc/" + f[4] + "/comm") // gone, or not ours to see
		out = append(out, fmt.Sprintf("process %s (%s)", f[4], strings.TrimSpace(string(name))))
	}
	return out
}

// Damage looks whether the SQLite file is whole and returns what it found first, ""
// for nothing. It reads the whole file. PostgreSQL has tools of its own for that.
func (db *DB) Damage(ctx context.Context) (string, error) {
	if db.dialect != SQLite {
		return "", nil
	}
	var said string
	if err := db.read.QueryRowContext(ctx, "pragma quick_check(1)").Scan(&said); err != nil {
		return "", explain(err)
	}
	if said == "ok" {
		return "", nil
	}
	return said, nil
}
