package fixrun_test

import (
	"os"
	"path/filepath"
	"testing"
)

// What is kept beside the index makes nothing but haste: a warm answer is the cold one, and
// the one after everything kept was deleted or damaged, also when a branch was rewritten.
func TestAWarmAnswerIsTheColdOne(t *testing.T) {
	r, fix := project(t)
	cache := filepath.Join(os.Getenv("XDG_CACHE_HOME"), "tocsin", "fix")
	r.Branch("release-0.9", fix+"~1")
	r.Edit("lamp.c", "char glass[8];", "char glass[16];")
	r.Edit("lamp.c", "\tfill(glass, n);\n", "\tpour(glass, n, 16);\n")
	r.Commit("lamp: a larger glass")
	r.On("main")
	ask := func(what, want string) string {
		t.Helper()
		var all string
		for _, how := range []string{"--json", "--html"} {
			out, err := run(t, "matrix", r.Dir, "--fix", string(fix), "--fix", "main", "--branches", "release-*,main", how)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			all += out
		}
		if want != "" && all != want {
			t.Errorf("%s: another answer\n%s\nwant\n%s", what, all, want)
		}
		return all
	}
	all := func(what string) string {
		t.Helper()
		if err := os.RemoveAll(cache); err != nil {
			t.Fatal(err)
		}
		cold := ask(what+", cold", "")
		ask(what+", warm", cold)
		ask(what+", warm again", cold)
		kept, err := filepath.Glob(filepath.Join(cache, "*"))
		if err != nil || len(kept) != 2 {
			t.Fatal(kept, err)
		}
		for _, k := range kept {
			raw, err := os.ReadFile(k)
			if err != nil {
				t.Fatal(err)
			}
			raw[len(raw)/2] ^= 1
			if err := os.WriteFile(k, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			ask(what+", "+filepath.Ext(k)+" damaged", cold)
		}
		return cold
	}
	first := all("at first")
	warm := func(what string) {
		t.Helper()
		grown := ask(what+", with what was kept", "")
		if cold := all(what); cold != grown {
			t.Errorf("%s: what was kept changes the answer\n%s\nwant\n%s", what, grown, cold)
		}
	}
	r.Git("tag", "v1.1.0", "release-1.1~1")
	r.Git("tag", "-d", "v1.1.1")
	warm("after other tags")
	r.On("release-1.1")
	r.Git("reset", "-q", "--hard", "HEAD~1")
	r.Write("NEWS", "none\n")
	r.Commit("News")
	r.On("main")
	warm("after a branch was rewritten")
	r.Git("tag", "-d", "v1.1.0")
	if again := ask("with the fix gone", ""); again == first {
		t.Error("a rewritten branch has the answer that it had before")
	}
}
