package peopledb_test

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
)

// put sends a letter and forgets what the set-up sent before.
func (s *site) put(t *testing.T, l people.Letter) {
	t.Helper()
	s.Drain(t)
	s.smtp.got, s.smtp.tried, s.facts.all = nil, nil, nil
	s.Do(t, func(ctx context.Context, tx unit.Tx) error { return s.post.Put(ctx, tx, people.AsJob("test"), l) })
}

func TestLettersGoOut(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, bob := s.person(t, "ann"), s.person(t, "bob")
		p := s.project(t, ann)
		s.projects.PGP = fakePGP{}
		if err := s.projects.FirstKeys(t.Context(), people.AsJob("x"), p); err != nil {
			t.Fatal(err)
		}
		if _, err := s.keys.Upload(t.Context(), people.AsPerson(bob), []byte("KEY B0B never")); err != nil {
			t.Fatal(err)
		}
		s.put(t, people.Letter{Project: p.ID, About: "case1", Key: "x.reply", Body: "the canary sings", Confidential: true, Link: "https://t.example/cases/case1", Written: true,
			To: []people.Recipient{{Person: ann}, {Person: bob}, {Address: "eve@example.net", Lang: "zh"}}, InReplyTo: "<a@b>", References: []string{"<a@b>"}, ReplyTo: "security+tag@lanterna.example"})
		s.Drain(t)
		if len(s.smtp.got) != 3 {
			t.Fatalf("%d mails went out", len(s.smtp.got))
		}
		ids := map[string]bool{}
		for _, m := range s.smtp.got {
			if strings.Contains(m.text, "canary") {
				t.Errorf("the content stands in the mail to %s:\n%s", m.to, m.text)
			}
			if got := strings.Contains(m.text, "BEGIN PGP MESSAGE"); got != (m.to == "bob@example.org") {
				t.Errorf("the mail to %s is encrypted: %v", m.to, got)
			}
			if !regexp.MustCompile(`^bounce\+[0-9a-z]{26}@tocsin.example$`).MatchString(m.from) {
				t.Errorf("envelope sender %q", m.from)
			}
			for _, want := range []string{"In-Reply-To: <a@b>", "From: \"Lanterna\" <security@lanterna.example>", "security+tag@lanterna.example"} {
				if !strings.Contains(m.text, want) {
					t.Errorf("the mail to %s lacks %q:\n%s", m.to, want, m.text)
				}
			}
			ids[regexp.MustCompile(`(?m)^Message-ID: (.*)\r$`).FindString(m.text)] = true
			if m.to == "eve@example.net" && (!strings.Contains(m.text, "[zh] people.letter.notice") || !strings.Contains(m.text, "t.example/cases/case1") || !strings.Contains(m.text, "PGP SIGNATURE")) {
				t.Errorf("the notice:\n%s", m.text)
			}
		}
		if len(ids) != 1 {
			t.Errorf("one letter has the ids %v", ids)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			for _, sc := range []people.Scope{people.AsPerson(ann), people.Anyone(), people.AsBearer("case2")} {
				if ds, err := s.room.About(ctx, v, sc, "case1"); err != nil || len(ds) != 0 {
					t.Errorf("%s reads the deliveries of a case that he does not see: %v, %v", sc.Actor(), ds, err)
				}
			}
			ds, err := s.room.About(ctx, v, people.AsBearer("case1"), "case1")
			if err != nil || len(ds) != 3 || ds[0].State != people.Sent {
				t.Errorf("deliveries: %+v, %v", ds, err)
			}
			return nil
		})
	})
}

func TestRetriesSendTheSameBytes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		bob := s.person(t, "bob")
		s.put(t, people.Letter{About: "case1", Key: "x.news", To: []people.Recipient{{Person: bob}}, Auto: true})
		s.smtp.fail = []string{"", "451", "421"}
		for range 4 {
			s.Drain(t)
			s.later(4 * time.Hour)
			// A key that comes meanwhile changes nothing: the bytes are fixed.
			if _, err := s.keys.Upload(t.Context(), people.AsPerson(bob), []byte("KEY B0B never")); err != nil {
				t.Fatal(err)
			}
		}
		if len(s.smtp.tried) != 4 || len(s.smtp.got) != 1 {
			t.Fatalf("%d tries, %d mails", len(s.smtp.tried), len(s.smtp.got))
		}
		for _, m := range s.smtp.tried {
			if !bytes.Equal(m, s.smtp.tried[0]) {
				t.Errorf("a retry sends other bytes:\n%s\n%s", s.smtp.tried[0], m)
			}
		}
		if s.smtp.got[0].from != "" || !strings.Contains(s.smtp.got[0].text, "Auto-Submitted: auto-replied") {
			t.Errorf("an automatic answer: from %q\n%s", s.smtp.got[0].from, s.smtp.got[0].text)
		}
	})
}

