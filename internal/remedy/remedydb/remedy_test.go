package remedydb_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
	"github.com/tocsin-sec/tocsin/internal/remedy/remedydb"
	"github.com/tocsin-sec/tocsin/internal/server/mirrors"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// world is a site with a repository: main has the fix, 9.x has it picked and released, 8.x
// has the flaw still, 7.x is not kept up any more.
type world struct {
	*caseworktest.Site
	fixes   *remedy.Service
	leaks   *leak.Service
	repo    *gittest.Repo
	product product.ID
	id      casework.CaseID
	fix     branchfix.ID
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	sqldbtest.Each(t, append(caseworktest.Sources(), remedydb.Migrations()), func(t *testing.T, e *sqldbtest.Env) {
		w := &world{Site: caseworktest.New(t, e), repo: gittest.New(t)}
		store := &remedydb.Store{Seal: e.Seal}
		copies := mirrors.New(mirrors.Config{Folder: t.TempDir(), Protocols: []string{"file"}, Local: []string{filepath.Dir(w.repo.Dir)}})
		w.fixes = &remedy.Service{Work: e.Work, Store: store, Cases: w.Cases, Products: w.Products, Roles: w.Grants, Origin: "https://tocsin.example", Repositories: copies}
		w.leaks = &leak.Service{Work: e.Work, Store: store, Cases: w.Cases, Products: w.Products, Mirrors: copies, Origin: "https://tocsin.example"}
		e.Work.Flow = w
		e.Handle(jobs.Handler{Kind: remedy.KindFetch, Run: w.fixes.Fetch}, jobs.Handler{Kind: remedy.KindMatrix, Run: w.fixes.Matrix},
			jobs.Handler{Kind: leak.Kind, Run: w.leaks.Look})
		w.grow()
		w.add(t)
		f(t, w)
	})
}

func (w *world) grow() {
	r := w.repo
	r.Write("lamp.c", "int lamp(int n)\n{\n\tint wick = n;\n\tint oil = 2 * n;\n\treturn wick + oil;\n}\n")
	base := r.Commit("lamp: burn oil")
	for _, b := range []string{"9.x", "8.x", "7.x"} {
		r.Branch(b, base)
	}
	r.On("main")
	r.Edit("lamp.c", "\tint oil = 2 * n;\n", "\tif (n < 0)\n\t\treturn -1;\n\tint oil = 2 * n;\n")
	w.fix = r.Commit("lamp: refuse negative amounts")
	r.On("9.x")
	r.Pick(w.fix, "-x")
	r.Git("tag", "v9.4.2")
	r.On("main")
}

func (w *world) add(t *testing.T) {
	t.Helper()
	var err error
	w.product, err = w.Products.Add(t.Context(), w.Chair, product.Product{Project: w.Project, Name: "lanternd", Repository: "file://" + w.repo.Dir,
		Branches: []product.Branch{{Name: "main", Maintained: true}, {Name: "9.x", Maintained: true}, {Name: "8.x", Maintained: true}, {Name: "7.x"}, {Name: "6.x", Maintained: true}},
		Releases: []product.Release{{Version: "9.4.2", Branch: "9.x"}}})
	if err != nil {
		t.Fatal(err)
	}
	w.id = w.Open(t, "A lamp that burns too bright")
}

// work reads what the member sees.
func (w *world) work(t *testing.T) (out remedy.Work) {
	t.Helper()
	w.View(t, func(ctx context.Context, v unit.View) error {
		all, err := w.fixes.OfCase(ctx, v, w.Chair, w.id)
		if len(all) == 1 {
			out = all[0]
		}
		return err
	})
	return out
}

func (w *world) states(t *testing.T) string {
	t.Helper()
	x := w.work(t)
	var out []string
	if x.Found.Problem != "" {
		out = append(out, x.Found.Problem, x.Found.What)
	}
	for _, b := range x.Found.Branches {
		s := b.Name + "=" + string(b.State)
		if b.Asks() {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func (w *world) set(t *testing.T, fixes ...string) {
	t.Helper()
	if err := w.fixes.SetFixes(t.Context(), w.Chair, w.id, w.product, w.work(t).Version, fixes, nil); err != nil {
		t.Fatal(err)
	}
	w.Drain(t)
}

// head is that of a branch which the page shows.
func (w *world) head(t *testing.T, branch string) branchfix.ID {
	t.Helper()
	for _, b := range w.work(t).Found.Branches {
		if b.Name == branch {
			return b.Head
		}
	}
	t.Fatalf("the matrix has no branch %s", branch)
	return ""
}

func (w *world) fetch(t *testing.T) {
	t.Helper()
	if err := w.fixes.FetchNow(t.Context(), w.Chair, w.product); err != nil {
		t.Fatal(err)
	}
	w.Drain(t)
}

func TestACaseShowsWhichBranchHasItsFix(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, string(w.fix[:12]))
		if got := w.states(t); got != "main=fixed 9.x=released 8.x=applies 7.x=wont_fix 6.x=unknown" {
			t.Fatalf("%s", got)
		}
		// A branch that moves is looked at again, by the fetch alone.
		w.repo.On("8.x")
		w.repo.Pick(w.fix)
		w.fetch(t)
		if got := w.states(t); !strings.Contains(got, "8.x=fixed") {
			t.Errorf("after the pick: %s", got)
		}
		if got := w.Lines(t, w.Chair, w.id); !slices.Contains(got, "remedy.ledger.fixes") || !slices.Contains(got, "remedy.ledger.states") {
			t.Errorf("the ledger has %v", got)
		}
	})
}

