package desktest

import (
	"context"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

func TestRepliesFindTheHeldReport(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("First", "text"))
		answer := r.Post.take()[0]
		r.send(r.plain("Re: held", "more", "In-Reply-To: "+answer.MessageID))
		r.send(r.plain("Re: First", "to myself", "References: <unknown@x> <m1@mail.example>"))
		r.send(r.plain("Another subject", "by the tag only"), answer.ReplyTo)
		d := r.held()
		if len(d.Messages) != 4 || !d.Report.News || d.Report.State != desk.Held {
			t.Errorf("%d messages, %+v", len(d.Messages), d.Report)
		}
		if n := len(r.Post.take()); n != 0 {
			t.Errorf("%d answers to replies", n)
		}
		r.send(r.plain("A stranger's tag", "text"), "security+deadbeef@lanterna.example")
		if n := len(r.list(maria)); n != 2 {
			t.Errorf("an unknown tag must give a new report; %d", n)
		}
	})
}

func TestAStrangerCannotTakeAThreadOver(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("First", "text"))
		// The same Message-ID again, with other words: it opens a report of its own,
		// and replies to the id still find the first.
		r.send(strings.Replace(r.plain("Second", "other"), "<m2@", "<m1@", 1))
		first := r.list(maria)[0]
		r.send(r.plain("Re: First", "more", "In-Reply-To: <m1@mail.example>"))
		for _, rep := range r.list(maria) {
			want := 1
			if rep.ID == first.ID {
				want = 2
			}
			if rep.Messages != want {
				t.Errorf("%q has %d messages, want %d", rep.Title, rep.Messages, want)
			}
		}
	})
}

func TestReleaseAndWhatComesAfter(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("Real", "text"))
		reply := r.Post.take()[0].ReplyTo
		id := r.held().Report.ID
		sc := people.AsPerson(maria)
		r.Do(t, func(ctx context.Context, tx unit.Tx) error {
			rep, err := r.Desk.Release(ctx, tx, sc, id, "looks real")
			if err != nil {
				return err
			}
			return r.Desk.Opened(ctx, tx, sc, rep, theCase)
		})
		if f := named[desk.WasReleased](r.Facts); len(f) != 1 || f[0].Report != id {
			t.Errorf("facts: %+v", f)
		}
		if _, err := r.Desk.See(t.Context(), sc, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("a moderator who is not on the case still sees the report: %v", err)
		}
		r.grant("lead", theCase, people.Lead)
		if d, err := r.Desk.See(t.Context(), people.AsPerson("lead"), id); err != nil || d.Report.Case != theCase {
			t.Errorf("the lead: %v", err)
		}
		r.send(r.plain("More for the case", "text"), reply)
		f := named[desk.MailForCase](r.Facts)
		if len(f) != 1 || f[0].Object != theCase || f[0].Authenticated() || f[0].From != "ada@mail.example" {
			t.Fatalf("facts: %+v", f)
		}
		r.View(t, func(ctx context.Context, v unit.View) error {
			m, err := r.Desk.Message(ctx, v, people.AsPerson("lead"), f[0].Message)
			if err != nil || m.Subject != "More for the case" {
				t.Errorf("the lead reads %+v, %v", m, err)
			}
			if _, err := r.Desk.Message(ctx, v, sc, f[0].Message); !fault.Is(err, fault.NotFound) {
				t.Errorf("a moderator reads a case's mail: %v", err)
			}
			return nil
		})
		for who, want := range map[people.PersonID]fault.Kind{maria: fault.NotFound, "lead": fault.NotFound} {
			err := r.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
				_, err := r.Desk.Release(ctx, tx, people.AsPerson(who), id, "again")
				return err
			})
			if !fault.Is(err, want) {
				t.Errorf("%s releases twice: %v", who, err)
			}
		}
	})
}

