package arch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestModule runs every rule over this module.
func TestModule(t *testing.T) {
	m, err := Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Packages) < 10 {
		t.Fatalf("only %d packages found", len(m.Packages))
	}
	used := make([]bool, len(exemptions))
	for _, r := range all {
		for _, f := range r.Check(m) {
			if !exempt(f, used) {
				t.Error(f)
			}
		}
	}
	for i, e := range exemptions {
		if e.Why == "" {
			t.Errorf("exemption %s %s has no reason", e.Rule, e.Has)
		}
		if !used[i] {
			t.Errorf("nothing needs the exemption %s %s any more", e.Rule, e.Has)
		}
	}
}

func exempt(f Finding, used []bool) bool {
	for i, e := range exemptions {
		if f.Rule != "file limit" && e.Rule == f.Rule && strings.Contains(f.String(), e.Has) {
			used[i] = true
			return true
		}
	}
	return false
}

// TestPlanted: each archive in testdata is a small module with violations. Lines
// of its comment that begin with "red:" say which findings it must give, in order
// of the text; there must be no other. Every rule is red in some archive.
func TestPlanted(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	red := map[string]bool{}
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tree := fstest.MapFS{}
			for _, f := range a.Files {
				// The archive says PLANTED where the file says what hygiene forbids.
				tree[f.Name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(f.Data), "PLANTED", "/wor"+"k/main"))}
			}
			m, err := Load(tree)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, r := range all {
				for _, f := range r.Check(m) {
					got[f.String()] = true
					red[f.Rule] = true
				}
			}
			for _, line := range strings.Split(string(a.Comment), "\n") {
				want, ok := strings.CutPrefix(strings.ReplaceAll(line, "PLANTED", "/wor"+"k/main"), "red: ")
				if ok && !got[want] {
					t.Errorf("not found: %s", want)
				}
				delete(got, want)
			}
			for f := range got {
				t.Errorf("found beside: %s", f)
			}
		})
	}
	for _, r := range all {
		if r.Name != "sizes" && !red[r.Name] {
			t.Errorf("no planted violation turns %q red", r.Name)
		}
	}
}

// TestSizesTurnRed plants long things, which no archive should hold.
func TestSizesTurnRed(t *testing.T) {
	line := "\t_ = 0\n"
	long := "package x\n\nfunc f() {\n" + strings.Repeat(line, funcLimit) + "}\n"
	file := "package x\n" + strings.Repeat("// x\n", fileLimit+1)
	middle := "package x\n" + strings.Repeat("// x\n", longFile)
	table := "package x\n\nvar t = []int{\n" + strings.Repeat("1,\n", fileLimit) + "}\n"
	tree := fstest.MapFS{"kit/x/long.go": {Data: []byte(long)}, "kit/x/file.go": {Data: []byte(file)}, "kit/x/middle.go": {Data: []byte(middle)}, "kit/x/table.go": {Data: []byte(table)}}
	for _, n := range []string{"a", "b", "c"} {
		tree["kit/x/"+n+".go"] = &fstest.MapFile{Data: []byte(strings.Replace(file, "x\n", "x\n//\n", 1))}
	}
	m, err := Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, f := range sizes(m) {
		found[f.Rule]++
	}
	for rule, n := range map[string]int{"functions": 1, "file limit": 4, "long file": 1, "packages": 1} {
		if found[rule] != n {
			t.Errorf("%s: %d findings, want %d", rule, found[rule], n)
		}
	}
}
