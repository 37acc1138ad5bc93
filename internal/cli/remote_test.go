package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/cli"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// realSite is the real program behind a listener, with a project, its chair, a deputy,
// and an API token for each.
type realSite struct {
	t       *testing.T
	app     *server.App
	url     string
	cfg     config.Config
	project people.Project
	tokens  map[string]string // by name: chair, deputy
}

func newRealSite(t *testing.T) *realSite {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "site.key")
	must(t, os.WriteFile(key, []byte(seal.NewSiteKey().Text()), 0o600))
	cfg, err := config.Load("", nil, map[string]string{"data": filepath.Join(dir, "data"), "site-key-file": key})
	must(t, err)
	app, err := server.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	must(t, err)
	web := httptest.NewServer(app.Handler())
	t.Cleanup(func() { web.Close(); app.Close() })
	s := &realSite{t: t, app: app, url: web.URL, cfg: cfg, tokens: map[string]string{}}
	admin := people.AsJob(account.JobAdmin)
	chair, link, err := app.Admin.InvitePerson(t.Context(), admin, account.InvitePerson{Address: "mira@lanterna.example", Name: "Mira"})
	must(t, err)
	s.project, err = app.Admin.CreateProject(t.Context(), admin, account.CreateProject{Terms: "Keep it to yourself.", Chair: chair.ID, Project: people.Project{
		Slug: "lanterna", Name: "Lanterna", Addresses: []string{"security@lanterna.example"}, Series: "LAN", Policy: people.DefaultPolicy(),
		Publisher: people.Publisher{Namespace: "https://lanterna.example", Category: "vendor", Contact: "security@lanterna.example"},
	}})
	must(t, err)
	s.join("chair", chair.ID, "mira@lanterna.example", link)
	return s
}

// deputy brings in a second person.
func (s *realSite) deputy() {
	s.t.Helper()
	ctx, chair := s.t.Context(), s.person("chair")
	must(s.t, s.app.Members.Enter(ctx, chair, s.project.ID, "jonas@lanterna.example", "Jonas", "Maintains the stable branches."))
	view, err := s.app.Members.View(ctx, chair, s.project.ID)
	must(s.t, err)
	for _, j := range view.Joins {
		if j.State != people.Asked {
			continue
		}
		must(s.t, s.app.Members.Approve(ctx, chair, j.ID, "There is nobody else to vouch."))
		link, err := s.app.Admin.NewLink(ctx, people.AsJob(account.JobAdmin), j.Person, false)
		must(s.t, err)
		s.join("deputy", j.Person, "jonas@lanterna.example", link)
		must(s.t, s.app.Members.SetRole(ctx, chair, s.project.ID, j.Person, people.Deputy, true))
	}
}

// join accepts an invitation and makes an API token.
func (s *realSite) join(name string, id people.PersonID, address string, link secret.String) {
	s.t.Helper()
	from := account.Client{Remote: netip.MustParseAddr("127.0.0.1")}
	token := secret.New(link.Reveal()[strings.LastIndexByte(link.Reveal(), '/')+1:])
	opened, err := s.app.Accounts.OpenLink(s.t.Context(), token, from)
	must(s.t, err)
	accept := map[people.ProjectID]int{}
	for _, t := range opened.Terms {
		accept[t.Project] = t.Version
	}
	_, err = s.app.Accounts.UseLink(s.t.Context(), account.UseLink{Token: token, Name: name, Address: address,
		Password: secret.New("seven grey herons over the weir"), Zone: "UTC", Accept: accept, Client: from})
	must(s.t, err)
	_, raw, err := s.app.Accounts.MakeToken(s.t.Context(), people.AsPerson(id), account.NewToken{Name: "cli", Write: true, Days: 1})
	must(s.t, err)
	s.tokens[name] = raw.Reveal()
	s.tokens[name+".id"] = string(id)
}

func (s *realSite) person(name string) people.Scope {
	return people.AsPerson(people.PersonID(s.tokens[name+".id"]))
}

// mail brings a report in.
func (s *realSite) mail(subject string) {
	s.t.Helper()
	raw := "From: Eve <eve@research.example>\r\nTo: security@lanterna.example\r\nSubject: " + subject +
		"\r\nMessage-ID: <" + strings.ReplaceAll(subject, " ", ".") + "@research.example>\r\n\r\nIt crashes.\r\n"
	must(s.t, s.app.Door.Accept(s.t.Context(), desk.Incoming{From: "eve@research.example", To: []string{"security@lanterna.example"},
		HELO: "mx.research.example", TLS: true, Body: strings.NewReader(raw)}))
	must(s.t, s.app.Drain(s.t.Context()))
}

// run runs a command as somebody and returns its exit code and what it printed.
func (s *realSite) run(who, stdin string, args ...string) (int, string, string) {
	var out, errs bytes.Buffer
	code := cli.Main(s.t.Context(), cli.Env{In: strings.NewReader(stdin), Out: &out, Err: &errs,
		Environ: []string{"TOCSIN_URL=" + s.url, "TOCSIN_TOKEN=" + s.tokens[who]}}, args)
	return code, out.String(), errs.String()
}

// ok is run for a command that works.
func (s *realSite) ok(who string, args ...string) string {
	s.t.Helper()
	code, out, errs := s.run(who, "", args...)
	if code != 0 {
		s.t.Fatalf("tocsin %s: exit code %d: %s%s", strings.Join(args, " "), code, out, errs)
	}
	return strings.TrimSpace(out)
}

