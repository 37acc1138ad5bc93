package scope

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// outbox is a smarthost that keeps what it gets.
type outbox struct{ to, text []string }

func (o *outbox) Ready() bool { return true }

func (o *outbox) Send(_ context.Context, _, to string, msg []byte) (string, error) {
	o.to, o.text = append(o.to, to), append(o.text, string(msg))
	return "250", nil
}

// outsider is somebody who filled in the form with an address, and has the link.
type outsider struct {
	w       *world
	out     *outbox
	address string
	link    string
	pages   []string
	mails   []string
}

var (
	randomID  = regexp.MustCompile(`\b[0-9a-z]{26}\b`)
	randomly  = regexp.MustCompile(`(?s)-----BEGIN PGP (SIGNATURE|MESSAGE)-----.*?-----END|boundary="?[^"\s]+"?|--=_[A-Z2-7]+`)
	envelopes = regexp.MustCompile(`\+[0-9a-z]+@`)
)

func (x *outsider) same(s string) string {
	s = strings.NewReplacer(x.address, "ADDRESS", strings.TrimPrefix(x.link, "/status/"), "TOKEN").Replace(s)
	return envelopes.ReplaceAllString(randomly.ReplaceAllString(randomID.ReplaceAllString(s, "ID"), "RANDOM"), "+TAG@")
}

// look asks for the link's page, and for each file that it names, before the letters go
// out and after.
func (x *outsider) look() {
	for range 2 {
		a := &actor{name: "the link's holder", remote: "192.0.2.77:4000"}
		got := x.w.ask(a, "GET", x.link, "")
		page := plain(got, "nothing")
		if at := got.header.Get("Location"); at != "" {
			got = x.w.ask(a, "GET", at, "")
			page += plain(got, "nothing")
		}
		for _, file := range regexp.MustCompile(`/status/[^/"]+/files/[0-9a-z]+`).FindAllString(got.body, -1) {
			page += plain(x.w.ask(a, "GET", file, ""), "nothing")
		}
		x.pages = append(x.pages, x.same(page))
		x.w.drain()
		x.w.must(x.w.app.DrainMail(x.w.ctx))
	}
	for i, to := range x.out.to {
		if to == x.address {
			x.mails = append(x.mails, x.same(x.out.text[i]))
		}
	}
	x.out.to, x.out.text = nil, nil
}

func (x *outsider) reports(key string) desk.Report {
	r, err := x.w.app.Desk.Submit(x.w.ctx, desk.Submission{Project: x.w.projects[0].id, Via: desk.ByWeb, Title: "It leaks", What: "Turn it on.", Address: x.address, Claims: desk.Claims{Key: key}})
	x.w.must(err)
	x.link = strings.TrimPrefix(x.w.app.Desk.StatusURL(r), "http://tocsin.example")
	x.look()
	return r
}

func (x *outsider) reply(by people.Scope, id casework.CaseID, text string) {
	up, err := x.w.app.Cases.Upload(x.w.ctx, by, id, "patch.diff", "text/x-diff", strings.NewReader("--- a\n"))
	x.w.must(err)
	_, err = x.w.app.Cases.PostMessage(x.w.ctx, by, casework.PostMessage{Case: id, Text: text, Files: []casework.File{up}})
	x.w.must(err)
	x.look()
}

// walk goes from the form to replies in the case. By then the address of an account has
// been proven: its holder accepted an invitation, and writes there what the other one writes
// behind the link.
func (x *outsider) walk(key string, holder *person) {
	w := x.w
	moderator := pick(w.teamOf(w.projects[0], people.Moderator), 0).sc
	r := x.reports(key)
	w.must(w.app.Desk.Decide(w.ctx, moderator, desk.Decide{Reports: []desk.ReportID{r.ID}, Do: desk.Ask, Reason: "more", Text: "Which version leaks?"}))
	x.look()
	id, err := w.app.Cases.OpenFromReport(w.ctx, moderator, casework.OpenFromReport{Report: r.ID, Reason: "true"})
	w.must(err)
	x.look()
	x.reply(moderator, id, "We see it too.")
	sent := len(x.mails)
	w.pass(time.Minute)
	if holder != nil {
		w.must(w.app.Cases.Invite(w.ctx, moderator, casework.Invite{Case: id, Address: x.address, Role: people.Reporter}))
		_, err := w.app.Cases.Accept(w.ctx, holder.sc, w.lastLink(), 1)
		w.must(err)
	}
	x.look()
	x.reply(moderator, id, "Here is the patch.")
	if by := (people.AsBearer(string(r.ID))); holder == nil {
		_, err = w.app.Cases.PostMessage(w.ctx, by, casework.PostMessage{Case: id, Text: "It holds."})
	} else {
		_, err = w.app.Cases.PostMessage(w.ctx, holder.sc, casework.PostMessage{Case: id, Text: "It holds."})
	}
	w.must(err)
	x.look()
	x.mails = x.mails[:sent] // the mails of a proven address are its holder's own
}

