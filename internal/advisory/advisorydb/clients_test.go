package advisorydb_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/validator"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

// paper makes a signed document of the n-th advisory; every tenth is revised, the first of
// them then withdrawn.
func (w *world) paper(n int, l pubtree.Level, url string) (pubtree.Document, []pubtree.File) {
	w.t.Helper()
	texts := i18n.Default().Printer("en")
	year := 2023 + n%4
	r := ready()
	r.TLP, r.CVE = string(l), fmt.Sprintf("CVE-%d-%d", year, 10_000+n)
	r.Timeline = nil
	at := time.Date(year, 1+time.Month(n%9), 1+n%28, n%24, n%60, 0, 0, time.UTC)
	in := record.Input{Content: record.Content{Record: r, Change: "Initial version."}, Number: fmt.Sprintf("LAN-%d-%04d", year, n), Project: w.project,
		Site: url, Initial: at, Current: at, Texts: texts}
	made, raw, err := record.Document(in)
	w.must(err)
	if n%10 == 0 {
		in.History, in.Current, in.Content.Change = made.Document.Tracking.RevisionHistory, at.AddDate(0, 1, 0), "Another version."
		if n == 10 {
			in.Content.Withdrawn = "No flaw after all."
		}
		made, raw, err = record.Document(in)
		w.must(err)
	}
	signature := w.signatures(raw, w.key)
	d := pubtree.Document{Advisory: in.Number, Project: w.project.ID, Name: pubtree.Name(in.Number), Number: in.Number, Title: made.Document.Title,
		Summary: record.Summary(made), Rating: record.Rating(made), CVEs: record.CVEs(made), Version: made.Document.Tracking.Version, Year: year,
		Initial: in.Initial, Current: in.Current, Level: l}
	files := pubtree.WithHashes(pubtree.Paths{Slug: w.project.Slug}.Document(l, year, d.Name), raw, signature)
	for i := range files {
		files[i].Project, files[i].Level = w.project.ID, l
	}
	return d, files
}

// TestClientsReadEveryLevel runs gocsaf's checker (with our validator), downloader and
// aggregator over 500 documents of four levels and four years, revised and withdrawn ones
// among them, with a reader's token and without.
func TestClientsReadEveryLevel(t *testing.T) {
	checker, downloader, aggregator := tool(t, "csaf_checker"), tool(t, "csaf_downloader"), tool(t, "csaf_aggregator")
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	url, cert := w.public(t)
	w.svc.URL = url
	readers := &access.Service{Work: w.Work, Store: advisorydb.Readers{Seal: w.Seal}, Roles: w.svc.Roles.(access.Roles)}
	_, token, err := readers.Add(t.Context(), w.chair, access.NewReader{Project: w.project.ID, Name: "A distributor", Level: "RED", Days: 30})
	w.must(err)
	w.all500(url)
	w.must(w.svc.Refresh(t.Context(), unit.Running{}))
	ours := httptest.NewServer(validator.Handler(&validate.Validator{}))
	t.Cleanup(ours.Close)
	domain, header := strings.TrimPrefix(url, "https://"), "Authorization:Bearer "+token.Reveal()

	passes := func(name string, args ...string) {
		out := filepath.Join(t.TempDir(), name+".json")
		text := run(t, cert, checker, append(args, "--validator", ours.URL, "-f", "json", "-o", out, domain)...)
		raw, err := os.ReadFile(out)
		w.must(err)
		var rep struct {
			Domains []struct {
				Passed bool   `json:"passed"`
				Role   string `json:"role"`
			} `json:"domains"`
		}
		w.must(json.Unmarshal(raw, &rep))
		if len(rep.Domains) != 1 || !rep.Domains[0].Passed || rep.Domains[0].Role != "csaf_trusted_provider" {
			t.Errorf("%s: not passed as csaf_trusted_provider:\n%.8000s\n%.2000s", name, raw, text)
		}
	}
	passes("anybody")
	passes("reader", "-H", header)

	fetched := func(level string, want int, args ...string) {
		dir := t.TempDir()
		text := run(t, cert, downloader, append(args, "-d", dir, domain)...)
		got, _ := filepath.Glob(filepath.Join(dir, level, "*/*.json"))
		asc, _ := filepath.Glob(filepath.Join(dir, level, "*/*.asc"))
		if len(got) != want || len(asc) != want {
			t.Errorf("csaf_downloader has %d documents and %d signatures of %s, want %d\n%.3000s", len(got), len(asc), level, want, text)
		}
	}
	fetched("amber", 0)
	fetched("*", 500, "-H", header)

	dir := t.TempDir()
	conf := filepath.Join(dir, "aggregator.toml")
	w.must(os.WriteFile(conf, fmt.Appendf(nil, `workers = 2
folder = %q
web = %q
lock_file = %q
domain = "https://aggregator.example"
allow_single_provider = true
[aggregator]
category = "aggregator"
name = "Example aggregator"
contact_details = "somebody@aggregator.example"
issuing_authority = "None."
namespace = "https://aggregator.example"
[[providers]]
name = "lanterna"
domain = %q
`, filepath.Join(dir, "data"), filepath.Join(dir, "html"), filepath.Join(dir, "lock"), domain), 0o600))
	text := run(t, cert, aggregator, "-c", conf)
	got, _ := filepath.Glob(filepath.Join(dir, "html/.well-known/csaf-aggregator/lanterna/white/*/*.json"))
	if len(got) != 400 {
		t.Errorf("csaf_aggregator mirrored %d documents of TLP:WHITE, want 400\n%.3000s", len(got), text)
	}
}

