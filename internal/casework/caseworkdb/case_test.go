package caseworkdb_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

// reported opens a case from a mailed report and returns it with its report.
func reported(t *testing.T, s *caseworktest.Site, m desk.Message, c desk.Claims) (casework.CaseID, desk.ReportID) {
	t.Helper()
	rep := s.Desk.Hold(s.Clock.Now(), m, c)
	id, err := s.Cases.OpenFromReport(t.Context(), s.Moderator, casework.OpenFromReport{Report: rep, Reason: "looks real"})
	if err != nil {
		t.Fatal(err)
	}
	return id, rep
}

func mail() desk.Message {
	return desk.Message{From: desk.Address{Name: "Rhea", Mail: "rhea@research.example"}, Subject: "Heap overflow in Lanterna", Text: "Send 4097 bytes.",
		MailID: "one@research.example", Parts: []desk.Part{{Name: "../../etc/poc.c", Type: "text/x-c", Size: 12, File: "blob1"}}}
}

func TestAReleasedReportBecomesACase(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, rep := reported(t, s, mail(), desk.Claims{AlreadyPublic: desk.Yes, PublicWhere: "a blog"})
		c := s.Case(t, s.Moderator, id)
		if c.Title != "Heap overflow in Lanterna" || c.State != casework.Received || c.Report != rep || c.Reporter.Mail != "rhea@research.example" {
			t.Errorf("got %+v", c)
		}
		if !c.Clock.Running || c.Clock.Until.IsZero() {
			t.Error("the case has no embargo")
		}
		if s.Desk.Reports[rep].Case != string(id) {
			t.Error("the report does not know its case")
		}
		for name, sc := range map[string]people.Scope{"moderator": s.Moderator, "chair": s.Chair, "deputy": s.Deputy} {
			s.View(t, func(ctx context.Context, v unit.View) error {
				if _, role, err := s.Cases.Get(ctx, v, sc, id); err != nil || role != people.Lead {
					t.Errorf("%s is %q: %v", name, role, err)
				}
				return nil
			})
		}
		items := s.Talk(t, s.Chair, id)
		if len(items) != 1 || items[0].Content.Text != "Send 4097 bytes." || items[0].Files[0].Name != "poc.c" || items[0].Trust != casework.Unverified {
			t.Errorf("got %+v", items)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			claims, err := s.Cases.ClaimsOn(ctx, v, s.Chair, id)
			if len(claims) != 1 || claims[0].Kind != casework.IsPublic || claims[0].Text != "a blog" {
				t.Errorf("got %+v", claims)
			}
			return err
		})
		if c.Facts.Any() {
			t.Error("the reporter's claim set a fact")
		}
		if _, err := s.Cases.OpenFromReport(t.Context(), s.Moderator, casework.OpenFromReport{Report: rep, Reason: "again"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same report opened twice: %v", err)
		}
	})
}

func TestARefusedEmbargoOpensNoCase(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		rep := s.Desk.Hold(s.Clock.Now(), mail(), desk.Claims{})
		letters := s.Letters(t)
		cmd := casework.OpenFromReport{Report: rep, Reason: "real", Until: s.Clock.Now().Add(40 * 24 * time.Hour)}
		if _, err := s.Cases.OpenFromReport(t.Context(), s.Moderator, cmd); !fault.Is(err, fault.Invalid) {
			t.Fatalf("forty days without a decision: %v", err)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			p, err := s.Cases.List(ctx, v, s.Moderator, casework.Query{})
			if len(p.Rows) != 0 {
				t.Error("the case came to be")
			}
			return err
		})
		if s.Letters(t) != letters {
			t.Error("somebody was told of a case that is not")
		}
		cmd.Longer = "the vendor's freeze"
		if _, err := s.Cases.OpenFromReport(t.Context(), s.Moderator, cmd); err != nil {
			t.Fatalf("with a decision: %v", err)
		}
	})
}

func TestAPublicCaseHasNoEmbargo(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		rep := s.Desk.Hold(s.Clock.Now(), mail(), desk.Claims{AlreadyPublic: desk.Yes})
		id, err := s.Cases.OpenFromReport(t.Context(), s.Moderator, casework.OpenFromReport{Report: rep, Reason: "real", Public: true, Evidence: "it is on the list"})
		if err != nil {
			t.Fatal(err)
		}
		if c := s.Case(t, s.Moderator, id); c.Clock.Running || !c.Facts.Public.Set || c.Facts.Public.By != caseworktest.PersonOf(s.Moderator) {
			t.Errorf("got %+v", c)
		}
		w := embargo.Wish{Kind: embargo.Set, Until: s.Clock.Now().Add(time.Hour)}
		if err := s.Embargo.Change(t.Context(), s.Moderator, id, 0, w); !fault.Is(err, fault.Conflict) {
			t.Errorf("an embargo on a public case: %v", err)
		}
	})
}

