package validate_test

import (
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