// signatures is one armored block with a signature of each key.
func (w *world) signatures(raw []byte, keys ...pgp.Key) []byte {
	var parts [][]byte
	for _, k := range keys {
		one, err := pgp.Signer{Key: k, Now: w.Clock.Now()}.Sign(bytes.NewReader(raw))
		w.must(err)
		parts = append(parts, one)
	}
	joined, err := pgp.JoinSignatures(parts...)
	w.must(err)
	return joined
}

// TestClientsTakeSeveralSignatures: while one key follows another, every document has the
// signatures of both, in one block. gocsaf's tools verify the first one whose key the
// metadata has, so that it does not matter which of them a client knows, nor in which
// order they stand.
func TestClientsTakeSeveralSignatures(t *testing.T) {
	checker, downloader := tool(t, "csaf_checker"), tool(t, "csaf_downloader")
	ours := httptest.NewServer(validator.Handler(&validate.Validator{}))
	t.Cleanup(ours.Close)
	for name, c := range map[string]struct {
		keys   func(old, next, stranger pgp.Key) []pgp.Key // of the signatures, in this order
		also   bool                                        // the metadata has the next key as well
		passes bool
	}{
		"both keys are in the metadata":          {func(old, next, _ pgp.Key) []pgp.Key { return []pgp.Key{old, next} }, true, true},
		"the key of the first is not":            {func(old, next, _ pgp.Key) []pgp.Key { return []pgp.Key{next, old} }, false, true},
		"the key of the last is not":             {func(old, next, _ pgp.Key) []pgp.Key { return []pgp.Key{old, next} }, false, true},
		"three signatures, the known one amidst": {func(old, next, stranger pgp.Key) []pgp.Key { return []pgp.Key{next, old, stranger} }, false, true},
		"no key of a signature is in it":         {func(_, next, stranger pgp.Key) []pgp.Key { return []pgp.Key{stranger, next} }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sqldbtest.SQLite(t, sources()))
			next, err := pgp.Generate("Lanterna security", "security@lanterna.example", w.Clock.Now().Add(-time.Hour), 0)
			w.must(err)
			stranger, err := pgp.Generate("Somebody", "somebody@example.org", w.Clock.Now().Add(-time.Hour), 0)
			w.must(err)
			if c.also {
				w.also = []pgp.Key{next}
			}
			url, cert := w.public(t)
			w.svc.URL = url
			var docs []pubtree.Document
			var files []pubtree.File
			for n := range 4 {
				d, papers := w.paper(n, pubtree.White, url)
				own := pubtree.WithHashes(papers[0].Path, papers[0].Bytes, w.signatures(papers[0].Bytes, c.keys(w.key, next, stranger)...))
				for i := range own {
					own[i].Project, own[i].Level = w.project.ID, d.Level
				}
				docs, files = append(docs, d), append(files, own...)
			}
			w.shelveAt(url, docs, files)
			w.must(w.svc.Refresh(t.Context(), unit.Running{}))
			domain := strings.TrimPrefix(url, "https://")

			out := filepath.Join(t.TempDir(), "report.json")
			text := run(t, cert, checker, "--validator", ours.URL, "-f", "json", "-o", out, domain)
			raw, err := os.ReadFile(out)
			w.must(err)
			if bad := bytes.Contains(raw, []byte("could not be verified")); bad == c.passes {
				t.Errorf("csaf_checker refuses the signatures: %v\n%.3000s\n%.1000s", bad, raw, text)
			}
			dir := t.TempDir()
			text = run(t, cert, downloader, "--validator", ours.URL, "--validator_preset", "basic", "-d", dir, domain)
			got, _ := filepath.Glob(filepath.Join(dir, "white/*/*.json"))
			if want := map[bool]int{true: len(docs)}[c.passes]; len(got) != want {
				t.Errorf("csaf_downloader has %d documents, want %d\n%.3000s", len(got), want, text)
			}
		})
	}
}

func (w *world) all500(url string) {
	var docs []pubtree.Document
	var files []pubtree.File
	for n := range 500 {
		l := pubtree.White
		switch {
		case n >= 485:
			l = pubtree.Red
		case n >= 460:
			l = pubtree.Amber
		case n >= 400:
			l = pubtree.Green
		}
		d, f := w.paper(n, l, url)
		docs, files = append(docs, d), append(files, f...)
	}
	w.shelveAt(url, docs, files)
}