// TestForAnOutsiderACaseDoesNotExist calls every verb as somebody without a role.
func TestForAnOutsiderACaseDoesNotExist(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "hidden")
		item := s.Talk(t, s.Chair, id)[0].ID
		f, err := s.Cases.Upload(t.Context(), s.Chair, id, "a.txt", "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Cases.PostMessage(t.Context(), s.Chair, casework.PostMessage{Case: id, Text: "see", Files: []casework.File{f}}); err != nil {
			t.Fatal(err)
		}
		file := s.Talk(t, s.Chair, id)[1].Files[0].ID
		for who, sc := range map[string]people.Scope{"a stranger": s.Stranger, "the public": people.Anyone(), "another's link": people.AsBearer("0"), "another job": people.AsJob("x", "other"), "nobody": {}} {
			do := map[string]func(ctx context.Context) error{
				"advance": func(ctx context.Context) error { return s.Cases.Advance(ctx, sc, id, 0, casework.Valid, "why") },
				"assess": func(ctx context.Context) error {
					return s.Cases.Assess(ctx, sc, id, 0, casework.Assessment{Title: "t"})
				},
				"affected": func(ctx context.Context) error { return s.Cases.SetAffected(ctx, sc, id, 0, nil) },
				"fact":     func(ctx context.Context) error { return s.Cases.SetFact(ctx, sc, id, casework.IsPublic, true, "e") },
				"claim":    func(ctx context.Context) error { return s.Cases.ClaimFact(ctx, sc, id, casework.IsPublic, "e") },
				"answer":   func(ctx context.Context) error { return s.Cases.AnswerClaim(ctx, sc, id, "x", "e") },
				"invite": func(ctx context.Context) error {
					return s.Cases.Invite(ctx, sc, casework.Invite{Case: id, Address: "a@b.example", Role: people.Observer})
				},
				"uninvite": func(ctx context.Context) error { return s.Cases.WithdrawInvite(ctx, sc, id, "x") },
				"remove": func(ctx context.Context) error {
					return s.Cases.Remove(ctx, sc, id, caseworktest.PersonOf(s.Chair), people.Lead, "why")
				},
				"role": func(ctx context.Context) error {
					return s.Cases.ChangeRole(ctx, sc, id, caseworktest.PersonOf(s.Chair), people.Lead, people.Member)
				},
				"decide": func(ctx context.Context) error {
					return s.Cases.DecideMail(ctx, sc, casework.Decide{Case: id, Item: item, LetIn: true})
				},
				"message": func(ctx context.Context) error {
					_, err := s.Cases.PostMessage(ctx, sc, casework.PostMessage{Case: id, Text: "x"})
					return err
				},
				"view": func(ctx context.Context) error { _, _, _, err := s.Cases.View(ctx, sc, id); return err },
				"upload": func(ctx context.Context) error {
					_, err := s.Cases.Upload(ctx, sc, id, "a", "", strings.NewReader("x"))
					return err
				},
				"download": func(ctx context.Context) error { _, _, err := s.Cases.Download(ctx, sc, file); return err },
				"embargo": func(ctx context.Context) error {
					return s.Embargo.Change(ctx, sc, id, 1, embargo.Wish{Kind: embargo.End, Reason: "x"})
				},
				"history": inView(s, func(ctx context.Context, v unit.View) error {
					_, err := s.Cases.History(ctx, v, sc, id, 0, 10)
					return err
				}),
				"propose": inView(s, func(ctx context.Context, v unit.View) error {
					_, err := s.Embargo.Propose(ctx, v, sc, id, embargo.Wish{Kind: embargo.End, Reason: "x"})
					return err
				}),
				"by report": inView(s, func(ctx context.Context, v unit.View) error {
					_, err := s.Cases.Lists.ByReport(ctx, v, sc, "r")
					return err
				}),
			}
			for name, f := range do {
				if err := f(t.Context()); !isMissing(err) {
					t.Errorf("%s, %s: %v", who, name, err)
				}
			}
			s.View(t, func(ctx context.Context, v unit.View) error {
				items, err := s.Cases.Conversation(ctx, v, sc, id, 0, 0)
				files, err2 := s.Cases.FilesOf(ctx, v, sc, id)
				list, err3 := s.Cases.List(ctx, v, sc, casework.Query{States: casework.States()})
				found, err4 := s.Cases.Search(ctx, v, sc, "hidden", casework.Cursor{})
				ps, err5 := s.Cases.Participants(ctx, v, sc, id)
				inv, err6 := s.Cases.InvitesOf(ctx, v, sc, id)
				his, err7 := s.Embargo.History(ctx, v, sc, id)
				emb, err8 := s.Embargo.Of(ctx, v, sc, id)
				if len(items)+len(files)+len(list.Rows)+len(found.Hits)+found.Done+len(ps)+len(inv)+len(his) != 0 || emb.State != embargo.None {
					t.Errorf("%s is told something", who)
				}
				for _, err := range []error{err, err2, err3, err4, err5, err6, err7, err8} {
					if err != nil {
						t.Errorf("%s: %v", who, err)
					}
				}
				return nil
			})
		}
		if got := s.Case(t, s.Chair, id); got.State != casework.Received || got.Facts.Any() {
			t.Error("an outsider changed the case")
		}
	})
}

