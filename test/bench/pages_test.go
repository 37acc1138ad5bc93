//go:build bench

package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworkdb"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/server"
	"github.com/tocsin-sec/tocsin/test/program"
)

// full is a site with many cases: every twentieth is under embargo, the others are
// public; the lead sees all, the member one in a hundred.
type full struct {
	*site
	lead, member string // session tokens
	all, few     []casework.CaseID
	long         casework.CaseID // 121 participants, 1,000 messages
}

// scale is the number of cases; TOCSIN_BENCH_CASES makes a smaller trial of it.
func scale(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("TOCSIN_BENCH_CASES")); err == nil {
		t.Logf("SMALLER: %d cases", n)
		return n
	}
	return 10_000
}

// TestPages: the latencies of the lists and of a long case with 10,000 cases, 100,000
// messages and 500 people, for 4 clients and 2,000 requests each, without and with
// a bulk import of mails; idle memory and the time to be ready on the same store.
func TestPages(t *testing.T) {
	n := scale(t)
	f := fill(t, n)
	binary := program.Build(t)
	began := time.Now()
	app := program.Start(t, program.Options{Binary: binary, Dir: f.dir, Plain: true})
	ready := time.Since(began)
	results.add(fmt.Sprintf("ready with %d cases", n), fmt.Sprintf("%.2f s", ready.Seconds()), "goal 1 s", fmt.Sprintf("%.2f", ready.Seconds()))
	results.add("idle memory", fmt.Sprintf("%.0f MB", rss(t, app.Pid())), "goal 80 MB", fmt.Sprintf("%.2f", rss(t, app.Pid())/80))
	f.rounds(t, app, "")
	stop := f.importMails(t, app)
	f.rounds(t, app, ", during an import")
	stop()
}

// rounds measures each page for both readers.
func (f *full) rounds(t *testing.T, app *program.Server, when string) {
	for _, who := range []struct {
		name, token string
		cases       []casework.CaseID
		most        float64
	}{{"a member who sees 1 %", f.member, f.few, 50}, {"a lead who sees all", f.lead, f.all, 150}} {
		const requests = 2000
		f.measure(t, app, "inbox, "+who.name+when, who.token, who.most, requests/4, func(int) string { return "/desk" })
		f.measure(t, app, "case list, "+who.name+when, who.token, who.most, requests/4, func(i int) string {
			return "/cases?order=" + casework.Orders()[i%len(casework.Orders())].String()
		})
		f.measure(t, app, "search, "+who.name+when, who.token, who.most, requests/4, func(i int) string { return fmt.Sprintf("/search?q=needle%d", i%7) })
		f.measure(t, app, "case with its seen-write, "+who.name+when, who.token, who.most, requests/4, func(i int) string {
			return "/cases/" + string(who.cases[i%len(who.cases)])
		})
	}
	f.measure(t, app, "case with 121 participants and 1,000 messages"+when, f.member, 100, 200, func(int) string { return "/cases/" + string(f.long) })
}

// measure asks n times by four clients, warm, and adds the row of the 99th percentile
// with the processor's share in it.
func (f *full) measure(t *testing.T, app *program.Server, what, token string, most float64, n int, path func(i int) string) {
	t.Helper()
	if only := os.Getenv("TOCSIN_BENCH_ROWS"); only != "" && !regexp.MustCompile(only).MatchString(what) {
		return
	}
	for i := range 8 {
		get(t, app, token, path(i))
	}
	defer profile(t, app, what, 2)()
	took := make([]float64, n)
	var next atomic.Int64
	var group sync.WaitGroup
	before := cpu(t, app.Pid())
	for range 4 {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || t.Failed() {
					return
				}
				began := time.Now()
				get(t, app, token, path(i))
				took[i] = float64(time.Since(began).Microseconds()) / 1000
			}
		})
	}
	group.Wait()
	each := (cpu(t, app.Pid()) - before) * 1000 / float64(n)
	slices.Sort(took)
	p99 := took[n*99/100]
	with := ""
	if strings.Contains(what, "import") {
		with = " with the mails"
	}
	results.add(what, fmt.Sprintf("p50 %.0f ms, p99 %.0f ms, processor %.1f ms%s", took[n/2], p99, each, with), fmt.Sprintf("goal %.0f ms", most), fmt.Sprintf("%.2f", p99/most))
}

func get(t *testing.T, app *program.Server, token, path string) {
	r, err := http.NewRequest("GET", app.URL+path, nil)
	if err != nil {
		t.Error(err)
		return
	}
	r.AddCookie(&http.Cookie{Name: "session", Value: token})
	answer, err := app.Client.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s: %s, %v", path, answer.Status, err)
	}
}

