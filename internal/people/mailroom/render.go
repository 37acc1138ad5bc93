package mailroom

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// maxMail bounds a rendered mail: what most servers take at all.
const maxMail = 25 << 20

// sheet is all that the rendering of one delivery needs, read in one view.
type sheet struct {
	now     time.Time
	project people.Project
	to      people.Recipient
	key     people.Key
	hasKey  bool
	closes  bool // the words of what is encrypted to key are in the mail alone
	owes    bool // the recipient has to accept the terms in force first
	sign    secret.String
}

// render makes the bytes of a mail. It is a notice when a confidential letter
// goes out without its content because no usable key is known, or
// the recipient has not accepted the terms in force.
func (s *Mailroom) render(ctx context.Context, sc people.Scope, d people.Delivery, l people.Letter) (out people.Rendition, err error) {
	if l.Raw != "" {
		out.Raw, err = read(ctx, s.Files, l.Raw, maxMail)
		return out, err
	}
	sh, err := s.look(ctx, sc, d, l)
	if err != nil {
		return out, err
	}
	out.Notice = l.Confidential && (!sh.hasKey || sh.owes)
	encrypt := sh.hasKey && (l.Confidential || l.Private)
	out.Encrypted = encrypt && sh.closes
	draft := s.draft(sh, l, out.Notice)
	if !out.Notice {
		files, err := s.attach(ctx, l)
		if err != nil {
			return out, err
		}
		draft.Files = files
	}
	switch {
	case encrypt:
		draft.Encrypt, err = s.PGP.Encrypter([][]byte{sh.key.KeyInfo.Public}, sh.sign, sh.now)
	case !sh.sign.Empty():
		draft.Sign, err = s.PGP.Signer(sh.sign, sh.now)
	}
	if err != nil {
		return out, err
	}
	var b bytes.Buffer
	if err := draft.Write(&b); err != nil {
		return out, err
	}
	if b.Len() > maxMail {
		return out, fault.New(fault.TooLarge, "people.letter.large")
	}
	out.Raw = b.Bytes()
	return out, nil
}

// look reads the recipient's key, the project and its signing key.
func (s *Mailroom) look(ctx context.Context, sc people.Scope, d people.Delivery, l people.Letter) (sheet, error) {
	sh := sheet{to: d.To}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		sh.now = v.Now()
		if err := s.chooseKey(ctx, v, sc, &sh, l.Project); err != nil {
			return err
		}
		if l.Project == "" {
			return nil
		}
		if sh.owes, err = s.owes(ctx, v, sc, d, l); err != nil {
			return err
		}
		if sh.project, err = s.Directory.Project(ctx, v, sc, l.Project); err != nil {
			return err
		}
		if s.Ring == nil || s.PGP == nil {
			return nil
		}
		key, err := s.Ring.Current(ctx, v, firstOf(l.SignAs, people.PurposeSign), l.Project)
		if fault.Is(err, fault.NotFound) {
			return nil // unsigned is better than unsent; doctor reports the missing key
		}
		sh.sign = key.Secret
		return err
	})
	return sh, err
}

// chooseKey finds the key that a letter of the project is encrypted to. Whoever only typed
// the address holds the report's link, and so learns how an answer went: no key that is
// known for the address counts, only the given one. Once the recipient is a person his own
// keys hold for the mail; whether the words stand behind the link hangs on the given one
// alone, as before.
func (s *Mailroom) chooseKey(ctx context.Context, v unit.View, sc people.Scope, sh *sheet, project people.ProjectID) error {
	given, ok := s.given(sh.to, sh.now)
	sh.key, sh.hasKey = given, ok
	if sh.closes = ok; sh.to.Typed && sh.to.Person == "" {
		return nil
	}
	ks, err := s.Keys.KeysOf(ctx, v, sc, project, sh.to.Person, sh.to.Address)
	if err != nil {
		return err
	}
	own := false
	for _, k := range ks {
		// What an account's holder put in counts before what a project registered for the
		// address, and that before what came with a form.
		if k.Usable(sh.now) && (!own || sh.key.Person == "" && k.Person != "") {
			sh.key, sh.hasKey, own = k, true, true
		}
	}
	if !sh.to.Typed {
		sh.closes = sh.hasKey
	}
	return nil
}

