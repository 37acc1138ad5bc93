package mirrors_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/ofcase"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/internal/remedy/remedydb"
	"github.com/tocsin-sec/tocsin/internal/server/mirrors"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/osv"
)

// lamps is a repository with two flaws: main and 9.x have both fixes and are released, 8.x
// has the flaws still, 7.x never had them.
type lamps struct {
	*gittest.Repo
	flaw                 branchfix.ID
	onMain, on9x         branchfix.ID
	secondMain, second9x branchfix.ID
}

func newLamps(t *testing.T) lamps {
	r := lamps{Repo: gittest.New(t)}
	r.Write("shade.c", "int shade;\n")
	r.Branch("7.x", r.Commit("shade: begin"))
	r.On("main")
	r.Write("lamp.c", "int lamp(int n)\n{\n\tint wick = n;\n\tint oil = 2 * n;\n\tint glass = 3 * n;\n\tint hook = 4 * n;\n\treturn wick + oil + glass + hook;\n}\n")
	r.flaw = r.Commit("lamp: burn oil")
	r.Branch("9.x", r.flaw)
	r.Branch("8.x", r.flaw)
	r.On("main")
	r.Edit("lamp.c", "\tint wick = n;\n", "\tif (n < 0)\n\t\treturn -1;\n\tint wick = n;\n")
	r.onMain = r.Commit("lamp: refuse negative amounts")
	r.Edit("lamp.c", "\tint hook = 4 * n;\n", "\tint hook = 4 * n;\n\tif (hook > 99)\n\t\treturn -2;\n")
	r.secondMain = r.Commit("lamp: refuse a hook too far")
	r.Git("tag", "v10.0.1")
	r.On("9.x")
	r.on9x = r.Pick(r.onMain, "-x")
	r.second9x = r.Pick(r.secondMain, "-x")
	r.Git("tag", "v9.4.2")
	r.On("main")
	return r
}

// What the matrix shows is what is published: from the commits of the repository by way of
// the case's table and the advisory's record to the ranges of the OSV record and the
// product statuses of CSAF.
func TestThePublishedRecordHasTheCommitsOfTheMatrix(t *testing.T) {
	site := caseworktest.New(t, sqldbtest.SQLite(t, append(caseworktest.Sources(), remedydb.Migrations())))
	r := newLamps(t)
	r.Git("update-server-info")
	srv := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(r.Dir, ".git"))))
	defer srv.Close()
	fixes := &remedy.Service{Work: site.Work, Store: &remedydb.Store{Seal: site.Seal}, Cases: site.Cases, Products: site.Products, Roles: site.Grants,
		Repositories: mirrors.New(mirrors.Config{Folder: t.TempDir(), Protocols: []string{"http"}, Egress: egress.Config{Allow: allowed(t)}})}
	site.Handle(jobs.Handler{Kind: remedy.KindFetch, Run: fixes.Fetch}, jobs.Handler{Kind: remedy.KindMatrix, Run: fixes.Matrix})
	p, err := site.Products.Add(t.Context(), site.Chair, product.Product{Project: site.Project, Name: "lanternd", Purl: "pkg:golang/lantern.example/lanternd", Repository: srv.URL + "/",
		Branches: []product.Branch{{Name: "main", Maintained: true}, {Name: "9.x", Maintained: true}, {Name: "8.x", Maintained: true}, {Name: "7.x", Maintained: true}},
		Releases: []product.Release{{Version: "10.0.1", Branch: "main"}, {Version: "9.4.2", Branch: "9.x"}}})
	if err != nil {
		t.Fatal(err)
	}
	id := site.Open(t, "A lamp that burns too bright")
	// 8.x is known to be affected in its versions, and somebody stands for that it gets no fix.
	rows := []casework.Affected{{Product: p, Name: "lanternd", Branch: "8.x", Purl: "pkg:golang/lantern.example/lanternd", Versions: ">= 8.0.0, < 9.0.0", Status: casework.Waived, Reason: "nobody runs it"},
		{Product: p, Name: "lanternd", Branch: "9.x", Purl: "pkg:golang/lantern.example/lanternd", Versions: ">= 9.0.0, < 9.4.2", Status: casework.Unknown},
		{Product: p, Name: "lanternd", Branch: "main", Purl: "pkg:golang/lantern.example/lanternd", Versions: ">= 10.0.0, < 10.0.1", Status: casework.Unknown}}
	if err := site.Cases.SetAffected(t.Context(), site.Chair, id, site.Case(t, site.Chair, id).Version, rows); err != nil {
		t.Fatal(err)
	}
	if err := fixes.SetFixes(t.Context(), site.Chair, id, p, 0, []string{string(r.onMain), string(r.secondMain)}, []string{string(r.flaw)}); err != nil {
		t.Fatal(err)
	}
	site.Drain(t)
	if err := fixes.TakeOver(t.Context(), site.Chair, id, p, site.Case(t, site.Chair, id).Version, shown(t, site, fixes, id, p)); err != nil {
		t.Fatal(err)
	}
	var rec record.Record
	site.View(t, func(ctx context.Context, v unit.View) error {
		c, err := ofcase.Cases{Cases: site.Cases, Products: site.Products, Fixes: fixes}.Case(ctx, v, site.Chair, string(id))
		rec = c.Record
		return err
	})
	rec.Summary, rec.Impact, rec.NoCVE, rec.TLP, rec.Lang = "Negative amounts are burnt.", "The house burns down.", "asked for", "WHITE", "en"
	rec.CVSS31, rec.CWE = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", []record.Weakness{{ID: "CWE-20"}}
	for i := range rec.Branches {
		if rec.Branches[i].Status == record.NotAffected {
			rec.Branches[i].Justification = "vulnerable_code_not_present"
		}
	}
	if problems := rec.Problems(); len(problems) > 0 {
		t.Fatalf("%+v", problems)
	}
	at := time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC)
	in := record.Input{Content: record.Content{Record: rec, Change: "Initial version."}, Number: "LAN-2026-0001", Site: "https://security.lanterna.example", Initial: at, Current: at,
		Texts: i18n.Default().Printer("en"), Project: people.Project{Slug: "lanterna", Name: "Lanterna", Series: "LAN", Addresses: []string{"security@lanterna.example"},
			Publisher: people.Publisher{Namespace: "https://lanterna.example", Category: "vendor"}}}
	r.inOSV(t, written(t, in, "osv"), srv.URL+"/")
	inCSAF(t, written(t, in, "csaf-2.0"))
}