func inView(s *caseworktest.Site, f func(context.Context, unit.View) error) func(context.Context) error {
	return func(ctx context.Context) error { return s.Work.View(ctx, f) }
}

// isMissing holds the one answer: same kind, same text.
func isMissing(err error) bool {
	return fault.Is(err, fault.NotFound) && err.Error() == fault.Missing().Error()
}

func TestNotesAreTheTeamsAlone(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, rep := reported(t, s, mail(), desk.Claims{})
		observer := s.AddPerson(t, "observer")
		join(t, s, id, observer, people.Observer)
		bearer := people.AsBearer(string(rep))
		before := s.Case(t, observer, id).ChangedAt
		s.Clock.Advance(time.Hour)
		letters := s.Letters(t)
		post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "between us: zebra", Note: true})
		if n := s.Letters(t) - letters; n != 2 { // the two other leads; neither the reporter nor the observer
			t.Errorf("%d letters about a note", n)
		}
		post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "thank you, giraffe"})
		for who, c := range map[string]struct {
			sc   people.Scope
			want int
		}{"chair": {s.Chair, 3}, "observer": {observer, 2}, "reporter's link": {bearer, 2}} {
			if got := len(s.Talk(t, c.sc, id)); got != c.want {
				t.Errorf("%s sees %d items, not %d", who, got, c.want)
			}
			s.View(t, func(ctx context.Context, v unit.View) error {
				f, err := s.Cases.Search(ctx, v, c.sc, "zebra", casework.Cursor{})
				if (len(f.Hits) == 1) != (c.want == 3) {
					t.Errorf("%s finds %d", who, len(f.Hits))
				}
				p, err2 := s.Cases.List(ctx, v, c.sc, casework.Query{})
				if err2 != nil || len(p.Rows) != 1 || p.Rows[0].Unread != c.want {
					t.Errorf("%s has %+v unread: %v", who, p.Rows, err2)
				}
				return err
			})
		}
		if s.Case(t, observer, id).ChangedAt.Equal(before) {
			t.Error("the reply did not move the case")
		}
		if lines := s.Lines(t, observer, id); slices.Contains(lines, "casework.ledger.noted") || !slices.Contains(lines, "casework.ledger.replied") {
			t.Errorf("the observer's timeline: %v", lines)
		}
		if lines := s.Lines(t, s.Chair, id); !slices.Contains(lines, "casework.ledger.noted") {
			t.Errorf("the lead's timeline: %v", lines)
		}
		if _, err := s.Cases.PostMessage(t.Context(), bearer, casework.PostMessage{Case: id, Text: "x", Note: true}); !fault.Is(err, fault.Denied) {
			t.Errorf("the reporter writes a note: %v", err)
		}
		if _, err := s.Cases.PostMessage(t.Context(), observer, casework.PostMessage{Case: id, Text: "x"}); !fault.Is(err, fault.Denied) {
			t.Errorf("an observer writes: %v", err)
		}
		if _, err := s.Cases.PostMessage(t.Context(), bearer, casework.PostMessage{Case: id, Text: "one more thing"}); err != nil {
			t.Errorf("the reporter answers by his link: %v", err)
		}
	})
}