func TestFixesAreOfTheCasesTeam(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fixes := []string{string(w.fix)}
		if err := w.fixes.SetFixes(t.Context(), w.Stranger, w.id, w.product, 0, fixes, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger enters: %v", err)
		}
		if err := w.fixes.SetFixes(t.Context(), w.Chair.ReadOnly(), w.id, w.product, 0, fixes, nil); !fault.Is(err, fault.Denied) {
			t.Errorf("a token that reads: %v", err)
		}
		if err := w.fixes.SetFixes(t.Context(), w.Chair, w.id, "none", 0, fixes, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("no product: %v", err)
		}
		if err := w.fixes.SetFixes(t.Context(), w.Chair, w.id, w.product, 0, []string{"--upload-pack=x", "main"}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("no commits: %v", err)
		}
		w.set(t, string(w.fix))
		if err := w.fixes.SetFixes(t.Context(), w.Chair, w.id, w.product, 0, fixes, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older page: %v", err)
		}
		w.View(t, func(ctx context.Context, v unit.View) error {
			if _, err := w.fixes.OfCase(ctx, v, w.Stranger, w.id); !fault.Is(err, fault.NotFound) {
				t.Errorf("a stranger reads: %v", err)
			}
			if all, err := w.fixes.Store.OfCase(ctx, v, w.Stranger, w.id); err != nil || len(all) != 0 {
				t.Errorf("a stranger reads past the service: %v, %v", all, err)
			}
			if m, err := w.fixes.Store.Mirror(ctx, v, w.Stranger, w.product); err != nil || m.URL != "" {
				t.Errorf("a stranger sees the mirror: %v, %v", m, err)
			}
			return nil
		})
	})
}

func TestAPersonsAnswerHoldsUntilTheFilesChange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, string(w.fix))
		say := remedy.Answer{Branch: "8.x", Fix: w.fix, Head: w.head(t, "8.x"), State: branchfix.NotAffected, Why: "8.x checks it before it calls."}
		if err := w.fixes.Answer(t.Context(), w.Chair, w.id, w.product, w.work(t).Version, say); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		if got := w.states(t); !strings.Contains(got, "8.x=not_affected") {
			t.Fatalf("%s", got)
		}
		if a := w.work(t).Answers; len(a) != 1 || a[0].By != caseworktest.PersonOf(w.Chair) || a[0].At.IsZero() {
			t.Errorf("%+v", a)
		}
		w.repo.On("8.x")
		w.repo.Write("other.c", "int other;\n")
		w.repo.Commit("other: begin")
		w.fetch(t)
		if got := w.states(t); !strings.Contains(got, "8.x=not_affected") {
			t.Errorf("after another file: %s", got)
		}
		w.repo.Edit("lamp.c", "int wick = n;", "int wick = n + 1;")
		w.repo.Commit("lamp: longer wick")
		w.fetch(t)
		if got := w.states(t); strings.Contains(got, "8.x=not_affected") {
			t.Errorf("after the fix's file: %s", got)
		}
		say.State = branchfix.Applies
		if err := w.fixes.Answer(t.Context(), w.Chair, w.id, w.product, w.work(t).Version, say); !fault.Is(err, fault.Invalid) {
			t.Errorf("an answer that is none: %v", err)
		}
	})
}

func TestWhatIsSettledIsTakenOverByHand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, string(w.fix))
		c := w.Case(t, w.Chair, w.id)
		if err := w.fixes.TakeOver(t.Context(), w.Chair, w.id, w.product, c.Version, w.work(t).Found.Sum()); err != nil {
			t.Fatal(err)
		}
		c = w.Case(t, w.Chair, w.id)
		if len(c.Affected) != 1 || c.Affected[0].Branch != "9.x" || c.Affected[0].Status != casework.Fixed || c.Affected[0].Fix != "9.4.2" {
			t.Errorf("%+v", c.Affected)
		}
		if err := w.fixes.TakeOver(t.Context(), w.Chair, w.id, w.product, c.Version, w.work(t).Found.Sum()); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		w.View(t, func(ctx context.Context, v unit.View) error {
			open, err := w.fixes.Unsettled(ctx, v, w.Chair, w.id)
			if len(open) != 2 || open[0].Branch != "8.x" || open[1].Branch != "6.x" {
				t.Errorf("%+v", open)
			}
			return err
		})
	})
}

