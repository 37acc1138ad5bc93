package advisorydb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/server/outgoing"
)

// receiver is a real HTTP server that takes webhooks and answers as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(n int, w http.ResponseWriter)
	got    []taken
}

type taken struct {
	id, at, signature string
	body              []byte
}

func newReceiver(t *testing.T, answer func(n int, w http.ResponseWriter)) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got = append(r.got, taken{q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp"), q.Header.Get("webhook-signature"), body})
		n := len(r.got)
		r.mu.Unlock()
		r.answer(n, w)
	}))
	t.Cleanup(r.Close)
	return r
}

func status(code int) func(int, http.ResponseWriter) {
	return func(_ int, w http.ResponseWriter) { w.WriteHeader(code) }
}

type facts func(context.Context, unit.Tx, unit.Fact) error

func (f facts) Emit(ctx context.Context, tx unit.Tx, fact unit.Fact) error { return f(ctx, tx, fact) }

// downstreams wires the service over the world, with the real client on loopback.
func (w *world) downstreams() *downstream.Service {
	s := &downstream.Service{Work: w.Work, Store: advisorydb.Downstreams{Store: &advisorydb.Store{Seal: w.Seal}}, Site: advisorydb.Site{Seal: w.Seal}, Projects: w.svc.Projects,
		Roles: &people.Grants{Store: w.people, Terms: w.people}, Post: w, Caller: outgoing.NewWebhooks([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}),
		MAC: w.Seal.MAC, URL: site, Plain: true}
	w.Handle(jobs.Handler{Kind: downstream.KindFan, Run: s.Fan}, jobs.Handler{Kind: downstream.KindSend, Run: s.Send, Attempts: 100},
		jobs.Handler{Kind: downstream.KindSweep, Run: s.Sweep})
	w.Work.Flow = facts(func(ctx context.Context, tx unit.Tx, f unit.Fact) error {
		if p, ok := f.(advisory.Published); ok {
			return s.Follow(ctx, tx, p)
		}
		return nil
	})
	return s
}

func (w *world) sent(s *downstream.Service, id string) (downstream.Subscription, []downstream.Delivery) {
	w.t.Helper()
	var x downstream.Subscription
	var ds []downstream.Delivery
	w.View(w.t, func(ctx context.Context, v unit.View) (err error) {
		x, ds, err = s.One(ctx, v, w.chair, w.project.ID, id)
		return err
	})
	return x, ds
}

