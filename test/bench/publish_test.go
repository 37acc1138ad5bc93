//go:build bench

package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/reading"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/server"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// paper is a document of CISA under an id of its own: there are fewer than a batch has.
type paper struct {
	name string // of its file
	raw  []byte
}

func papers(t *testing.T, count int) []paper {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/cisa/OT/white/*/icsa-*.json"))
	if err != nil || len(files) < 100 {
		t.Fatal("no documents", err)
	}
	var out []paper
	for n := 0; len(out) < count; n++ {
		raw, err := os.ReadFile(files[n%len(files)])
		must(t, err)
		doc, problems := csaf.ReadAdvisory(raw, csaf.Limits{})
		if problems.Fatal() || len(mandatory.Check(doc)) > 0 {
			continue // an import refuses it
		}
		doc.Document.Tracking.ID += fmt.Sprint("-", n/len(files))
		raw, err = csaf.Write(doc)
		must(t, err)
		out = append(out, paper{csaf.Filename(doc.Document.Tracking.ID), raw})
	}
	return out
}

// TestPublishing measures what publishing costs, with all jobs that it causes: 500 documents
// in one batch, beside csaf_provider, and one in a tree of 10,000. The site has an Ed25519
// key, no lists to write to and no subscribers.
func TestPublishing(t *testing.T) {
	set := papers(t, 500)
	s := newSite(t, t.TempDir())
	var ours float64
	s.with(t, func(ctx context.Context, app *server.App) {
		list := s.approved(t, ctx, app, set)
		before := collected(t)
		must(t, app.Advisories.PublishAll(ctx, s.chair, s.project, list))
		must(t, app.Drain(ctx))
		ours = (collected(t) - before) / float64(len(list))
		for _, d := range list {
			if a := s.state(t, ctx, app, d.ID); a.State() != advisory.IsPublished || a.Steps[0].State != advisory.StepDone {
				t.Fatalf("%s is %s: %+v", a.Number, a.State(), a.Steps)
			}
		}
	})
	theirs := provider(t, set[:200])
	results.add(fmt.Sprintf("publishing %d documents in one batch with Ed25519, CPU for each", len(set)), ms(ours), "csaf_provider "+ms(theirs)+" over its first 200; goal 50 times less", fmt.Sprintf("%.1f", theirs/ours))
}

// TestUpdateInALargeTree measures a correction of one document in a tree of 10,000.
func TestUpdateInALargeTree(t *testing.T) {
	const updates = 10
	s := newSite(t, t.TempDir())
	s.with(t, func(ctx context.Context, app *server.App) {
		s.shelve(t, ctx, app, 10_000)
		d := s.approved(t, ctx, app, papers(t, 1))[0]
		must(t, app.Advisories.PublishAll(ctx, s.chair, s.project, []advisory.Decided{d}))
		must(t, app.Drain(ctx))
		spent := 0.0
		for n := range updates {
			r := advisory.Record{Title: fmt.Sprint("Overflow in the lamp parser, corrected ", n), Summary: "A crafted lamp file writes past a buffer.", Impact: "Whoever can send a lamp file runs code.",
				Branches: []record.Branch{{Product: "lanternd", Purl: "pkg:generic/lanternd", Name: "stable", Status: record.Fixed, Affected: "< 2.4.7", Fixed: "2.4.7"}},
				CWE:      []record.Weakness{{ID: "CWE-787"}}, CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", NoCVE: "a bench asks nobody for one", TLP: "WHITE", Lang: "en"}
			must(t, app.Advisories.Save(ctx, s.chair, d.ID, "", r, "Corrected."))
			hash := s.state(t, ctx, app, d.ID).Working.Hash
			must(t, app.Advisories.Approve(ctx, s.chair, d.ID, hash, "a bench has one person"))
			before := self(t)
			must(t, app.Advisories.PublishNow(ctx, s.chair, d.ID, hash))
			must(t, app.Drain(ctx))
			spent += self(t) - before
			if a := s.state(t, ctx, app, d.ID); len(a.Published) != n+2 || a.Steps[0].State != advisory.StepDone {
				t.Fatalf("%s has %d publications: %+v", a.Number, len(a.Published), a.Steps)
			}
		}
		each := spent / updates
		results.add("a one-document update in a tree of 10,000, CPU with all its jobs", ms(each), "goal 50 ms", fmt.Sprintf("%.1f", 0.050/each))
	})
}

// collected is the processor time of this process with what it leaves behind collected.
func collected(t *testing.T) float64 {
	t.Helper()
	runtime.GC()
	return self(t)
}

func ms(seconds float64) string { return fmt.Sprintf("%.2f ms", seconds*1000) }

// approved puts documents into the store as imports that a second person has approved.
func (s *site) approved(t *testing.T, ctx context.Context, app *server.App, set []paper) []advisory.Decided {
	t.Helper()
	var list []advisory.Decided
	job := people.AsJob("bench", string(s.project))
	for _, p := range set {
		read, err := reading.FromCSAF(p.raw)
		must(t, err)
		c := record.Content{Record: read.Content.Record, Source: p.raw, Change: read.Content.Change}
		d := advisory.Decided{ID: advisory.ID(ident.New()), Hash: c.Hash()}
		must(t, app.Store().Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			a := advisory.Advisory{ID: d.ID, Object: string(s.project), Project: s.project, Number: read.Number, Import: true, Created: tx.Now(),
				Last: 1, LastApproved: 1, Working: &advisory.Revision{N: 1, Hash: d.Hash, Author: "author", At: tx.Now(), Content: c},
				Approval: &advisory.Approval{Revision: 1, Hash: d.Hash, By: "second", At: tx.Now()}}
			if err := app.Advisories.Store.Insert(ctx, tx, job, a); err != nil {
				return err
			}
			return app.Advisories.Store.KeepRevision(ctx, tx, job, d.ID, *a.Working)
		}))
		list = append(list, d)
	}
	return list
}

func (s *site) state(t *testing.T, ctx context.Context, app *server.App, id advisory.ID) (a advisory.Advisory) {
	t.Helper()
	must(t, app.Store().Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		a, err = app.Advisories.Get(ctx, v, s.chair, id)
		return err
	}))
	return a
}

// shelve publishes documents of ten years without advisories behind them.
func (s *site) shelve(t *testing.T, ctx context.Context, app *server.App, count int) {
	t.Helper()
	x := app.Advisories
	tree := pubsite.Site{Work: app.Store().Work, Store: x.Site, Projects: x.Projects, Keys: x.Keys, Texts: x.Render, URL: x.URL}
	job := people.AsJob("bench", string(s.project))
	at := time.Now().UTC().Truncate(time.Second).Add(-24 * time.Hour)
	for from := 0; from < count; from += 500 {
		must(t, app.Store().Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			p, err := x.Projects.Project(ctx, tx, job, s.project)
			if err != nil {
				return err
			}
			paths := pubtree.Paths{Slug: p.Slug}
			var docs []pubtree.Document
			var files []pubtree.File
			for n := from; n < from+500; n++ {
				year, number := 2016+n%10, fmt.Sprintf("OLD-%d-%05d", 2016+n%10, n)
				raw := []byte(`{"id":"x_` + number + `"}`)
				member, err := pubtree.NewMember("x_"+number, at, raw)
				if err != nil {
					return err
				}
				d := pubtree.Document{Advisory: number, Project: p.ID, Name: pubtree.Name(number), Number: number, Title: "A flaw in the lamp parser: " + number,
					Summary: strings.Repeat("A crafted lamp file writes past a buffer. ", 8), Version: "1", Year: year, Initial: time.Date(year, 1, 2, 0, 0, 0, 0, time.UTC),
					Current: at.Add(-time.Duration(n) * time.Minute), Level: pubtree.White, Member: member}
				docs = append(docs, d)
				for _, path := range append(paths.Addresses(d.Level, year, d.Name), paths.OSV(member.ID+".json")) {
					files = append(files, pubtree.File{Path: path, Bytes: raw, Project: p.ID, Level: d.Level})
				}
			}
			_, err = tree.Publish(ctx, tx, job, p, docs, files)
			return err
		}))
	}
}

// provider uploads documents to csaf_provider, one after another as its interface wants
// them, and returns the processor time of its processes for each. It validates against the
// schema, signs with Ed25519 and writes feeds, indexes and service document; no remote
// validator is asked.
func provider(t *testing.T, set []paper) float64 {
	t.Helper()
	dir := t.TempDir()
	private, public := providerKey(t)
	for name, raw := range map[string][]byte{"private.asc": private, "public.asc": public, "config.toml": fmt.Appendf(nil, `
openpgp_private_key = %q
openpgp_public_key = %q
folder = %q
web = %q
canonical_url_prefix = "https://localhost"
no_passphrase = true
write_indices = true
create_service_document = true
tlps = ["csaf", "white"]
[provider_metadata]
list_on_CSAF_aggregators = true
mirror_on_CSAF_aggregators = true
[provider_metadata.publisher]
category = "vendor"
name = "Bench"
namespace = "https://bench.example"
`, filepath.Join(dir, "private.asc"), filepath.Join(dir, "public.asc"), filepath.Join(dir, "data"), filepath.Join(dir, "web"))} {
		must(t, os.WriteFile(filepath.Join(dir, name), raw, 0o600))
	}
	must(t, os.MkdirAll(filepath.Join(dir, "data"), 0o700))
	must(t, os.MkdirAll(filepath.Join(dir, "web"), 0o700))
	var said bytes.Buffer
	h := &cgi.Handler{Path: filepath.Join(tools(t), "bin", "csaf_provider"), Root: "/cgi", Dir: dir, Stderr: &said,
		Env: []string{"CSAF_CONFIG=" + filepath.Join(dir, "config.toml"), "SSL_CLIENT_VERIFY=SUCCESS"}}
	call := func(path, kind string, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/cgi"+path, bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("csaf_provider answers %d: %.500s\n%.2000s", w.Code, w.Body.String(), said.String())
		}
	}
	call("/api/create", "application/x-www-form-urlencoded", nil)
	before := children(t)
	for _, p := range set {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		must(t, form.WriteField("tlp", "white"))
		part, err := form.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/json"},
			"Content-Disposition": {fmt.Sprintf(`form-data; name="csaf"; filename=%q`, p.name)}})
		must(t, err)
		_, err = io.Copy(part, bytes.NewReader(p.raw))
		must(t, err)
		must(t, form.Close())
		call("/api/upload", form.FormDataContentType(), body.Bytes())
	}
	return (children(t) - before) / float64(len(set))
}

// providerKey makes an Ed25519 key in the form that csaf_provider reads.
func providerKey(t *testing.T) (private, public []byte) {
	t.Helper()
	k, err := pgp.Generate("Bench", "bench@bench.example", time.Now().Add(-time.Hour), 0)
	must(t, err)
	raw, err := k.PrivateBytes()
	must(t, err)
	var b bytes.Buffer
	w, err := armor.Encode(&b, "PGP PRIVATE KEY BLOCK", nil)
	must(t, err)
	_, err = w.Write(raw)
	must(t, err)
	must(t, w.Close())
	armored, err := k.Armored()
	must(t, err)
	return b.Bytes(), []byte(armored)
}

// children is the processor time of all programs that this one has run to their end.
func children(t *testing.T) float64 {
	t.Helper()
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
