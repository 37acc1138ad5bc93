package remedydb_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Emit calls the followers as server/flow.go does.
func (w *world) Emit(ctx context.Context, tx unit.Tx, f unit.Fact) error {
	if f, ok := f.(remedy.Fetched); ok {
		return w.leaks.Follow(ctx, tx, f)
	}
	return w.Site.Emit(ctx, tx, f)
}

const canary = "CanaryThatNobodyMaySee"

// secret makes two patches in a clone that is gone afterwards, as files of format-patch.
func (w *world) secret(t *testing.T) []leak.File {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "private")
	w.repo.Git("clone", "-q", w.repo.Dir, dir)
	clone := *w.repo
	clone.Dir = dir
	clone.Edit("lamp.c", "\treturn wick + oil;\n", "\tif (wick > 8)\n\t\treturn "+canary+"(oil);\n\treturn wick + oil;\n")
	clone.Commit("lamp: no darkness\n\n" + canary + " is how it was found, by looking into the dark.")
	clone.Write("wick.c", "int "+canary+"(int n)\n{\n\treturn n / 2;\n}\n")
	clone.Commit("wick: " + canary)
	var out []leak.File
	for _, at := range []string{"HEAD~1", "HEAD"} {
		out = append(out, leak.File{Name: at, Text: []byte(clone.Git("format-patch", "--stdout", "-1", at) + "\n")})
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) watch(t *testing.T, sc people.Scope) (out leak.Watch) {
	t.Helper()
	w.View(t, func(ctx context.Context, v unit.View) error {
		all, err := w.leaks.OfCase(ctx, v, sc, w.id)
		if len(all) == 1 {
			out = all[0]
		}
		return err
	})
	return out
}

func (w *world) give(t *testing.T, files []leak.File) {
	t.Helper()
	if err := w.leaks.Put(t.Context(), w.Chair, w.id, w.product, w.watch(t, w.Chair).Version, files); err != nil {
		t.Fatal(err)
	}
	w.Drain(t)
}

func (w *world) told(t *testing.T) int {
	t.Helper()
	n := 0
	for _, l := range w.Lines(t, w.Chair, w.id) {
		if l == "remedy.ledger.leak" {
			n++
		}
	}
	return n
}

// A secret patch that comes with a fetch is told to the leads once, whatever is fetched or
// given afterwards, and by every sign that kit/branchfix knows.
func TestASecretPatchThatBecomesPublicIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		files := w.secret(t)
		w.give(t, files)
		x := w.watch(t, w.Chair)
		if len(x.Parts) != 2 || x.Looked.IsZero() || len(x.Matches) != 0 || x.Problem != "" || w.told(t) != 0 {
			t.Fatalf("%+v", x)
		}
		before := w.Letters(t) // each of the two leads gets his own
		w.repo.On("8.x")
		w.repo.Write("other.c", "int other;\n")
		w.repo.Commit("other: begin")
		w.fetch(t)
		if x = w.watch(t, w.Chair); len(x.Matches) != 0 || w.Letters(t) != before {
			t.Fatalf("another commit: %+v", x.Matches)
		}
		// The first patch within a bigger commit, under another name of its file.
		w.repo.On("main")
		w.repo.Git("mv", "lamp.c", "light.c")
		w.repo.Edit("light.c", "\treturn wick + oil;\n", "\tif (wick > 8)\n\t\treturn "+canary+"(oil);\n\treturn wick + oil;\n")
		w.repo.Write("more.c", "int more;\nint evenmore;\n")
		bigger := w.repo.Commit("Some work")
		w.fetch(t)
		x = w.watch(t, w.Chair)
		if len(x.Matches) != 1 || x.Matches[0].Commit != bigger || x.Matches[0].Part != 1 || x.Matches[0].Asks() || !x.Matches[0].New {
			t.Fatalf("%+v", x.Matches)
		}
		if n := w.Letters(t); n != before+2 || w.told(t) != 1 {
			t.Errorf("%d letters, %d before, %d lines", n, before, w.told(t))
		}
		// Nothing of it comes twice: not by a fetch, not by giving the patches again.
		w.fetch(t)
		w.repo.Branch("topic", bigger)
		w.fetch(t)
		w.give(t, files)
		if n := w.Letters(t); n != before+2 || w.told(t) != 1 || len(w.watch(t, w.Chair).Matches) == 0 {
			t.Errorf("%d letters, %d before, %d lines, %+v", n, before, w.told(t), w.watch(t, w.Chair).Matches)
		}
		// What was pushed and taken back was public; by its words alone a person has to look.
		tip := w.repo.Git("rev-parse", "HEAD")
		w.repo.Write("NEWS", "soon\n")
		words := w.repo.Commit("News\n\n" + canary + " is how it was found, by looking into the dark.")
		w.fetch(t)
		w.repo.Git("reset", "-q", "--hard", tip)
		w.fetch(t)
		x = w.watch(t, w.Chair)
		i := slices.IndexFunc(x.Matches, func(m leak.Match) bool { return m.Commit == words })
		if i < 0 || !x.Matches[i].Asks() || x.Matches[i].Evidence[0].Kind != branchfix.SameWords || w.Letters(t) != before+4 {
			t.Errorf("%+v", x.Matches)
		}
	})
}