func TestWhoHearsOfAPublication(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		s := w.downstreams()
		good := newReceiver(t, status(204))
		flaky := newReceiver(t, func(n int, w http.ResponseWriter) {
			if n < 3 {
				w.WriteHeader(500)
			}
		})
		huge := newReceiver(t, func(_ int, w http.ResponseWriter) {
			w.WriteHeader(200)
			for range 1000 {
				if _, err := w.Write(make([]byte, 10000)); err != nil {
					return
				}
			}
		})
		target := newReceiver(t, status(200))
		moved := newReceiver(t, func(_ int, w http.ResponseWriter) {
			w.Header().Set("Location", target.URL)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		gone := newReceiver(t, status(410))
		add := func(name string, c downstream.Change) (string, secret.String) {
			c.Name = name
			x, key, err := s.Add(t.Context(), w.deputy, w.project.ID, c)
			w.must(err)
			return x.ID, key
		}
		hook := func(r *receiver) downstream.Change {
			return downstream.Change{Kind: downstream.Webhook, URL: r.URL + "/hook?token=t"}
		}
		goodID, key := add("good", hook(good))
		flakyID, _ := add("flaky", hook(flaky))
		hugeID, _ := add("huge", hook(huge))
		movedID, _ := add("moved", hook(moved))
		goneID, _ := add("gone", hook(gone))
		inside, _ := add("a private address", downstream.Change{Kind: downstream.Webhook, URL: "http://169.254.169.254/latest/meta-data"})
		wanting := hook(good)
		wanting.Wants = []downstream.Want{{Product: "another product"}}
		other, _ := add("another product", wanting)
		wanting.Wants = []downstream.Want{{Product: "lanternd", Branch: "stable-2"}}
		branch, _ := add("a branch", wanting)
		mail, _ := add("by mail", downstream.Change{Kind: downstream.Mail, Address: "debian@lists.example", Lang: "en"})
		id := w.armed()
		w.must(w.svc.Confirm(t.Context(), w.lead, id, w.hash(id)))
		w.Clock.Set(w.until.Add(-4 * time.Minute))
		w.Drain(t)
		w.Clock.Set(w.until)
		w.end()
		if a := w.a(id); len(a.Published) != 1 {
			t.Fatalf("not published: %+v", a.Failure)
		}
		if len(good.got) != 2 { // good and branch
			t.Fatalf("%d messages", len(good.got))
		}
		var m downstream.Message
		for _, g := range good.got {
			w.must(json.Unmarshal(g.body, &m))
			var at int64
			fmt.Sscan(g.at, &at)
			want, _ := downstream.Sign(key, g.id, time.Unix(at, 0), g.body)
			if x, ds := w.sent(s, goodID); len(ds) == 1 && ds[0].ID == g.id && g.signature != want {
				t.Errorf("%s: signature %s of %s", x.Name, g.signature, g.at)
			}
		}
		if m.Data.TLP != "WHITE" || m.Data.Advisory == "" || len(m.Data.Changed) < 6 || len(m.Data.Products) != 1 || w.file(strings.TrimPrefix(m.Data.Document, site+"/")) == "" {
			t.Errorf("%+v", m.Data)
		}
		for _, c := range []struct {
			fact, id string
			n        int
			state    downstream.DeliveryState
			problem  string
		}{
			{"taken", goodID, 1, downstream.Sent, ""},
			{"one that failed waits", flakyID, 1, downstream.Waiting, "status"},
			{"an answer without end is an answer", hugeID, 1, downstream.Sent, ""},
			{"a redirect is not followed", movedID, 1, downstream.Waiting, "redirect"},
			{"one that wants no more", goneID, 1, downstream.Dead, "gone"},
			{"a private address is never called", inside, 1, downstream.Waiting, "refused"},
			{"another product is not told", other, 0, "", ""},
			{"a branch of it is", branch, 1, downstream.Sent, ""},
			{"a mail is a letter", mail, 1, downstream.Mailed, ""},
		} {
			_, ds := w.sent(s, c.id)
			if len(ds) != c.n || c.n == 1 && (ds[0].State != c.state || !strings.HasSuffix(ds[0].Problem, c.problem)) {
				t.Errorf("%s: %+v", c.fact, ds)
			}
		}
		if len(target.got) != 0 {
			t.Error("the redirect was followed")
		}
		if x, _ := w.sent(s, goneID); x.State != downstream.Paused {
			t.Errorf("after 410: %+v", x)
		}
		letter := w.letterTo("debian@lists.example")
		if letter.Key != "advisory.down.mail" || !strings.HasPrefix(letter.Unsubscribe, site+"/unsubscribe/") || !strings.Contains(letter.Body, m.Data.Advisory) {
			t.Errorf("%+v", letter)
		}
		w.run(10 * time.Minute)
		if _, ds := w.sent(s, flakyID); ds[0].State != downstream.Sent || ds[0].Tries != 3 {
			t.Errorf("%+v", ds)
		}
		if n := len(flaky.got); n != 3 || flaky.got[0].id != flaky.got[2].id || flaky.got[0].at == flaky.got[2].at {
			t.Errorf("%d tries: the id stays, the time moves", n)
		}
		if len(good.got) != 2 {
			t.Error("told twice")
		}
	})
}

func (w *world) letterTo(address string) people.Letter {
	for _, l := range w.letters {
		if len(l.To) == 1 && l.To[0].Address == address {
			return l
		}
	}
	w.t.Errorf("no letter to %s", address)
	return people.Letter{}
}