func TestANoteDoesNotMoveTheCaseForOthers(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, _ := reported(t, s, mail(), desk.Claims{})
	before := s.Case(t, s.Chair, id).ChangedAt
	s.Clock.Advance(time.Hour)
	post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "between us", Note: true})
	if got := s.Case(t, s.Chair, id).ChangedAt; !got.Equal(before) {
		t.Error("lists sort by a note that not everybody may know of")
	}
}

func post(t *testing.T, s *caseworktest.Site, sc people.Scope, m casework.PostMessage) casework.ItemID {
	t.Helper()
	id, err := s.Cases.PostMessage(t.Context(), sc, m)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// join puts a person on a case directly.
func join(t *testing.T, s *caseworktest.Site, id casework.CaseID, sc people.Scope, r people.Role) {
	t.Helper()
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		return s.Grants.Grant(ctx, tx, people.AsJob("test", string(id)), string(id), caseworktest.PersonOf(sc), r)
	})
}

func TestARoleDecidesWhatOneMayDo(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "roles")
		reporter, observer := s.AddPerson(t, "rep"), s.AddPerson(t, "obs")
		join(t, s, id, reporter, people.Reporter)
		join(t, s, id, observer, people.Observer)
		verbs := map[string]func(sc people.Scope) error{
			"advance": func(sc people.Scope) error { return s.Cases.Advance(t.Context(), sc, id, 0, casework.Valid, "why") },
			"assess": func(sc people.Scope) error {
				return s.Cases.Assess(t.Context(), sc, id, 0, casework.Assessment{Title: "t"})
			},
			"affected": func(sc people.Scope) error { return s.Cases.SetAffected(t.Context(), sc, id, 0, nil) },
			"fact":     func(sc people.Scope) error { return s.Cases.SetFact(t.Context(), sc, id, casework.IsPublic, true, "e") },
			"embargo": func(sc people.Scope) error {
				return s.Embargo.Change(t.Context(), sc, id, 1, embargo.Wish{Kind: embargo.End, Reason: "x"})
			},
			"invite": func(sc people.Scope) error {
				return s.Cases.Invite(t.Context(), sc, casework.Invite{Case: id, Address: "a@b.example", Role: people.Observer})
			},
			"remove": func(sc people.Scope) error {
				return s.Cases.Remove(t.Context(), sc, id, caseworktest.PersonOf(s.Chair), people.Lead, "x")
			},
		}
		for name, f := range verbs {
			for who, sc := range map[string]people.Scope{"reporter": reporter, "observer": observer, "read-only lead": s.Chair.ReadOnly()} {
				if err := f(sc); !fault.Is(err, fault.Denied) {
					t.Errorf("%s by a %s: %v", name, who, err)
				}
			}
		}
		if err := s.Cases.Invite(t.Context(), s.Member, casework.Invite{Case: id, Address: "a@b.example", Role: people.Lead}); !fault.Is(err, fault.Denied) {
			t.Errorf("a member invites a lead: %v", err)
		}
		if err := s.Cases.Remove(t.Context(), s.Member, id, caseworktest.PersonOf(s.Chair), people.Lead, "x"); !fault.Is(err, fault.Denied) {
			t.Errorf("a member removes a lead: %v", err)
		}
		if err := s.Cases.ClaimFact(t.Context(), observer, id, casework.IsAttacked, "seen in our honeypot"); err != nil {
			t.Errorf("an observer's claim: %v", err)
		}
		if s.Case(t, s.Chair, id).Facts.Any() {
			t.Error("a claim set a fact")
		}
	})
}

func TestTheReporterIsAnsweredInHisThread(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, _ := reported(t, s, mail(), desk.Claims{})
		post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "thank you"})
		c := s.Case(t, s.Chair, id)
		if len(c.Thread.References) != 2 || c.Thread.References[0] != "one@research.example" || c.Thread.Last == "one@research.example" {
			t.Errorf("got %+v", c.Thread)
		}
		items := s.Talk(t, s.Chair, id)
		if last := items[len(items)-1]; last.Letter == "" || last.Content.Sent != "rhea@research.example" {
			t.Errorf("got %+v", last)
		}
		if lines := s.Lines(t, s.Chair, id); !slices.Contains(lines, "casework.ledger.mailed") {
			t.Errorf("the copy that left has no entry: %v", lines)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			rs, note, err := s.Cases.Readers(ctx, v, s.Chair, c)
			if len(rs) != 4 || rs[3].How != casework.ByMail || rs[3].Name != "rhea@research.example" {
				t.Errorf("readers %+v", rs)
			}
			if len(note) != 3 {
				t.Errorf("readers of a note %+v", note)
			}
			return err
		})
	})
}