func TestWithoutASmarthostLettersWait(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := s.root(t)
		bob := s.person(t, "bob")
		s.put(t, people.Letter{Key: "x.news", To: []people.Recipient{{Person: bob}}})
		s.smtp.ready = false
		s.Drain(t)
		counts, err := s.room.Counts(t.Context(), people.AsPerson(root))
		found := false
		for _, c := range counts {
			found = found || c.State == people.Waiting && c.Problem == "people.mail.no_smarthost" && c.Count == 1
		}
		if err != nil || !found {
			t.Errorf("the administrator's counts: %+v, %v", counts, err)
		}
		if counts, err := s.room.Counts(t.Context(), people.AsPerson(bob)); err != nil || len(counts) != 0 {
			t.Errorf("a person counts the letters: %+v, %v", counts, err)
		}
		s.later(5 * time.Minute)
		s.smtp.ready = true
		s.room.Hold = func() bool { return true }
		s.Drain(t)
		if len(s.smtp.got) != 0 {
			t.Error("a held site sends")
		}
		s.room.Hold = nil
		s.later(5 * time.Minute)
		s.Drain(t)
		if len(s.smtp.got) != 1 {
			t.Errorf("%d mails after the smarthost came", len(s.smtp.got))
		}
	})
}

func TestFailuresAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		bob := s.person(t, "bob")
		failed := func() (out []people.LetterFailed) {
			for _, f := range s.facts.all {
				if x, ok := f.(people.LetterFailed); ok {
					out = append(out, x)
				}
			}
			return out
		}
		letter := people.Letter{About: "case1", Key: "x.news", To: []people.Recipient{{Person: bob}}}
		s.put(t, letter)
		s.smtp.fail = []string{"550"}
		s.Drain(t)
		if f := failed(); len(f) != 1 || f[0].About != "case1" || f[0].Problem != "people.mail.refused" || f[0].Code != "550" || f[0].Person != bob {
			t.Errorf("a refusal tells %+v", f)
		}
		s.put(t, letter)
		s.smtp.fail = make([]string, 1000)
		for range 60 {
			s.Drain(t)
			s.later(4 * time.Hour)
		}
		if f := failed(); len(f) != 1 || f[0].Problem != "people.mail.gave_up" {
			t.Errorf("after ten days without an answer: %+v", f)
		}
		if n := len(s.smtp.tried); n < 25 || n > 50 {
			t.Errorf("%d tries in five days", n)
		}
		s.smtp.fail = nil
		s.put(t, letter)
		s.Drain(t)
		tag := strings.TrimSuffix(strings.TrimPrefix(s.smtp.got[0].from, "bounce+"), "@tocsin.example")
		bounce := func(tag string, permanent bool) (ours bool) {
			s.Do(t, func(ctx context.Context, tx unit.Tx) (err error) {
				ours, err = s.room.Bounced(ctx, tx, people.AsJob("desk.read"), tag, permanent, "5.1.1")
				return err
			})
			return ours
		}
		if bounce("guess", true) || len(failed()) != 0 {
			t.Error("a guessed tag is taken")
		}
		if !bounce(strings.ToUpper(tag), false) || len(failed()) != 0 {
			t.Error("a delay is taken for a failure")
		}
		if bounce(tag, true); len(failed()) != 1 || failed()[0].Code != "5.1.1" {
			t.Errorf("a bounce tells %+v", failed())
		}
		if bounce(tag, true); len(failed()) != 1 {
			t.Error("the same bounce is told twice")
		}
	})
}

func TestLettersThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for fact, l := range map[string]people.Letter{
			"nobody to write to":      {Key: "x"},
			"no text":                 {To: []people.Recipient{{Address: "a@b.example"}}},
			"a header in the subject": {Key: "x", Subject: "a\r\nBcc: eve@example.net", To: []people.Recipient{{Address: "a@b.example"}}},
			"a header in the address": {Key: "x", To: []people.Recipient{{Address: "a@b.example\r\nBcc: x"}}},
			"a header in the thread":  {Key: "x", InReplyTo: "<a>\n", To: []people.Recipient{{Address: "a@b.example"}}},
			"an endless body":         {Key: "x", Body: strings.Repeat("x", 2<<20), To: []people.Recipient{{Address: "a@b.example"}}},
			"too many recipients":     {Key: "x", To: make([]people.Recipient, 500)},
		} {
			err := s.do(t, func(ctx context.Context, tx unit.Tx) error { return s.post.Put(ctx, tx, people.AsJob("test"), l) })
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", fact, err)
			}
		}
		if n := s.Drain(t); n != 0 {
			t.Errorf("%d jobs came of letters that cannot be", n)
		}
	})
}