func TestDecisions(t *testing.T) {
	for _, c := range []struct {
		do     desk.Decision
		state  desk.State
		letter string
	}{
		{desk.Reject, desk.Rejected, "desk.letter.reject"},
		{desk.SayNotOurs, desk.NotOurs, "desk.letter.not_ours"},
		{desk.MarkSpam, desk.Spam, ""},
		{desk.Ask, desk.Held, "desk.letter.ask"},
	} {
		t.Run(c.do.String(), func(t *testing.T) {
			each(t, func(r *rig) {
				r.send(r.plain("Decide me", "text"))
				r.Post.take()
				id := r.held().Report.ID
				sc := people.AsPerson(maria)
				cmd := desk.Decide{Reports: []desk.ReportID{id}, Do: c.do, Reason: "because", Text: "Own words."}
				if err := r.Desk.Decide(t.Context(), sc, cmd); err != nil {
					t.Fatal(err)
				}
				got := r.list(maria, desk.Held, desk.Rejected, desk.NotOurs, desk.Spam)
				if len(got) != 1 || got[0].State != c.state || got[0].AckedAt.IsZero() {
					t.Fatalf("after: %+v", got)
				}
				l := r.Post.take()
				switch {
				case c.letter == "" && len(l) != 0:
					t.Errorf("a letter about spam: %+v", l)
				case c.letter != "" && (len(l) != 1 || l[0].Key != c.letter || l[0].Body != "Own words." || l[0].InReplyTo != "<m1@mail.example>" || l[0].Subject != "Re: Decide me"):
					t.Errorf("letters: %+v", l)
				}
				again := r.Desk.Decide(t.Context(), sc, cmd)
				if !fault.Is(again, fault.Conflict) {
					t.Errorf("twice: %v", again)
				}
				if c.do == desk.Ask {
					return
				}
				if err := r.Desk.Decide(t.Context(), sc, desk.Decide{Reports: cmd.Reports, Do: desk.Reopen, Reason: "a mistake"}); err != nil {
					t.Errorf("reopen: %v", err)
				}
				if l := r.list(maria); len(l) != 1 {
					t.Errorf("after reopening: %+v", l)
				}
			})
		})
	}
}

func TestADuplicateMustBeOfSomethingVisible(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("One", "text"))
		r.send(r.plain("Two", "text"))
		r.send(r.plain("Foreign", "text"), "security@other.example")
		l := r.list(maria)
		foreign := r.list(noah)[0].ID
		sc := people.AsPerson(maria)
		dup := func(of string) error {
			return r.Desk.Decide(t.Context(), sc, desk.Decide{Reports: []desk.ReportID{l[1].ID}, Do: desk.MarkDuplicate, Reason: "same", Of: of})
		}
		unseen, absent := dup(string(foreign)), dup("nothing")
		if !fault.Is(unseen, fault.Invalid) || unseen.Error() != absent.Error() {
			t.Errorf("unseen %v, absent %v", unseen, absent)
		}
		if err := dup(string(l[1].ID)); !fault.Is(err, fault.Invalid) {
			t.Errorf("of itself: %v", err)
		}
		if err := dup(string(l[0].ID)); err != nil {
			t.Errorf("of the first: %v", err)
		}
	})
}

func TestABulkDecisionIsAllOrNothing(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("One", "text"))
		r.send(r.plain("Two", "text"))
		r.send(r.plain("Foreign", "text"), "security@other.example")
		l := r.list(maria)
		foreign := r.list(noah)[0].ID
		sc := people.AsPerson(maria)
		err := r.Desk.Decide(t.Context(), sc, desk.Decide{Reports: []desk.ReportID{l[0].ID, foreign}, Do: desk.MarkSpam, Reason: "noise"})
		if !fault.Is(err, fault.NotFound) || len(r.list(maria)) != 2 {
			t.Errorf("with a foreign one: %v, %d left", err, len(r.list(maria)))
		}
		err = r.Desk.Decide(t.Context(), sc, desk.Decide{Reports: []desk.ReportID{l[0].ID, l[1].ID}, Do: desk.MarkSpam, Reason: "noise"})
		if err != nil || len(r.list(maria)) != 0 {
			t.Errorf("both: %v, %d left", err, len(r.list(maria)))
		}
	})
}

