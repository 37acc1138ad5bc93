package sqldb_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestHold is the other program of TestTheHolderIsNamed: it holds the file until its
// input ends.
func TestHold(t *testing.T) {
	path := os.Getenv("TOCSIN_TEST_HOLD")
	if path == "" {
		t.Skip("only a helper")
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	bufio.NewReader(os.Stdin).ReadString('\n')
	tx.Rollback()
}

func TestTheHolderIsNamed(t *testing.T) {
	sqldbtest.Each(t, notes(), func(t *testing.T, e *sqldbtest.Env) {
		if who, err := e.DB.Holders(t.Context()); err != nil || len(who) != 0 {
			t.Fatalf("nobody holds it: %v %v", who, err)
		}
		want := ""
		if e.DB.Path() == "" {
			tx, err := e.DB.Writer().BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec("lock table notes_note in access exclusive mode"); err != nil {
				t.Fatal(err)
			}
			var pid int
			if err := tx.QueryRow("select pg_backend_pid() from pg_sleep(2.2)").Scan(&pid); err != nil {
				t.Fatal(err)
			}
			want = fmt.Sprintf("session %d", pid)
		} else {
			if _, err := os.ReadFile("/proc/locks"); err != nil {
				t.Skip("this system has no table of locks")
			}
			cmd := exec.Command(os.Args[0], "-test.run", "^TestHold$", "-test.v")
			cmd.Env = append(os.Environ(), "TOCSIN_TEST_HOLD="+e.DB.Path())
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { in.Close(); cmd.Wait() }()
			lines := bufio.NewScanner(out)
			for lines.Scan() && !strings.Contains(lines.Text(), "held") {
			}
			want = fmt.Sprintf("process %d (", cmd.Process.Pid)
		}
		who, err := e.DB.Holders(t.Context())
		if err != nil || len(who) != 1 || !strings.HasPrefix(who[0], want) {
			t.Errorf("%q %v, want %q", who, err, want)
		}
	})
}

func TestAFlippedByteIsFound(t *testing.T) {
	e := sqldbtest.SQLite(t, notes())
	if found, err := e.DB.Damage(t.Context()); found != "" || err != nil {
		t.Fatal(found, err)
	}
	var root, size int64
	for q, to := range map[string]*int64{"select rootpage from sqlite_master where name = 'notes_note'": &root, "pragma page_size": &size} {
		if err := e.DB.Reader().QueryRow(q).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	path := e.DB.Path()
	e.DB.Close()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file[(root-1)*size] ^= 0x40 // the page's type (SQLite file format, section 1.6)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	again := e.Second(t)
	if found, err := again.DB.Damage(t.Context()); found == "" && err == nil {
		t.Error("not found")
	}
}