func TestHalfAFixAlarmsTheLead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.repo
		r.Write("shade.c", "int shade(int n)\n{\n\tint cloth = n;\n\treturn cloth;\n}\n")
		r.Edit("lamp.c", "return wick + oil;", "return wick + oil + glass;")
		r.Edit("shade.c", "int cloth = n;", "int cloth = n < 0 ? 0 : n;\n\tint hem = cloth / 2;")
		second := r.Commit("lamp, shade: count the glass")
		w.set(t, string(w.fix)+","+string(second))
		before := w.Letters(t)
		r.On("8.x")
		r.Pick(w.fix, "-x") // the first half alone
		w.fetch(t)
		if got := w.states(t); !strings.Contains(got, "8.x=partial") {
			t.Fatalf("%s", got)
		}
		if n := w.Letters(t); n <= before {
			t.Errorf("%d letters, %d before", n, before)
		}
	})
}

func TestAFetchThatFailsSaysWhatToDo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var p product.Product
		w.View(t, func(ctx context.Context, v unit.View) (err error) {
			p, err = w.Products.Get(ctx, v, w.Chair, w.product)
			return err
		})
		p.Repository = "https://git.lantern.example/lanternd"
		if err := w.Products.Update(t.Context(), w.Chair, p); err != nil {
			t.Fatal(err)
		}
		w.fetch(t)
		w.set(t, string(w.fix))
		if got := w.states(t); !strings.HasPrefix(got, "remedy.problem.protocol") {
			t.Errorf("%s", got)
		}
		w.View(t, func(ctx context.Context, v unit.View) error {
			m, err := w.fixes.Mirror(ctx, v, w.Chair, w.product)
			if m.Problem != "remedy.problem.protocol" || m.Tried.IsZero() || !m.Fetched.IsZero() {
				t.Errorf("%+v", m)
			}
			return err
		})
		w.Clock.Advance(25 * time.Hour)
		w.Drain(t) // it goes on trying, and ends
		if err := w.fixes.FetchNow(t.Context(), people.AsPerson("nobody"), w.product); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger fetches: %v", err)
		}
	})
}

// A page that somebody has open while the repository moves: what he types is taken, what he
// says holds for what he saw, and nothing that he has not seen is written in his name.
func TestAnOpenPageWhileTheRepositoryMoves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, string(w.fix))
		c, shown := w.Case(t, w.Chair, w.id), w.work(t)
		say := remedy.Answer{Branch: "8.x", Fix: w.fix, Head: w.head(t, "8.x"), State: branchfix.NotAffected, Why: "8.x checks it before it calls."}
		w.fetch(t)
		if now := w.work(t); now.Version != shown.Version || now.Found.Sum() != shown.Found.Sum() {
			t.Errorf("a fetch that brings nothing: version %d and %d, %s and %s", shown.Version, now.Version, shown.Found.Sum(), now.Found.Sum())
		}
		w.repo.On("8.x")
		w.repo.Edit("lamp.c", "int wick = n;", "int wick = n + 1;")
		w.repo.Commit("lamp: longer wick")
		w.fetch(t)
		if now := w.work(t); now.Version != shown.Version || now.Found.Sum() == shown.Found.Sum() {
			t.Errorf("a branch that moved: version %d and %d, %s and %s", shown.Version, now.Version, shown.Found.Sum(), now.Found.Sum())
		}
		if err := w.fixes.TakeOver(t.Context(), w.Chair, w.id, w.product, c.Version, shown.Found.Sum()); !fault.Is(err, fault.Conflict) {
			t.Errorf("states that he has not seen: %v", err)
		}
		if now := w.Case(t, w.Chair, w.id); len(now.Affected) != 0 {
			t.Errorf("taken over: %+v", now.Affected)
		}
		if err := w.fixes.Answer(t.Context(), w.Chair, w.id, w.product, shown.Version, say); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		if got := w.states(t); strings.Contains(got, "8.x=not_affected") {
			t.Errorf("a word on a head that moved in the fix's file holds: %s", got)
		}
		if err := w.fixes.Answer(t.Context(), w.Chair, w.id, w.product, shown.Version, say); !fault.Is(err, fault.Conflict) {
			t.Errorf("over the word of another: %v", err)
		}
		if err := w.fixes.TakeOver(t.Context(), w.Chair, w.id, w.product, c.Version, w.work(t).Found.Sum()); err != nil {
			t.Errorf("after another look: %v", err)
		}
	})
}