func TestTheFormMakesTheSameReport(t *testing.T) {
	each(t, func(r *rig) {
		sub := desk.Submission{
			Project: lanterna, Via: desk.ByWeb, Form: ident.New(), Title: "By form", What: "It crashes.",
			Name: "Ada", Address: "Ada@mail.example", Lang: "zh", Remote: netip.MustParseAddr("192.0.2.9"),
			Claims: desk.Claims{Product: "lamp 2.1", Deadline: "2026-12-24", Exploited: desk.Unsure, Credit: "Ada"},
		}
		files := func() []desk.Upload {
			return []desk.Upload{
				{Name: `C:\dir\poc.py`, Type: "text/x-python", Body: strings.NewReader("boom")},
				{Name: "core", Body: io.LimitReader(zeros{}, 200_000)},
			}
		}
		sub.Files = files()
		rep, err := r.Desk.Submit(t.Context(), sub)
		if err != nil {
			t.Fatal(err)
		}
		d := r.held()
		if d.Report.ID != rep.ID || d.Report.Claims.Product != "lamp 2.1" || d.Report.Claims.ShareIdentity || d.Messages[0].Text != "It crashes." {
			t.Errorf("%+v", d)
		}
		if p := d.Messages[0].Parts; len(p) != 2 || p[0].Name != "poc.py" || p[1].Size != 200_000 {
			t.Errorf("files: %+v", p)
		}
		f, err := r.Desk.OpenFile(t.Context(), people.AsPerson(maria), d.Messages[0].ID, 1)
		if err != nil || f.Size != 200_000 {
			t.Fatalf("open: %v", err)
		}
		f.Close()
		if l := r.Post.take(); len(l) != 1 || l[0].Key != "desk.letter.held" || l[0].To[0].Address != "ada@mail.example" || l[0].To[0].Lang != "zh" {
			t.Errorf("answer: %+v", l)
		}
		// What a moderator sends later goes out in the same language.
		if err := r.Desk.Decide(t.Context(), people.AsPerson(maria), desk.Decide{Reports: []desk.ReportID{rep.ID}, Do: desk.Ask, Text: "版本？", Reason: "missing"}); err != nil {
			t.Fatal(err)
		}
		if l := r.Post.take(); len(l) != 1 || l[0].To[0].Lang != "zh" {
			t.Errorf("question: %+v", l)
		}
		if _, err := r.Desk.Submit(t.Context(), desk.Submission{Project: lanterna, Via: desk.ByWeb, What: "x", Lang: "tlh"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown language: %v", err)
		}
		sub.Files = files()
		again, err := r.Desk.Submit(t.Context(), sub)
		if err != nil || again.ID != rep.ID || len(r.list(maria)) != 1 {
			t.Errorf("a second click: %v %v", again.ID, err)
		}
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestTheFormIsCapped(t *testing.T) {
	each(t, func(r *rig) {
		sub := desk.Submission{Project: lanterna, Via: desk.ByWeb, What: "x"}
		for i := range desk.FormsPerDay + 1 {
			sub.Form = ""
			// Another host of the same IPv6 network is the same sender.
			sub.Remote = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)})
			_, err := r.Desk.Submit(t.Context(), sub)
			if full := i == desk.FormsPerDay; full != fault.Is(err, fault.TooMany) || !full && err != nil {
				t.Fatalf("form %d: %v", i, err)
			}
		}
		sub.Remote = netip.MustParseAddr("2001:db8:1::1")
		if _, err := r.Desk.Submit(t.Context(), sub); err != nil {
			t.Errorf("another network: %v", err)
		}
		r.Clock.Advance(24 * time.Hour)
		sub.Remote = netip.MustParseAddr("2001:db8::1")
		if _, err := r.Desk.Submit(t.Context(), sub); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

func TestTheReportersLink(t *testing.T) {
	each(t, func(r *rig) {
		r.send(r.plain("With a link", "text"))
		link := r.Post.take()[0].Link
		token := link[strings.LastIndexByte(link, '/')+1:]
		for _, bad := range []string{"", "x", token[:39], token + "0", strings.ToUpper(token)} {
			if _, err := r.Desk.OpenLink(t.Context(), bad); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q opens: %v", bad, err)
			}
		}
		sc, err := r.Desk.OpenLink(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		ip := netip.MustParseAddr("192.0.2.9")
		if err := r.Desk.Add(t.Context(), sc, desk.Add{Text: "One more thing.", Remote: ip}); err != nil {
			t.Fatal(err)
		}
		id := r.held().Report.ID
		if err := r.Desk.Decide(t.Context(), people.AsPerson(maria), desk.Decide{Reports: []desk.ReportID{id}, Do: desk.Reject, Reason: "internal words", Text: "Not a hole."}); err != nil {
			t.Fatal(err)
		}
		s, err := r.Desk.Status(t.Context(), sc)
		if err != nil {
			t.Fatal(err)
		}
		if s.Report.State != desk.Rejected || len(s.Messages) != 3 || s.Messages[2].Text != "Not a hole." || s.Report.Reason != "" {
			t.Errorf("%+v", s)
		}
		if err := r.Desk.Add(t.Context(), sc, desk.Add{Remote: ip}); !fault.Is(err, fault.Invalid) {
			t.Errorf("nothing written: %v", err)
		}
		if err := r.Desk.Decide(t.Context(), sc, desk.Decide{Reports: []desk.ReportID{id}, Do: desk.Reopen, Reason: "please"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("the reporter reopens: %v", err)
		}
	})
}

func TestBouncesAreFiledAtTheirObject(t *testing.T) {
	dsn := func(id string) string {
		return "From: MAILER-DAEMON@mx.example\nTo: x\nSubject: Undelivered\nMessage-ID: <b" + id + "@mx.example>\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nIt failed.\n" +
			"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ada@mail.example\nAction: failed\nStatus: 5.1.1\n" +
			"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + id + "\nSubject: Re: x\n--b--\n"
	}
	each(t, func(r *rig) {
		r.sendFrom("", dsn("<gone@x>"), "bounce+goodtag@lanterna.example")
		f := named[desk.Bounced](r.Facts)
		if len(f) != 1 || f[0].Object != theCase || f[0].Letter != "l1" || !f[0].Failed || len(r.Post.bounced) != 1 || r.Post.bounced[0] != "goodtag true 5.1.1" {
			t.Fatalf("facts %+v, post %v", f, r.Post.bounced)
		}
		r.send(r.plain("Held", "text"))
		answer := r.Post.take()[0]
		r.sendFrom("", dsn(answer.MessageID))
		if d := r.held(); len(d.Messages) != 2 || !d.Messages[1].Automatic {
			t.Errorf("the bounce of the answer is not at the report: %+v", d.Report)
		}
		if n := len(r.Post.take()); n != 0 {
			t.Errorf("%d letters to bounces", n)
		}
		r.sendFrom("", dsn("<nobody@x>"), "bounce+wrong@lanterna.example")
		if n := len(r.list(maria)); n != 2 {
			t.Errorf("a bounce of nothing must be held: %d", n)
		}
	})
}

func TestReminders(t *testing.T) {
	each(t, func(r *rig) {
		r.Clock.Set(time.Date(2026, 11, 6, 15, 0, 0, 0, time.UTC)) // a Friday
		r.send(r.plain("Waiting", "text"))
		r.Post.take()
		due := r.held().Report.DueAck
		if want := "2026-11-10"; due.Format(time.DateOnly) != want {
			t.Fatalf("due %v, want the second business day, %s", due, want)
		}
		step := func(at time.Time, want string, n int) {
			t.Helper()
			r.Clock.Set(at)
			r.Drain(t)
			l := r.Post.take()
			if want == "" && len(l) == 0 {
				return
			}
			if len(l) != 1 || l[0].Key != want || len(l[0].To) != n {
				t.Fatalf("at %v: %+v", at, l)
			}
		}
		step(due.Add(-25*time.Hour), "", 0)
		step(due.Add(-24*time.Hour), "desk.letter.due_ack", 1)
		step(due.Add(-time.Hour), "", 0)
		step(due, "desk.letter.due_ack", 1)
		step(due.Add(24*time.Hour), "desk.letter.due_ack_late", 2) // the chair hears of it too
		id := r.held().Report.ID
		err := r.Desk.Decide(t.Context(), people.AsPerson(maria), desk.Decide{Reports: []desk.ReportID{id}, Do: desk.MarkSpam, Reason: "noise"})
		if err != nil {
			t.Fatal(err)
		}
		step(due.Add(30*24*time.Hour), "", 0)
	})
}

func TestTextsBelongToTheTeam(t *testing.T) {
	each(t, func(r *rig) {
		sc := people.AsPerson(maria)
		id, err := r.Desk.SaveText(t.Context(), sc, desk.Text{Project: lanterna, For: desk.Reject, Title: "No threat model", Body: "Thank you."})
		if err != nil {
			t.Fatal(err)
		}
		for name, s := range map[string]people.Scope{"another team": people.AsPerson(noah), "the public": people.Anyone()} {
			if err := r.Desk.RemoveText(t.Context(), s, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s removes: %v", name, err)
			}
			if _, err := r.Desk.SaveText(t.Context(), s, desk.Text{Project: lanterna, For: desk.Reject, Title: "x", Body: "y"}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s adds: %v", name, err)
			}
			if _, err := r.Desk.SaveText(t.Context(), s, desk.Text{ID: id, For: desk.Reject, Title: "x", Body: "y"}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s changes: %v", name, err)
			}
		}
		r.send(r.plain("x", "y"))
		if d := r.held(); len(d.Texts) != 1 || d.Texts[0].Title != "No threat model" {
			t.Errorf("%+v", d.Texts)
		}
		if err := r.Desk.RemoveText(t.Context(), sc, id); err != nil {
			t.Error(err)
		}
	})
}

func TestALetterThatFailedIsFlaggedAtItsReport(t *testing.T) {
	one(t, func(r *rig) {
		r.send(r.plain("Unreachable", "text"))
		id := r.held().Report.ID
		r.Do(t, func(ctx context.Context, tx unit.Tx) error {
			if err := r.Desk.FollowFailed(ctx, tx, people.LetterFailed{About: string(id), Code: "550"}); err != nil {
				return err
			}
			return r.Desk.FollowFailed(ctx, tx, people.LetterFailed{About: "a case"}) // its owner's business
		})
		if !r.held().Report.Flagged {
			t.Error("the report is not flagged")
		}
	})
}

func TestAReadOnlyTokenDecidesNothing(t *testing.T) {
	one(t, func(r *rig) {
		r.send(r.plain("Token", "text"))
		id := r.held().Report.ID
		sc := people.AsPerson(maria).ReadOnly()
		if err := r.Desk.Decide(t.Context(), sc, desk.Decide{Reports: []desk.ReportID{id}, Do: desk.MarkSpam, Reason: "x"}); !fault.Is(err, fault.Denied) {
			t.Errorf("decide: %v", err)
		}
		err := r.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			_, err := r.Desk.Release(ctx, tx, sc, id, "x")
			return err
		})
		if !fault.Is(err, fault.Denied) {
			t.Errorf("release: %v", err)
		}
	})
}

// A report came in clear, then its sender wrote encrypted. The answer went out in clear
// under the subject that stood inside the encryption.
func TestAnAnswerToAnEncryptedMailSaysNothingInClear(t *testing.T) {
	r := oneEngine(t)
	r.know("")
	r.send(r.plain("first", "text"))
	first := r.Post.take()[0]
	id := r.held().Report.ID
	r.send(letter(t, "second", func(d *mailmsg.Draft) {
		encryptTo(nil, made().team)(d)
		d.Subject, d.InReplyTo = "The secret subject", first.MessageID
	}))
	if n := len(r.held().Messages); n != 2 {
		t.Fatalf("%d messages", n)
	}
	err := r.Desk.Decide(t.Context(), people.AsPerson(maria), desk.Decide{Reports: []desk.ReportID{id}, Do: desk.Reject, Reason: "no", Text: "Own words."})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Post.take()
	if len(l) != 1 || !l[0].Confidential || strings.Contains(l[0].Subject, "secret") {
		t.Errorf("got %+v", l)
	}
}
