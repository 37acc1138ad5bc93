package validate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// TestFixesFix: a fix takes its finding away, and the schema's verdict stays.
func TestFixesFix(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0/test/validator/data/*/*-6-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	v := validate.Validator{}
	check := func(data []byte) *validate.Report {
		r, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Without: []string{"6.3.8"}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	fixed := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before := check(data)
		for _, f := range before.Findings() {
			if f.Fix == nil {
				continue
			}
			after := check(patched(t, data, f.Fix))
			was, _ := before.Result(f.Test)
			is, _ := after.Result(f.Test)
			schemaWas, _ := before.Result("csaf_2_0")
			schemaIs, _ := after.Result("csaf_2_0")
			if len(is.Findings) >= len(was.Findings) || len(schemaIs.Findings) > len(schemaWas.Findings) {
				t.Errorf("%s: %s %s: after %+v: %v", filepath.Base(file), f.Test, f.Pointer, f.Fix, is.Findings)
			}
			fixed[f.Test]++
		}
	}
	for _, id := range []string{"6.1.8", "6.1.9", "6.1.10", "6.2.4", "6.2.20", "6.3.11"} {
		if fixed[id] == 0 {
			t.Errorf("no case has a fix of %s", id)
		}
	}
}

// patched applies a JSON patch of add, remove and replace.
func patched(t *testing.T, data []byte, fix rule.Fix) []byte {
	t.Helper()
	var doc any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	for _, op := range fix {
		steps := strings.Split(op.Path, "/")[1:]
		doc = apply(doc, steps, op)
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func apply(doc any, steps []string, op rule.Operation) any {
	step := steps[0]
	switch doc := doc.(type) {
	case map[string]any:
		switch {
		case len(steps) > 1:
			doc[step] = apply(doc[step], steps[1:], op)
		case op.Op == "remove":
			delete(doc, step)
		default:
			doc[step] = op.Value
		}
		return doc
	case []any:
		i, err := strconv.Atoi(step)
		if err != nil {
			return doc
		}
		switch {
		case len(steps) > 1:
			doc[i] = apply(doc[i], steps[1:], op)
		case op.Op == "remove":
			return slices.Delete(doc, i, i+1)
		default:
			doc[i] = op.Value
		}
		return doc
	}
	return doc
}
