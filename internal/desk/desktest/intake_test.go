package desktest

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

func TestAMailBecomesAHeldReport(t *testing.T) {
	each(t, func(r *rig) {
		r.Check.auth = desk.Auth{SPF: "pass", SPFDomain: "mail.example", DKIM: []desk.DKIM{{Domain: "mail.example", Result: "pass", Aligned: true}}}
		mail := r.plain("Crash in the parser", "Long lines crash it.")
		r.send(mail)
		d := r.held()
		if d.Report.Title != "Crash in the parser" || d.Report.From.Mail != "ada@mail.example" || d.Report.Via != desk.ByMail {
			t.Errorf("report: %+v", d.Report)
		}
		if len(d.Messages) != 1 || d.Messages[0].Text != "Long lines crash it.\n" && d.Messages[0].Text != "Long lines crash it." {
			t.Fatalf("messages: %+v", d.Messages)
		}
		if m := d.Messages[0]; !m.Auth.Aligned() || m.Auth.SPF != "pass" || m.Auth.Remote != "192.0.2.7" || len(m.Signatures) != 0 {
			t.Errorf("auth: %+v", m.Auth)
		}
		// Both due dates are business days of the project: 2 and 10.
		if d.Report.DueAck.IsZero() || !d.Report.DueAssess.After(d.Report.DueAck) {
			t.Errorf("due %v, %v", d.Report.DueAck, d.Report.DueAssess)
		}
		f, err := r.Desk.OpenFile(t.Context(), people.AsPerson(maria), d.Messages[0].ID, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if raw, _ := io.ReadAll(f); !bytes.Equal(raw, []byte(crlf(mail))) {
			t.Errorf("the original changed: %q", raw)
		}
		letters := r.Post.take()
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		l := letters[0]
		if l.Key != "desk.letter.held" || !l.Auto || l.To[0].Address != "ada@mail.example" || l.InReplyTo != "<m1@mail.example>" || l.Subject != "" || l.Body != "" {
			t.Errorf("answer: %+v", l)
		}
		for _, v := range l.Args {
			if strings.Contains(v, "Crash") || strings.Contains(v, "Long lines") {
				t.Errorf("the answer repeats the report: %q", v)
			}
		}
	})
}

func TestTheSameMailAgainIsTakenOnce(t *testing.T) {
	each(t, func(r *rig) {
		mail := r.plain("Once", "text")
		r.send(mail)
		r.send(mail)
		if n := len(r.list(maria)); n != 1 {
			t.Errorf("%d reports from the same mail", n)
		}
		r.send(r.plain("Once", "text")) // another Message-ID
		if n := len(r.list(maria)); n != 2 {
			t.Errorf("%d reports from two mails", n)
		}
		r.send(mail, "security@other.example") // a list expander's second transaction
		if n := len(r.list(noah)); n != 1 {
			t.Errorf("%d reports of the other project", n)
		}
	})
}

func TestAMailToTwoProjectsIsHeldAtBoth(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("Both", "text"), "security@lanterna.example", "security@other.example")
		if len(r.list(maria)) != 1 || len(r.list(noah)) != 1 {
			t.Errorf("%d and %d reports", len(r.list(maria)), len(r.list(noah)))
		}
	})
}

func TestOnlyTheProjectsModeratorsSeeAHeldReport(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("Hidden", "text"))
		id := r.held().Report.ID
		m := r.held().Messages[0].ID
		r.grant("bert", string(lanterna), people.TeamMember)
		for name, sc := range map[string]people.Scope{
			"another project's moderator": people.AsPerson(noah), "a member off duty": people.AsPerson("bert"),
			"the public": people.Anyone(), "another report's bearer": people.AsBearer("x"), "a job of another report": people.AsJob("x", "y"),
			"nobody": {},
		} {
			if _, err := r.Desk.See(t.Context(), sc, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s sees the report: %v", name, err)
			}
			if _, err := r.Desk.OpenFile(t.Context(), sc, m, -1); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s opens the original: %v", name, err)
			}
			if l, err := r.Desk.List(t.Context(), sc, desk.Query{}); err != nil || len(l) != 0 {
				t.Errorf("%s lists %d, %v", name, len(l), err)
			}
			err := r.Desk.Decide(t.Context(), sc, desk.Decide{Reports: []desk.ReportID{id}, Do: desk.MarkSpam, Reason: "x"})
			if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				t.Errorf("%s decides: %v", name, err)
			}
		}
		if l := r.list(maria); len(l) != 1 || l[0].State != desk.Held {
			t.Errorf("after all that: %+v", l)
		}
	})
}