func TestWhoSawWhatGrowsOnce(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "seen")
		count := func() int {
			n := 0
			for _, k := range s.Lines(t, s.Chair, id) {
				if k == "casework.ledger.seen" {
					n++
				}
			}
			return n
		}
		look := func(want int) {
			t.Helper()
			if _, _, through, err := s.Cases.View(t.Context(), s.Member, id); err != nil || through != want {
				t.Fatalf("through %d: %v", through, err)
			}
		}
		look(1)
		look(1)
		look(1)
		if n := count(); n != 1 {
			t.Errorf("%d entries for three looks at the same", n)
		}
		post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "more"})
		look(2)
		if n := count(); n != 2 {
			t.Errorf("%d entries after news", n)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			ps, err := s.Cases.Participants(ctx, v, s.Chair, id)
			at := slices.IndexFunc(ps, func(p casework.Participant) bool { return p.Person == caseworktest.PersonOf(s.Member) })
			if at < 0 || ps[at].Seen != 2 {
				t.Errorf("got %+v", ps)
			}
			return err
		})
	})
}

func TestFilesAreSealedCountedAndBounded(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "files")
		secretWord := []byte("proof-of-concept-9f3a")
		f, err := s.Cases.Upload(t.Context(), s.Member, id, "C:\\tmp\\p\u202eoc.py", "text/html", bytes.NewReader(bytes.Repeat(secretWord, 10_000)))
		if err != nil {
			t.Fatal(err)
		}
		post(t, s, s.Member, casework.PostMessage{Case: id, Files: []casework.File{f}})
		items := s.Talk(t, s.Chair, id)
		got := items[len(items)-1].Files
		if len(got) != 1 || got[0].Name != "poc.py" || got[0].Size != int64(10_000*len(secretWord)) {
			t.Fatalf("got %+v", got)
		}
		_, r, err := s.Cases.Download(t.Context(), s.Chair, got[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		all, _ := io.ReadAll(r)
		r.Close()
		if !bytes.Equal(all, bytes.Repeat(secretWord, 10_000)) {
			t.Error("the file came back changed")
		}
		if lines := s.Lines(t, s.Chair, id); !slices.Contains(lines, "casework.ledger.file_read") {
			t.Error("a copy that left has no entry")
		}
		big := io.LimitReader(zeros{}, casework.MaxFile+1)
		if _, err := s.Cases.Upload(t.Context(), s.Member, id, "big", "", big); !fault.Is(err, fault.TooLarge) {
			t.Errorf("a file above the limit: %v", err)
		}
		if _, err := s.Cases.PostMessage(t.Context(), s.Member, casework.PostMessage{Case: id}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty message: %v", err)
		}
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestNoWordOfACaseLiesOpenInTheStore(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, _ := reported(t, s, mail(), desk.Claims{AlreadyPublic: desk.Yes, PublicWhere: "quagga.example"})
	post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "the word is okapi", Note: true})
	if err := s.Cases.Advance(t.Context(), s.Chair, id, 0, casework.Valid, "because of the ocelot"); err != nil {
		t.Fatal(err)
	}
	s.View(t, func(ctx context.Context, v unit.View) error {
		for _, table := range []string{"casework_case", "casework_item", "casework_file", "casework_claim", "embargo_change", "embargo_embargo", "people_letter", "ledger_body"} {
			rows, err := sqldb.Of(v).Query(ctx, "select * from "+table)
			if err != nil {
				t.Errorf("%s: %v", table, err)
				continue
			}
			cols, _ := rows.Columns()
			for rows.Next() {
				vals := make([]any, len(cols))
				ptrs := make([]any, len(cols))
				for i := range vals {
					ptrs[i] = &vals[i]
				}
				if err := rows.Scan(ptrs...); err != nil {
					t.Fatal(err)
				}
				for i, val := range vals {
					var text string
					switch x := val.(type) {
					case string:
						text = x
					case []byte:
						text = string(x)
					}
					for _, word := range []string{"okapi", "quagga", "ocelot", "4097", "Heap", "rhea@", "poc.c"} {
						if strings.Contains(text, word) {
							t.Errorf("%s.%s holds %q in clear", table, cols[i], word)
						}
					}
				}
			}
			rows.Close()
		}
		return nil
	})
}

