package scope

import (
	"strings"

	"github.com/tocsin-sec/tocsin/internal/people"
)

// comparators has one for every route of the router. A route without one fails
// TestEveryRouteHasAComparator: whoever adds a page says here who may see what on it.
func comparators() map[string]comparator {
	const id = absent
	leads := []people.Role{people.Chair, people.Deputy}
	team := []people.Role{people.Chair, people.Deputy, people.TeamMember, people.Moderator}
	t := map[string]comparator{
		"GET /static/":      public("/static/nothing"),
		"GET /lang/{tag}":   public("/lang/xx"),
		"GET /openapi.json": public("/openapi.json"),
		"GET /api/docs":     public("/api/docs"),

		// Accounts: a person's own.
		"GET /signin":                       public("/signin"),
		"POST /signin":                      posts("/signin", form("address", "nobody@people.example", "password", "x")),
		"GET /signin/code":                  public("/signin/code"),
		"POST /signin/code":                 posts("/signin/code", form("code", "1")),
		"POST /signout":                     nobodyOnly("/signout", "x=1"),
		"GET /prove":                        public("/prove"),
		"POST /prove":                       nobodyOnly("/prove", form("password", "x")),
		"GET /link/{token}":                 spent(""),
		"POST /link/{token}":                spent(form("name", "x")),
		"GET /account":                      public("/account"),
		"GET /settings":                     own("/settings"),
		"POST /settings":                    nobodyOnly("/settings", form("name", "x")),
		"GET /settings/password":            public("/settings/password"),
		"POST /settings/password":           nobodyOnly("/settings/password", form("password", "x")),
		"GET /settings/sessions":            own("/settings/sessions"),
		"POST /settings/sessions":           nobodyOnly("/settings/sessions", form("id", "x")),
		"GET /settings/tokens":              own("/settings/tokens"),
		"POST /settings/tokens":             nobodyOnly("/settings/tokens", form("name", "x")),
		"POST /settings/tokens/{id}/revoke": foreign("/settings/tokens/{id}/revoke", "x=1", tokenOf),
		"GET /settings/codes":               public("/settings/codes"),
		"POST /settings/codes":              nobodyOnly("/settings/codes", form("do", "x")),
		"GET /signin/forgot":                public("/signin/forgot"),
		"POST /signin/forgot":               posts("/signin/forgot", form("address", "")),
		"GET /settings/address":             loosely(own("/settings/address")),
		"POST /settings/address":            nobodyOnly("/settings/address", form("address", "x@y.example")),
		"GET /settings/keys":                own("/settings/keys"),
		"POST /settings/keys":               nobodyOnly("/settings/keys", form("key", "x")),
		"POST /settings/keys/{id}/remove":   foreign("/settings/keys/{id}/remove", "x=1", keyOf),
		"GET /api/people/me":                own("/api/people/me"),

		// Teams.
		"GET /teams":                                    public("/teams"),
		"GET /teams/{project}":                          onProjects("/teams/{slug}", "", 200, team...),
		"POST /teams/{project}/ask":                     nobodyOnly("/teams/alder/ask", form("text", "x")),
		"POST /teams/{project}/enter":                   onProjects("/teams/{slug}/enter", form("address", "x@y.example", "text", "x"), 404, team...),
		"POST /teams/{project}/joins/{id}":              ofTeam("/teams/{slug}/joins/{id}", form("do", "vouch", "word_{id}", "x"), joinOf),
		"POST /teams/{project}/duty":                    nobodyOnly("/teams/alder/duty", form("on", "1")),
		"GET /teams/{project}/members/{person}":         members("/teams/{slug}/members/{person}", ""),
		"POST /teams/{project}/members/{person}":        members("/teams/{slug}/members/{person}", form("do", "remove", "why", "x")),
		"GET /terms/{project}":                          public("/terms/alder", "/terms/birch"),
		"POST /terms/{project}":                         nobodyOnly("/terms/alder", form("version", "9")),
		"GET /teams/{project}/settings":                 onProjects("/teams/{slug}/settings", "", 404, leads...),
		"POST /teams/{project}/settings":                onProjects("/teams/{slug}/settings", form("name", "x"), 404, leads...),
		"POST /teams/{project}/terms":                   onProjects("/teams/{slug}/terms", form("text", "x"), 404, leads...),
		"GET /teams/{project}/keys":                     loosely(onProjects("/teams/{slug}/keys", "", 404, leads...)),
		"POST /teams/{project}/keys":                    onProjects("/teams/{slug}/keys", form("do", "x"), 404, leads...),
		"GET /api/projects":                             public("/api/projects"),
		"GET /api/projects/{project}":                   public("/api/projects/alder", "/api/projects/birch"),
		"GET /api/projects/{project}/team":              teamList("/api/projects/{slug}/team"),
		"POST /api/projects/{project}/joins":            nobodyOnly("/api/projects/alder/joins", `{"text":"x"}`),
		"POST /api/projects/{project}/duty":             nobodyOnly("/api/projects/alder/duty", `{"on":true}`),
		"PUT /api/people/me":                            nobodyOnly("/api/people/me", `{"name":"x"}`),
		"GET /api/projects/{project}/joins":             public("/api/projects/alder/joins", "/api/projects/birch/joins"),
		"POST /api/projects/{project}/joins/{id}":       ofTeam("/api/projects/{slug}/joins/{id}", `{"do":"vouch","text":"x"}`, joinOf),
		"POST /api/projects/{project}/team/{person}":    members("/api/projects/{slug}/team/{person}", `{"do":"remove","why":"x"}`),
		"GET /api/projects/{project}/terms":             public("/api/projects/alder/terms", "/api/projects/birch/terms"),
		"PUT /api/projects/{project}/terms":             chairs("/api/projects/{slug}/terms", `{"text":"x"}`),
		"POST /api/projects/{project}/terms/acceptance": nobodyOnly("/api/projects/alder/terms/acceptance", `{"version":9}`),
		"GET /api/people/jobs":                          adminOnly("/api/people/jobs", ""),
		"POST /api/people/jobs/{id}/retry":              adminOnes("/api/people/jobs/{id}/retry", `{}`, someJobs),
		"GET /products":                                 products("/products"),
		"GET /products/new":                             public("/products/new"),
		"POST /products/new":                            onProjects("/products/new", form("project", "{project}", "name", "x"), 404, team...),
		"GET /products/{id}":                            oneProduct("/products/{id}", ""),
		"POST /products/{id}":                           oneProduct("/products/{id}", form("name", "x", "version", "1")),
		"POST /products/{id}/mirror":                    oneProduct("/products/{id}/mirror", form("do", "fetch")),
		"GET /api/products/{id}/mirror":                 oneProductID("/api/products/{id}/mirror"),
		"POST /api/products/{id}/mirror":                oneProduct("/api/products/{id}/mirror", `{}`),
		"GET /api/products":                             products("/api/products?project={project}"),
		"GET /api/products/{id}":                        oneProduct("/api/products/{id}", ""),
		"POST /api/products":                            onProjects("/api/products", `{"project":"{project}","name":"x"}`, 404, team...),
		"PUT /api/products/{id}":                        oneProduct("/api/products/{id}", `{"project":"`+id+`","name":"x","version":1}`),

		// The site's administration: no case, no report.
		"GET /admin/people":           adminOnly("/admin/people", ""),
		"POST /admin/people":          adminOnly("/admin/people", form("address", "x@y.example")),
		"GET /admin/people/{id}":      adminOnes("/admin/people/{id}", "", strangers),
		"POST /admin/people/{id}":     adminOnes("/admin/people/{id}", form("do", "x"), strangers),
		"GET /admin/projects":         adminOnly("/admin/projects", ""),
		"POST /admin/projects":        adminOnly("/admin/projects", form("slug", "x")),
		"GET /admin/queue":            adminOnly("/admin/queue", ""),
		"GET /admin/jobs":             adminOnly("/admin/jobs", ""),
		"POST /admin/jobs/{id}/retry": adminOnes("/admin/jobs/{id}/retry", "x=1", someJobs),
		"GET /api/people":             adminOnly("/api/people", ""),
		"POST /api/people":            adminOnly("/api/people", `{"address":"x@y.example"}`),
		"GET /api/people/queue":       adminOnly("/api/people/queue", ""),

		// Reports.
		"GET /report":                              public("/report"),
		"GET /report/{slug}":                       public("/report/alder", "/report/birch"),
		"POST /report/{slug}":                      posts("/report/alder", form("what", "")),
		"POST /api/projects/{slug}/reports":        posts("/api/projects/nothing/reports", `{"what":"x"}`),
		"GET /desk":                                deskList("/desk"),
		"POST /desk":                               decisions("/desk", form("id", "{id}", "do", "reject")),
		"POST /desk/decide":                        decisions("/desk/decide", form("id", "{id}", "do", "spam", "reason", "x")),
		"POST /desk/release":                       decisions("/desk/release", form("id", "{id}", "reason", "x")),
		"POST /desk/key":                           decisions("/desk/key", form("id", "{id}", "message", id, "fingerprint", "x")),
		"GET /desk/messages/{id}/raw":              onMessages("/desk/messages/{id}/raw"),
		"GET /desk/messages/{id}/parts/{n}":        onMessages("/desk/messages/{id}/parts/0"),
		"GET /desk/texts/{slug}":                   texts("/desk/texts/{slug}"),
		"POST /desk/texts/{slug}":                  onProjects("/desk/texts/{slug}", form("for", "reject", "title", "x", "body", "x"), 404, team...),
		"POST /desk/texts/{slug}/remove":           ofTeam("/desk/texts/{slug}/remove", "id={id}", textOf),
		"GET /api/reports":                         reportLists,
		"GET /api/reports/{id}":                    onReports("/api/reports/{id}", "", 200, (*report).words),
		"GET /api/reports/messages/{id}/raw":       onMessages("/api/reports/messages/{id}/raw"),
		"GET /api/reports/messages/{id}/parts/{n}": onMessages("/api/reports/messages/{id}/parts/0"),
		"POST /api/reports/{id}/key":               onReports("/api/reports/{id}/key", `{}`, 0, nil),
		"GET /api/projects/{slug}/texts":           texts("/api/projects/{slug}/texts"),
		"POST /api/projects/{slug}/texts":          onProjects("/api/projects/{slug}/texts", `{"for":"reject","title":"x","body":"x"}`, 404, team...),
		"DELETE /api/projects/{slug}/texts/{id}":   ofTeam("/api/projects/{slug}/texts/{id}", "", textOf),
		"POST /api/reports/{id}/decide":            decisions("/api/reports/{id}/decide", `{"do":"spam","reason":"x"}`),
		"POST /api/reports/{id}/release":           decisions("/api/reports/{id}/release", `{"reason":"x"}`),

		// What the reporter's link shows.
		"GET /status/{token}":              behind("", "", openOnly(200, 303), nil),
		"POST /status/{token}":             behind("", "text=", noneOf, nil),
		"GET /status/{token}/case":         behind("/case", "", openOnly(404, 200), bearerPage),
		"POST /status/{token}/case":        behind("/case", form("text", "x"), openOnly(404, 0), nil),
		"GET /status/{token}/files/{file}": bearerFiles,

		// Cases.
		"GET /cases":                                     listed("/cases?state=all&order=opened", allCases, (*world).visible, caseTitle),
		"GET /cases/new":                                 public("/cases/new"),
		"POST /cases/new":                                onProjects("/cases/new", form("project", "{project}", "title", "x", "reason", "x"), 404, team...),
		"GET /cases/{id}":                                both(onCases("/cases/{id}", "", everyone, page), onItems("/cases/{id}?after={item}", "", anyItem, readItem)),
		"POST /cases/{id}/messages":                      onCases("/cases/{id}/messages", form("text", "x"), writers, nil),
		"POST /cases/{id}/mails/{item}":                  onItems("/cases/{id}/mails/{item}", form("do", "in", "why_x", "x"), mailOf, decideItem(403)),
		"GET /cases/{id}/timeline":                       onCases("/cases/{id}/timeline", "", everyone, titleOf),
		"GET /cases/{id}/files":                          onCases("/cases/{id}/files", "", everyone, nil),
		"GET /cases/{id}/files/{file}":                   onItems("/cases/{id}/files/{item}", "", fileOf, readItem),
		"GET /cases/{id}/state/{to}":                     onCases("/cases/{id}/state/valid", "", teamForm, nil),
		"POST /cases/{id}/state/{to}":                    onCases("/cases/{id}/state/valid", form("reason", "x", "version", "1"), teamChange, nil),
		"GET /cases/{id}/assess":                         onCases("/cases/{id}/assess", "", teamForm, titleOf),
		"POST /cases/{id}/assess":                        onCases("/cases/{id}/assess", form("title", "x", "version", "1"), teamChange, nil),
		"GET /cases/{id}/affected":                       onCases("/cases/{id}/affected", "", teamForm, nil),
		"POST /cases/{id}/affected":                      onCases("/cases/{id}/affected", form("version", "1"), teamChange, nil),
		"GET /cases/{id}/facts/{fact}":                   onCases("/cases/{id}/facts/public", "", everyone, nil),
		"POST /cases/{id}/facts/{fact}":                  onCases("/cases/{id}/facts/public", form("evidence", "x", "set", "1"), never, nil),
		"POST /cases/{id}/claims/{claim}":                both(onCases("/cases/{id}/claims/"+id, form("answer_"+id, "x"), teamChange, nil), beyond("/cases/{id}/claims/{other}", "answer_{other}=x", elsewhere("casework_claim"))),
		"GET /cases/{id}/people":                         onCases("/cases/{id}/people", "", everyone, titleOf),
		"POST /cases/{id}/people/invite":                 onCases("/cases/{id}/people/invite", form("address", "x@y.example", "role", "observer"), teamChange, nil),
		"POST /cases/{id}/people/uninvite":               both(onCases("/cases/{id}/people/uninvite", form("invite", id), teamChange, nil), beyond("/cases/{id}/people/uninvite", "invite={other}", elsewhere("casework_invite"))),
		"GET /cases/{id}/people/{person}/{role}":         both(onCases("/cases/{id}/people/"+id+"/lead", "", never, nil), beyond("/cases/{id}/people/{other}/lead", "", unknown)),
		"POST /cases/{id}/people/{person}/{role}":        both(onCases("/cases/{id}/people/"+id+"/lead", form("reason", "x"), never, nil), beyond("/cases/{id}/people/{other}/lead", form("reason", "x"), unknown)),
		"POST /cases/{id}/people/{person}/{role}/change": both(onCases("/cases/{id}/people/"+id+"/lead/change", form("to_"+id+"lead", "member"), never, nil), beyond("/cases/{id}/people/{other}/lead/change", "to_{other}lead=member", unknown)),
		"GET /invitations/{token}":                       invitedBy("/invitations/", ""),
		"POST /invitations/{token}":                      invitedBy("/invitations/", form("agree", "1", "terms", "1")),
		"GET /search":                                    searched("/search"),
		"GET /api/search":                                searched("/api/search"),
		"GET /api/cases":                                 counted,
		"POST /api/cases":                                onProjects("/api/cases", `{"project":"{project}","title":"x","reason":"x"}`, 404, team...),
		"GET /api/cases/{id}":                            onCases("/api/cases/{id}", "", everyone, titleOf),
		"POST /api/cases/{id}/state":                     onCases("/api/cases/{id}/state", `{"to":"valid","reason":"x"}`, teamChange, nil),
		"PUT /api/cases/{id}/assessment":                 onCases("/api/cases/{id}/assessment", `{"title":"x"}`, teamChange, nil),
		"PUT /api/cases/{id}/affected":                   onCases("/api/cases/{id}/affected", `{"affected":[]}`, teamChange, nil),
		"POST /api/cases/{id}/facts/{fact}":              onCases("/api/cases/{id}/facts/public", `{"set":true,"evidence":"x"}`, teamChange, nil),
		"POST /api/cases/{id}/claims/{fact}":             onCases("/api/cases/{id}/claims/public", `{"text":"x"}`, never, nil),
		"GET /api/cases/{id}/items":                      both(onCases("/api/cases/{id}/items", "", everyone, talk), onItems("/api/cases/{id}/items?before={item}", "", anyItem, readItem)),
		"POST /api/cases/{id}/items":                     onCases("/api/cases/{id}/items", `{"text":"x"}`, writers, nil),
		"POST /api/cases/{id}/items/{item}/decision":     onItems("/api/cases/{id}/items/{item}/decision", `{"let_in":true,"reason":"x"}`, mailOf, decideItem(403)),
		"GET /api/cases/{id}/timeline":                   onCases("/api/cases/{id}/timeline", "", everyone, titleOf),
		"GET /api/cases/{id}/people":                     onCases("/api/cases/{id}/people", "", everyone, nil),
		"POST /api/cases/{id}/people":                    onCases("/api/cases/{id}/people", `{"address":"x@y.example","role":"observer"}`, teamChange, nil),
		"DELETE /api/cases/{id}/people/{person}/{role}":  both(onCases("/api/cases/{id}/people/"+id+"/lead?reason=x", "", never, nil), beyond("/api/cases/{id}/people/{other}/lead?reason=x", "", unknown)),
		"GET /api/cases/{id}/files":                      onCases("/api/cases/{id}/files", "", everyone, nil),
		"GET /api/cases/{id}/files/{file}":               onItems("/api/cases/{id}/files/{item}", "", fileOf, readItem),
		"POST /api/cases/{id}/files":                     onCases("/api/cases/{id}/files?name=x", "x", writers, nil),
		"PUT /api/cases/{id}/people/{person}/{role}":     onCases("/api/cases/{id}/people/"+id+"/lead", `{"to":"member"}`, never, nil),
		"DELETE /api/cases/{id}/invitations/{invite}":    both(onCases("/api/cases/{id}/invitations/"+id, "", teamChange, nil), beyond("/api/cases/{id}/invitations/{other}", "", elsewhere("casework_invite"))),
		"GET /api/cases/{id}/claims":                     onCases("/api/cases/{id}/claims", "", teamForm, nil),
		"POST /api/cases/{id}/claims/{claim}/answer":     both(onCases("/api/cases/{id}/claims/"+id+"/answer", `{"answer":"x"}`, teamChange, nil), beyond("/api/cases/{id}/claims/{other}/answer", `{"answer":"x"}`, elsewhere("casework_claim"))),
		"GET /api/people/invitations/{token}":            invitedBy("/api/people/invitations/", ""),
		"POST /api/people/invitations/{token}":           invitedBy("/api/people/invitations/", `{"accept":true,"terms_version":1}`),
		"GET /cases/{id}/cve":                            onCases("/cases/{id}/cve", "", everyone, titleOf),
		"POST /cases/{id}/cve":                           onCases("/cases/{id}/cve", form("do", "take"), teamChange, nil),
		"GET /cases/{id}/cve/ask":                        onCases("/cases/{id}/cve/ask", "", teamForm, titleOf),
		"POST /cases/{id}/cve/ask":                       onCases("/cases/{id}/cve/ask", form("to", "form", "text", "x"), teamChange, nil),
		"GET /api/cases/{id}/cve":                        onCases("/api/cases/{id}/cve", "", everyone, nil),
		"POST /api/cases/{id}/cve":                       onCases("/api/cases/{id}/cve", `{"do":"take"}`, teamChange, nil),
		"GET /teams/{project}/cve":                       onProjects("/teams/{slug}/cve", "", 404, leads...),
		"POST /teams/{project}/cve":                      onProjects("/teams/{slug}/cve", form("cna", "1"), 404, leads...),
		"GET /teams/{project}/cve/pool":                  onProjects("/teams/{slug}/cve/pool", "", 404, leads...),
		"POST /teams/{project}/cve/pool":                 onProjects("/teams/{slug}/cve/pool", form("number", id), 404, leads...),
		"GET /api/projects/{project}/cve":                onProjects("/api/projects/{slug}/cve", "", 404, leads...),
		"PUT /api/projects/{project}/cve":                onProjects("/api/projects/{slug}/cve", `{"cna":true}`, 404, leads...),
		"POST /api/projects/{project}/cve/pool":          onProjects("/api/projects/{slug}/cve/pool", `{"number":"`+id+`"}`, 404, leads...),
		"GET /cases/{id}/fixes":                          onCases("/cases/{id}/fixes", "", everyone, titleOf),
		"POST /cases/{id}/fixes":                         onCases("/cases/{id}/fixes", form("product", id, "fixes", "x", "version", "9"), teamChange, nil),
		"POST /cases/{id}/fixes/answer":                  onCases("/cases/{id}/fixes/answer", form("product", id, "fix", "x", "version", "9"), teamChange, nil),
		"POST /cases/{id}/fixes/take":                    onCases("/cases/{id}/fixes/take", form("product", id, "version", "9"), never, nil),
		"GET /cases/{id}/fixes/matrix.svg":               onCases("/cases/{id}/fixes/matrix.svg", "", never, nil),
		"GET /cases/{id}/fixes/patches":                  onCases("/cases/{id}/fixes/patches?product="+id, "", never, nil),
		"POST /cases/{id}/fixes/patches":                 onCases("/cases/{id}/fixes/patches", form("product", id, "text", "x", "version", "9"), teamChange, nil),
		"GET /api/cases/{id}/fixes/patches":              onCases("/api/cases/{id}/fixes/patches", "", everyone, nil),
		"PUT /api/cases/{id}/fixes/patches":              onCases("/api/cases/{id}/fixes/patches", `{"product":"`+id+`","patches":[{"text":"eA=="}]}`, teamChange, nil),
		"POST /cases/{id}/fixes/leaks":                   onCases("/cases/{id}/fixes/leaks", form("product", id, "commit", "x"), teamChange, nil),
		"POST /api/cases/{id}/fixes/leaks":               onCases("/api/cases/{id}/fixes/leaks", `{"product":"`+id+`","commit":"x","dismiss":true,"reason":""}`, teamChange, nil),
		"GET /api/cases/{id}/fixes":                      onCases("/api/cases/{id}/fixes", "", everyone, nil),
		"PUT /api/cases/{id}/fixes":                      onCases("/api/cases/{id}/fixes", `{"product":"`+id+`","fixes":["x"]}`, teamChange, nil),
		"POST /api/cases/{id}/fixes/answer":              onCases("/api/cases/{id}/fixes/answer", `{"product":"`+id+`","version":9,"branch":"x","fix":"x","head":"x","state":"fixed","why":"x"}`, teamChange, nil),
		"POST /api/cases/{id}/fixes/take":                onCases("/api/cases/{id}/fixes/take", `{"product":"`+id+`","version":9,"matrix":"x"}`, never, nil),
		"GET /cases/{id}/embargo":                        onCases("/cases/{id}/embargo", "", everyone, titleOf),
		"POST /cases/{id}/embargo":                       onCases("/cases/{id}/embargo", form("kind", "end", "reason", "x", "version", "1"), teamChange, nil),
		"GET /api/cases/{id}/embargo":                    onCases("/api/cases/{id}/embargo", "", everyone, nil),
		"POST /api/cases/{id}/embargo/proposal":          onCases("/api/cases/{id}/embargo/proposal", `{"kind":"end","reason":"x"}`, teamChange, nil),
		"POST /api/cases/{id}/embargo":                   onCases("/api/cases/{id}/embargo", `{"kind":"end","reason":"x"}`, teamChange, nil),

		// Advisories in work.
		"GET /advisory":                                  listed("/advisory", drafts, draftsFor, draftTitle),
		"GET /advisory/{id}":                             onDrafts("/advisory/{id}", "", 200, titleOfDraft),
		"POST /advisory/{case}/draft":                    draftOf("/advisory/{id}/draft", "x=1"),
		"GET /advisory/{id}/edit":                        onDrafts("/advisory/{id}/edit", "", 200, draftWords),
		"POST /advisory/{id}/edit":                       onDrafts("/advisory/{id}/edit", form("title", "x"), 0, nil),
		"GET /advisory/{id}/preview/{format}":            onDrafts("/advisory/{id}/preview/csaf", "", 200, draftWords),
		"GET /api/advisories":                            listed("/api/advisories", drafts, draftsFor, draftID),
		"GET /api/advisories/{id}":                       onDrafts("/api/advisories/{id}", "", 200, draftWords),
		"POST /api/cases/{case}/advisory":                draftOf("/api/cases/{id}/advisory", ""),
		"PUT /api/advisories/{id}/record":                onDrafts("/api/advisories/{id}/record", `{"base":"x","record":{"title":"x","summary":"x","impact":"x","branches":[],"tlp":"WHITE","lang":"en"}}`, 0, nil),
		"GET /api/advisories/{id}/preview/{format}":      onDrafts("/api/advisories/{id}/preview/text", "", 200, draftWords),
		"POST /api/projects/{project}/advisories/import": nobodyOnly("/api/projects/alder/advisories/import", `{}`),

		"GET /api/projects/{project}/readers":         onProjects("/api/projects/{slug}/readers", "", 404, leads...),
		"POST /api/projects/{project}/readers":        onProjects("/api/projects/{slug}/readers", `{"name":"","level":"x","days":0}`, 404, leads...),
		"DELETE /api/projects/{project}/readers/{id}": ofTeam("/api/projects/{slug}/readers/{id}", "", readerOf),

		"GET /api/site/changed": adminOnly("/api/site/changed?since=999999", ""),

		"POST /api/projects/{project}/advisories/publish": onProjects("/api/projects/{slug}/advisories/publish", `{"advisories":[{"id":"`+id+`","hash":"x"}]}`, 404),

		// The public site.
		"GET /{$}":                      public("/"),
		"GET /check":                    public("/check"),
		"POST /check":                   posts("/check", form("document", "{}", "preset", "basic")),
		"POST /api/v1/validate":         posts("/api/v1/validate", `{"tests":[{"type":"preset","name":"basic"}],"document":{}}`),
		"GET /api/v1/tests":             public("/api/v1/tests"),
		"GET /advisories":               public("/advisories"),
		"GET /advisories/{slug}":        public("/advisories/alder", "/advisories/birch", "/advisories/nothing"),
		"GET /advisories/{slug}/{file}": public("/advisories/alder/atom.xml", "/advisories/alder/ald-2026-0001.html"),
		"GET /advisories/advisory.css":  public("/advisories/advisory.css"),
		"GET /reporting":                public("/reporting"),
		"GET /reporting/{slug}":         public("/reporting/alder", "/reporting/birch"),
		"GET /policy/{slug}":            public("/policy/alder", "/policy/birch"),
		"GET /team/{slug}":              public("/team/alder", "/team/birch"),
		"GET /csaf/":                    public("/csaf/", "/csaf/alder/", "/csaf/alder/index.txt", "/csaf/alder/changes.csv"),
		"GET /osv/":                     public("/osv/alder/all.json", "/osv/birch/all.json", "/osv/alder/x_ALD-2026-0001.json"),
		"GET /.well-known/csaf/":        public("/.well-known/csaf/", "/.well-known/csaf/provider-metadata.json"),
		"GET /.well-known/security.txt": public("/.well-known/security.txt"),
		"GET /security.txt":             public("/security.txt"),
	}
	t["GET /teams/{project}/readers"] = onProjects("/teams/{slug}/readers", "", 404, leads...)
	t["POST /teams/{project}/readers"] = onProjects("/teams/{slug}/readers", form("name", ""), 404, leads...)
	t["POST /teams/{project}/readers/{id}"] = ofTeam("/teams/{slug}/readers/{id}", form("do", "end"), readerOf)
	t["GET /teams/{project}/signatures"] = onProjects("/teams/{slug}/signatures", "", 404, leads...)
	t["POST /teams/{project}/signatures"] = onProjects("/teams/{slug}/signatures", "x=1", 404, leads...)
	t["GET /api/projects/{project}/resign"] = onProjects("/api/projects/{slug}/resign", "", 404, leads...)
	t["POST /api/projects/{project}/resign"] = onProjects("/api/projects/{slug}/resign", `{}`, 404, leads...)
	t["GET /teams/{project}/downstreams"] = onProjects("/teams/{slug}/downstreams", "", 404, leads...)
	t["POST /teams/{project}/downstreams"] = onProjects("/teams/{slug}/downstreams", form("kind", "x"), 404, leads...)
	t["GET /api/projects/{project}/downstreams"] = onProjects("/api/projects/{slug}/downstreams", "", 404, leads...)
	t["POST /api/projects/{project}/downstreams"] = onProjects("/api/projects/{slug}/downstreams", `{"name":"x"}`, 404, leads...)
	for op, body := range map[string]string{
		"GET /teams/{project}/downstreams/{id}": "", "POST /teams/{project}/downstreams/{id}": form("do", "pause"),
		"GET /api/projects/{project}/downstreams/{id}": "", "PUT /api/projects/{project}/downstreams/{id}": `{"name":"x"}`, "DELETE /api/projects/{project}/downstreams/{id}": "",
		"POST /api/projects/{project}/downstreams/{id}/secret": `{}`, "POST /api/projects/{project}/downstreams/{id}/retry": `{}`,
	} {
		_, path, _ := strings.Cut(op, " ")
		t[op] = ofTeam(strings.Replace(path, "{project}", "{slug}", 1), body, subscriberOf)
	}
	t["GET /subscribe/{project}"] = public("/subscribe/alder", "/subscribe/birch")
	t["POST /subscribe/{project}"] = posts("/subscribe/alder", form("address", ""))
	t["GET /subscribe/confirm/{token}"] = public("/subscribe/confirm/nothing")
	t["POST /subscribe/confirm/{token}"] = posts("/subscribe/confirm/nothing", "x=1")
	t["GET /unsubscribe/{token}"] = public("/unsubscribe/nothing")
	t["POST /unsubscribe/{token}"] = posts("/unsubscribe/nothing", "List-Unsubscribe=One-Click")
	t["GET /advisory/{id}/adopt"] = onDrafts("/advisory/{id}/adopt", "", 200, nil)
	t["POST /advisory/{id}/adopt"] = onDrafts("/advisory/{id}/adopt", form("hash", "x", "branch", "x"), 0, nil)
	t["POST /api/advisories/{id}/adopt"] = onDrafts("/api/advisories/{id}/adopt", `{"hash":"x","branches":["x"]}`, 0, nil)
	for _, a := range []string{"approve", "arm", "disarm", "confirm", "hold", "release", "publish", "withdraw", "supersede", "abandon", "retry"} {
		t["GET /advisory/{id}/"+a] = onDrafts("/advisory/{id}/"+a, "", 200, nil)
		t["POST /advisory/{id}/"+a] = onDrafts("/advisory/{id}/"+a, form("hash", "x", "reason", "x"), 0, nil)
		t["POST /api/advisories/{id}/"+a] = onDrafts("/api/advisories/{id}/"+a, `{"hash":"x","reason":"x"}`, 0, nil)
	}
	return t
}
