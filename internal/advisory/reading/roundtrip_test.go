package reading_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/reading"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// input is what an output of a document that was read is made from.
func input(r reading.Result) record.Input {
	series, _, _ := strings.Cut(r.Number, "-")
	return record.Input{Content: r.Content, Number: r.Number, Site: "https://security.lanterna.example", Initial: r.Initial, Current: r.Current, History: r.History,
		Texts: texts(), Loose: true, CNA: record.CNA{OrgID: "8254265b-2729-46b6-b9e3-3dfca2d5bfca", ShortName: "lanterna"},
		Project: people.Project{Slug: "lanterna", Name: "Lanterna", Series: series, Register: true, Addresses: []string{"security@lanterna.example"},
			Publisher: people.Publisher{Namespace: "https://lanterna.example", Category: "vendor"}}}
}

// leaves are the values of a document by their pointers.
func leaves(v any, at string, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			leaves(x, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), out)
		}
	case []any:
		for i, x := range v {
			leaves(x, fmt.Sprint(at, "/", i), out)
		}
	case json.Number:
		f, _ := v.Float64() // 10.0 is 10
		out[at] = fmt.Sprint(f)
	default:
		out[at] = fmt.Sprint(v)
	}
}

// kind is a pointer without the places in lists.
func kind(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i, p := range parts {
		if p != "" && strings.Trim(p, "0123456789") == "" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// kept fails when a value of a document is neither lost by the report nor in the output, and
// counts what is lost by its kind.
func kept(t *testing.T, name string, data, out []byte, list []reading.Lost, lost map[string]int) {
	t.Helper()
	before, after := decode(t, data), decode(t, out)
	there := map[string]bool{}
	for pointer, v := range after {
		there[kind(pointer)+"\x00"+v] = true
	}
	gone := map[string]bool{}
	for _, l := range list {
		gone[l.Pointer] = true
	}
	for _, pointer := range slices.Sorted(maps.Keys(before)) {
		if under(pointer, gone) || place(pointer) {
			continue
		}
		if !there[kind(pointer)+"\x00"+before[pointer]] {
			t.Fatalf("%s: %s is %q, is not lost by the report, and not in the output:\n%s", name, pointer, before[pointer], out)
		}
	}
	for _, l := range list {
		lost[kind(l.Pointer)+": "+l.Reason]++
	}
}

// under reports whether a pointer is one of the others or below one.
func under(pointer string, others map[string]bool) bool {
	for {
		if others[pointer] {
			return true
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return false
		}
		pointer = pointer[:i]
	}
}

// place tells the ids by which a CSAF document speaks of its own products: outputs give new
// ones; what they say of a product is compared in TestProductsOfOurOwnDocumentsComeBack.
func place(pointer string) bool {
	return strings.Contains(pointer, "/product_id") || strings.Contains(pointer, "/product_status/") || strings.Contains(pointer, "/products/")
}

// texts are those of the outputs, read once.
var texts = sync.OnceValue(func() *i18n.Printer { return i18n.Default().Printer("en") })

func decode(t *testing.T, data []byte) map[string]string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	leaves(v, "", out)
	return out
}

func tell(t *testing.T, n int, lost map[string]int) {
	t.Helper()
	t.Logf("%d documents", n)
	for _, k := range slices.Sorted(maps.Keys(lost)) {
		t.Logf("%7d %s", lost[k], k)
	}
}

func make1(t *testing.T, format string, r reading.Result) []byte {
	t.Helper()
	f, _ := emit.Find(format)
	raw, err := f.Make(input(r))
	if err != nil {
		t.Fatalf("%s: %v", r.Number, err)
	}
	return raw
}

func TestEveryRealOSVRecordComesBack(t *testing.T) {
	for _, set := range []string{"AlmaLinux", "Go"} {
		z, err := zip.OpenReader(filepath.Join(shared.Dir(t), "data/osv", set, "all.zip"))
		if err != nil {
			shared.Missing(t, "%v", err)
		}
		lost := map[string]int{}
		for i, f := range z.File {
			if testing.Short() && i%20 != 0 {
				continue
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			res, err := reading.FromOSV(data)
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			kept(t, f.Name, data, make1(t, "osv", res), res.Lost, lost)
		}
		tell(t, len(z.File), lost)
		z.Close()
	}
}

func TestEveryRealCSAFDocumentComesBack(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data/csaf")
	for _, set := range []struct{ pattern, format string }{
		{"cisa/OT/white/*/*.json", "csaf-2.0"}, {"oasis/2.0/examples/**/*.json", "csaf-2.0"}, {"oasis/2.1/examples/**/*.json", "csaf-2.1"},
	} {
		lost, n := map[string]int{}, 0
		for _, file := range files(t, dir, set.pattern) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			res, err := reading.FromCSAF(data)
			if err != nil {
				t.Logf("%s is no CSAF document: %.200s", file, err)
				continue
			}
			n++
			kept(t, file, data, make1(t, set.format, res), res.Lost, lost)
		}
		if n == 0 {
			t.Errorf("no document under %s", set.pattern)
		}
		tell(t, n, lost)
	}
}

// files walks a folder; ** stands for any folders.
func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	if head, _, ok := strings.Cut(pattern, "/**/"); ok {
		var out []string
		err := filepath.WalkDir(filepath.Join(dir, head), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".json") {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	out, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
