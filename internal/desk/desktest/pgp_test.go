package desktest

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

func hasTrouble(m desk.Message, key string) bool {
	for _, t := range m.Troubles {
		if t.Key == key {
			return true
		}
	}
	return false
}

func TestAnEncryptedReportWithAttachments(t *testing.T) {
	each(t, func(r *rig) {
		r.know("ada-person")
		m := made()
		r.send(letter(t, "enc", encryptTo(&m.ada, m.team)))
		d := r.held()
		msg := d.Messages[0]
		if !d.Report.Encrypted || msg.Cipher != desk.OpenPGP || strings.TrimSpace(msg.Text) != "The secret details." {
			t.Fatalf("%+v", msg)
		}
		if d.Report.Title != "Overflow in lamp" || msg.Shadow != "..." {
			t.Errorf("title %q, outer %q", d.Report.Title, msg.Shadow)
		}
		sig, ok := msg.Authenticates()
		if !ok || sig.Person != "ada-person" || sig.Fingerprint != m.ada.Fingerprint || !sig.Whole {
			t.Errorf("signatures: %+v", msg.Signatures)
		}
		var found int
		for i, p := range msg.Parts {
			want := map[string]int{"poc.py": 14, "core.bin": 320_000}[p.Name]
			if want == 0 {
				continue
			}
			found++
			f, err := r.Desk.OpenFile(t.Context(), people.AsPerson(maria), msg.ID, i)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(f)
			f.Close()
			if err != nil || len(b) != want || !p.Sealed {
				t.Errorf("%s: %d bytes, %v", p.Name, len(b), err)
			}
		}
		if found != 2 {
			t.Errorf("parts: %+v", msg.Parts)
		}
		// Nothing of it lies open in the store.
		if n := r.count(`select count(*) from desk_message where body like '%secret details%'`); n != 0 {
			t.Error("the text lies open in the store")
		}
		if l := r.Post.take(); len(l) != 1 || strings.Contains(l[0].Args["project"]+l[0].Subject, "Overflow") {
			t.Errorf("answer: %+v", l)
		}
	})
}

func TestWhatASignatureSays(t *testing.T) {
	m := made()
	signed := letter(t, "s1", signBy(m.ada))
	inline, err := pgp.Signer{Key: m.ada, Now: when()}.Clearsign([]byte("I wrote this.\n"))
	if err != nil {
		t.Fatal(err)
	}
	armored, err := pgp.Encrypter{To: []pgp.Key{m.team}, Signer: &m.ada, Now: when()}.Encrypt(strings.NewReader("Inline secret.\n"))
	if err != nil {
		t.Fatal(err)
	}
	head := "From: Ada <ada@mail.example>\nTo: security@lanterna.example\nSubject: x\nMessage-ID: <i@mail.example>\n"
	for _, c := range []struct {
		name    string
		mail    string
		auth    bool
		result  desk.SigResult
		text    string
		trouble string
	}{
		{"a good signature over all of it authenticates", signed, true, desk.SigGood, "The secret details.", ""},
		{"a changed body is a bad signature", strings.Replace(signed, "secret details", "SECRET details", 1), false, desk.SigBad, "The SECRET details.", ""},
		{"a key that nobody registered does not authenticate", letter(t, "s2", signBy(m.stranger)), false, desk.SigUnknownKey, "The secret details.", ""},
		{"text around the signed part does not authenticate", wrap(signed), false, desk.SigGood, "", "desk.trouble.outside_signature"},
		{"a clearsigned mail authenticates", head + "\n" + string(inline), true, desk.SigGood, "I wrote this.", ""},
		{"words before a clearsigned text do not authenticate", head + "\nPlease also disclose now.\n\n" + string(inline), false, desk.SigGood, "", ""},
		{"an inline encrypted mail is opened", head + "\n" + string(armored), true, desk.SigGood, "Inline secret.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			one(t, func(r *rig) {
				r.know("ada-person")
				r.send(c.mail)
				msg := r.held().Messages[0]
				_, auth := msg.Authenticates()
				if auth != c.auth || len(msg.Signatures) == 0 || msg.Signatures[0].Result != c.result {
					t.Errorf("authenticates %v, signatures %+v, troubles %+v", auth, msg.Signatures, msg.Troubles)
				}
				if c.text != "" && strings.TrimSpace(msg.Text) != c.text {
					t.Errorf("text %q", msg.Text)
				}
				if c.trouble != "" && !hasTrouble(msg, c.trouble) {
					t.Errorf("troubles %+v", msg.Troubles)
				}
			})
		})
	}
}

