package walk

import (
	"bytes"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // to read the database from outside
)

// sealed looks for what was told in confidence where it must not be: in the log, in
// the data folder or the database as it lies there, and on the public site.
func (w *world) sealed() {
	hidden := [][]byte{[]byte("canary-"), []byte("reproduce-it-55d0"), []byte("seven lamps on a hill"), []byte("I maintain a part of Lanterna")}
	look := func(where string, raw []byte) {
		for _, h := range hidden {
			if i := bytes.Index(raw, h); i >= 0 {
				w.t.Errorf("%s has %q in the clear: %q", where, h, raw[max(0, i-60):min(len(raw), i+60)])
			}
		}
	}
	look("the log", []byte(w.server.Output()))
	data := filepath.Join(w.server.Dir, "data")
	files := 0
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		look(path, raw)
		files++
		return err
	})
	if err != nil && w.server.Database == "" {
		w.t.Error(err)
	}
	if w.server.Database == "" && files == 0 {
		w.t.Error("there is no data folder to look at")
	}
	if w.server.Database != "" {
		w.tables(look)
	}
	for path := range w.crawl() {
		raw := w.gets(path)
		look(path, raw)
		if bytes.Contains(raw, []byte("rosa@research.example")) {
			w.t.Errorf("%s names the reporter's address", path)
		}
	}
}

// tables reads every row of the PostgreSQL database as text.
func (w *world) tables(look func(string, []byte)) {
	db, err := sql.Open("pgx", w.server.Database)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`select table_name from information_schema.tables where table_schema = 'public'`)
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			w.t.Fatal(err)
		}
		names = append(names, n)
	}
	if len(names) < 10 {
		w.t.Errorf("only %d tables: %v", len(names), names)
	}
	for _, n := range names {
		var all sql.NullString
		// Bytes are shown as text where they are ASCII, so that a text in a blob is found.
		if err := db.QueryRow(`select string_agg(encode(convert_to(t::text, 'UTF8'), 'escape'), E'\n') from "` + n + `" t`).Scan(&all); err != nil {
			w.t.Fatalf("%s: %v", n, err)
		}
		look("table "+n, []byte(all.String))
		look("table "+n+", bytes", unhex(all.String))
	}
}

var hexBytes = regexp.MustCompile(`\\x([0-9a-f]{2,})`)

// unhex turns PostgreSQL's \x… into the bytes that it stands for.
func unhex(s string) []byte {
	return []byte(hexBytes.ReplaceAllStringFunc(s, func(m string) string {
		var b strings.Builder
		m = strings.TrimPrefix(m, `\x`)
		for i := 0; i+1 < len(m); i += 2 {
			b.WriteByte(nibble(m[i])<<4 | nibble(m[i+1]))
		}
		return b.String()
	}))
}

func nibble(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

var href = regexp.MustCompile(`(?:href|src)="(/[^"#?]*)"`)

// crawl finds every public address by its links, from the front page and the listings.
func (w *world) crawl() map[string]bool {
	found := map[string]bool{}
	var open []string
	add := func(path string) {
		if !found[path] && !strings.HasPrefix(path, "/static/") && !strings.HasPrefix(path, "/api/docs") {
			found[path] = true
			open = append(open, path)
		}
	}
	add("/")
	add("/csaf/" + slug + "/provider-metadata.json")
	for _, line := range strings.Fields(string(w.gets("/csaf/" + slug + "/white/index.txt"))) {
		add("/csaf/" + slug + "/white/" + line)
	}
	for len(open) > 0 && len(found) < 500 {
		path := open[0]
		open = open[1:]
		body, code := w.asks(path)
		if code != 200 {
			delete(found, path) // signing in, say
			continue
		}
		for _, m := range href.FindAllStringSubmatch(body, -1) {
			add(m[1])
		}
	}
	return found
}