// publish makes the fact of a publication whose document is in the tables.
func (w *world) publish(tlp string) {
	w.t.Helper()
	raw := fmt.Sprintf(`{"document":{"category":"csaf_base","csaf_version":"2.0","distribution":{"tlp":{"label":%q}},"publisher":{"category":"vendor","name":"L","namespace":"https://l.example"},
		"title":"T","tracking":{"current_release_date":"2026-01-01T00:00:00Z","id":"LAN-2026-0009","initial_release_date":"2026-01-01T00:00:00Z",
		"revision_history":[{"date":"2026-01-01T00:00:00Z","number":"1","summary":"x"}],"status":"final","version":"1"}}}`, tlp)
	w.Do(w.t, func(ctx context.Context, tx unit.Tx) error {
		d := advisory.PublicDocument{Project: w.project.ID, Name: "lan-2026-0009", Number: "LAN-2026-0009", Title: "T", Version: "1", Year: 2026, Initial: tx.Now(), Current: tx.Now(), Advisory: "x"}
		d.Level, _ = pubtree.LevelOf(tlp)
		if _, err := w.svc.Site.PutDocument(ctx, tx, people.AsJob("test", string(w.project.ID)), d); err != nil {
			return err
		}
		file := pubtree.File{Path: pubtree.Paths{Slug: w.project.Slug}.Document(d.Level, d.Year, d.Name), Bytes: []byte(raw), Project: d.Project, Level: d.Level}
		if _, err := w.svc.Site.Flip(ctx, tx, people.AsJob("test", string(w.project.ID)), []pubtree.File{file}); err != nil {
			return err
		}
		return tx.Emit(ctx, advisory.Published{Project: w.project.ID, Number: "LAN-2026-0009", Version: "1"})
	})
	w.Drain(w.t)
}

func TestADeliveryIsGivenUpToldAndTriedAgain(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		s := w.downstreams()
		down := newReceiver(t, status(503))
		x, _, err := s.Add(t.Context(), w.chair, w.project.ID, downstream.Change{Kind: downstream.Webhook, Name: "down", URL: down.URL})
		w.must(err)
		w.publish("WHITE")
		for range 12 {
			w.Clock.Advance(24 * time.Hour)
			w.Drain(t)
		}
		got, ds := w.sent(s, x.ID)
		if len(ds) != 1 || ds[0].State != downstream.Dead || ds[0].Tries != 10 || ds[0].Code != 503 || got.Failing.IsZero() {
			t.Fatalf("%+v %+v", got, ds)
		}
		told := 0
		for _, l := range w.letters {
			if l.Key == "advisory.down.failed" && len(l.To) == 2 {
				told++
			}
		}
		if told != 1 {
			t.Errorf("chair and deputy were told %d times", told)
		}
		down.answer = status(200)
		_, err = s.Retry(t.Context(), w.member, w.project.ID, x.ID)
		w.refused(err, fault.NotFound, "a member tries again")
		n, err := s.Retry(t.Context(), w.deputy, w.project.ID, x.ID)
		w.must(err)
		w.Drain(t)
		got, ds = w.sent(s, x.ID)
		if n != 1 || ds[0].State != downstream.Sent || !got.Failing.IsZero() || down.got[0].id != down.got[10].id {
			t.Errorf("%+v %+v", got, ds)
		}
		w.must(s.Remove(t.Context(), w.chair, w.project.ID, x.ID))
		w.View(t, func(ctx context.Context, v unit.View) error {
			all, err := s.List(ctx, v, w.chair, w.project.ID)
			if len(all) != 0 {
				t.Errorf("%+v", all)
			}
			return err
		})
	})
}

func TestOnlyWhoIsClearedHearsOfAmber(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		s := w.downstreams()
		r := newReceiver(t, status(200))
		w.Work.Flow = facts(func(ctx context.Context, tx unit.Tx, f unit.Fact) error {
			if p, ok := f.(advisory.Published); ok {
				return s.Follow(ctx, tx, p)
			}
			return nil
		})
		green, _, err := s.Add(t.Context(), w.chair, w.project.ID, downstream.Change{Kind: downstream.Webhook, Name: "green", URL: r.URL})
		w.must(err)
		_, _, err = s.Add(t.Context(), w.chair, w.project.ID, downstream.Change{Kind: downstream.Webhook, Name: "plain", URL: r.URL, Clearance: "AMBER"})
		w.refused(err, fault.Invalid, "what is not public goes over plain http")
		amber, _, err := s.Add(t.Context(), w.chair, w.project.ID, downstream.Change{Kind: downstream.Mail, Name: "amber", Address: "amber@x.example", Clearance: "AMBER"})
		w.must(err)
		w.publish("AMBER")
		if _, ds := w.sent(s, green.ID); len(ds) != 0 || len(r.got) != 0 {
			t.Errorf("%+v", ds)
		}
		if _, ds := w.sent(s, amber.ID); len(ds) != 1 || !w.letterTo("amber@x.example").Confidential {
			t.Errorf("%+v", ds)
		}
	})
}