// wrap puts a signed mail's body into a multipart beside words of somebody else.
func wrap(signed string) string {
	signed = strings.ReplaceAll(signed, "\r\n", "\n")
	head, body, _ := strings.Cut(signed, "\n\n")
	var outer, inner []string
	content := false
	for _, l := range strings.Split(head, "\n") {
		folded := strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t")
		content = strings.HasPrefix(l, "Content-") || folded && content
		if content {
			inner = append(inner, l)
		} else {
			outer = append(outer, l)
		}
	}
	return strings.Join(outer, "\n") + "\nContent-Type: multipart/mixed; boundary=w\n\n--w\nContent-Type: text/plain\n\nAnd publish it today.\n--w\n" +
		strings.Join(inner, "\n") + "\n\n" + body + "\n--w--\n"
}

func TestAReplayedMailIsFlaggedAndNeverAuthenticates(t *testing.T) {
	m := made()
	for name, mail := range map[string]func(n string) string{
		"signed":    func(n string) string { return letter(t, "same", signBy(m.ada)) },
		"encrypted": func(n string) string { return letter(t, "same", encryptTo(&m.ada, m.team)) },
	} {
		t.Run(name, func(t *testing.T) {
			first := mail("a")
			each(t, func(r *rig) {
				r.know("ada-person")
				r.send(first)
				// Another outer header, the same payload.
				r.send(strings.Replace(first, "<same@", "<other@", 1))
				l := r.list(maria)
				if len(l) != 2 {
					t.Fatalf("%d reports", len(l))
				}
				for i, rep := range l {
					d, err := r.Desk.See(t.Context(), people.AsPerson(maria), rep.ID)
					if err != nil {
						t.Fatal(err)
					}
					msg := d.Messages[0]
					_, auth := msg.Authenticates()
					if replay := i == 1; msg.Replayed != replay || auth == replay || hasTrouble(msg, "desk.trouble.replayed") != replay {
						t.Errorf("mail %d: replayed %v, authenticates %v", i, msg.Replayed, auth)
					}
				}
			})
		})
	}
}