func allowed(t *testing.T) []netip.Prefix {
	t.Helper()
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

func written(t *testing.T, in record.Input, format string) []byte {
	t.Helper()
	f, ok := emit.Find(format)
	if !ok {
		t.Fatalf("no format %s", format)
	}
	raw, err := f.Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// inOSV looks for one range of commits for each flaw, with a fixed event for each branch,
// beside the ranges of versions.
func (r lamps) inOSV(t *testing.T, raw []byte, repo string) {
	t.Helper()
	rec, problems := osv.Read(raw, osv.Limits{})
	if problems.Fatal() {
		t.Fatal(problems)
	}
	for _, f := range osv.Lint(rec) {
		t.Errorf("%s %s: %s", f.Test, f.Pointer, f.Message)
	}
	var commits, versions []string
	for _, a := range rec.Affected {
		for _, g := range a.Ranges {
			var events []string
			for _, e := range g.Events {
				if e.Introduced != nil {
					events = append(events, "+"+*e.Introduced)
				}
				if e.Fixed != nil {
					events = append(events, "-"+*e.Fixed)
				}
			}
			if line := strings.Join(events, " "); g.Type != osv.Git {
				versions = append(versions, line)
			} else if commits = append(commits, line); g.Repo != repo {
				t.Errorf("the repository is %s", g.Repo)
			}
		}
	}
	flaw := "+" + string(r.flaw)
	want := []string{flaw + " -" + string(r.on9x) + " -" + string(r.onMain), flaw + " -" + string(r.second9x) + " -" + string(r.secondMain)}
	if !slices.Equal(commits, want) {
		t.Errorf("the commits are %q, want %q", commits, want)
	}
	if !slices.Contains(versions, "+9.0.0 -9.4.2") || !slices.Contains(versions, "+10.0.0 -10.0.1") {
		t.Errorf("the versions are %q", versions)
	}
}

// inCSAF looks for each branch under the status that the matrix has shown.
func inCSAF(t *testing.T, raw []byte) {
	t.Helper()
	var d struct {
		Vulnerabilities []struct {
			Status map[string][]string `json:"product_status"`
			Fixes  []struct {
				Category string   `json:"category"`
				Products []string `json:"product_ids"`
			} `json:"remediations"`
		} `json:"vulnerabilities"`
	}
	if err := json.Unmarshal(raw, &d); err != nil || len(d.Vulnerabilities) != 1 {
		t.Fatalf("%v\n%s", err, raw)
	}
	v := d.Vulnerabilities[0]
	names := productNames(t, raw)
	got := map[string][]string{}
	for status, ids := range v.Status {
		for _, id := range ids {
			got[status] = append(got[status], names[id])
		}
		slices.Sort(got[status])
	}
	for status, want := range map[string]string{"fixed": "lanternd 9.x 9.4.2|lanternd main 10.0.1", "known_not_affected": "lanternd 7.x vers:generic/*",
		"known_affected": "lanternd 8.x vers:golang/>=8.0.0|<9.0.0|lanternd 9.x vers:golang/>=9.0.0|<9.4.2|lanternd main vers:golang/>=10.0.0|<10.0.1"} {
		if g := strings.Join(got[status], "|"); g != want {
			t.Errorf("%s are %q, want %q", status, g, want)
		}
	}
	for _, f := range v.Fixes {
		for _, id := range f.Products {
			if is := strings.HasPrefix(names[id], "lanternd 8.x"); is == (f.Category == "vendor_fix") {
				t.Errorf("%s has the remedy %s", names[id], f.Category)
			}
		}
	}
}

// productNames maps the ids of the product tree to names.
func productNames(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	var d any
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			id, _ := v["product_id"].(string)
			if name, ok := v["name"].(string); ok && id != "" {
				out[id] = name
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(d)
	return out
}

// shown is the sum of the matrix that the page of the case shows.
func shown(t *testing.T, site *caseworktest.Site, fixes *remedy.Service, id casework.CaseID, p product.ID) (sum string) {
	t.Helper()
	site.View(t, func(ctx context.Context, v unit.View) error {
		w, err := fixes.Store.Get(ctx, v, site.Chair, id, p)
		sum = w.Found.Sum()
		return err
	})
	return sum
}