func TestOnlyTheCasesTeamSeesItsPatches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		files := w.secret(t)
		put := func(sc people.Scope, version int64, files ...leak.File) error {
			return w.leaks.Put(t.Context(), sc, w.id, w.product, version, files)
		}
		if err := put(w.Stranger, 0, files...); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger gives: %v", err)
		}
		if err := put(w.Chair.ReadOnly(), 0, files...); !fault.Is(err, fault.Denied) {
			t.Errorf("a token that reads: %v", err)
		}
		for name, f := range map[string]leak.File{"no patch": {Name: "x", Text: []byte(canary)}, "too much": {Name: "x", Text: make([]byte, leak.MaxSize+1)},
			"a broken diff": {Name: "x", Text: []byte(strings.Replace(string(files[0].Text), "@@ -", "@@ "+canary, 1))}} {
			if err := put(w.Chair, 0, f); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), canary) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := put(w.Chair, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("removing what is not there: %v", err)
		}
		w.give(t, files)
		if err := put(w.Chair, 0, files...); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older page: %v", err)
		}
		observer := w.AddPerson(t, "observer")
		w.Do(t, func(ctx context.Context, tx unit.Tx) error {
			who, _ := observer.Person()
			return w.People.AddGrant(ctx, tx, people.AsJob("test"), people.Grant{Object: string(w.id), Holder: who, Role: people.Observer, By: "test", Since: tx.Now()})
		})
		w.View(t, func(ctx context.Context, v unit.View) error {
			if got, err := w.leaks.Patches(ctx, v, w.Chair, w.id, w.product); err != nil || string(leak.Text(got)) != string(leak.Text(files)) {
				t.Errorf("the team reads %d files, %v", len(got), err)
			}
			if all, err := w.leaks.OfCase(ctx, v, observer, w.id); err != nil || len(all) != 0 {
				t.Errorf("an observer sees %v, %v", all, err)
			}
			if _, err := w.leaks.Patches(ctx, v, observer, w.id, w.product); !fault.Is(err, fault.NotFound) {
				t.Errorf("an observer reads: %v", err)
			}
			if _, err := w.leaks.OfCase(ctx, v, w.Stranger, w.id); !fault.Is(err, fault.NotFound) {
				t.Errorf("a stranger looks: %v", err)
			}
			if all, err := w.leaks.Store.Watches(ctx, v, w.Stranger, w.id); err != nil || len(all) != 0 {
				t.Errorf("a stranger looks past the service: %v, %v", all, err)
			}
			if _, err := w.leaks.Store.Patches(ctx, v, w.Stranger, w.id, w.product); !fault.Is(err, fault.NotFound) {
				t.Errorf("a stranger reads past the service: %v", err)
			}
			return nil
		})
		if err := put(w.Chair, w.watch(t, w.Chair).Version); err != nil {
			t.Fatal(err)
		}
		if x := w.watch(t, w.Chair); x.Version != 0 {
			t.Errorf("after they were removed: %+v", x)
		}
	})
}

