package caseworkdb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// The link went out in clear, and whoever held it read the replies that were so secret that
// they went out encrypted.
func TestAReplyThatWentEncryptedIsNotBehindALink(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, rep := reported(t, s, mail(), desk.Claims{})
		bearer := people.AsBearer(string(rep))
		reply := func(text string) casework.Item {
			up, err := s.Cases.Upload(t.Context(), s.Chair, id, "poc.py", "text/x-python", strings.NewReader("print()"))
			must(t, err)
			post(t, s, s.Chair, casework.PostMessage{Case: id, Text: text, Files: []casework.File{up}})
			all := s.Talk(t, bearer, id)
			return all[len(all)-1]
		}
		if i := reply("read me here"); i.Closed || i.Content.Text != "read me here" || len(i.Files) != 1 {
			t.Errorf("without a key it is read by the link: %+v", i)
		}
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.People.AddKey(ctx, tx, people.AsJob("x"), people.Key{ID: "k", Project: s.Project, Address: mail().From.Mail, Added: tx.Now(), KeyInfo: people.KeyInfo{Fingerprint: "AA", CanEncrypt: true}})
		})
		if i := reply("for your eyes"); !i.Closed || i.Content.Text != "" || len(i.Files) != 0 {
			t.Errorf("the bearer reads %+v", i)
		}
		team := s.Talk(t, s.Chair, id)
		last := team[len(team)-1]
		if last.Content.Text != "for your eyes" || len(last.Files) != 1 {
			t.Fatalf("the team reads %+v", last)
		}
		if _, _, err := s.Cases.Download(t.Context(), bearer, last.Files[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the bearer takes its file: %v", err)
		}
		if i := s.Talk(t, bearer, id)[1]; i.Closed || len(i.Files) != 1 {
			t.Errorf("what was sent as a notice closes later: %+v", i)
		}
	})
}

// A key that another project's moderator had registered for the reporter's address spoke as
// the reporter in this project's case.
func TestAnotherProjectsKeySpeaksForNobodyHere(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, _ := reported(t, s, mail(), desk.Claims{})
	for project, hold := range map[people.ProjectID]casework.Hold{"other": casework.Waiting, s.Project: casework.Posted} {
		m := mail()
		m.Text = "by " + string(project)
		m.Signatures = []desk.Signature{{Whole: true, Result: desk.SigGood, Fingerprint: "AA", Address: m.From.Mail, Project: string(project)}}
		s.Deliver(t, id, m, desk.MailForCase{SignedBy: "AA", KeyAddress: m.From.Mail, KeyProject: project})
		all := s.Talk(t, s.Chair, id)
		if i := all[len(all)-1]; i.Hold != hold || (i.Trust == casework.Signed) != (hold == casework.Posted) {
			t.Errorf("key of %q: %v, %v", project, i.Hold, i.Trust)
		}
	}
}