// importMails pours mails in, as fast as the server takes them, until stop is called.
func (f *full) importMails(t *testing.T, app *program.Server) (stop func()) {
	plain := f.mail(t, false, 20<<10)
	ended := make(chan struct{})
	var over atomic.Bool
	var n atomic.Int64
	began := time.Now()
	go func() {
		defer close(ended)
		taken, deferred := senders(t, app.SMTP, f.address, clients, func() []byte {
			if over.Load() {
				return nil
			}
			return stamp(plain, int(n.Add(1)))
		})
		rate := float64(taken) / time.Since(began).Seconds()
		results.add("mails taken by the import, beside the pages", fmt.Sprintf("%.0f/s, %d deferred", rate, deferred), "", "")
	}()
	return func() {
		results.add("mails that waited to be read at its end", fmt.Sprintf("%.0f", metric(t, app, "tocsin_mails_unread")), "at most 10000", "")
		over.Store(true)
		<-ended
	}
}

// fill makes the site. Cases are opened as the pages do, many at once; messages and
// grants go in below the rules, in large transactions.
func fill(t *testing.T, n int) *full {
	t.Helper()
	f := &full{site: newSite(t, t.TempDir())}
	f.with(t, func(ctx context.Context, app *server.App) {
		began := time.Now()
		names := f.persons(t, ctx, app, 500)
		f.lead, f.member = f.session(t, ctx, app, f.chair), f.session(t, ctx, app, people.AsPerson(names[0]))
		f.open(t, ctx, app, n)
		f.few = nil
		for i := 0; i < n; i += 100 {
			f.few = append(f.few, f.all[i])
		}
		f.long = f.few[len(f.few)-1]
		f.grants(t, ctx, app, names)
		f.messages(t, ctx, app)
		t.Logf("filled in %.0f s", time.Since(began).Seconds())
	})
	return f
}

// persons makes people of the team.
func (f *full) persons(t *testing.T, ctx context.Context, app *server.App, n int) []people.PersonID {
	ids := make([]people.PersonID, n)
	must(t, app.Store().Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		for i := range ids {
			ids[i] = people.PersonID(ident.New())
			p := people.Person{ID: ids[i], Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("person%d@bench.example", i), State: people.Active, Created: tx.Now()}
			if err := app.People.AddPerson(ctx, tx, people.AsJob("bench"), p); err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

// session signs a person in without his password.
func (f *full) session(t *testing.T, ctx context.Context, app *server.App, who people.Scope) string {
	token := secret.New(rand.Text())
	id, _ := who.Person()
	must(t, app.Store().Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		now := tx.Now()
		return app.People.AddSession(ctx, tx, people.AsJob("bench"), account.Session{ID: ident.New(), Person: id, Created: now, Seen: now, Ends: now.Add(24 * time.Hour), Proved: now}, token)
	}))
	return token.Reveal()
}

// open opens the cases through the service, sharing transactions.
func (f *full) open(t *testing.T, ctx context.Context, app *server.App, n int) {
	cases := *app.Cases
	cases.Work = &desk.Group{Work: app.Store().Work}
	f.all = make([]casework.CaseID, n)
	var next atomic.Int64
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || t.Failed() {
					return
				}
				cmd := casework.Open{Project: f.project, Title: fmt.Sprintf("Case %d of the parser", i), Reason: "bench"}
				if i%20 != 0 {
					cmd.Public, cmd.Evidence = true, "https://example.org/news"
				}
				var err error
				if f.all[i], err = cases.Open(ctx, f.chair, cmd); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// grants lets the member see one case in a hundred and 120 people the long one.
func (f *full) grants(t *testing.T, ctx context.Context, app *server.App, names []people.PersonID) {
	must(t, app.Store().Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		add := func(id casework.CaseID, to people.PersonID, r people.Role) error {
			return app.People.AddGrant(ctx, tx, people.AsJob("bench"), people.Grant{Object: string(id), Holder: to, Role: r, By: "bench", Since: tx.Now()})
		}
		for _, id := range f.few {
			if err := add(id, names[0], people.Member); err != nil {
				return err
			}
		}
		for _, p := range names[1:120] {
			if err := add(f.long, p, people.Observer); err != nil {
				return err
			}
		}
		return nil
	}))
}

// messages puts ten messages on each case and 1,000 on the long one.
func (f *full) messages(t *testing.T, ctx context.Context, app *server.App) {
	store := &caseworkdb.Store{Seal: app.Store().Seal, Blobs: app.Store().Blobs}
	text := fmt.Sprintf("The parser reads beyond the frame. %0500d", 7)
	author, _ := f.chair.Person()
	for from := 0; from < len(f.all); from += 100 {
		must(t, app.Store().Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			for n, id := range f.all[from:min(from+100, len(f.all))] {
				job := people.AsJob("bench", string(id))
				c, err := store.Lock(ctx, tx, job, id)
				if err != nil {
					return err
				}
				of := 10
				if id == f.long {
					of = 1000
				}
				for k := range of {
					at := tx.Now().Add(time.Duration(n*1000+k) * time.Microsecond)
					i := casework.Item{ID: casework.ItemID(ident.New()), Case: id, Number: c.Items + 1, Kind: casework.KindMessage, Audience: casework.Everyone,
						Hold: casework.Posted, Trust: casework.Session, At: at, Author: author, Content: casework.Content{Text: text}}
					if err := store.AddItem(ctx, tx, job, i); err != nil {
						return err
					}
					c.Items++
				}
				if err := store.Save(ctx, tx, job, c); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}
