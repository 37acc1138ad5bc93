package rule

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// at returns the value at a JSON pointer of a decoded document.
func at(t *testing.T, doc any, pointer string) any {
	t.Helper()
	v, err := resolve(doc, pointer)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func resolve(doc any, pointer string) (any, error) {
	if pointer == "" {
		return doc, nil
	}
	i := len(pointer) - 1
	for pointer[i] != '/' {
		i--
	}
	above, err := resolve(doc, pointer[:i])
	if err != nil {
		return nil, err
	}
	step := pointer[i+1:]
	switch v := above.(type) {
	case map[string]any:
		if x, ok := v[step]; ok {
			return x, nil
		}
	case []any:
		var n int
		if _, err := fmt.Sscan(step, &n); err == nil && n < len(v) {
			return v[n], nil
		}
	}
	return nil, fmt.Errorf("no %s", pointer)
}

// strings collects every text below v that keep says yes to, by the name of its member.
func texts(v any, name string, keep func(name string) bool) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if k == "x_extensions" {
				continue // what is in there is the extension's
			}
			out = append(out, texts(x, k, keep)...)
		}
	case []any:
		for _, x := range v {
			out = append(out, texts(x, name, keep)...)
		}
	case string:
		if keep(name) {
			out = append(out, v)
		}
	}
	return out
}

// TestIndexesNameEveryPlace walks all documents of both versions: each pointer of an
// index leads to what the index says, and no reference, product, date or URL of the
// document is left out.
func TestIndexesNameEveryPlace(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data/csaf")
	patterns := map[string][]string{
		"2.0": {"oasis/2.0/test/validator/data/*/*.json", "oasis/2.0/examples/csaf/*.json", "oasis/2.0/examples/csaf/*/*.json", "cisa/OT/white/2022/*.json"},
		"2.1": {"oasis/2.1/test/validator/data/*/*.json", "oasis/2.1/examples/csaf/*.json", "oasis/2.1/examples/csaf/*/*.json"},
	}
	seen := map[Where]int{}
	for version, list := range patterns {
		for _, pattern := range list {
			files, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil || len(files) == 0 {
				t.Fatal(pattern, err)
			}
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				var env *Env
				var problems csaf.Problems
				if version == "2.0" {
					var doc *csaf.Advisory
					doc, problems = csaf.ReadAdvisory(data, csaf.Limits{})
					env = New20(doc, Options{})
				} else {
					var doc *csaf21.Advisory
					doc, problems = csaf21.ReadAdvisory(data, csaf.Limits{})
					env = New21(doc, Options{})
				}
				if problems.Fatal() {
					continue
				}
				t.Run(filepath.Base(file), func(t *testing.T) { checkEnv(t, env, data, seen) })
			}
		}
	}
	// No document of the committee refers to products from ids.
	data := []byte(`{"vulnerabilities":[{"ids":[{"product_ids":["A"],"group_ids":["G"]}]}]}`)
	doc, _ := csaf21.ReadAdvisory(data, csaf.Limits{})
	checkEnv(t, New21(doc, Options{}), data, seen)
	for w := OfDocumentNote; w <= OfThreat; w++ {
		if seen[w] == 0 {
			t.Errorf("no document has references of kind %d", w)
		}
	}
}

