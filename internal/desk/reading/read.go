package reading

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/spool"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

const (
	maxTitle = 300             // bytes of a subject that we keep
	readTime = 2 * time.Minute // for one mail, all of it
	authTime = 20 * time.Second
	// lastTry is the attempt at which a mail that stopped every earlier one is
	// filed without being read: it may have crashed the program.
	lastTry = 4
)

// Reader reads what the Door took: the handler of desk.KindRead.
type Reader struct {
	Work     unit.Work // a *desk.Group on SQLite
	Intakes  desk.IntakeStore
	Files    spool.Files
	PGP      desk.PGP
	Checker  desk.Checker
	Keys     desk.Keys
	Secrets  desk.Secrets
	Projects desk.Projects
	Desk     *desk.Service
	Limits   mailmsg.Limits

	Deliveries Deliveries
	Bounces    Bounces
}

// reading is one mail on its way from bytes to facts.
type reading struct {
	in      desk.Intake
	scope   people.Scope
	now     time.Time
	limits  mailmsg.Limits
	files   spool.Files
	pgp     desk.PGP
	keys    desk.Keys
	view    func(context.Context, func(context.Context, unit.View) error) error
	known   []people.Key        // public keys whose signatures count
	secrets []people.PrivateKey // of the projects that it was sent to
	targets []target

	raw      spool.File
	mail     *mailmsg.Message // the outermost layer
	msg      desk.Message
	kept     []keptFile
	small    int      // bytes held in memory
	payloads []string // hashes of signed or encrypted payloads
}

// Read reads one intake and files it where it belongs, all in one commit: a new held
// report, a message of a held one, a fact for a case, or a bounce. Whatever is
// wrong with the mail becomes a plain statement beside the original; an error is
// only what is wrong with us, and the job tries again.
func (s *Reader) Read(ctx context.Context, j unit.Running) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	killpoint.At("intake.leased")
	r, err := s.begin(ctx, j)
	if err != nil {
		return fmt.Errorf("read intake: %w", err)
	}
	if j.Attempt >= killpoint.Tries(lastTry) {
		r.trouble("desk.trouble.not_read")
	} else if err := s.understand(ctx, r); err != nil {
		return fmt.Errorf("read intake: %w", err)
	}
	killpoint.At("intake.understood")
	if err := s.file(ctx, r, j); err != nil {
		return fmt.Errorf("file intake: %w", err)
	}
	killpoint.At("intake.filed")
	return nil
}

// begin loads the row and whom it was sent to.
func (s *Reader) begin(ctx context.Context, j unit.Running) (*reading, error) {
	r := &reading{
		scope:  people.AsJob(desk.KindRead, j.Subject),
		limits: s.Limits, files: s.Files, pgp: s.PGP, keys: s.Keys, view: s.Work.View,
	}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		r.now = v.Now()
		if r.in, err = s.Intakes.Intake(ctx, v, r.scope, desk.IntakeID(j.Subject)); err != nil {
			return err
		}
		r.targets, err = s.targets(ctx, v, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.raw = spool.File{ID: r.in.Raw, Size: r.in.Size}
	r.msg = first(r.in, nil)
	r.msg.ID = desk.MessageID(ident.New())
	return r, nil
}

// understand turns the bytes into r.msg. A panic of a parser is the mail's fault:
// it is filed with its original and a plain statement.
func (s *Reader) understand(ctx context.Context, r *reading) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.trouble("desk.trouble.not_read")
			err = nil
		}
	}()
	if err := s.authenticate(ctx, r); err != nil {
		return err
	}
	top := &layer{source: r.raw}
	if err := r.parse(ctx, top); err != nil {
		return err
	}
	r.mail = top.mail
	r.head()
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		for _, t := range r.targets {
			ks, err := s.Keys.KeysOf(ctx, v, r.scope, t.project.ID, "", strings.ToLower(r.msg.From.Mail))
			if err != nil {
				return err
			}
			r.known = append(r.known, ks...)
			// The signing key has the same name and is public too: whoever has both may
			// encrypt to either.
			for _, purpose := range []string{people.PurposeDecrypt, people.PurposeSign} {
				more, err := s.Secrets.All(ctx, v, purpose, t.project.ID)
				if err != nil {
					return err
				}
				r.secrets = append(r.secrets, more...)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if isSMIME(top.mail) {
		r.msg.Cipher = desk.SMIME
		r.trouble("desk.trouble.smime")
	}
	return r.unwrap(ctx, top, 0, true)
}

// authenticate asks DNS what it knows of the sending server. A DNS that does not
// answer in time is a result like any other.
func (s *Reader) authenticate(ctx context.Context, r *reading) error {
	ctx, cancel := context.WithTimeout(ctx, authTime)
	defer cancel()
	in, err := r.raw.Open(ctx, s.Files)
	if err != nil {
		return err
	}
	defer in.Close()
	a, err := s.Checker.Check(ctx, r.in.Envelope, in)
	if err != nil {
		a = desk.Auth{SPF: "temperror"}
	}
	a.Remote, a.HELO, a.TLS = r.msg.Auth.Remote, r.msg.Auth.HELO, r.msg.Auth.TLS
	r.msg.Auth = a
	return nil
}

// head takes the fields of the outermost header.
func (r *reading) head() {
	m := r.mail
	if len(m.From) > 0 {
		r.msg.From = address(m.From[0])
	}
	r.msg.ReplyTo, r.msg.To = addresses(m.ReplyTo), addresses(append(m.To, m.Cc...))
	r.msg.Subject, r.msg.Date = clip(m.Subject, maxTitle), m.Date
	r.msg.MailID, r.msg.InReplyTo, r.msg.References = m.MessageID, atMost(m.InReplyTo, 5), last(m.References, maxReferences)
	r.msg.Automatic = m.AutoSubmitted != "" && m.AutoSubmitted != "no" || m.Report != nil || r.in.Envelope.From == ""
}

// maxReferences is how many of the newest references are looked up; a longer list
// is not how a thread of people looks.
const maxReferences = 20

func address(a mailmsg.Address) desk.Address {
	return desk.Address{Name: clip(a.Name, 200), Mail: clip(a.Addr, 320)}
}

func addresses(list []mailmsg.Address) []desk.Address {
	var out []desk.Address
	for _, a := range atMost(list, 50) {
		out = append(out, address(a))
	}
	return out
}

func atMost[T any](list []T, n int) []T { return list[:min(len(list), n)] }

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

// isSMIME reports whether the mail is encrypted or signed by S/MIME (RFC 8551), which
// this version keeps and does not open.
func isSMIME(m *mailmsg.Message) bool {
	for _, p := range m.Parts {
		switch p.Type {
		case "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature", "application/x-pkcs7-signature":
			return true
		}
	}
	return false
}
