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
	out.Encrypted = sh.hasKey && (l.Confidential || l.Private)
	draft := s.draft(sh, l, out.Notice)
	if !out.Notice {
		files, err := s.attach(ctx, l)
		if err != nil {
			return out, err
		}
		draft.Files = files
	}
	switch {
	case out.Encrypted:
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
		ks, err := s.Keys.KeysOf(ctx, v, sc, l.Project, d.To.Person, d.To.Address)
		if err != nil {
			return err
		}
		for _, k := range ks {
			// What an account's holder put in counts before what a project registered for the
			// address.
			if k.Usable(sh.now) && (!sh.hasKey || sh.key.Person == "" && k.Person != "") {
				sh.key, sh.hasKey = k, true
			}
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
		d.Subject, d.Text = say("people.letter.notice.subject"), say("people.letter.notice.body")
		if sh.owes {
			d.Text = say("people.letter.notice.terms")
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
