package upkeep_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/upkeep"
	"github.com/tocsin-sec/tocsin/kit/client"
)

// site answers with one state of a run after another, the last one for ever.
type site struct {
	begin  int // status of the request that begins a run
	states []string
	asked  int
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/cve") {
		fmt.Fprint(w, `{"cna":true,"org":"lan","low":3,"fill":9,"quota":100,"available":80,"checked":"2026-03-01T10:00:00Z","free":[{"cve":"CVE-2026-1"},{"cve":"CVE-2026-2"}]}`)
		return
	}
	if r.Method == http.MethodPost && s.begin != 200 {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(s.begin)
		fmt.Fprint(w, `{"title":"no"}`)
		return
	}
	fmt.Fprint(w, s.states[min(s.asked, len(s.states)-1)])
	s.asked++
}

// run runs a command against the site.
func run(t *testing.T, s *site, pause func(context.Context, time.Duration) error, make func(upkeep.Site) *cobra.Command, args ...string) (out, errs string, err error) {
	t.Helper()
	web := httptest.NewServer(s)
	defer web.Close()
	var o, e bytes.Buffer
	var asJSON bool
	c := make(upkeep.Site{Out: &o, Err: &e, Text: func(key string, _ ...any) string { return "said " + key }, Wait: pause,
		Flags: func(c *cobra.Command) (upkeep.Remote, *bool) {
			c.Flags().BoolVar(&asJSON, "json", false, "")
			return func(c *cobra.Command, f func(context.Context, *client.Client) error) error {
				return f(c.Context(), &client.Client{URL: web.URL, Token: "t"})
			}, &asJSON
		}})
	c.SetArgs(args)
	c.SilenceErrors, c.SilenceUsage = true, true
	err = c.ExecuteContext(t.Context())
	return o.String(), e.String(), err
}

func at(state string, done int, problem string) string {
	return fmt.Sprintf(`{"state":%q,"done":%d,"total":40,"problem":%q}`, state, done, problem)
}

func TestSigningAnewIsWaitedFor(t *testing.T) {
	at0, at20, done := at("running", 0, ""), at("running", 20, ""), at("done", 40, "")
	for fact, x := range map[string]struct {
		begin  int
		states []string
		args   []string
		pauses int
		out    string
		errs   string
		fails  string
	}{
		"until it is done, with progress":          {200, []string{at0, at0, at20, done}, []string{"--wait"}, 3, "done  40 of 40", "0 of 40 files\n20 of 40 files\n", ""},
		"one that somebody else began":             {409, []string{at20, done}, []string{"--wait"}, 1, "done", "20 of 40", ""},
		"one that is given up":                     {200, []string{at0, at("failed", 20, "x.y")}, []string{"--wait"}, 1, "failed  20 of 40 files  said x.y", "", "not every signature is new"},
		"without --wait it only begins":            {200, []string{at0, done}, nil, 0, "running  0 of 40", "", ""},
		"one that runs already, without --wait":    {409, []string{at0}, nil, 0, "", "", "no"},
		"--status asks alone":                      {409, []string{at20}, []string{"--status"}, 0, "running  20 of 40", "", ""},
		"--status with --wait is wrong":            {200, []string{at0}, []string{"--status", "--wait"}, 0, "", "", "none of the others can be"},
		"who may not begin one hears that at once": {404, []string{at0}, []string{"--wait"}, 0, "", "", "no"},
		"JSON says the same and nothing else":      {200, []string{at0, done}, []string{"--wait", "--json"}, 1, `"state": "done"`, "", ""},
	} {
		t.Run(fact, func(t *testing.T) {
			pauses := 0
			out, errs, err := run(t, &site{begin: x.begin, states: x.states}, func(context.Context, time.Duration) error { pauses++; return nil },
				func(s upkeep.Site) *cobra.Command { return s.Resign("site") }, append([]string{"--project", "lan"}, x.args...)...)
			if pauses != x.pauses || !strings.Contains(out, x.out) || !strings.Contains(errs, x.errs) || (err == nil) != (x.fails == "") || err != nil && !strings.Contains(err.Error(), x.fails) {
				t.Errorf("%d pauses, out %q, errors %q, %v", pauses, out, errs, err)
			}
		})
	}
	stop := func(context.Context, time.Duration) error { return context.Canceled }
	if _, _, err := run(t, &site{begin: 200, states: []string{at0}}, stop, func(s upkeep.Site) *cobra.Command { return s.Resign("site") }, "--project", "lan", "--wait"); err != context.Canceled {
		t.Errorf("interrupted: %v", err)
	}
}

func TestThePoolCountsWhatIsFreeAndWhatIsUsed(t *testing.T) {
	out, _, err := run(t, &site{}, nil, upkeep.Site.Pools, "--project", "lan", "--json")
	for _, want := range []string{`"free": 2`, `"used": 18`, `"low": 3`, `"available": 80`, `"CVE-2026-1"`} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("no %s in %s %v", want, out, err)
		}
	}
	if out, _, _ := run(t, &site{}, nil, upkeep.Site.Pools, "--project", "lan"); !strings.Contains(out, "80 of 100") {
		t.Errorf("the table is\n%s", out)
	}
}