func checkEnv(t *testing.T, env *Env, data []byte, seen map[Where]int) {
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var products, groups, ids, dates []string
	for i := range env.ProductRefs() {
		r := &env.productRefs[i]
		seen[r.Where]++
		for j, id := range r.IDs {
			if got := at(t, doc, r.At(j)); got != id {
				t.Errorf("%s is %v, not %s", r.At(j), got, id)
			}
			if env.Number(id) != int(r.Numbers[j]) || env.DefinedNumber(r.Numbers[j]) != env.Defined(id) {
				t.Errorf("the number of %s is wrong", id)
			}
			products = append(products, id)
		}
	}
	for i := range env.GroupRefs() {
		r := &env.groupRefs[i]
		for j, id := range r.IDs {
			if got := at(t, doc, r.At(j)); got != id {
				t.Errorf("%s is %v, not %s", r.At(j), got, id)
			}
			groups = append(groups, id)
		}
	}
	for i := range env.Products() {
		p := &env.products[i]
		if got := at(t, doc, p.Pointer()+"/product_id"); got != p.ID {
			t.Errorf("%s is %v, not %s", p.Pointer(), got, p.ID)
		}
		ids = append(ids, p.ID)
	}
	for i := range env.Branches() {
		b := &env.branches[i]
		if got := at(t, doc, b.Pointer()+"/name"); got != b.Name {
			t.Errorf("%s is %v, not %s", b.Pointer(), got, b.Name)
		}
		if b.Product >= 0 && env.products[b.Product].Branch() != b {
			t.Errorf("%s does not lead back from its product", b.Pointer())
		}
	}
	for _, d := range env.Dates() {
		if got := at(t, doc, d.Pointer()); got != string(d.Date) {
			t.Errorf("%s is %v, not %s", d.Pointer(), got, d.Date)
		}
		dates = append(dates, string(d.Date))
	}
	for i := range env.URLs() {
		if u := &env.urls[i]; at(t, doc, u.Pointer()) != u.URL {
			t.Errorf("%s is not %s", u.Pointer(), u.URL)
		}
	}
	equal(t, "product references", products, texts(doc, "", func(n string) bool {
		return slices.Contains([]string{"product_ids", "products", "product_reference", "relates_to_product_reference", "beginning_product_reference", "next_product_reference",
			"first_affected", "first_fixed", "fixed", "known_affected", "known_not_affected", "last_affected", "recommended", "under_investigation", "unknown"}, n)
	}))
	equal(t, "group references", groups, texts(doc, "", func(n string) bool { return n == "group_ids" }))
	equal(t, "products", ids, texts(doc, "", func(n string) bool { return n == "product_id" }))
	equal(t, "dates", dates, texts(doc, "", func(n string) bool {
		return n == "date" || n == "timestamp" || len(n) > 5 && n[len(n)-5:] == "_date"
	}))
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: the index has %q, the document %q", what, got, want)
	}
}

func TestRunTellsWhatDidNotRun(t *testing.T) {
	set := Set[csaf.Advisory]{
		{ID: "6.1.1", Run: func(_ *csaf.Advisory, _ *Env, report Report) {
			report("/a", "%d", 1).Fix = Remove("/a")
			for range 2 * mostFindings {
				report("/b", "too many")
			}
		}},
		{ID: "6.2.1", Run: func(*csaf.Advisory, *Env, Report) {}},
		{ID: "6.3.6", Needs: Network, Run: func(*csaf.Advisory, *Env, Report) { t.Error("ran without network") }},
	}
	doc := &csaf.Advisory{}
	results := Run(set, doc, New20(doc, Options{}))
	if r := results[0]; r.State != Failed || len(r.Findings) != mostFindings || r.Findings[0].Severity != Error || r.Findings[0].Fix[0].Op != "remove" {
		t.Errorf("the first test: %v, %d findings", r.State, len(r.Findings))
	}
	if results[1].State != Passed || results[2].State != NotRun {
		t.Errorf("states %v, %v", results[1].State, results[2].State)
	}
	if got := Findings(set, doc, New20(doc, Options{})); len(got) != mostFindings {
		t.Errorf("%d findings", len(got))
	}
}

func TestMarksAreCleared(t *testing.T) {
	doc := &csaf.Advisory{ProductTree: &csaf.ProductTree{FullProductNames: []csaf.FullProductName{{ProductID: "A"}, {ProductID: "B"}}}}
	env := New20(doc, Options{})
	m := env.Marks()
	m.Set(1, 7)
	if m.Get(0) != 0 || m.Get(1) != 7 {
		t.Error("a mark is not kept")
	}
	if m.Clear(); m.Get(1) != 0 || env.Number("C") != -1 || env.Numbers() != 2 {
		t.Error("a mark is not cleared")
	}
}

func TestBelowAPattern(t *testing.T) {
	for _, c := range []struct {
		pointer, pattern string
		want             bool
	}{
		{"/a/0/b/c", "/a/*/b", true}, {"/a/0/b", "/a/*/b", true}, {"/a/0", "/a/*/b", false}, {"/a/0/bc", "/a/*/b", false},
		{"", "/a", false}, {"", "", true}, {"/a", "", true}, {"/a/", "/a/*", true}, {"/x/0/b", "/a/*/b", false},
	} {
		if Below(c.pointer, c.pattern) != c.want {
			t.Errorf("Below(%q, %q) is %v", c.pointer, c.pattern, !c.want)
		}
	}
}