func TestKeysOfPeople(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, bob := s.person(t, "ann"), s.person(t, "bob")
		sc := people.AsPerson(ann)
		for fact, raw := range map[string]string{"garbage": "no key", "an expired key": "KEY OLD 2020-01-01", "a key that ended today": "KEY OLD " + s.Clock.Now().Format(time.DateOnly), "a huge file": strings.Repeat("x", 2<<20)} {
			if _, err := s.keys.Upload(t.Context(), sc, []byte(raw)); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
				t.Errorf("%s: %v", fact, err)
			}
		}
		end := s.Clock.Now().AddDate(0, 0, 40)
		ks, err := s.keys.Upload(t.Context(), sc, []byte("KEY AAA "+end.Format(time.DateOnly)))
		if err != nil || len(ks) != 1 {
			t.Fatal(err)
		}
		if _, err := s.keys.Upload(t.Context(), sc, []byte("KEY AAA "+end.Format(time.DateOnly))); err != nil {
			t.Fatal(err)
		}
		mine, err := s.keys.Mine(t.Context(), sc)
		if err != nil || len(mine) != 1 {
			t.Errorf("the same key again makes %d, %v", len(mine), err)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			job := people.AsJob("desk.read", "r")
			for _, handle := range []string{"AAA", "SUBAAA"} {
				if ks, err := s.store.KeysByHandle(ctx, v, job, nil, []string{"XXX", handle}); err != nil || len(ks) != 1 || ks[0].Person != ann {
					t.Errorf("by handle %s: %+v, %v", handle, ks, err)
				}
			}
			if ks, err := s.store.KeysOf(ctx, v, job, "", "", "ann@example.org"); err != nil || len(ks) != 1 {
				t.Errorf("by the account's address: %+v, %v", ks, err)
			}
			for _, sc := range []people.Scope{people.Anyone(), people.AsPerson(bob), people.AsBearer("x")} {
				a, err1 := s.store.KeysOf(ctx, v, sc, "", ann, "ann@example.org")
				b, err2 := s.store.KeysByHandle(ctx, v, sc, nil, []string{"AAA"})
				if err1 != nil || err2 != nil || len(a)+len(b) != 0 {
					t.Errorf("%s finds the key of a stranger", sc.Actor())
				}
			}
			return nil
		})
		if err := s.keys.Remove(t.Context(), people.AsPerson(bob), mine[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("bob removes ann's key: %v", err)
		}
		s.Drain(t)
		s.smtp.got = nil
		var days []int
		for day := range 45 {
			s.Do(t, func(_ context.Context, tx unit.Tx) error { tx.Enqueue(unit.Job{Kind: people.KindWarn}); return nil })
			s.Drain(t)
			if len(s.smtp.got) > 0 {
				days, s.smtp.got = append(days, 40-day), nil
			}
			s.later(24 * time.Hour)
		}
		if len(days) != 2 || days[0] != 30 || days[1] != 7 {
			t.Errorf("warnings went out %v days before the end, want 30 and 7", days)
		}
		s.put(t, people.Letter{Key: "x.reply", Body: "the canary sings", Confidential: true, To: []people.Recipient{{Person: ann}}})
		s.Drain(t)
		if len(s.smtp.got) != 1 || strings.Contains(s.smtp.got[0].text, "BEGIN PGP MESSAGE") {
			t.Errorf("an expired key is used: %+v", s.smtp.got)
		}
	})
}

// The revocation of a certificate was refused as unusable: the stolen key went on to be
// known as good, and mail that it signs went on to enter cases.
func TestARevocationIsTaken(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		sc := people.AsPerson(s.person(t, "ann"))
		upload := func(raw string) error {
			_, err := s.keys.Upload(t.Context(), sc, []byte(raw))
			return err
		}
		if err := upload("KEY AAA revoked"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a revoked key that was never there: %v", err)
		}
		if err := upload("KEY AAA never"); err != nil {
			t.Fatal(err)
		}
		if err := upload("KEY AAA revoked"); err != nil {
			t.Fatalf("the revocation: %v", err)
		}
		if err := upload("KEY AAA never"); !fault.Is(err, fault.Invalid) {
			t.Errorf("an older copy takes the revocation back: %v", err)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			ks, err := s.store.KeysByHandle(ctx, v, people.AsJob("desk.read", "r"), nil, []string{"AAA"})
			if len(ks) != 1 || !ks[0].Revoked || ks[0].Usable(v.Now()) {
				t.Errorf("got %+v", ks)
			}
			return err
		})
	})
}