func TestAnswersAreCapped(t *testing.T) {
	each(t, func(r *rig) {
		for range 7 {
			r.send(r.plain("Many", "text"))
		}
		if n := len(r.Post.take()); n != desk.AnswersPerDay {
			t.Errorf("%d answers on one day", n)
		}
		// Once the count ran over all projects, and its end told one of the other's mail.
		r.send(r.plain("Elsewhere", "text"), "security@other.example")
		if n := len(letters(r.Post.take(), "desk.letter.held")); n != 1 {
			t.Errorf("%d answers from another project on the same day", n)
		}
		if l := r.list(noah); len(l) != 1 || l[0].Silence != desk.NoSilence {
			t.Errorf("the other project reads %+v", l)
		}
		r.Clock.Advance(24 * 3600e9)
		r.send(r.plain("Next day", "text"))
		if n := len(letters(r.Post.take(), "desk.letter.held")); n != 1 {
			t.Errorf("%d answers on the next day", n)
		}
	})
}

// A mail to two projects once made one thread, of whichever was filed first: what the
// reporter then wrote to the one was read by the other alone.
func TestAMailToTwoProjectsHasTwoThreads(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("For both", "text"), "security@lanterna.example", "security@other.example")
		first := r.n
		answer := func(to string) {
			r.send(r.plain("Re: For both", "more for "+to, "In-Reply-To: <m"+strconv.Itoa(first)+"@mail.example>"), to)
		}
		for range 2 {
			answer("security@other.example")
		}
		answer("security@lanterna.example")
		for who, n := range map[people.PersonID]int{maria: 2, noah: 3} {
			l := r.list(who)
			if len(l) != 1 {
				t.Fatalf("%s has %d reports", who, len(l))
			}
			if d, err := r.Desk.See(t.Context(), people.AsPerson(who), l[0].ID); err != nil || len(d.Messages) != n {
				t.Errorf("%s reads %d messages, not %d (%v)", who, len(d.Messages), n, err)
			}
		}
	})
}

func letters(list []people.Letter, key string) []people.Letter {
	var out []people.Letter
	for _, l := range list {
		if l.Key == key {
			out = append(out, l)
		}
	}
	return out
}

func TestSilence(t *testing.T) {
	each(t, func(r *rig) {
		for _, h := range []string{"List-Id: <talk.lists.example>", "List-Unsubscribe: <https://x>", "Precedence: bulk",
			"Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"} {
			r.send(r.plain("Quiet", "text", h))
		}
		r.sendFrom("", r.plain("Quiet", "text"))
		r.sendFrom("security@lanterna.example", r.plain("Quiet", "text"))
		if l := r.Post.take(); len(l) != 0 {
			t.Errorf("%d answers: %+v", len(l), l)
		}
		if n := len(r.list(maria)); n != 7 {
			t.Errorf("%d held reports, all 7 must be there", n)
		}
	})
}

func TestTheBacklogIsBounded(t *testing.T) {
	each(t, func(r *rig) {
		r.Door.Backlog = 3
		var refused int
		for range 100 {
			err := r.accept("ada@mail.example", r.plain("Flood", "text"))
			if fault.Is(err, fault.TooMany) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if refused < 60 {
			t.Errorf("%d of 100 refused", refused)
		}
		if fault.SMTPCode(fault.New(fault.TooMany, "x")) != 451 {
			t.Error("the sender must keep the mail")
		}
		r.Drain(t)
		if err := r.accept("ada@mail.example", r.plain("Later", "text")); err != nil {
			t.Errorf("after reading the backlog: %v", err)
		}
	})
}

func TestKnownAddresses(t *testing.T) {
	each(t, func(r *rig) {
		for a, known := range map[string]bool{
			"security@lanterna.example": true, "Security+ab12@Lanterna.Example": true, "bounce+x@other.example": true,
			"bounce@nowhere.example": false, "root@lanterna.example": false, "security@lanterna.example.evil": false, "": false, "@": false,
		} {
			err := r.Door.Known(t.Context(), a)
			if known != (err == nil) || err != nil && !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", a, err)
			}
		}
	})
}
