package scope

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// pageAPI says for each page and each action of a page which operation of the API does
// the same. What is on pages alone stands with its reason in docs/api.md.
func pageAPI() map[string][]string {
	t := map[string][]string{
		"POST /report/{slug}": {"POST /api/projects/{slug}/reports"},
		"POST /check":         {"POST /api/v1/validate"},

		"GET /desk":                         {"GET /api/reports", "GET /api/reports/{id}"},
		"POST /desk":                        {"GET /api/reports/{id}"},
		"POST /desk/decide":                 {"POST /api/reports/{id}/decide"},
		"POST /desk/release":                {"POST /api/reports/{id}/release"},
		"POST /desk/key":                    {"POST /api/reports/{id}/key"},
		"GET /desk/messages/{id}/raw":       {"GET /api/reports/messages/{id}/raw"},
		"GET /desk/messages/{id}/parts/{n}": {"GET /api/reports/messages/{id}/parts/{n}"},
		"GET /desk/texts/{slug}":            {"GET /api/projects/{slug}/texts"},
		"POST /desk/texts/{slug}":           {"POST /api/projects/{slug}/texts"},
		"POST /desk/texts/{slug}/remove":    {"DELETE /api/projects/{slug}/texts/{id}"},

		"GET /cases":                                     {"GET /api/cases"},
		"GET /search":                                    {"GET /api/search"},
		"POST /cases/new":                                {"POST /api/cases"},
		"GET /cases/{id}":                                {"GET /api/cases/{id}", "GET /api/cases/{id}/items", "GET /api/cases/{id}/claims"},
		"POST /cases/{id}/messages":                      {"POST /api/cases/{id}/items", "POST /api/cases/{id}/files"},
		"POST /cases/{id}/mails/{item}":                  {"POST /api/cases/{id}/items/{item}/decision"},
		"GET /cases/{id}/timeline":                       {"GET /api/cases/{id}/timeline"},
		"GET /cases/{id}/files":                          {"GET /api/cases/{id}/files"},
		"GET /cases/{id}/files/{file}":                   {"GET /api/cases/{id}/files/{file}"},
		"POST /cases/{id}/state/{to}":                    {"POST /api/cases/{id}/state"},
		"POST /cases/{id}/assess":                        {"PUT /api/cases/{id}/assessment"},
		"POST /cases/{id}/affected":                      {"PUT /api/cases/{id}/affected"},
		"POST /cases/{id}/facts/{fact}":                  {"POST /api/cases/{id}/facts/{fact}", "POST /api/cases/{id}/claims/{fact}"},
		"POST /cases/{id}/claims/{claim}":                {"POST /api/cases/{id}/claims/{claim}/answer"},
		"GET /cases/{id}/people":                         {"GET /api/cases/{id}/people"},
		"POST /cases/{id}/people/invite":                 {"POST /api/cases/{id}/people"},
		"POST /cases/{id}/people/uninvite":               {"DELETE /api/cases/{id}/invitations/{invite}"},
		"POST /cases/{id}/people/{person}/{role}":        {"DELETE /api/cases/{id}/people/{person}/{role}"},
		"POST /cases/{id}/people/{person}/{role}/change": {"PUT /api/cases/{id}/people/{person}/{role}"},
		"GET /invitations/{token}":                       {"GET /api/people/invitations/{token}"},
		"POST /invitations/{token}":                      {"POST /api/people/invitations/{token}"},
		"GET /cases/{id}/cve":                            {"GET /api/cases/{id}/cve"},
		"POST /cases/{id}/cve":                           {"POST /api/cases/{id}/cve"},
		"POST /cases/{id}/cve/ask":                       {"POST /api/cases/{id}/cve"},
		"GET /teams/{project}/cve":                       {"GET /api/projects/{project}/cve"},
		"POST /teams/{project}/cve":                      {"PUT /api/projects/{project}/cve"},
		"GET /teams/{project}/cve/pool":                  {"GET /api/projects/{project}/cve"},
		"POST /teams/{project}/cve/pool":                 {"POST /api/projects/{project}/cve/pool"},
		"GET /cases/{id}/fixes":                          {"GET /api/cases/{id}/fixes"},
		"GET /cases/{id}/fixes/matrix.svg":               {"GET /api/cases/{id}/fixes"},
		"POST /cases/{id}/fixes":                         {"PUT /api/cases/{id}/fixes"},
		"POST /cases/{id}/fixes/answer":                  {"POST /api/cases/{id}/fixes/answer"},
		"POST /cases/{id}/fixes/take":                    {"POST /api/cases/{id}/fixes/take"},
		"GET /cases/{id}/fixes/patches":                  {"GET /api/cases/{id}/fixes/patches"},
		"POST /cases/{id}/fixes/patches":                 {"PUT /api/cases/{id}/fixes/patches"},
		"POST /cases/{id}/fixes/leaks":                   {"POST /api/cases/{id}/fixes/leaks"},
		"POST /products/{id}/mirror":                     {"POST /api/products/{id}/mirror", "GET /api/products/{id}/mirror"},
		"GET /cases/{id}/embargo":                        {"GET /api/cases/{id}/embargo", "POST /api/cases/{id}/embargo/proposal"},
		"POST /cases/{id}/embargo":                       {"POST /api/cases/{id}/embargo"},

		"GET /teams/{project}/downstreams":      {"GET /api/projects/{project}/downstreams"},
		"POST /teams/{project}/downstreams":     {"POST /api/projects/{project}/downstreams"},
		"GET /teams/{project}/downstreams/{id}": {"GET /api/projects/{project}/downstreams/{id}"},
		"POST /teams/{project}/downstreams/{id}": {"PUT /api/projects/{project}/downstreams/{id}", "DELETE /api/projects/{project}/downstreams/{id}",
			"POST /api/projects/{project}/downstreams/{id}/secret", "POST /api/projects/{project}/downstreams/{id}/retry"},
		"GET /teams/{project}/readers":        {"GET /api/projects/{project}/readers"},
		"POST /teams/{project}/readers":       {"POST /api/projects/{project}/readers"},
		"POST /teams/{project}/readers/{id}":  {"DELETE /api/projects/{project}/readers/{id}"},
		"GET /teams/{project}/signatures":     {"GET /api/projects/{project}/resign"},
		"POST /teams/{project}/signatures":    {"POST /api/projects/{project}/resign"},
		"GET /advisory":                       {"GET /api/advisories"},
		"GET /advisory/{id}":                  {"GET /api/advisories/{id}"},
		"POST /advisory/{case}/draft":         {"POST /api/cases/{case}/advisory"},
		"POST /advisory/{id}/edit":            {"PUT /api/advisories/{id}/record"},
		"POST /advisory/{id}/adopt":           {"POST /api/advisories/{id}/adopt"},
		"GET /advisory/{id}/preview/{format}": {"GET /api/advisories/{id}/preview/{format}"},

		"GET /products":       {"GET /api/products"},
		"POST /products/new":  {"POST /api/products"},
		"GET /products/{id}":  {"GET /api/products/{id}"},
		"POST /products/{id}": {"PUT /api/products/{id}"},

		"GET /settings":                          {"GET /api/people/me"},
		"POST /settings":                         {"PUT /api/people/me"},
		"GET /teams":                             {"GET /api/projects"},
		"GET /teams/{project}":                   {"GET /api/projects/{project}", "GET /api/projects/{project}/team", "GET /api/projects/{project}/joins"},
		"POST /teams/{project}/ask":              {"POST /api/projects/{project}/joins"},
		"POST /teams/{project}/enter":            {"POST /api/projects/{project}/joins"},
		"POST /teams/{project}/joins/{id}":       {"POST /api/projects/{project}/joins/{id}"},
		"POST /teams/{project}/duty":             {"POST /api/projects/{project}/duty"},
		"POST /teams/{project}/members/{person}": {"POST /api/projects/{project}/team/{person}"},
		"GET /terms/{project}":                   {"GET /api/projects/{project}/terms"},
		"POST /terms/{project}":                  {"POST /api/projects/{project}/terms/acceptance"},
		"POST /teams/{project}/terms":            {"PUT /api/projects/{project}/terms"},

		"GET /admin/people":           {"GET /api/people"},
		"POST /admin/people":          {"POST /api/people"},
		"GET /admin/queue":            {"GET /api/people/queue"},
		"GET /admin/jobs":             {"GET /api/people/jobs"},
		"POST /admin/jobs/{id}/retry": {"POST /api/people/jobs/{id}/retry"},
	}
	for _, a := range []string{"approve", "arm", "disarm", "confirm", "hold", "release", "publish", "withdraw", "supersede", "abandon", "retry"} {
		t["POST /advisory/{id}/"+a] = []string{"POST /api/advisories/{id}/" + a}
	}
	return t
}

