package cvedb_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/cve/cvedb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

// site is a case site with numbers, and CVE Services made from their description.
type site struct {
	*caseworktest.Site
	CVE     *cve.Service
	Server  *cveservices.Server
	records map[string]published // by advisory
	after   func(*http.Request)  // after an answer of the API came
}

type published struct {
	cve       string
	container string
}

// errKilled ends a job where a process would have ended.
var errKilled = errors.New("killed")

func sources() []sqldb.Source { return append(caseworktest.Sources(), cvedb.Migrations()) }

func each(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) { f(t, newSite(t, caseworktest.New(t, e))) })
}

func sqlite(t *testing.T) *site {
	t.Helper()
	return newSite(t, caseworktest.New(t, sqldbtest.SQLite(t, sources())))
}

func newSite(t *testing.T, cs *caseworktest.Site) *site {
	t.Helper()
	s := &site{Site: cs, Server: cveservices.New(t), records: map[string]published{}}
	s.Server.At(s.Clock.Now)
	store := &cvedb.Store{Seal: s.Seal}
	s.CVE = &cve.Service{Work: s.Work, Setups: store, Numbers: store, Cases: s.Cases, Grants: s.Grants, Projects: s.Cases.People,
		Post: &people.Post{Store: s.People, Domain: "tocsin.example"}, Records: s, Dial: s.dial, Origin: "https://tocsin.example"}
	s.Handle(jobs.Handler{Kind: cve.KindRefill, Run: s.CVE.Refill}, jobs.Handler{Kind: cve.KindWrite, Run: s.CVE.Write},
		jobs.Handler{Kind: cve.KindFollow, Run: s.CVE.Follow}, jobs.Handler{Kind: cve.KindRemind, Run: s.CVE.Remind})
	return s
}

// RoundTrip hands requests on and lets a test end the process behind an answer.
func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := s.Server.HTTP.Transport.RoundTrip(r)
	if err == nil && s.after != nil {
		s.after(r)
	}
	return a, err
}

func (s *site) dial(a cve.Account) (cve.API, error) {
	return services.New(services.Config{URL: a.URL, Org: a.Org, User: a.User, Key: services.NewKey(a.Key.Reveal()),
		HTTP: &http.Client{Transport: s}, Wait: func(context.Context, time.Duration) error { return nil }})
}

// Container implements cve.Records.
func (s *site) Container(_ context.Context, _ unit.View, _ people.Scope, _ casework.CaseID, advisory string) (string, []byte, error) {
	p, ok := s.records[advisory]
	if !ok {
		return "", nil, fault.Missing()
	}
	return p.cve, []byte(p.container), nil
}

// publish publishes an advisory of a case.
func (s *site) publish(t *testing.T, id casework.CaseID, advisory, name, text string, withdrawn bool) {
	t.Helper()
	s.records[advisory] = published{name, `{"descriptions":[{"lang":"en","value":"` + text + `"}],"affected":[{"vendor":"Lanterna","product":"lanterna",` +
		`"packageURL":"pkg:generic/lanterna","versions":[{"version":"1.0","status":"affected","lessThan":"1.2","versionType":"semver"}]}],` +
		`"references":[{"url":"https://tocsin.example/advisories/lan-2026-0001.html"}]}`}
	s.Do(t, func(_ context.Context, tx unit.Tx) error {
		cve.Advised(tx, s.Project, id, advisory, withdrawn)
		return nil
	})
}

func (s *site) setup(t *testing.T, low, fill int) {
	t.Helper()
	in := cve.Setup{Project: s.Project, CNA: true, URL: s.Server.URL, Org: cveservices.Org, User: cveservices.User, Low: low, Fill: fill, Version: s.read(t).Version}
	if err := s.CVE.Change(t.Context(), s.Chair, in, secret.New(cveservices.Key)); err != nil {
		t.Fatal(err)
	}
}

func (s *site) read(t *testing.T) cve.Setup {
	t.Helper()
	set, _ := s.pool(t)
	return set
}

func (s *site) pool(t *testing.T) (set cve.Setup, free []cve.Number) {
	t.Helper()
	s.View(t, func(ctx context.Context, v unit.View) (err error) {
		set, free, err = s.CVE.Pool(ctx, v, s.Chair, s.Project)
		return err
	})
	return set, free
}

func (s *site) numbers(t *testing.T, id casework.CaseID) (all []cve.Number) {
	t.Helper()
	s.View(t, func(ctx context.Context, v unit.View) (err error) {
		all, err = s.CVE.OfCase(ctx, v, s.Chair, id)
		return err
	})
	return all
}

func (s *site) one(t *testing.T, id casework.CaseID) cve.Number {
	t.Helper()
	all := s.numbers(t, id)
	if len(all) != 1 {
		t.Fatalf("%d numbers", len(all))
	}
	return all[0]
}

// letters counts the letters with a key.
func (s *site) letters(t *testing.T) int { return s.Letters(t) }

// kill ends jobs behind the n-th answer to a request that is no GET.
func (s *site) kill(n int) {
	s.after = func(r *http.Request) {
		if r.Method != http.MethodGet {
			if n--; n == 0 {
				s.after = nil
				panic(errKilled)
			}
		}
	}
}

// killed runs a job that does not come to its end.
func (s *site) killed(t *testing.T, run func(context.Context, unit.Running) error, j unit.Job) {
	t.Helper()
	defer func() {
		if r := recover(); r != errKilled {
			t.Fatalf("the job was not killed: %v", r)
		}
	}()
	_ = run(t.Context(), unit.Running{Job: j, ID: "killed-" + j.Kind, Attempt: 1, Fence: noFence{}})
}

type noFence struct{}

func (noFence) Done(context.Context, unit.Tx) error      { return nil }
func (noFence) Progress(context.Context, int, int) error { return nil }
func contains(data []byte, s string) bool                { return strings.Contains(string(data), s) }
func member(t *testing.T, data []byte, name string) (out any) {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m[name]
}
