package kill

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite", to be the other process

	"github.com/tocsin-sec/tocsin/test/program"
)

// probe returns the status of a page and what is in it.
func (w *world) probe(path string) (int, http.Header, string) {
	w.t.Helper()
	s := w.nodes[0].server()
	answer, err := s.Client.Get(s.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(raw)
}

// notReady wants /readyz to say that and when to come back, and /healthz to be well.
func (w *world) notReady(words string) {
	w.t.Helper()
	status, h, body := w.probe("/readyz")
	if status != http.StatusServiceUnavailable || h.Get("Retry-After") == "" || !strings.Contains(body, words) {
		w.t.Errorf("/readyz: %d, Retry-After %q, %s", status, h.Get("Retry-After"), body)
	}
	if status, _, body := w.probe("/healthz"); status != http.StatusOK {
		w.t.Errorf("/healthz: %d %s", status, body)
	}
}

// refusedNow wants a write through the API to be answered with 503 and plain words.
func (w *world) refusedNow(words string) {
	w.t.Helper()
	err := w.call("POST", "/api/cases", map[string]any{"project": w.project, "title": "While the store is away", "reason": "To see.", "text": "x"}, nil)
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), words) {
		w.t.Errorf("the API says %v", err)
	}
}

// doctor runs the doctor and returns what it says.
func (w *world) doctor() string {
	w.t.Helper()
	args := []string{"doctor", "--data", w.settings["data"], "--url", w.url, "--site-key-file", w.settings["site-key-file"], "--mail-domain", "lumen.example"}
	if db := w.nodes[0].options.Database; db != "" {
		args = append(args, "--database", db)
	}
	cmd := exec.CommandContext(w.t.Context(), w.nodes[0].options.Binary, args...)
	cmd.Env = program.CleanEnv(w.dir)
	out, _ := cmd.CombinedOutput() // it fails for what it finds
	return string(out)
}

// manyDeferred sends several mails at once; each is put off.
func (w *world) manyDeferred() {
	w.t.Helper()
	var all sync.WaitGroup
	for range 8 {
		all.Go(w.deferred)
	}
	all.Wait()
}

func TestLockedDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	w := newWorld(t, shipped(t), "", 1)
	w.start()
	w.taken()
	w.mailsHeld()
	other, err := sql.Open("sqlite", "file:"+filepath.Join(w.settings["data"], "tocsin.db")+"?_txlock=exclusive&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.manyDeferred()
	w.answers() // what only reads goes on
	w.refusedNow("The database is busy")
	w.notReady("The database is busy")
	if log := w.nodes[0].server().Output(); !strings.Contains(log, "Another program holds the database") {
		t.Errorf("the operator is not told that the database is locked:\n%s", log)
	}
	if said, me := w.doctor(), fmt.Sprintf("process %d", os.Getpid()); !strings.Contains(said, me) {
		t.Errorf("the doctor does not name %s, which holds the database:\n%s", me, said)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	w.taken()
	w.mailsHeld()
	if status, _, body := w.probe("/readyz"); status != http.StatusOK {
		t.Errorf("/readyz after the lock: %d %s", status, body)
	}
}

// TestAFlippedByte damages one page of one table: what needs it says so to the
// operator and nothing else stops; the doctor names it.
func TestAFlippedByte(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	w := newWorld(t, shipped(t), "", 1)
	w.start()
	w.taken()
	w.mailsHeld()
	w.stop()
	path := filepath.Join(w.settings["data"], "tocsin.db")
	root, size := rootPage(t, path, "desk_report")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	at := int64(root-1) * int64(size)
	one := make([]byte, 1)
	if _, err := f.ReadAt(one, at); err != nil {
		t.Fatal(err)
	}
	one[0] ^= 0x40 // the page's type (SQLite file format, section 1.6)
	if _, err := f.WriteAt(one, at); err != nil {
		t.Fatal(err)
	}
	f.Close()
	w.start()
	if _, err := w.reports("held"); err == nil || !strings.Contains(err.Error(), "503") || strings.Contains(err.Error(), "damaged") {
		t.Errorf("a list from a damaged page: %v", err)
	}
	for _, path := range []string{"/", "/.well-known/csaf/provider-metadata.json", "/api/cases"} {
		if path == "/api/cases" {
			if err := w.call("GET", path, nil, nil); err != nil {
				t.Error(err)
			}
			continue
		}
		if status, _, body := w.probe(path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if log := w.nodes[0].server().Output(); !strings.Contains(log, "The database is damaged") {
		t.Errorf("the operator is not told that the database is damaged:\n%s", log)
	}
	if said := w.doctor(); !strings.Contains(said, "damaged") {
		t.Errorf("the doctor sees nothing:\n%s", said)
	}
	w.stop()
	w.verify() // the record does not lie in that page: it can be saved and is intact
}

func rootPage(t *testing.T, path, table string) (root, size int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(ON)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("select rootpage from sqlite_master where name = ?", table).Scan(&root); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow("pragma page_size").Scan(&size); err != nil {
		t.Fatal(err)
	}
	return root, size
}
