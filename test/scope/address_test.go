//go:build scopemutants

package scope

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// typed is one step that somebody takes with a mail address which he types, once for an
// address whose account nobody here knows of and once for one that has none.
type typed struct {
	address string
	ids     []string // what was made on the way: its random ids differ
	said    []string // every answer
	ran     []string // every statement of the step itself
}

func (x *typed) plain(s string) string {
	s = strings.NewReplacer(x.address, "ADDRESS", url.QueryEscape(x.address), "ADDRESS").Replace(s)
	for _, id := range x.ids {
		s = strings.ReplaceAll(s, id, "ID")
	}
	return s
}

// step asks and keeps answer and statements.
func (x *typed) step(w *world, a *actor, method, target, body string) {
	var got answer
	x.ran = append(x.ran, statements(func() { got = w.ask(a, method, target, body) })...)
	x.said = append(x.said, x.plain(plain(got, "nothing")))
	if got.status >= 400 {
		w.t.Fatalf("%s %s: %d %s", method, target, got.status, got.body)
	}
}

// look asks for a page that shows what came of it.
func (x *typed) look(w *world, a *actor, target string) {
	x.said = append(x.said, x.plain(plain(w.ask(a, "GET", target, ""), "nothing")))
}

// "Take key" refused the key for an address with an account; a team that entered an
// address saw the name of its account, and had a new member at once by approving him.
func TestTypingAnAddressTellsOfNoAccount(t *testing.T) {
	engines(t, func(t *testing.T, open func() *world) {
		w := open()
		w.populate()
		for _, o := range script() {
			w.apply(o)
		}
		chair := &actor{name: "chair", person: w.persons["chair"], remote: "192.0.2.210:4000"}
		member := &actor{name: "member", person: w.persons["member"], remote: "192.0.2.211:4000"}
		moderator := &actor{name: "moderator", person: pick(w.teamOf(w.projects[0], people.Moderator), 0), remote: "192.0.2.212:4000"}
		at := w.ownCase(chair.person)
		for fact, do := range map[string]func(x *typed){
			"enter who asked by mail": func(x *typed) {
				x.step(w, member, "POST", "/teams/alder/enter", form("address", x.address, "name", "Sam", "text", "wrote us"))
				w.joins(x, chair)
				w.drain()
				x.look(w, chair, "/teams/alder")
				x.look(w, chair, "/api/projects/alder/joins")
				for _, word := range []struct {
					a        *actor
					do, word string
				}{{member, "vouch", "I met him."}, {chair, "approve", "fine"}} {
					x.step(w, word.a, "POST", "/teams/alder/joins/"+x.ids[0], form("do", word.do, "word_"+x.ids[0], word.word))
					x.look(w, chair, "/teams/alder")
				}
				x.look(w, chair, "/api/projects/alder/joins")
				x.step(w, chair, "POST", "/teams/alder/joins/"+x.ids[0], form("do", "refuse", "word_"+x.ids[0], "no"))
				w.drain()
				x.look(w, chair, "/teams/alder")
			},
			"enter him by the API": func(x *typed) {
				x.step(w, chair, "POST", "/api/projects/alder/joins", fmt.Sprintf(`{"address":%q,"text":"wrote us"}`, x.address))
				w.joins(x, chair)
				x.look(w, chair, "/teams/alder")
				x.step(w, chair, "POST", "/teams/alder/joins/"+x.ids[0], form("do", "refuse", "word_"+x.ids[0], "no"))
			},
			"invite him to a case": func(x *typed) {
				x.step(w, chair, "POST", "/cases/"+at+"/people/invite", form("address", x.address, "role", "observer"))
				w.drain()
				for _, i := range w.invitesOf(at) {
					x.ids = append(x.ids, i)
				}
				x.look(w, chair, "/cases/"+at+"/people")
				x.step(w, chair, "POST", "/cases/"+at+"/people/uninvite", form("invite", x.ids[len(x.ids)-1]))
				w.drain()
			},
			"take the key of a mail": func(x *typed) {
				key, err := pgp.Generate("Sam", x.address, w.now, 400*24*time.Hour)
				w.must(err)
				raw, err := key.Armored()
				w.must(err)
				before := w.heldIDs(w.projects[0])
				mail := strings.Replace(rawMail(w.projects[0].p.Address(), "a key", "see the key", "key", len(before)), "application/octet-stream", "application/pgp-keys", 1)
				mail = strings.Replace(mail, "aGVsbG8=", base64.StdEncoding.EncodeToString([]byte(raw)), 1)
				mail = regexp.MustCompile(`finder\d+@research.example`).ReplaceAllLiteralString(mail, x.address)
				w.mailIn(w.projects[0].p.Address(), mail)
				for id := range w.heldIDs(w.projects[0]) {
					if !before[id] {
						x.ids = append(x.ids, string(id))
					}
				}
				id := x.ids[len(x.ids)-1]
				d, err := w.app.Desk.See(w.ctx, moderator.person.sc, desk.ReportID(id))
				w.must(err)
				message, part := string(d.Messages[0].ID), strconv.Itoa(len(d.Messages[0].Parts)-1)
				x.step(w, moderator, "POST", "/desk/key", form("report", id, "message", message, "part", part))
				x.step(w, moderator, "POST", "/desk/decide", form("id", id, "do", "spam", "reason", "noise"))
				w.drain()
			},
		} {
			t.Run(strings.ReplaceAll(fact, " ", "_"), func(t *testing.T) {
				w.t = t
				do(&typed{address: "firsttry@people.example"}) // sessions note that they live
				hidden, absent := &typed{address: "stranger@people.example"}, &typed{address: "neverwas@people.example"}
				do(hidden)
				do(absent)
				if d := sameStatements(hidden.ran, absent.ran); d != "" {
					t.Error(d)
				}
				for i := range hidden.said {
					if d := differ(hidden.said[i], absent.said[i]); d != "" {
						t.Errorf("answer %d: %s", i, d)
					}
				}
			})
		}
	})
}

// joins notes the wish that was just entered, and whose it is.
func (w *world) joins(x *typed, by *actor) {
	w.t.Helper()
	w.view(func(ctx context.Context, v unit.View) error {
		for _, column := range []string{"id", "person"} {
			id, err := sqldb.One(ctx, v, sqldb.Value[string], `select `+column+` from people_join where source = 'mail' and state = 'asked'`)
			if err != nil {
				return err
			}
			x.ids = append(x.ids, id)
			if column == "person" {
				if _, err := w.app.Directory.Person(ctx, v, by.person.sc, people.PersonID(id)); !fault.Is(err, fault.NotFound) {
					w.t.Fatalf("who typed an address knows its account: %v", err)
				}
			}
		}
		return nil
	})
}

// invitesOf are the ids of a case's open invitations.
func (w *world) invitesOf(id string) (out []string) {
	w.view(func(ctx context.Context, v unit.View) (err error) {
		out, err = sqldb.All(ctx, v, sqldb.Value[string], `select id from casework_invite where case_id = ?`, id)
		return err
	})
	return out
}

// ownCase is a case that the person leads.
func (w *world) ownCase(p *person) string {
	for _, k := range w.cases {
		if k.roles[p][people.Lead] {
			return string(k.id)
		}
	}
	w.t.Fatalf("%s leads no case", p.name)
	return ""
}