// A case that is public is not watched; what was given may be removed still.
func TestAPublicCaseIsNotWatched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		files := w.secret(t)
		w.give(t, files)
		if err := w.Cases.SetFact(t.Context(), w.Chair, w.id, casework.IsPublic, true, "https://lantern.example/news"); err != nil {
			t.Fatal(err)
		}
		w.repo.Write("wick.c", "int "+canary+"(int n)\n{\n\treturn n / 2;\n}\n")
		w.repo.Commit("wick: " + canary)
		w.fetch(t)
		x := w.watch(t, w.Chair)
		if len(x.Matches) != 0 || w.told(t) != 0 {
			t.Errorf("%+v", x.Matches)
		}
		if err := w.leaks.Put(t.Context(), w.Chair, w.id, w.product, x.Version, files); !fault.Is(err, fault.Conflict) {
			t.Errorf("more patches: %v", err)
		}
		if err := w.leaks.Put(t.Context(), w.Chair, w.id, w.product, x.Version, nil); err != nil {
			t.Errorf("removed: %v", err)
		}
	})
}

// A commit that somebody has dismissed stays in the list, alarms nobody, and comes back when
// he takes his word back. Others cannot, and nothing that was found raises the version of
// what is typed.
func TestAMatchIsDismissedByWhoHasLooked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.give(t, w.secret(t))
		given := w.watch(t, w.Chair).Version
		w.repo.On("main")
		w.repo.Edit("lamp.c", "\treturn wick + oil;\n", "\tif (wick > 8)\n\t\treturn "+canary+"(oil);\n\treturn wick + oil;\n")
		public := w.repo.Commit("lamp: no darkness")
		w.fetch(t)
		if x := w.watch(t, w.Chair); len(x.Matches) == 0 || x.Matches[0].Dismissed() || x.Version != given {
			t.Fatalf("version %d, then %d: %+v", given, x.Version, x.Matches)
		}
		judge := func(sc people.Scope, commit branchfix.ID, dismiss bool, why string) error {
			return w.leaks.Judge(t.Context(), sc, w.id, w.product, commit, dismiss, why)
		}
		for _, c := range []struct {
			name   string
			scope  people.Scope
			commit branchfix.ID
			why    string
			want   fault.Kind
		}{
			{"a stranger", w.Stranger, public, "It is ours.", fault.NotFound},
			{"a token that reads", w.Chair.ReadOnly(), public, "It is ours.", fault.Denied},
			{"a commit that was not found", w.Chair, w.fix, "It is ours.", fault.NotFound},
			{"without a reason", w.Chair, public, " ", fault.Invalid},
		} {
			if err := judge(c.scope, c.commit, true, c.why); !fault.Is(err, c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if err := judge(w.Chair, public, true, "A test of ours with the same lines."); err != nil {
			t.Fatal(err)
		}
		w.repo.Write("other.c", "int other;\n")
		w.repo.Commit("other: begin")
		w.fetch(t)
		x := w.watch(t, w.Chair)
		for _, m := range x.Matches {
			if m.Commit == public && (!m.Dismissed() || m.Word.By != caseworktest.PersonOf(w.Chair) || m.Word.At.IsZero()) {
				t.Errorf("after another look: %+v", m)
			}
		}
		if err := judge(w.Chair, public, false, "It was not."); err != nil {
			t.Fatal(err)
		}
		if x = w.watch(t, w.Chair); x.Matches[0].Dismissed() || x.Version != given {
			t.Errorf("taken back: %+v", x)
		}
		got := w.Lines(t, w.Chair, w.id)
		if !slices.Contains(got, "remedy.ledger.leak_dismissed") || !slices.Contains(got, "remedy.ledger.leak_restored") {
			t.Errorf("the ledger has %v", got)
		}
	})
}