// given reads the key that came with a report's form. One that cannot be used counts as
// none: the form has said so already, or it has ended since.
func (s *Mailroom) given(to people.Recipient, now time.Time) (people.Key, bool) {
	if !to.Typed || to.Given == "" || s.PGP == nil {
		return people.Key{}, false
	}
	ks, err := s.PGP.ParseKeys([]byte(to.Given))
	if err != nil || len(ks) != 1 || !ks[0].Usable(now) {
		return people.Key{}, false
	}
	return people.Key{Address: to.Address, KeyInfo: ks[0]}, true
}

func (s *Mailroom) owes(ctx context.Context, v unit.View, sc people.Scope, d people.Delivery, l people.Letter) (bool, error) {
	if s.Terms == nil || !l.Confidential || d.To.Person == "" {
		return false, nil
	}
	owed, err := s.Terms.Owed(ctx, v, sc, d.To.Person)
	return slices.ContainsFunc(owed, func(t people.Terms) bool { return t.Project == l.Project }), err
}

// draft writes header and text. A notice says that there is news and where, and
// nothing else: its subject is the catalogue's, not the thread's.
func (s *Mailroom) draft(sh sheet, l people.Letter, notice bool) *mailmsg.Draft {
	from := firstOf(l.From, sh.project.Address(), s.SiteAddress)
	name := sh.project.Name
	if name == "" {
		name = "Tocsin"
	}
	args := maps.Clone(l.Args)
	if args == nil {
		args = map[string]string{}
	}
	args["project"] = name
	for k, v := range args {
		// As on the pages: times in the reader's zone, else in the project's.
		if at, ok := span.ParseStamp(v); ok {
			args[k] = span.Stamp(at.In(sh.zone()))
		}
	}
	if l.Link != "" {
		args["link"] = l.Link
	}
	say := func(key string) string { return s.Texts.Say(sh.to.Lang, key, args) }
	d := &mailmsg.Draft{
		From: mailmsg.Address{Name: name, Addr: from}, To: []mailmsg.Address{{Addr: sh.to.Address}}, Date: sh.now,
		MessageID: l.MessageID, InReplyTo: l.InReplyTo, References: l.References,
	}
	if l.Unsubscribe != "" {
		d.Extra = []mailmsg.Field{{Name: "List-Unsubscribe", Value: "<" + l.Unsubscribe + ">"}, {Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"}}
	}
	if l.ReplyTo != "" {
		d.ReplyTo = []mailmsg.Address{{Addr: l.ReplyTo}}
	}
	switch {
	case l.Auto:
		d.AutoSubmitted = "auto-replied"
	case !l.Written:
		d.AutoSubmitted = "auto-generated"
	}
	if notice {
		d.Subject = say("people.letter.notice.subject")
		switch {
		case sh.owes:
			d.Text = say("people.letter.notice.terms")
		case sh.to.Person == "":
			// Who has no account here cannot sign in, and whether a key is known is not said.
			d.Text = say("people.letter.notice.link")
		default:
			d.Text = say("people.letter.notice.body")
		}
		return d
	}
	if d.Subject = l.Subject; d.Subject == "" {
		d.Subject = say(l.Key + ".subject")
	}
	d.Text = say(l.Key + ".body")
	if l.Body != "" {
		d.Text = strings.TrimRight(d.Text, "\n")
		if d.Text != "" {
			d.Text += "\n\n"
		}
		d.Text += l.Body
	}
	return d
}

// zone is where the reader's clock stands.
func (sh sheet) zone() *time.Location {
	if sh.to.Zone != "" {
		return people.Person{Zone: sh.to.Zone}.Location()
	}
	return sh.project.Policy.Location()
}

func (s *Mailroom) attach(ctx context.Context, l people.Letter) ([]mailmsg.File, error) {
	var out []mailmsg.File
	left := int64(maxMail)
	for _, f := range l.Files {
		b, err := read(ctx, s.Files, f.Blob, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(b))
		out = append(out, mailmsg.File{Name: f.Name, Type: f.Type, Body: io.Reader(bytes.NewReader(b))})
	}
	return out, nil
}