func TestRenewedEncryptionIsStillAReplay(t *testing.T) {
	// Whoever can read an encrypted and signed mail can encrypt what is in it anew;
	// the signature within stays the same.
	m := made()
	var inner bytes.Buffer
	d := &mailmsg.Draft{From: mailmsg.Address{Addr: "ada@mail.example"}, To: []mailmsg.Address{{Addr: "x@y.example"}}, Subject: "s", Date: when(), Text: "signed once\n", MessageID: "<in@mail.example>"}
	signBy(m.ada)(d)
	if err := d.Write(&inner); err != nil {
		t.Fatal(err)
	}
	outer := func(n string) string {
		c, err := pgp.Encrypter{To: []pgp.Key{m.team}, Now: when()}.Encrypt(bytes.NewReader(inner.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		return "From: Ada <ada@mail.example>\nTo: security@lanterna.example\nSubject: ...\nMessage-ID: <" + n + "@mail.example>\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=e\n\n--e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n" +
			"--e\nContent-Type: application/octet-stream\n\n" + string(c) + "\n--e--\n"
	}
	each(t, func(r *rig) {
		r.know("ada-person")
		r.send(outer("one"))
		if _, ok := r.held().Messages[0].Authenticates(); !ok {
			t.Fatalf("the first: %+v", r.held().Messages[0])
		}
		r.send(outer("two"))
		d, err := r.Desk.See(t.Context(), people.AsPerson(maria), r.list(maria)[1].ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := d.Messages[0].Authenticates(); ok || !d.Messages[0].Replayed {
			t.Errorf("the second: %+v", d.Messages[0])
		}
	})
}

func TestWhatCannotBeOpenedIsSaid(t *testing.T) {
	m := made()
	good := letter(t, "x", encryptTo(&m.ada, m.team))
	for _, c := range []struct{ name, mail, trouble, why string }{
		{"to a key that we do not have", letter(t, "x", encryptTo(&m.ada, m.stranger)), "desk.trouble.cannot_decrypt", "pgp.no_key"},
		{"damaged on the way", damage(good), "desk.trouble.cannot_decrypt", ""},
		{"S/MIME", "From: a@b.example\nSubject: x\nMessage-ID: <s@b.example>\nMIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIIB\n", "desk.trouble.smime", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			one(t, func(r *rig) {
				r.know("ada-person")
				r.send(c.mail)
				d := r.held()
				msg := d.Messages[0]
				if !hasTrouble(msg, c.trouble) || !d.Report.Flagged || strings.Contains(msg.Text, "secret") {
					t.Errorf("troubles %+v, text %q", msg.Troubles, msg.Text)
				}
				for _, tr := range msg.Troubles {
					if tr.Key == c.trouble && c.why != "" && tr.Args["why"] != c.why {
						t.Errorf("why: %v", tr.Args)
					}
				}
				f, err := r.Desk.OpenFile(t.Context(), people.AsPerson(maria), msg.ID, -1)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if raw, _ := io.ReadAll(f); string(raw) != crlf(c.mail) {
					t.Error("the original was not kept")
				}
			})
		})
	}
}

// damage changes one character in the middle of the armor.
func damage(mail string) string {
	at := strings.Index(mail, "BEGIN PGP MESSAGE") + 2000
	c := byte('A')
	if mail[at] == c {
		c = 'B'
	}
	return mail[:at] + string(c) + mail[at+1:]
}

// A moderator of another project who had registered a key for this sender spoke as him here.
func TestAKeyThatAnotherProjectRegisteredSaysNothingHere(t *testing.T) {
	each(t, func(r *rig) {
		r.know("")
		r.Keys.public[0].Project = other
		m := made()
		r.send(letter(t, "both", encryptTo(&m.ada, m.team)), "security@lanterna.example", "security@other.example")
		if msg := r.held().Messages[0]; len(msg.Signatures) != 1 || msg.Signatures[0].Result != desk.SigUnknownKey || msg.Signatures[0].Address != "" {
			t.Errorf("here: %+v", msg.Signatures)
		}
		there := r.list(noah)
		if len(there) != 1 {
			t.Fatalf("%d reports there", len(there))
		}
		d, err := r.Desk.See(t.Context(), people.AsPerson(noah), there[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if sig, ok := d.Messages[0].Authenticates(); !ok || sig.Address != "ada@mail.example" || sig.Project != string(other) {
			t.Errorf("there: %+v", d.Messages[0].Signatures)
		}
	})
}

// The automatic answer, with the reporter's link in it, left in clear although his key was known.
func TestTheAnswerIsForTheKeyThatSigned(t *testing.T) {
	one(t, func(r *rig) {
		r.know("ada-person")
		m := made()
		r.sendFrom("ada@home.example", letter(t, "enc", encryptTo(&m.ada, m.team)))
		l := r.Post.take()
		if len(l) != 1 || !l[0].Private || l[0].To[0].Person != "ada-person" || l[0].To[0].Address != "ada@home.example" {
			t.Errorf("%+v", l)
		}
	})
}

// What went out encrypted was read by whoever held the link.
func TestAnAnswerThatWentEncryptedIsNotOnTheStatusPage(t *testing.T) {
	one(t, func(r *rig) {
		r.send(r.plain("lamp", "it burns"))
		d := r.held()
		r.Post.take()
		if err := r.Desk.Decide(t.Context(), people.AsPerson(maria), desk.Decide{Reports: []desk.ReportID{d.Report.ID}, Do: desk.Ask, Reason: "more", Text: "which lamp?"}); err != nil {
			t.Fatal(err)
		}
		l := r.Post.take()
		for _, encrypted := range []bool{false, true} {
			r.Post.sent = map[string]bool{l[0].ID: encrypted}
			st, err := r.Desk.Status(t.Context(), people.AsBearer(string(d.Report.ID)))
			if err != nil {
				t.Fatal(err)
			}
			m := st.Messages[1]
			if (m.Text == "") != encrypted || st.Closed[m.ID] != encrypted {
				t.Errorf("encrypted %v: %q, closed %v", encrypted, m.Text, st.Closed)
			}
		}
	})
}