func TestWhoSeesSubscribers(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		s := w.downstreams()
		r := newReceiver(t, status(200))
		x, key, err := s.Add(t.Context(), w.chair, w.project.ID, downstream.Change{Kind: downstream.Webhook, Name: "debian", URL: r.URL + "/secret-path"})
		w.must(err)
		for who, sc := range map[string]people.Scope{"a member": w.member, "an observer": w.observer, "a stranger": w.stranger, "the public": people.Anyone()} {
			w.View(t, func(ctx context.Context, v unit.View) error {
				if all, err := s.List(ctx, v, sc, w.project.ID); err != nil || len(all) != 0 {
					t.Errorf("%s lists %v, %v", who, all, err)
				}
				_, _, err := s.One(ctx, v, sc, w.project.ID, x.ID)
				w.refused(err, fault.NotFound, who)
				return nil
			})
			_, _, err := s.Add(t.Context(), sc, w.project.ID, downstream.Change{Kind: downstream.Webhook, Name: "x", URL: r.URL})
			w.refused(err, fault.NotFound, who+" adds one")
		}
		w.View(t, func(ctx context.Context, v unit.View) error {
			bodies, err := sqldb.All(ctx, v, sqldb.Value[[]byte], `select body from advisory_downstream`)
			for _, b := range bodies {
				if strings.Contains(string(b), "secret-path") || strings.Contains(string(b), strings.TrimPrefix(key.Reveal(), "whsec_")) {
					t.Error("a row is not sealed")
				}
			}
			return err
		})
		next, err := s.NewSecret(t.Context(), w.deputy, w.project.ID, x.ID)
		w.must(err)
		if got, _ := w.sent(s, x.ID); got.Secret.Reveal() != next.Reveal() || next.Reveal() == key.Reveal() {
			t.Error("the secret did not change")
		}
	})
}

func TestAStrangerSubscribesByMail(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		s := w.downstreams()
		ask := func() error { return s.Ask(t.Context(), w.project.ID, "mira@x.example", "en", nil) }
		w.must(ask())
		w.must(ask())
		if len(w.letters) != 1 {
			t.Fatalf("%d letters", len(w.letters))
		}
		w.publish("WHITE")
		if len(w.letters) != 1 {
			t.Error("told before it was confirmed")
		}
		token := strings.TrimPrefix(w.letters[0].Args["link"], site+"/subscribe/confirm/")
		w.refused(s.Confirm(t.Context(), token+"x"), fault.NotFound, "a token that is none")
		w.refused(s.Unsubscribe(t.Context(), token), fault.NotFound, "a token for something else")
		w.must(s.Confirm(t.Context(), token))
		w.must(s.Confirm(t.Context(), token))
		w.Clock.Advance(time.Minute)
		w.publish("GREEN")
		w.publish("AMBER")
		if len(w.letters) != 2 {
			t.Fatalf("%d letters", len(w.letters))
		}
		away := strings.TrimPrefix(w.letters[1].Unsubscribe, site+"/unsubscribe/")
		w.must(s.Unsubscribe(t.Context(), away))
		w.refused(s.Unsubscribe(t.Context(), away), fault.NotFound, "a link of one that is gone")
		w.publish("WHITE")
		if len(w.letters) != 2 {
			t.Error("told after it unsubscribed")
		}
		w.refused(s.Ask(t.Context(), w.project.ID, "no address", "en", nil), fault.Invalid, "no address")
	})
}
