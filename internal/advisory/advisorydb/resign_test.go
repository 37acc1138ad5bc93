package advisorydb_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/resign"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// resigner signs by a key of its own, and fails at the call that it is told to.
type resigner struct {
	*world
	key   pgp.Key
	calls int
	fail  int
}

func (r *resigner) Signing(_ context.Context, v unit.View, _ people.ProjectID) (advisory.SigningKey, error) {
	return failing{signer{r.key, v.Now()}, r}, nil
}

type failing struct {
	signer
	r *resigner
}

func (f failing) Sign(ctx context.Context, data []byte) ([]byte, error) {
	if f.r.calls++; f.r.calls == f.r.fail {
		return nil, errors.New("killed")
	}
	return f.signer.Sign(ctx, data)
}

// fill fills the tree with documents, pages and signatures.
func (w *world) fill(n int) {
	w.t.Helper()
	w.Do(w.t, func(ctx context.Context, tx unit.Tx) error {
		var files []pubtree.File
		for i := range n {
			name := "csaf/lanterna/white/2026/lan-2026-" + strings.Repeat("0", i%3) + strings.Repeat("1", i/3+1) + ".json"
			files = append(files, pubtree.File{Path: name, Bytes: []byte("{}" + name)}, pubtree.File{Path: name + ".asc", Bytes: []byte("old")},
				pubtree.File{Path: name + ".sha256", Bytes: []byte("x")})
		}
		files = append(files, pubtree.File{Path: "advisories/lanterna/a.html", Bytes: []byte("a")}, pubtree.File{Path: "advisories/lanterna/a.html.asc", Bytes: []byte("old")},
			pubtree.File{Path: "csaf/lanterna/openpgp/AB.asc", Bytes: []byte("a key")}, pubtree.File{Path: "csaf/lanterna2/x.json.asc", Bytes: []byte("another project's")},
			pubtree.File{Path: "csaf/lanterna2/x.json", Bytes: []byte("x")})
		_, err := w.svc.Site.Flip(ctx, tx, people.AsJob("test"), files)
		return err
	})
}

// tree is every file of the newest generation.
func (w *world) tree() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	w.View(w.t, func(ctx context.Context, v unit.View) error {
		all, err := w.svc.Site.List(ctx, v, people.Anyone(), "")
		for _, f := range all {
			b, err := w.svc.Site.File(ctx, v, people.Anyone(), f.Path)
			if err != nil {
				return err
			}
			out[f.Path] = string(b.Bytes)
		}
		return err
	})
	return out
}

func TestEverythingIsSignedAnew(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		w.fill(50)
		next, err := pgp.Generate("Next", "security@lanterna.example", e.Clock.Now().Add(-time.Hour), 0)
		w.must(err)
		r := &resigner{world: w, key: next, fail: 31} // in the second batch
		s := &resign.Service{Work: e.Work, Store: advisorydb.Resigns{}, Site: advisorydb.Site{Seal: e.Seal}, Projects: w.svc.Projects, Roles: &people.Grants{Store: w.people, Terms: w.people},
			Keys: r, Post: w, URL: site}
		e.Handle(jobs.Handler{Kind: resign.Kind, Run: s.Do, Dead: s.Died})
		before := w.tree()
		for who, sc := range map[string]people.Scope{"a member": w.member, "a stranger": w.stranger, "the public": people.Anyone()} {
			_, err := s.Start(t.Context(), sc, w.project.ID)
			w.refused(err, fault.NotFound, who+" starts a run")
		}
		_, err = s.Start(t.Context(), w.deputy.ReadOnly(), w.project.ID)
		w.refused(err, fault.Denied, "a token that only reads")
		run, err := s.Start(t.Context(), w.deputy, w.project.ID)
		w.must(err)
		if run.Total != 51 {
			t.Errorf("%d signatures to make", run.Total)
		}
		_, err = s.Start(t.Context(), w.chair, w.project.ID)
		w.refused(err, fault.Conflict, "a second run beside it")
		w.Drain(t)
		if got := w.newest(s); got.State != resign.Running || got.Done != 20 || got.Problem == "" {
			t.Errorf("after a failure: %+v", got)
		}
		calls := r.calls
		w.run(10 * time.Minute) // the queue tries again
		got := w.newest(s)
		if got.State != resign.Done || got.Done != 51 || got.Total != 51 || got.Problem != "" {
			t.Errorf("at the end: %+v", got)
		}
		if again := r.calls - calls; again != 31 {
			t.Errorf("%d files were signed after the failure: it did not go on where it was", again)
		}
		after := w.tree()
		for path, was := range before {
			mine := strings.HasSuffix(path, ".asc") && !strings.Contains(path, "/openpgp/") && !strings.Contains(path, "lanterna2")
			switch {
			case !mine && after[path] != was:
				t.Errorf("%s changed", path)
			case mine:
				name := strings.TrimSuffix(path, ".asc")
				v, err := pgp.VerifyDetached(t.Context(), bytes.NewReader([]byte(after[name])), []byte(after[path]), []pgp.Key{next}, e.Clock.Now())
				if err != nil || !v.Valid {
					t.Errorf("%s: %+v, %v", path, v, err)
				}
			}
		}
		w.View(t, func(ctx context.Context, v unit.View) error {
			since, err := advisorydb.Resigns{}.Since(ctx, v, people.Anyone(), w.project.ID)
			if err != nil || !since.Equal(run.Started) {
				t.Errorf("since %v, %v", since, err)
			}
			if _, err := s.Newest(ctx, v, w.stranger, w.project.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("a stranger sees the run: %v", err)
			}
			return nil
		})
	})
}

func (w *world) newest(s *resign.Service) (out resign.Run) {
	w.t.Helper()
	w.View(w.t, func(ctx context.Context, v unit.View) (err error) {
		out, err = s.Newest(ctx, v, w.chair, w.project.ID)
		return err
	})
	return out
}

func TestARunThatIsGivenUpIsToldAndGoesOn(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		w.fill(30)
		r := &resigner{world: w, key: w.key}
		s := &resign.Service{Work: e.Work, Store: advisorydb.Resigns{}, Site: advisorydb.Site{Seal: e.Seal}, Projects: w.svc.Projects, Roles: &people.Grants{Store: w.people, Terms: w.people},
			Keys: r, Post: w, URL: site}
		e.Handle(jobs.Handler{Kind: resign.Kind, Run: func(ctx context.Context, j unit.Running) error {
			r.fail = r.calls + 25 - min(24, r.calls) // always fails in the second batch
			return s.Do(ctx, j)
		}, Attempts: 1, Dead: s.Died})
		_, err := s.Start(t.Context(), w.chair, w.project.ID)
		w.must(err)
		w.Drain(t)
		if got := w.newest(s); got.State != resign.Failed || got.Done != 20 {
			t.Errorf("%+v", got)
		}
		told := maps.Collect(func(yield func(string, bool) bool) {
			for _, l := range w.letters {
				yield(l.Key, len(l.To) == 2)
			}
		})
		if !told["advisory.resign.failed"] {
			t.Errorf("letters: %v", told)
		}
		again, err := s.Start(t.Context(), w.chair, w.project.ID)
		w.must(err)
		if again.Done != 20 || again.After == "" {
			t.Errorf("it begins anew: %+v", again)
		}
	})
}