// into is ok with --json, read into v.
func (s *realSite) into(v any, who string, args ...string) {
	s.t.Helper()
	out := s.ok(who, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		s.t.Fatalf("tocsin %s: %v in %s", strings.Join(args, " "), err, out)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRemoteCommandsAgreeWithTheServer runs the remote commands against the real handler with real
// tokens: an operation that is missing, or whose JSON differs from the client's, fails here.
func TestRemoteCommandsAgreeWithTheServer(t *testing.T) {
	s := newRealSite(t)
	s.deputy()
	s.mail("stack overflow in the parser")
	s.mail("free pills")
	moderation(t, s)
	advisories(t, s)

	code, _, errs := s.run("nobody", "", "report", "list")
	if code == 0 || errs == "" {
		t.Errorf("without a token: exit code %d, %q", code, errs)
	}
	s.tokens["nobody"] = account.TokenPrefix + strings.Repeat("a", 43)
	if code, out, errs := s.run("nobody", "", "case", "list"); code == 0 || out != "" {
		t.Errorf("with a token that never was: exit code %d, %q, %q", code, out, errs)
	}
}

func moderation(t *testing.T, s *realSite) {
	var held []struct{ ID, Title, State, Project, From string }
	s.into(&held, "chair", "report", "list")
	if len(held) != 2 || held[0].State != "held" || held[0].From != "eve@research.example" || held[0].Project != string(s.project.ID) {
		t.Fatalf("held: %+v", held)
	}
	if held[0].Title != "stack overflow in the parser" {
		held[0], held[1] = held[1], held[0]
	}
	var report struct {
		Title    string
		Exchange []struct{ Text, From string }
	}
	s.into(&report, "chair", "report", "show", held[0].ID)
	if report.Title != "stack overflow in the parser" || len(report.Exchange) == 0 || !strings.Contains(report.Exchange[0].Text, "It crashes.") {
		t.Fatalf("report: %+v", report)
	}
	s.ok("chair", "report", "reject", held[1].ID, "--reason", "an advertisement", "--quiet")
	if code, _, errs := s.run("chair", "", "report", "release", held[0].ID, "--reason", ""); code == 0 {
		t.Errorf("a release without a reason: %q", errs)
	}
	var opened struct{ Case string }
	s.into(&opened, "chair", "report", "release", held[0].ID, "--reason", "reproduced", "--title", "Crash in the parser")
	s.into(&held, "chair", "report", "list", "--state", "released")
	if len(held) != 1 || opened.Case == "" {
		t.Fatalf("released: %+v, case %q", held, opened.Case)
	}
	s.into(&held, "chair", "report", "list", "--state", "rejected")
	if len(held) != 1 {
		t.Fatalf("rejected: %+v", held)
	}
	casework(t, s, opened.Case)
}

func casework(t *testing.T, s *realSite, id string) {
	var list []struct{ ID, Title, State, Role string }
	s.into(&list, "deputy", "case", "list")
	if len(list) != 1 || list[0].ID != id || list[0].Role != "lead" {
		t.Fatalf("the deputy's cases: %+v", list)
	}
	s.ok("chair", "case", "message", id, "--internal", "--text", "bisected to the parser")
	s.ok("chair", "case", "message", id, "--text", "Thank you, we can reproduce it.")
	s.ok("deputy", "case", "state", id, "valid", "--reason", "a crash from outside")
	var one struct {
		Title, State, Reason string
		Embargo              string `json:"embargo_until"`
		Items                []struct{ Text, Audience string }
	}
	s.into(&one, "chair", "case", "show", id, "--messages")
	if one.Title != "Crash in the parser" || one.State != "valid" || one.Reason != "a crash from outside" || one.Embargo == "" || len(one.Items) < 3 {
		t.Fatalf("the case: %+v", one)
	}
	if code, _, errs := s.run("chair", "", "case", "state", id, "received", "--reason", "no way back"); code == 0 {
		t.Errorf("a move that the model does not have: %q", errs)
	}
	var drafted struct{ ID, Case, State string }
	s.into(&drafted, "chair", "advisory", "draft", id)
	if drafted.Case != id || drafted.State != "drafting" {
		t.Errorf("the draft: %+v", drafted)
	}
}

func advisories(t *testing.T, s *realSite) {
	doc, err := os.ReadFile(filepath.Join("testdata", "lan-2024-0001.json"))
	must(t, err)
	var done []struct{ ID, Number, Hash string }
	code, out, errs := s.run("chair", string(doc), "advisory", "import", "--project", "lanterna", "--json", "-")
	if code != 0 {
		t.Fatalf("import: %s%s", out, errs)
	}
	must(t, json.Unmarshal([]byte(out), &done))
	if len(done) != 1 || done[0].Number != "LAN-2024-0001" || done[0].Hash == "" {
		t.Fatalf("imported: %+v", done)
	}
	id := done[0].ID
	var one struct {
		ID, State, Number string
		Record            struct{ Title string }
		Published         []struct{ Version string }
	}
	s.into(&one, "deputy", "advisory", "approve", id, "--hash", done[0].Hash)
	s.into(&one, "deputy", "advisory", "publish", id)
	must(t, s.app.Drain(t.Context()))
	s.into(&one, "chair", "advisory", "show", id)
	if one.State != "published" || one.Record.Title == "" || len(one.Published) != 1 {
		t.Fatalf("published: %+v", one)
	}
	var all []struct{ ID, State string }
	s.into(&all, "chair", "advisory", "list", "--state", "published")
	if len(all) != 1 {
		t.Fatalf("advisories: %+v", all)
	}
	if got := s.ok("chair", "advisory", "export", id); !strings.Contains(got, `"LAN-2024-0001"`) {
		t.Errorf("the export is %.200s", got)
	}
}
