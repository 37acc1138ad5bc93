package validate_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// TestNoTestFallsOverMutations: whatever a document holds, every test comes to an end,
// and every finding has a place in the document.
func TestNoTestFallsOverMutations(t *testing.T) {
	var files []string
	for _, glob := range []string{"cisa/OT/white/2024/*.json", "oasis/2.0/test/validator/data/*/*.json", "oasis/2.0/examples/csaf/csaf_vex/*.json", "oasis/2.1/examples/csaf/*.json"} {
		more, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf", glob))
		if err != nil || len(more) == 0 {
			t.Fatal(glob, err)
		}
		files = append(files, more...)
	}
	v := validate.Validator{Fetcher: fetcher}
	schema.Each(t, 1500, files, func(data []byte, what string) {
		report, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Network: true})
		if err != nil {
			t.Fatal(what, err)
		}
		for _, f := range report.Findings() {
			if f.Line < 1 || f.Column < 1 || f.Message == "" || f.Test == "" || f.Severity == rule.Unrated {
				t.Errorf("%s: %+v", what, f)
			}
		}
	})
}

// TestLargeGroupsEnd: a small document that names a large group a thousand times is
// checked without looking into it a thousand million times.
func TestLargeGroupsEnd(t *testing.T) {
	var ids, products, vulnerabilities strings.Builder
	for i := range 20_000 {
		id := strings.Repeat("i", i%7) + string(rune('a'+i%26)) + strings.Repeat("x", i/1000)
		if i > 0 {
			ids.WriteByte(',')
			products.WriteByte(',')
		}
		ids.WriteString(`"` + id + `"`)
		products.WriteString(`{"name":"n","product_id":"` + id + `"}`)
	}
	for i := range 10_000 {
		if i > 0 {
			vulnerabilities.WriteByte(',')
		}
		vulnerabilities.WriteString(`{"product_status":{"known_affected":["a"]},"remediations":[{"category":"mitigation","details":"d","group_ids":["g"]}]}`)
	}
	doc := `{"document":{"category":"csaf_vex"},"product_tree":{"full_product_names":[` + products.String() +
		`],"product_groups":[{"group_id":"g","product_ids":[` + ids.String() + `]}]},"vulnerabilities":[` + vulnerabilities.String() + `]}`
	report, err := (&validate.Validator{}).Check(t.Context(), []byte(doc), validate.Request{Tests: []string{"6.2.2", "6.1.27.10"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.State != rule.Failed || !strings.Contains(r.Findings[0].Message, "too large") {
			t.Errorf("%s: %v", r.ID, r.Findings)
		}
	}
}

// FuzzCheck runs everything over any bytes.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"document":{"csaf_version":"2.0","lang":"en","notes":[{"text":"Secruity"}]},"vulnerabilities":[{"scores":[{"cvss_v2":{"vectorString":"AV:N"}}]}]}`))
	f.Add([]byte(`{"$schema":"https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json","document":{"csaf_version":"2.1"}}`))
	v := validate.Validator{Fetcher: fetcher}
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Network: true})
		if err != nil {
			t.Fatal(err)
		}
		report.Findings()
		report.Service()
	})
}

// shortTexts are texts that code which cuts and counts may fall over.
var shortTexts = []string{"", " ", "s", "-", "/", ":", "*", "\\", "+", ".", "0", "v", "=", "<", "|", "%", "%4", "x", "q", "é", "\u2028", "a-", "--", "//", "::", "pkg:", "pkg:/",
	"pkg:a/b@", "vers:", "vers:a/", "vers:a/|", "vers:a/<", ">|<", "cpe:/", "cpe:2.3:", "cpe:2.3:\\", "CVSS:3.1/", "CVSS:4.0/", "/AV:N", "AV:", "1.", "1.0.0-", "1.0.0+",
	"9999-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "T", "CVE-", "CWE-", "en-", "i-", "x-", "(", ")", "MIT WITH", "LicenseRef-", "#", "ssvc/", "ssvc//", "x_#", "https://", "https://[", "csaf_", "csaf_deprecated_", "1e400"}

// TestNoTestFallsOverShortTexts puts them at every kind of place that a text has in the
// committee's cases.
func TestNoTestFallsOverShortTexts(t *testing.T) {
	root := filepath.Join(shared.Dir(t), "data/csaf/oasis")
	seen := map[string]bool{}
	v := validate.Validator{Fetcher: fetcher}
	for _, glob := range []string{"2.1/test/validator/data/*/*-01.json", "2.0/test/validator/data/*/*-01.json"} {
		files, err := filepath.Glob(filepath.Join(root, glob))
		if err != nil || len(files) == 0 {
			t.Fatal(glob, err)
		}
		for _, file := range files {
			var doc any
			read(t, file, &doc)
			eachText(doc, file[len(root):len(root)+4], func(path string, set func(string)) {
				if seen[path] {
					return
				}
				seen[path] = true
				for _, s := range shortTexts {
					set(s)
					data, err := json.Marshal(doc)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Without: []string{"6.3.8"}}); err != nil {
						t.Fatal(path, s, err)
					}
				}
			})
		}
	}
	t.Logf("%d places", len(seen))
}

// eachText calls f for every text of a document with its path without numbers; set
// changes it, and it is put back afterwards.
func eachText(v any, path string, f func(path string, set func(string))) {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if s, ok := x.(string); ok {
				f(path+"/"+name, func(s string) { v[name] = s })
				v[name] = s
			} else {
				eachText(x, path+"/"+name, f)
			}
		}
	case []any:
		for i, x := range v {
			if s, ok := x.(string); ok {
				f(path+"/*", func(s string) { v[i] = s })
				v[i] = s
			} else {
				eachText(x, path, f)
			}
		}
	}
}
