package cli_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/cli"
)

const record = `{"schema_version":"1.7.0","id":"x_EX-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"versions":["1"]}]}`

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

// TestHostileInput: whatever a file holds, check and convert end with a code that says
// so and with a line that names the reason, within bounded time and memory.
func TestHostileInput(t *testing.T) {
	dir := t.TempDir()
	many := strings.Repeat(`{"category":"x","name":"\u0000"},`, 50_000)
	for name, c := range map[string]struct {
		text string
		code int
		says string
	}{
		"nothing":                             {"", 1, "an empty file"},
		"a byte order mark and nothing":       {"\xEF\xBB\xBF", 1, "byte order mark"},
		"a byte order mark":                   {"\xEF\xBB\xBF" + record, 1, "byte order mark"},
		"UTF-16":                              {"\xff\xfe{\x00}\x00", 1, "UTF-16"},
		"half of UTF-16":                      {"\xff\xfe{\x00}", 1, "UTF-16"},
		"not UTF-8":                           {strings.Replace(record, "EX-1", "EX-\xc3\x28", 1), 1, "UTF-8"},
		"zeros":                               {strings.Repeat("\x00", 100_000), 1, "binary"},
		"a page":                              {"<html><body>502 Bad Gateway", 1, "an HTML page"},
		"gzip":                                {packed(record), 1, "gzip"},
		"cut behind a member":                 {record[:40], 1, "ends too early here"},
		"cut within a text":                   {record[:37], 1, "without end"},
		"cut between members":                 {record[:len(record)-2], 1, "too early"},
		"cut within an escape":                {`{"id":"x_EX-1\u00`, 1, ""},
		"more than one document":              {record + "\n" + record, 1, "after the end"},
		"the same member twice":               {strings.Replace(record, `"id"`, `"id":"x_EX-2","id"`, 1), 1, `id`},
		"a wrong type everywhere":             {`{"document":[],"product_tree":"x","vulnerabilities":{}}`, 1, "product_tree"},
		"an object of numbers":                {`{"document":{"csaf_version":2.0,"title":1e999999,"tracking":-0}}`, 1, "title"},
		"lists in lists":                      {strings.Repeat("[", 1<<20), 1, "a JSON list"},
		"objects in objects":                  {`{"document":` + strings.Repeat(`{"a":`, 1<<19), 1, "deeper"},
		"branches in branches":                {`{"document":{},"product_tree":` + strings.Repeat(`{"branches":[`, 1<<18), 1, "deeper"},
		"another format":                      {`{"bomFormat":"CycloneDX","components":[]}`, 1, "CycloneDX"},
		"something else":                      {`{"name":"left-pad","version":"1.0.0"}`, 1, `"name", "version"`},
		"null":                                {"null", 1, "no JSON object"},
		"fifty thousand problems":             {`{"document":{},"product_tree":{"branches":[` + many + `{}]}}`, 1, "more problems"},
		"a name of a megabyte":                {`{"document":{"` + strings.Repeat("x", 1<<20) + `":1}}`, 1, "missing"},
		"escape sequences for the terminal":   {`{"document":{"\u001b]0;x\u0007":1,"category":"\u001b[2J"}}`, 1, "missing"},
		"larger than a document may be":       {`{"document":{"title":"` + strings.Repeat("x", 65<<20) + `"}}`, 1, "larger than"},
		"a record as a list":                  {"[" + record + "]", 1, "a list of documents"},
		"a number that does not fit":          {`{"@context":"https://openvex.dev/ns/v0.2.0","version":99999999999999999999}`, 1, "version"},
		"members without values":              {`{"document":{"title":,}}`, 1, "no JSON value"},
		"JSON with comments":                  {"{ // x\n}", 1, "name is expected"},
		"trailing commas":                     {`{"id":"x",}`, 1, "name is expected"},
		"single quotes":                       {`{'id':'x'}`, 1, "name is expected"},
		"not a number":                        {`{"id":NaN,"modified":1,"affected":2}`, 1, "no JSON value"},
		"a valid record with thousands blank": {strings.Repeat("\n", 100_000) + record, 0, "valid"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, "x.json")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, format := range []string{"text", "json", "sarif", "junit"} {
				var out bytes.Buffer
				code := cli.Main(t.Context(), cli.Env{Out: &out, Err: &out}, []string{"check", "--format", format, "--without", "6.3.8", file})
				if code != c.code || format == "text" && !strings.Contains(out.String(), c.says) {
					t.Errorf("%s: code %d, want %d: %.2000q", format, code, c.code, out.String())
				}
				if out.Len() > 32<<20 || strings.ContainsAny(out.String(), "\x1b\x07\x00") {
					t.Errorf("%s: %d bytes, or escape sequences", format, out.Len())
				}
			}
		})
	}
}

// TestURLsThatDoNotAnswer: every way in which a server can be of no use ends with code 3
// and a reason, within the time that was given.
func TestURLsThatDoNotAnswer(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/drops", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("{"))
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/around", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/around", http.StatusFound) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	site := httptest.NewServer(mux)
	defer site.Close()
	for path, c := range map[string]struct {
		timeout, says string
		code          int
	}{
		"/silent": {"300ms", "no whole answer in time", 3}, "/drops": {"10s", "no whole answer", 3}, "/endless": {"20s", "larger than", 1},
		"/around": {"10s", "redirects", 3}, "/file": {"10s", "redirects", 3}, "/gone": {"10s", "410 Gone", 3},
	} {
		t.Run(path, func(t *testing.T) {
			var out bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if code := cli.Main(ctx, cli.Env{Out: &out, Err: &out}, []string{"check", "--timeout", c.timeout, site.URL + path}); code != c.code || !strings.Contains(out.String(), c.says) {
				t.Errorf("code %d: %.500s", code, out.String())
			}
		})
	}
}