// pagesOnly reads the table of docs/api.md: a line "| `POST /x` | why |".
func pagesOnly(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, line := range regexp.MustCompile("(?m)^\\| (`.*`) \\| .{10,} \\|$").FindAllStringSubmatch(string(raw), -1) {
		for _, k := range regexp.MustCompile("`([A-Z]+ /[^`]*)`").FindAllStringSubmatch(line[1], -1) {
			out[k[1]] = true
		}
	}
	return out
}

// What the pages do, the API does as well, or docs/api.md says why not. A new page or
// action of a page turns this red until it stands in one of the two lists.
func TestTheAPIDoesWhatThePagesDo(t *testing.T) {
	w := newWorld(t)
	table, only := pageAPI(), pagesOnly(t)
	pages, ops := map[string]webui.Route{}, map[string]bool{}
	for _, r := range w.app.Routes() {
		if r.API {
			ops[key(r)] = true
		} else if r.Method == "POST" || r.Access != webui.Public {
			pages[key(r)] = r
		}
	}
	used := map[string]bool{}
	for _, k := range slices.Sorted(maps.Keys(pages)) {
		_, isForm := pages["POST "+pages[k].Path]
		switch {
		case only[k] && table[k] != nil:
			t.Errorf("%s is in both lists", k)
		case only[k] || table[k] != nil:
		case pages[k].Method == "GET" && isForm:
			// The form of an action, which stands in a list itself.
		default:
			t.Errorf("%s: name the API's operation here, or the reason why there is none in docs/api.md", k)
		}
		for _, op := range table[k] {
			if used[op] = true; !ops[op] {
				t.Errorf("%s: there is no %s", k, op)
			}
		}
		delete(table, k)
		delete(only, k)
	}
	for _, k := range append(slices.Sorted(maps.Keys(table)), slices.Sorted(maps.Keys(only))...) {
		t.Errorf("%s is no page", k)
	}
	for _, op := range slices.Sorted(maps.Keys(ops)) {
		if !used[op] && !strings.Contains(op, "import") {
			t.Logf("%s is in the API alone", op)
		}
	}
}

// Six operations of teams answered "not found" to everybody: they never read their path.
func TestEveryOperationReadsItsPath(t *testing.T) {
	w := newWorld(t)
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal([]byte(w.ask(&actor{name: "anybody", remote: w.address()}, "GET", "/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == m[1] && p.In == "path" }) {
					t.Errorf("%s %s does not read {%s}", strings.ToUpper(method), path, m[1])
				}
			}
		}
	}
	if len(doc.Paths) < 50 {
		t.Errorf("%d paths", len(doc.Paths))
	}
}
