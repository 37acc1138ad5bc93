package services_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/cve/services"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

const container = `{"descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"Example","product":"httpd",
 "versions":[{"version":"1.0","status":"affected","lessThan":"1.2","versionType":"semver"}]}],"references":[{"url":"https://example.org/a"}],
 "problemTypes":[{"descriptions":[{"lang":"en","description":"Out-of-bounds write"}]}],
 "metrics":[{"format":"CVSS","cvssV3_1":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.0,"baseSeverity":"CRITICAL"}}]}`

func dial(t *testing.T, s *cveservices.Server, change func(*services.Config)) *services.Client {
	t.Helper()
	cfg := services.Config{URL: s.URL, Org: cveservices.Org, User: cveservices.User, Key: services.NewKey(cveservices.Key), HTTP: s.HTTP,
		Wait: func(context.Context, time.Duration) error { return nil }}
	if change != nil {
		change(&cfg)
	}
	c, err := services.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask reserves n ids of 2026.
func ask(t *testing.T, c *services.Client, n int) []services.ID {
	t.Helper()
	ticket, err := c.Prepare(t.Context(), services.Ask{Year: 2026, Amount: n})
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Reserve(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	return b.IDs
}

func TestAnIDGoesFromReservedThroughItsRecordToRejected(t *testing.T) {
	s := cveservices.New(t)
	c, ctx := dial(t, s, nil), t.Context()
	ids := ask(t, c, 3)
	if len(ids) != 3 || ids[0].Year != 2026 || ids[0].State != services.Reserved || ids[0].Reserved.IsZero() {
		t.Fatalf("reserved %+v", ids)
	}
	id := ids[0].ID
	if _, err := c.Record(ctx, id); !errors.Is(err, services.ErrNotFound) {
		t.Errorf("record of a reserved id: %v", err)
	}
	if _, err := c.Update(ctx, id, []byte(container)); !errors.Is(err, services.ErrForbidden) {
		t.Errorf("update without a record: %v", err)
	}
	r, err := c.Put(ctx, id, []byte(container))
	if err != nil || r.State != services.Published || r.Owner != cveservices.Org {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := c.Create(ctx, id, []byte(container)); !errors.Is(err, services.ErrForbidden) {
		t.Errorf("a second create: %v", err)
	}
	writes := s.Count("cveCnaCreateSingle") + s.Count("cveCnaUpdateSingle")
	if _, err := c.Put(ctx, id, []byte(container)); err != nil {
		t.Fatal(err)
	}
	if n := s.Count("cveCnaCreateSingle") + s.Count("cveCnaUpdateSingle"); n != writes {
		t.Error("the same record was written again")
	}
	if _, err := c.Put(ctx, id, []byte(strings.Replace(container, "A flaw.", "A worse flaw.", 1))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(s.Container(id)), "A worse flaw.") {
		t.Errorf("%s", s.Container(id))
	}
	r, err = c.Reject(ctx, id, services.Rejection{Reason: "Not a flaw.", ReplacedBy: []string{ids[1].ID}})
	if err != nil || r.State != services.Rejected || s.State(id) != "REJECTED" {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := c.SetState(ctx, ids[2].ID, services.Rejected); err != nil || s.State(ids[2].ID) != "REJECTED" {
		t.Errorf("given up: %v, %s", err, s.State(ids[2].ID))
	}
	if _, err := c.Reject(ctx, ids[1].ID, services.Rejection{Reason: "Never used."}); err != nil || s.State(ids[1].ID) != "REJECTED" {
		t.Errorf("rejected without a record: %v", err)
	}
	q, err := c.Quota(ctx)
	if err != nil || q != (services.Quota{Quota: 1000, Reserved: 0, Available: 1000}) {
		t.Errorf("%+v, %v", q, err)
	}
	us, err := c.Users(ctx)
	if err != nil || len(us) != 1 || !us[0].Active {
		t.Errorf("%+v, %v", us, err)
	}
	if u, err := c.User(ctx, cveservices.User); err != nil || u.Name != cveservices.User {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := c.User(ctx, "nobody"); !errors.Is(err, services.ErrNotFound) {
		t.Error(err)
	}
}

func TestAllPagesAreRead(t *testing.T) {
	s := cveservices.New(t)
	want := s.Reserve("somebody@example.org", 2025, 13)
	s.Reserve("somebody@example.org", 2026, 2)
	got, err := dial(t, s, nil).IDs(t.Context(), services.Filter{Year: 2025, State: services.Reserved})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, id := range got {
		ids = append(ids, id.ID)
	}
	if !slices.Equal(ids, want) {
		t.Errorf("%v", ids)
	}
}

func TestAReservationWhoseAnswerIsLostIsFoundAndNotRepeated(t *testing.T) {
	for _, f := range []cveservices.Fault{{Kind: cveservices.Lost}, {Kind: cveservices.LostStatus, Status: 502}, {Kind: cveservices.Garbage},
		{Kind: cveservices.Another}, {Kind: cveservices.Slow}, {Kind: cveservices.Huge}} {
		t.Run(fmt.Sprint(f.Kind, f.Status), func(t *testing.T) {
			s := cveservices.New(t)
			c := dial(t, s, func(cfg *services.Config) {
				if f.Kind == cveservices.Slow {
					cfg.Timeout = 200 * time.Millisecond
				}
				cfg.MaxBytes = 1 << 20
			})
			s.Reserve("somebody@example.org", 2026, 2)
			s.Reserve(cveservices.User, 2026, 1)
			ticket, err := c.Prepare(t.Context(), services.Ask{Year: 2026, Amount: 3, Sequential: true})
			if err != nil {
				t.Fatal(err)
			}
			s.Reserve("somebody@example.org", 2026, 1)
			f.Op = "cveIdReserve"
			s.Fail(f)
			b, err := c.Reserve(t.Context(), ticket)
			if err != nil || len(b.IDs) != 3 || !b.Found || b.Left != -1 {
				t.Fatalf("%+v, %v", b, err)
			}
			if n := s.Count("cveIdReserve"); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestAReservationThatStaysUnclearSaysWhatMayBeOurs(t *testing.T) {
	s := cveservices.New(t)
	c := dial(t, s, nil)
	ticket, err := c.Prepare(t.Context(), services.Ask{Year: 2026, Amount: 2})
	if err != nil {
		t.Fatal(err)
	}
	s.Reserve(cveservices.User, 2026, 1) // another program with the same account
	s.Fail(cveservices.Fault{Op: "cveIdReserve", Kind: cveservices.Cut})
	_, err = c.Reserve(t.Context(), ticket)
	var unclear *services.UnclearError
	if !errors.As(err, &unclear) || len(unclear.Found) != 1 {
		t.Fatalf("%v", err)
	}
}

func TestATicketSurvivesACrash(t *testing.T) {
	s := cveservices.New(t)
	s.Reserve(cveservices.User, 2026, 2)
	c := dial(t, s, nil)
	ticket, err := c.Prepare(t.Context(), services.Ask{Year: 2026, Amount: 2})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(ticket)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.Reserve(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	var again services.Ticket
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	got, err := dial(t, s, nil).Look(t.Context(), again)
	if err != nil || len(got) != 2 || got[0].ID != want.IDs[0].ID {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAQuotaThatIsShortIsSeenBeforeAsking(t *testing.T) {
	s := cveservices.New(t)
	s.Quota(2)
	c := dial(t, s, nil)
	if _, err := c.Prepare(t.Context(), services.Ask{Year: 2026, Amount: 3}); !errors.Is(err, services.ErrQuota) {
		t.Error(err)
	}
	ticket, err := c.Prepare(t.Context(), services.Ask{Year: 2026, Amount: 2})
	if err != nil {
		t.Fatal(err)
	}
	s.Quota(1)
	if _, err := c.Reserve(t.Context(), ticket); !errors.Is(err, services.ErrQuota) || !errors.Is(err, services.ErrForbidden) {
		t.Error(err)
	}
	s.Quota(10)
	s.Room(2026, 1)
	b, err := c.Reserve(t.Context(), ticket)
	if err != nil || len(b.IDs) != 1 || b.Short == nil || b.Short.Status != 206 {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestARecordWhoseAnswerIsLostIsReadBack(t *testing.T) {
	for _, op := range []string{"cveCnaCreateSingle", "cveCnaUpdateSingle", "cveCnaCreateReject", "cveCnaUpdateReject"} {
		for _, f := range []cveservices.Fault{{Kind: cveservices.Lost}, {Kind: cveservices.LostStatus, Status: 500}, {Kind: cveservices.Garbage}} {
			t.Run(fmt.Sprint(op, f.Kind), func(t *testing.T) {
				s := cveservices.New(t)
				c := dial(t, s, nil)
				id := ask(t, c, 1)[0].ID
				if strings.Contains(op, "Update") {
					if _, err := c.Put(t.Context(), id, []byte(strings.Replace(container, "A flaw.", "Before.", 1))); err != nil {
						t.Fatal(err)
					}
				}
				f.Op = op
				s.Fail(f)
				var err error
				if strings.HasSuffix(op, "Reject") {
					_, err = c.Reject(t.Context(), id, services.Rejection{Reason: "No."})
				} else {
					_, err = c.Put(t.Context(), id, []byte(container))
				}
				if err != nil || s.Count(op) != 1 {
					t.Errorf("%v after %d requests", err, s.Count(op))
				}
			})
		}
	}
}

func TestARecordThatNeverArrivedIsUnclearAndMayBePutAgain(t *testing.T) {
	s := cveservices.New(t)
	c := dial(t, s, nil)
	id := ask(t, c, 1)[0].ID
	s.Fail(cveservices.Fault{Op: "cveCnaCreateSingle", Kind: cveservices.Cut})
	var unclear *services.UnclearError
	if _, err := c.Put(t.Context(), id, []byte(container)); !errors.As(err, &unclear) || unclear.ID != id {
		t.Fatal(err)
	}
	if _, err := c.Put(t.Context(), id, []byte(container)); err != nil {
		t.Fatal(err)
	}
}

func TestADifferenceNamesItsPlace(t *testing.T) {
	cases := map[string]struct {
		bend    func(map[string]any)
		pointer string
	}{
		"a text":         {func(c map[string]any) { c["descriptions"].([]any)[0].(map[string]any)["value"] = "A flaw" }, "/descriptions/0/value"},
		"a member lost":  {func(c map[string]any) { delete(c, "metrics") }, "/metrics"},
		"a member added": {func(c map[string]any) { c["title"] = "x" }, "/title"},
		"an item added": {func(c map[string]any) {
			c["references"] = append(c["references"].([]any), map[string]any{"url": "https://example.org/b"})
		}, "/references/1"},
		"a name to escape": {func(c map[string]any) { c["a/b~c"] = 1 }, "/a~1b~0c"},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			s := cveservices.New(t)
			c := dial(t, s, nil)
			id := ask(t, c, 1)[0].ID
			s.Bend(k.bend)
			_, err := c.Put(t.Context(), id, []byte(container))
			var d *services.DifferenceError
			if !errors.As(err, &d) || d.Pointer != k.pointer {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("what the service adds is none", func(t *testing.T) {
		s := cveservices.New(t)
		c := dial(t, s, nil)
		s.Bend(func(c map[string]any) { c["x_legacyV4Record"] = map[string]any{} })
		if _, err := c.Put(t.Context(), ask(t, c, 1)[0].ID, []byte(container)); err != nil {
			t.Error(err)
		}
	})
	t.Run("an id that does not follow its record", func(t *testing.T) {
		s := cveservices.New(t)
		c := dial(t, s, nil)
		id := ask(t, c, 1)[0].ID
		if _, err := c.Put(t.Context(), id, []byte(container)); err != nil {
			t.Fatal(err)
		}
		s.SetState(id, "RESERVED")
		if _, err := c.Put(t.Context(), id, []byte(container)); err != nil || s.State(id) != "PUBLISHED" {
			t.Error(err, s.State(id))
		}
	})
}

func TestReadingIsTriedAgainAndWritingIsNot(t *testing.T) {
	for _, f := range []cveservices.Fault{{Kind: cveservices.Status, Status: 429, Retry: "7"}, {Kind: cveservices.Status, Status: 500}, {Kind: cveservices.Cut}} {
		s := cveservices.New(t)
		var waited []time.Duration
		c := dial(t, s, func(cfg *services.Config) {
			cfg.Wait = func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
		})
		s.Fail(f, f)
		if _, err := c.Quota(t.Context()); err != nil {
			t.Errorf("%v: %v", f, err)
		}
		if len(waited) != 2 || f.Retry != "" && waited[0] != 7*time.Second {
			t.Errorf("waited %v", waited)
		}
		s.Fail(f, f, f)
		// net/http itself repeats a GET on a connection that was in use before.
		if _, err := c.Quota(t.Context()); err == nil && f.Kind != cveservices.Cut {
			t.Error("a fourth try was made")
		}
		ticket, err := c.Prepare(t.Context(), services.Ask{Year: 2026, Amount: 1})
		if err != nil {
			t.Fatal(err)
		}
		f.Op = "cveIdReserve"
		s.Fail(f)
		if _, err := c.Reserve(t.Context(), ticket); err == nil || s.Count("cveIdReserve") != 1 {
			t.Errorf("%v after %d requests", err, s.Count("cveIdReserve"))
		}
	}
}

func TestStatusIsLookedAtBeforeTheBody(t *testing.T) {
	s := cveservices.New(t)
	c := dial(t, s, nil)
	s.Fail(cveservices.Fault{Kind: cveservices.Status, Status: 401, Body: `{"id_quota":5,"total_reserved":0,"available":5}`})
	if q, err := c.Quota(t.Context()); !errors.Is(err, services.ErrUnauthenticated) || q != (services.Quota{}) {
		t.Errorf("%v, %v", q, err)
	}
	s.Fail(cveservices.Fault{Kind: cveservices.Status, Status: 302, Body: `{"id_quota":5,"total_reserved":0,"available":5}`})
	var e *services.Error
	if _, err := c.Quota(t.Context()); !errors.As(err, &e) || e.Status != 302 {
		t.Error(err)
	}
}

func TestTwoWritersOfOneIDNeverOverlap(t *testing.T) {
	s := cveservices.New(t)
	locks := &services.Locks{}
	a := dial(t, s, func(c *services.Config) { c.Locker = locks })
	b := dial(t, s, func(c *services.Config) { c.Locker = locks })
	id := ask(t, a, 1)[0].ID
	var wg sync.WaitGroup
	for i := range 10 {
		for _, c := range []*services.Client{a, b} {
			wg.Go(func() {
				if _, err := c.Put(t.Context(), id, []byte(strings.Replace(container, "A flaw.", fmt.Sprint("Text ", i), 1))); err != nil {
					t.Error(err) // the read-back would see another writer's text
				}
			})
		}
	}
	wg.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	err := a.Within(ctx, id, func(*services.Writer) error {
		cancel()
		_, err := b.Put(ctx, id, []byte(container))
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAClientIsOnlyMadeForASafeAddress(t *testing.T) {
	for _, url := range []string{"", "http://cveawg.mitre.org/api", "ftp://x/api", "https://user:pw@host/api", "https://host/api?x=1", "cveawg.mitre.org", "http://[::1", "https://h/a#b"} {
		_, err := services.New(services.Config{URL: url, Org: "o", User: "u", Key: services.NewKey("k"), HTTP: http.DefaultClient})
		if err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := services.New(services.Config{URL: services.Test, Org: "o", User: "u", Key: services.NewKey("a\nb-secret"), HTTP: http.DefaultClient}); err == nil || strings.Contains(err.Error(), "b-secret") {
		t.Error(err)
	}
	if _, err := services.New(services.Config{URL: services.Test, Org: "o", User: "u", Key: services.NewKey("k")}); err == nil {
		t.Error("a client without an HTTP client")
	}
}