// Which key counts as a reporter's is a decision about who may speak in a case. It left no
// trace.
func TestAKeyForAReportersAddressIsInTheReportsRecord(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		sc := people.AsPerson(s.person(t, "maria"))
		if _, err := s.keys.UploadFor(t.Context(), sc, "lanterna", "report1", "rhea@research.example", []byte("KEY BBB never")); err != nil {
			t.Fatal(err)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			lines, err := s.Ledger.Read(ctx, v, unit.Stream{Kind: "report", ID: "report1"}, 0, 10)
			if len(lines) != 1 || lines[0].Kind != "people.ledger.key_for_address" || lines[0].Actor != sc.Actor() || lines[0].Args["fingerprint"] != "BBB" {
				t.Errorf("got %+v", lines)
			}
			return err
		})
	})
}

func TestProjectKeysAreWarnedOf(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		p := s.project(t, ann)
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.ring.Add(ctx, tx, people.PrivateKey{Project: p.ID, Purpose: people.PurposeDecrypt, KeyInfo: people.KeyInfo{Fingerprint: "F", Expires: tx.Now().AddDate(0, 0, 32), CanEncrypt: true}}, false)
		})
		s.Drain(t)
		s.smtp.got = nil
		for range 40 {
			s.Do(t, func(_ context.Context, tx unit.Tx) error { tx.Enqueue(unit.Job{Kind: people.KindWarn}); return nil })
			s.Drain(t)
			s.later(24 * time.Hour)
		}
		if len(s.smtp.got) != 2 || s.smtp.got[0].to != "ann@example.org" || !strings.Contains(s.smtp.got[0].text, "project_key_ends") {
			t.Errorf("%d warnings: %+v", len(s.smtp.got), s.smtp.got)
		}
	})
}

func TestADisabledPersonGetsNoMail(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := people.AsPerson(s.root(t))
		bob := s.person(t, "bob")
		s.put(t, people.Letter{About: "case1", Key: "x.news", To: []people.Recipient{{Person: bob}}})
		if err := s.admin.SetDisabled(t.Context(), root, bob, true); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		if len(s.smtp.tried) != 0 {
			t.Error("the letter went out")
		}
		f, ok := s.facts.all[len(s.facts.all)-1].(people.LetterFailed)
		if !ok || f.Problem != "people.mail.no_address" {
			t.Errorf("what was told: %+v", s.facts.all)
		}
	})
}

func TestNumbers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		p := s.project(t, s.person(t, "ann"))
		series := &people.Series{Store: s.store, Projects: s.store}
		take := func() (n string) {
			s.Do(t, func(ctx context.Context, tx unit.Tx) (err error) {
				n, err = series.Take(ctx, tx, people.AsJob("x", string(p.ID)), p.ID)
				return err
			})
			return n
		}
		pass := func(number string) {
			s.Do(t, func(ctx context.Context, tx unit.Tx) error {
				return series.Pass(ctx, tx, people.AsJob("x"), p.ID, number)
			})
		}
		if a, b := take(), take(); a != "LAN-2026-0001" || b != "LAN-2026-0002" {
			t.Errorf("numbers %s, %s", a, b)
		}
		for _, other := range []string{"LSN-2026-0100", "LAN-2026-x", "LAN-99-1", "LAN-2025-0040", "LAN-2026-0010", "LAN-2026-0003", "LAN-2026--5"} {
			pass(other)
		}
		if n := take(); n != "LAN-2026-0011" {
			t.Errorf("after an imported ...-0010 comes %s", n)
		}
		s.Clock.Set(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
		if n := take(); n != "LAN-2027-0001" {
			t.Errorf("the new year begins with %s", n)
		}
	})
}

func TestProjectNamesAreUnique(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := people.AsPerson(s.root(t))
		s.project(t, s.person(t, "ann"))
		for fact, p := range map[string]people.Project{
			"slug":      {Slug: "lanterna", Name: "B", Series: "BBB", Addresses: []string{"b@b.example"}},
			"series":    {Slug: "bb", Name: "B", Series: "LAN", Addresses: []string{"b@b.example"}},
			"addresses": {Slug: "bb", Name: "B", Series: "BBB", Addresses: []string{"Security@Lanterna.example"}},
		} {
			_, err := s.admin.CreateProject(t.Context(), root, account.CreateProject{Project: p})
			var f *fault.Error
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("a second %s: %v", fact, err)
			} else if f = err.(*fault.Error); f.Fields[0].Path != fact {
				t.Errorf("a second %s is shown at %s", fact, f.Fields[0].Path)
			}
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			p, err := s.dir.ProjectByAddress(ctx, v, people.Anyone(), "SECURITY+x7@lanterna.EXAMPLE")
			if err != nil || p.Slug != "lanterna" {
				t.Errorf("by a tagged address: %v, %v", p.Slug, err)
			}
			return nil
		})
	})
}
