package pages

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

// pagesOfATeam fills the pages on which a team keeps its CVE account, keys, signatures,
// subscribers and readers, and looks at each with something on it: what is shown once, what
// was refused, and long names on a narrow screen.
func pagesOfATeam(t *testing.T, h house) {
	api := cveservices.New(t)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(hook.Close)
	s, link := h.demo("--egress-allow", "127.0.0.0/8")
	v := &visitor{typist: typist{t, h.b.Open(s.URL+"/", browser.View{})}}
	signIn(t, v.p, link)
	team := s.URL + "/teams/lanterna"
	const long = "Distribution-with-a-name-that-has-no-blank-and-goes-on-for-a-while"

	v.p.Go(team + "/readers")
	v.examines("readers_none")
	v.writes("#f-name", long)
	v.chooses("f-kind", "certificate")
	v.sends("readers_refused", "main form button.main", http.StatusUnprocessableEntity)
	v.complains("f-certificate")
	v.keeps("#f-name", long)
	v.writes("#f-certificate", strings.Repeat("ab:", 31)+"ab")
	v.sends("readers_certificate", "main form button.main", http.StatusOK)
	v.reads(long, "Client certificate", "never")
	v.writes("#f-name", "Debian security team")
	v.chooses("f-level", "RED")
	v.sends("readers_token", "main form button.main", http.StatusOK)
	v.reads("tcr_", "Debian security team", "AMBER and RED")
	v.p.Go(team + "/readers")
	if strings.Contains(v.p.Text("main"), "tcr_") {
		t.Error("the token is shown again")
	}
	v.sends("readers_ended", `main table button.danger`, http.StatusOK)
	v.reads("shut out")

	v.p.Go(team + "/downstreams")
	v.examines("downstreams_none")
	v.writes("#f-name", long)
	v.writes("#f-url", "ftp://nowhere")
	v.sends("downstreams_refused", "main form button.main", http.StatusUnprocessableEntity)
	v.complains("f-url")
	v.clears("f-url")
	v.writes("#f-url", hook.URL+"/"+strings.Repeat("a-long-path/", 12))
	v.writes("#f-products", "lanternd / 2.4")
	v.sends("downstream_secret", "main form button.main", http.StatusOK)
	v.reads("whsec_", long)
	v.p.Go(team + "/downstreams")
	v.examines("downstreams_some")

	v.p.Go(team + "/cve")
	v.p.Click(`#f-cna`)
	for field, text := range map[string]string{"f-url": api.URL, "f-org": cveservices.Org, "f-user": cveservices.User, "f-key": cveservices.Key, "f-low": "1", "f-fill": "3"} {
		v.clears(field)
		v.writes("#"+field, text)
	}
	v.sends("cve_setup", "main form button.main", http.StatusOK)
	v.waits(func() bool {
		v.p.Go(team + "/cve/pool")
		return strings.Contains(v.p.Text("main"), "CVE-")
	})
	v.examines("cve_pool")

	v.p.Go(team + "/keys")
	v.examines("keys")
	v.p.Go(team + "/signatures")
	v.examines("signatures")
	v.sends("signatures_started", "main form button", http.StatusOK)
}

// chooses picks an option of a list or of radio buttons.
func (v *visitor) chooses(id, value string) {
	v.t.Helper()
	if !browser.Eval[bool](v.p, `(() => { const e = document.getElementById("`+id+`"); const name = "`+strings.TrimPrefix(id, "f-")+`";
		if (e && e.tagName === "SELECT") { e.value = "`+value+`"; return e.value === "`+value+`" }
		const r = document.querySelector('input[name="' + name + '"][value="`+value+`"]'); if (r) r.click(); return !!r })()`) {
		v.t.Fatalf("%s cannot be %s\n%s", id, value, v.p.Describe())
	}
}

// clears empties a field.
func (v *visitor) clears(id string) {
	v.t.Helper()
	browser.Eval[bool](v.p, `(() => { document.getElementById("`+id+`").value = ""; return true })()`)
}
