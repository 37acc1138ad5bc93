//go:build peers

package csaf_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// modules is the folder of npm packages that scripts/tools fills.
func modules(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("TOCSIN_TOOLS")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "tocsin-tools")
	}
	dir = filepath.Join(dir, "npm", "node_modules")
	if _, err := os.Stat(filepath.Join(dir, "@secvisogram/csaf-validator-lib")); err != nil {
		shared.Missing(t, "the npm package csaf-validator-lib (scripts/tools)")
	}
	return dir
}

// documents writes the documents to check to a folder: the real ones of CISA, n
// mutations of them and n/2 of the committee's examples and cases.
func documents(t testing.TB, n int) (dir string, what map[string]string) {
	t.Helper()
	root := filepath.Join(shared.Dir(t), "data/csaf")
	dir, what = t.TempDir(), map[string]string{}
	put := func(name string, data []byte, how string) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		what[name] = how
	}
	read := func(globs ...string) (all [][]byte) {
		for _, g := range globs {
			files, err := filepath.Glob(filepath.Join(root, g))
			if err != nil || len(files) == 0 {
				t.Fatal(g, err)
			}
			for _, f := range files {
				raw, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, raw)
			}
		}
		return all
	}
	cisa := read("cisa/OT/white/*/*.json")
	for i, raw := range cisa {
		put(fmt.Sprintf("cisa-%04d.json", i), raw, "as it is")
	}
	oasis := read("oasis/2.0/examples/csaf/*.json", "oasis/2.0/examples/csaf/csaf_vex/*.json", "oasis/2.0/test/validator/data/*/*6-*.json")
	r := rand.New(rand.NewPCG(20, 74))
	for i := range n {
		data, how := mutate(r, decode(cisa[r.IntN(len(cisa))]))
		put(fmt.Sprintf("mutant-%04d.json", i), data, how)
	}
	for i := range n / 2 {
		data, how := mutate(r, decode(oasis[r.IntN(len(oasis))]))
		put(fmt.Sprintf("oasis-%04d.json", i), data, how)
	}
	return dir, what
}

// TestDisagreements runs the reference library beside our validator. Every test that
// one of them fails and the other does not has to be in the table of docs/csaf-tests.md.
func TestDisagreements(t *testing.T) {
	dir, what := documents(t, 2000)
	cmd := exec.CommandContext(t.Context(), "node", "peer.mjs", modules(t), dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	v := validate.Validator{}
	rows := map[string][]string{}
	docs, verdicts, counts := 0, 0, map[int]int{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var peer struct {
			Name  string
			Found []string
		}
		if err := json.Unmarshal(lines.Bytes(), &peer); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, peer.Name))
		if err != nil {
			t.Fatal(err)
		}
		report, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Tests: []string{validate.Schema20Strict}, Without: []string{"6.3.8"}})
		if err != nil {
			t.Fatal(err)
		}
		docs++
		schema, _ := report.Result(validate.Schema20)
		for _, res := range report.Results {
			if res.State == rule.NotRun {
				continue
			}
			verdicts++
			ours, theirs := res.State == rule.Failed, slices.Contains(peer.Found, res.Name)
			throws := slices.Contains(peer.Found, res.Name+"!")
			if ours == theirs && !throws {
				continue
			}
			d := disagreement{test: res.ID, ours: ours, throws: throws, fits: schema.State == rule.Passed, data: data}
			if row := d.explained(); row > 0 {
				counts[row]++
				continue
			}
			key := fmt.Sprintf("%s: ours %v, theirs %v, throws %v, fits the schema %v", res.ID, ours, theirs, throws, d.fits)
			detail := peer.Name + " (" + what[peer.Name] + ")"
			if len(res.Findings) > 0 {
				detail += " " + res.Findings[0].Pointer + ": " + res.Findings[0].Message
			}
			rows[key] = append(rows[key], detail)
		}
	}
	t.Logf("%d documents, %d verdicts; disagreements by row of the table: %v", docs, verdicts, counts)
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		t.Errorf("%d times %s\n\t%s", len(rows[key]), key, strings.Join(rows[key][:min(len(rows[key]), 4)], "\n\t"))
	}
}

// BenchmarkPeer is the reference library over the CISA documents: all tests but the
// schema that is not strict, the network and spelling. BenchmarkCheck/peer of
// csaf/validate is ours.
func BenchmarkPeer(b *testing.B) {
	dir := b.TempDir()
	files, err := filepath.Glob(filepath.Join(shared.Dir(b), "data/csaf/cisa/OT/white/*/*.json"))
	if err != nil || len(files) == 0 {
		b.Fatal("no documents", err)
	}
	for i, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".json")), raw, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	out, err := exec.CommandContext(b.Context(), "node", "peer.mjs", modules(b), dir, "3").Output()
	if err != nil {
		b.Fatal(err)
	}
	var each float64
	if _, err := fmt.Sscan(string(out), &each); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(each, "cpu-ns/doc")
	b.ReportMetric(1e9/each, "documents/cpu-s")
}
