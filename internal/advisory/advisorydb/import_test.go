package advisorydb_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// brokenFile reads a real document and breaks it at the places that the pairs name: an old
// text and a new one.
func brokenFile(t *testing.T, pairs ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(shared.Dir(t), "data/csaf/cisa/OT/white/2019/icsa-19-122-02.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the document has no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return []byte(text)
}

func TestARefusedImportNamesEveryProblemWithTestPointerAndLine(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	raw := brokenFile(t, `"baseSeverity": "`, `"baseSeverity": "X`, `"status": "final"`, `"status": "draft"`, `"name": "`, `"name": "Not `,
		`"id": "CWE-`, `"id": "CWE-9999`, `"product_id": "CSAFPID-0002"`, `"product_id": "CSAFPID-0001"`)
	_, err := w.svc.Import(t.Context(), w.chair, w.project.ID, raw, false)
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("got %v", err)
	}
	p := i18n.Default().Printer("en")
	var said []string
	for _, x := range f.Fields {
		said = append(said, p.Field(x))
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{
		"/vulnerabilities/0/scores/0/cvss_v3/baseSeverity: ", // schema
		"test 6.1.2 of CSAF 2.0", "test 6.1.11 of CSAF 2.0", "/vulnerabilities/0/cwe/id", "The document is not final",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q:\n%s", want, all)
		}
	}
	line := 1 + strings.Count(strings.SplitN(string(raw), `"id": "CWE-9999`, 2)[0], "\n")
	if !strings.Contains(all, fmt.Sprintf("%d:", line)) {
		t.Errorf("nothing names line %d:\n%s", line, all)
	}
	var list []advisory.Advisory
	w.View(t, func(ctx context.Context, v unit.View) (err error) {
		list, err = w.svc.List(ctx, v, w.chair)
		return err
	})
	if len(list) != 0 {
		t.Errorf("%d advisories are there", len(list))
	}
}

func TestCheckImportStoresNothing(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	raw := brokenFile(t, `"title":`, `"vendor_extra": 1, "title":`)
	for range 2 {
		out, err := w.svc.CheckImport(t.Context(), w.chair, w.project.ID, raw)
		if err != nil || out.Number == "" || out.ID != "" {
			t.Fatalf("%+v, %v", out, err)
		}
		if len(out.Dropped) != 1 || !strings.HasSuffix(out.Dropped[0], "/vendor_extra") {
			t.Errorf("dropped %v", out.Dropped)
		}
	}
	w.refused(second(w.svc.CheckImport(t.Context(), w.stranger, w.project.ID, raw)), fault.NotFound, "a stranger checks")
	done, err := w.svc.Import(t.Context(), w.chair, w.project.ID, raw, false)
	w.must(err)
	w.refused(second(w.svc.CheckImport(t.Context(), w.chair, w.project.ID, raw)), fault.Conflict, "taken already")
	if done.ID == "" {
		t.Error("no id")
	}
}

// TestNoMutilatedDocumentIsTakenOrPanics removes each member of a real document in
// turn: the tests of the standard run on what could be read.
func TestNoMutilatedDocumentIsTakenOrPanics(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	var doc any
	if err := json.Unmarshal(brokenFile(t), &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	try := func() {
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		n++
		_, err = w.svc.CheckImport(t.Context(), w.chair, w.project.ID, raw)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v", err)
		}
	}
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for k, was := range x {
				for _, now := range []any{nil, []any{}, map[string]any{}, ""} {
					x[k] = now
					try()
				}
				delete(x, k)
				try()
				x[k] = was
				walk(was)
			}
		case []any:
			for _, item := range x[:min(2, len(x))] {
				walk(item)
			}
		}
	}
	walk(doc)
	if n < 300 {
		t.Errorf("only %d mutilations", n)
	}
}
