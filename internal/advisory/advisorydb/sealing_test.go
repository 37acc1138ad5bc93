package advisorydb_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

const canary = "canary-of-a-lamp-9f31"

// hidden publishes an import of a level whose title, summary and text hold the canary, and
// returns where it lies.
func (w *world) hidden(n int, l pubtree.Level) string {
	w.t.Helper()
	_, papers := w.paper(n, l, site)
	raw := papers[0].Bytes
	for _, text := range []string{ready().Title, ready().Summary} {
		if !bytes.Contains(raw, []byte(text)) {
			w.t.Fatalf("no %q in %s", text, raw)
		}
		raw = bytes.ReplaceAll(raw, []byte(text), []byte(canary+" "+text))
	}
	done, err := w.svc.Import(w.t.Context(), w.chair, w.project.ID, raw, false)
	w.must(err)
	w.must(w.svc.Approve(w.t.Context(), w.deputy, done.ID, done.Hash, ""))
	w.must(w.svc.PublishAll(w.t.Context(), w.chair, w.project.ID, []advisory.Decided{{ID: done.ID, Hash: done.Hash}}))
	w.Drain(w.t)
	if a := w.a(done.ID); a.State() != advisory.IsPublished || a.Steps[0].State != advisory.StepDone {
		w.t.Fatalf("%s is %s: %+v", a.Number, a.State(), a.Steps)
	}
	return papers[0].Path
}

// clear returns the places of the store where the canary lies in the clear.
func (w *world) clear() (places []string) {
	w.t.Helper()
	w.View(w.t, func(ctx context.Context, v unit.View) error {
		for _, q := range []string{"select bytes from advisory_site", "select json from advisory_document", "select entry from advisory_document",
			"select atom from advisory_document", "select title from advisory_document", "select summary from advisory_document", "select cves from advisory_document", "select body from advisory_advisory",
			"select body from advisory_revision", "select args from jobs_job"} {
			all, err := sqldb.All(ctx, v, sqldb.Value[[]byte], q)
			if err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
			if bytes.Contains(bytes.Join(all, nil), []byte(canary)) {
				places = append(places, q)
			}
		}
		return nil
	})
	if w.DB.Path() == "" {
		return places
	}
	for _, name := range []string{w.DB.Path(), w.DB.Path() + "-wal"} {
		if raw, err := os.ReadFile(name); err == nil && bytes.Contains(raw, []byte(canary)) {
			places = append(places, name)
		}
	}
	return places
}

func TestAmberAndRedLieSealedAndAreServed(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		readers := &access.Service{Work: w.Work, Store: advisorydb.Readers{Seal: w.Seal}, Roles: w.svc.Roles.(access.Roles)}
		_, secret, err := readers.Add(t.Context(), w.chair, access.NewReader{Project: w.project.ID, Name: "A distributor", Level: "RED", Days: 30})
		w.must(err)
		token := secret.Reveal()
		paths := []string{w.hidden(1, pubtree.Amber), w.hidden(2, pubtree.Red), "csaf/lanterna/amber/feed-tlp-amber.json", "csaf/lanterna/red/feed-tlp-red.json"}
		served := func(when string) {
			t.Helper()
			for _, path := range paths {
				if a := w.ask(path, token); a.Code != 200 || !strings.Contains(a.Body.String(), canary) {
					t.Errorf("%s a reader gets of %s %d: %.200s", when, path, a.Code, a.Body)
				}
				if a := w.ask(path, ""); strings.Contains(a.Body.String(), canary) {
					t.Errorf("%s everybody gets %s", when, path)
				}
			}
		}
		served("at first")
		if found := w.clear(); len(found) > 0 {
			t.Errorf("in the clear: %v", found)
		}

		w.unseal(paths[:2])
		served("unsealed")
		if found := w.clear(); len(found) < 4 {
			t.Fatalf("the test unseals nothing: %v", found)
		}
		w.must(w.svc.Refresh(t.Context(), unit.Running{}))
		if w.DB.Path() != "" {
			_, err := w.DB.Writer().ExecContext(t.Context(), "pragma wal_checkpoint(truncate)")
			w.must(err)
		}
		if found := w.clear(); len(found) > 0 {
			t.Errorf("after the job, in the clear: %v", found)
		}
		served("sealed by the job")

		fresh := seal.NewSiteKey()
		sealer, err := seal.New(t.Context(), w.Work, fresh, e.Site)
		w.must(err)
		_, err = sealer.Rewrap(t.Context())
		w.must(err)
		sealer, err = seal.New(t.Context(), w.Work, fresh)
		w.must(err)
		w.View(t, func(ctx context.Context, v unit.View) error {
			f, err := advisorydb.Site{Seal: sealer}.File(ctx, v, people.AsJob("test", string(w.project.ID)), paths[0])
			if !bytes.Contains(f.Bytes, []byte(canary)) {
				t.Error("the next site key does not open it")
			}
			return err
		})
	})
}

// unseal makes the rows of some documents as they were before anything of the site was sealed.
func (w *world) unseal(paths []string) {
	w.t.Helper()
	sc := people.AsJob("test", string(w.project.ID))
	w.Do(w.t, func(ctx context.Context, tx unit.Tx) error {
		files, err := w.svc.Site.Stored(ctx, tx, sc, paths)
		if err != nil {
			return err
		}
		for _, f := range files {
			if _, err := sqldb.Of(tx).Exec(ctx, `update advisory_site set bytes = ?, sealed = 0 where path = ? and to_generation = 0`, f.Bytes, f.Path); err != nil {
				return err
			}
			name := strings.TrimSuffix(f.Path[strings.LastIndexByte(f.Path, '/')+1:], ".json")
			d, err := w.svc.Site.DocumentByName(ctx, tx, sc, w.project.ID, name)
			if err != nil {
				return err
			}
			if _, err := sqldb.Of(tx).Exec(ctx, `update advisory_document set title = ?, summary = ?, entry = ?, atom = ?, json = ?, sealed = 0 where name = ?`,
				d.Title, d.Summary, d.Entry, d.Atom, f.Bytes, name); err != nil {
				return err
			}
		}
		return nil
	})
}