// An answer to a typed address that had a key here went out encrypted, and the status page
// hid it: whoever typed somebody's address learnt that he has an account.
func TestTheLinkOfAFormTellsOfNoAccountAndNoKey(t *testing.T) {
	engines(t, func(t *testing.T, open func() *world) {
		w := open()
		w.populate()
		out := &outbox{}
		w.app.Mailroom.Transport = out
		moderator := pick(w.teamOf(w.projects[0], people.Moderator), 0).sc
		own := armored(t, w, "whoever@reports.example")
		for name, key := range map[string]string{"no key in the form": "", "a key in the form": own} {
			t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
				w.t = t
				// Several accounts and keys: none of them may show.
				known := w.addPerson("known-"+strings.Fields(name)[0], false)
				w.addKey(known)
				_, err := w.app.Keys.UploadFor(w.ctx, moderator, w.projects[0].id, "report", known.name+"@people.example", []byte(armored(t, w, known.name+"@people.example")))
				w.must(err)
				w.must(w.app.Members.Accept(w.ctx, known.sc, w.projects[0].id, 1))
				w.drain()
				w.must(w.app.DrainMail(w.ctx))
				out.to, out.text = nil, nil
				has := &outsider{w: w, out: out, address: known.name + "@people.example"}
				none := &outsider{w: w, out: out, address: "no" + known.name[2:] + "@people.example"}
				began := w.now
				has.walk(key, known)
				w.now = began
				none.walk(key, nil)
				for i := range none.pages {
					if d := differ(has.pages[i], none.pages[i]); d != "" {
						t.Errorf("page %d: %s", i, d)
					}
				}
				if len(has.mails) != len(none.mails) || len(none.mails) != 3 {
					t.Fatalf("%d mails and %d", len(has.mails), len(none.mails))
				}
				for i := range none.mails {
					if d := differ(has.mails[i], none.mails[i]); d != "" {
						t.Errorf("mail %d: %s", i, d)
					}
				}
				last, words := none.pages[len(none.pages)-1], []string{"Which version leaks?", "We see it too.", "Here is the patch."}
				for _, said := range words {
					if strings.Contains(last, said) != (key == "") {
						t.Errorf("%q is behind the link: %v", said, key != "")
					}
					if strings.Contains(strings.Join(none.mails, ""), said) {
						t.Errorf("%q is in a mail in clear", said)
					}
				}
				if !strings.Contains(last, "It holds.") {
					t.Error("the reporter's own words are not behind the link")
				}
			})
		}
	})
}

// The same by mail: the link goes to the envelope's sender, the answer to whom From names.
func TestTheLinkOfAForgedMailTellsOfNoAccountAndNoKey(t *testing.T) {
	w := newWorld(t)
	w.populate()
	out := &outbox{}
	w.app.Mailroom.Transport = out
	moderator := pick(w.teamOf(w.projects[0], people.Moderator), 0).sc
	page := func(address string) string {
		before := w.heldIDs(w.projects[0])
		raw := rawMail(w.projects[0].p.Address(), "It leaks", "Turn it on.", "poc", w.names+len(before))
		w.mailIn(w.projects[0].p.Address(), regexp.MustCompile(`finder\d+@research.example`).ReplaceAllLiteralString(raw, address))
		r := &report{project: w.projects[0], state: held}
		w.arrived(r, before)
		w.must(w.app.Desk.Decide(w.ctx, moderator, desk.Decide{Reports: []desk.ReportID{r.id}, Do: desk.Ask, Reason: "more", Text: "Which version leaks?"}))
		x := &outsider{w: w, out: out, address: address, link: r.link}
		x.look()
		return strings.Join(x.pages, "")
	}
	has, none := page("stranger@people.example"), page("neverwas@people.example")
	if d := differ(has, none); d != "" {
		t.Error(d)
	}
	if !strings.Contains(none, "Which version leaks?") {
		t.Error("the answer is not behind the link")
	}
	// Rows say which letters are closed to a link: none here.
	w.view(func(ctx context.Context, v unit.View) error {
		n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from people_delivery d join people_letter l on l.id = d.letter where d.encrypted = 1 and l.about <> ''`)
		if n != 0 {
			t.Errorf("%d letters are closed", n)
		}
		return err
	})
}

func armored(t *testing.T, w *world, address string) string {
	t.Helper()
	k, err := pgp.Generate("Key", address, w.now, 400*24*time.Hour)
	w.must(err)
	raw, err := k.Armored()
	w.must(err)
	return raw
}