func TestTwoPeopleDoNotOverwriteEachOther(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "race")
		v := s.Case(t, s.Chair, id).Version
		if err := s.Cases.Assess(t.Context(), s.Chair, id, v, casework.Assessment{Title: "first", Vector31: vector}); err != nil {
			t.Fatal(err)
		}
		if err := s.Cases.Assess(t.Context(), s.Member, id, v, casework.Assessment{Title: "second"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the second wins silently: %v", err)
		}
		if c := s.Case(t, s.Chair, id); c.Title != "first" || c.Severity.Score31 != 9.8 {
			t.Errorf("got %+v", c)
		}
	})
}

func TestListsFilterAndSort(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		var ids []casework.CaseID
		for _, n := range []string{"a", "b", "c"} {
			s.Clock.Advance(24 * time.Hour)
			ids = append(ids, s.Open(t, n))
		}
		s.Clock.Advance(time.Minute)
		must(t, s.Cases.Assess(t.Context(), s.Chair, ids[0], 0, casework.Assessment{Title: "a", Vector31: vector}))
		must(t, s.Cases.Advance(t.Context(), s.Chair, ids[1], 0, casework.Invalid, "no"))
		must(t, s.Embargo.Change(t.Context(), s.Chair, ids[2], s.EmbargoOf(t, ids[2]).Version, embargo.Wish{Kind: embargo.Shorten, Until: s.Clock.Now().Add(time.Hour), Reason: "soon"}))
		list := func(q casework.Query) string {
			var out string
			s.View(t, func(ctx context.Context, v unit.View) error {
				p, err := s.Cases.List(ctx, v, s.Chair, q)
				for _, r := range p.Rows {
					out += r.Title
				}
				if p.More {
					out += "+"
				}
				return err
			})
			return out
		}
		for name, c := range map[string]struct {
			q    casework.Query
			want string
		}{
			"the last changed first": {casework.Query{}, "ac"},
			"all states":             {casework.Query{States: casework.States(), Order: casework.ByOpened}, "cba"},
			"the worst first":        {casework.Query{Order: casework.BySeverity, States: casework.States(), Limit: 1}, "a+"},
			"the next embargo first": {casework.Query{Order: casework.ByEmbargo}, "ca"},
			"the second page":        {casework.Query{States: casework.States(), Order: casework.ByOpened, Offset: 1, Limit: 1}, "b+"},
			"another project":        {casework.Query{Project: "other"}, ""},
			"unread":                 {casework.Query{Unread: true, Order: casework.ByOpened}, "ca"},
			"nothing is overdue yet": {casework.Query{Overdue: true}, ""},
			"nothing waits":          {casework.Query{Waiting: true}, ""},
			"by due date":            {casework.Query{Order: casework.ByDue}, "ac"},
		} {
			if got := list(c.q); got != c.want {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
		}
		s.Clock.Advance(60 * 24 * time.Hour)
		if got := list(casework.Query{Overdue: true, Order: casework.ByOpened}); got != "ca" {
			t.Errorf("overdue: %q", got)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSearchGoesOnWhereItStopped(t *testing.T) {
	s := caseworktest.SQLite(t)
	id := s.Open(t, "search")
	for range 70 {
		s.Clock.Advance(time.Second)
		post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "Needle in the HAY"})
	}
	var cur casework.Cursor
	total := 0
	for range 5 {
		s.View(t, func(ctx context.Context, v unit.View) error {
			f, err := s.Cases.Search(ctx, v, s.Member, "hay needle", cur)
			total += len(f.Hits)
			cur = f.Next
			return err
		})
		if cur == (casework.Cursor{}) {
			break
		}
	}
	if total != 70 {
		t.Errorf("found %d of 70", total)
	}
}

func TestTheReporterIsNotToldWhyTheReportWasReleased(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, rep := reported(t, s, mail(), desk.Claims{})
	bearer := people.AsBearer(string(rep))
	if c := s.Case(t, bearer, id); c.StateReason != "" {
		t.Errorf("the state's reason is %q", c.StateReason)
	}
	s.View(t, func(ctx context.Context, v unit.View) error {
		for who, sc := range map[string]people.Scope{"reporter": bearer, "lead": s.Moderator} {
			ls, err := s.Cases.History(ctx, v, sc, id, 0, 100)
			if err != nil {
				return err
			}
			if got := ls[0].Args["reason"]; (got == "") != (who == "reporter") {
				t.Errorf("%s reads %q", who, got)
			}
		}
		return nil
	})
}
