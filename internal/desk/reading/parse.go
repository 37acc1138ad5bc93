package reading

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/spool"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// textLimit bounds the readable body of one message. The original has the rest.
const textLimit = 1 << 20

// layer is one mail structure: the mail itself, or what an encrypted part held.
type layer struct {
	prefix string // path of the encrypted part with "/", "" for the mail itself
	sealed bool   // it came out of an encryption
	source spool.File
	mail   *mailmsg.Message
	files  map[*mailmsg.Part]spool.File
}

// parse reads one layer. The error is nil for everything that is wrong with the mail,
// which becomes a trouble, and not nil for everything that is wrong with us.
func (r *reading) parse(ctx context.Context, l *layer) error {
	in, err := l.source.Open(ctx, r.files)
	if err != nil {
		return err
	}
	defer in.Close()
	l.files = map[*mailmsg.Part]spool.File{}
	var ours error // a failure of the store, not of the mail
	l.mail, err = mailmsg.Read(in, r.limits, func(p *mailmsg.Part, content io.Reader) error {
		switch p.Role {
		case mailmsg.Attachment, mailmsg.Ciphertext, mailmsg.Keys:
			content := &mailReader{r: content}
			s, err := spool.Take(ctx, r.files, r.in.Confidence(), content, maxPart, spool.Total-r.small)
			if err != nil {
				if content.err == nil {
					ours = err
				}
				return err
			}
			r.small += len(s.Bytes)
			l.files[p] = s
		case mailmsg.Container, mailmsg.Text, mailmsg.Alternative, mailmsg.Control,
			mailmsg.Signature, mailmsg.Delivery, mailmsg.Legacy:
			// Read keeps what these say; their bytes are in the original.
		}
		return nil
	})
	if ours != nil {
		return ours
	}
	var over *mailmsg.LimitError
	switch {
	case errors.As(err, &over):
		r.trouble("desk.trouble.limit", "what", over.What)
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		r.trouble("desk.trouble.unreadable")
	}
	for _, p := range l.mail.Problems {
		if l.sealed && headerProblem(p.Code) {
			continue
		}
		r.trouble("desk.trouble."+p.Code, "where", l.prefix+p.Where, "detail", clip(p.Detail, 120))
	}
	return nil
}

// headerProblem reports whether the code is about a mail's header, which what lies
// within an encrypted part need not have.
func headerProblem(code string) bool {
	switch code {
	case mailmsg.ProblemFromMissing, mailmsg.ProblemMessageIDSyntax, mailmsg.ProblemDateSyntax:
		return true
	}
	return false
}

// maxPart bounds one decoded part; the mail itself is bounded by the SMTP server.
const maxPart = 64 << 20

// mailReader remembers whether a failure was the mail's own.
type mailReader struct {
	r   io.Reader
	err error
}

func (m *mailReader) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// trouble notes what is wrong, once for each statement and at most a screenful:
// a mail with a thousand faults is not more wrong than one with thirty.
func (r *reading) trouble(key string, args ...string) {
	t := desk.Trouble{Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i+1] == "" {
			continue
		}
		if t.Args == nil {
			t.Args = map[string]string{}
		}
		t.Args[args[i]] = args[i+1]
	}
	for _, old := range r.msg.Troubles {
		if old.Key == t.Key && old.Args["where"] == t.Args["where"] {
			return
		}
	}
	if len(r.msg.Troubles) < maxTroubles {
		r.msg.Troubles = append(r.msg.Troubles, t)
	}
}

const maxTroubles = 30

// text joins the readable parts of a layer; without any plain text it takes the plain
// rendering of another form.
func (l *layer) text(inline map[string]string) string {
	var b strings.Builder
	for _, role := range []mailmsg.Role{mailmsg.Text, mailmsg.Alternative} {
		for _, p := range l.mail.Parts {
			t := p.Text
			if plain, ok := inline[p.Path]; ok {
				t = plain
			}
			if p.Role != role || strings.TrimSpace(t) == "" {
				continue
			}
			if b.Len() > 0 {
				b.WriteString("\n\n")
			}
			b.WriteString(t)
		}
		if b.Len() > 0 {
			break
		}
	}
	return clip(b.String(), textLimit)
}

// clip cuts s to at most n bytes without breaking a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// parts lists the leaves of a layer and which file of the reading holds each.
func (r *reading) addParts(l *layer) {
	for _, p := range l.mail.Parts {
		if p.Role == mailmsg.Container {
			continue
		}
		out := desk.Part{
			Path: l.prefix + p.Path, Type: clip(p.Type, 100), Charset: clip(p.Charset, 40), Name: clip(p.Name, 200), Size: p.Size,
			Text: p.Role == mailmsg.Text, Sealed: l.sealed,
		}
		if s, ok := l.files[p]; ok && p.Role != mailmsg.Ciphertext {
			out.Size = s.Size
			r.keep(len(r.msg.Parts), s)
		}
		r.msg.Parts = append(r.msg.Parts, out)
	}
}

// keep notes that part number n has the bytes of s; store names or puts them.
func (r *reading) keep(n int, s spool.File) {
	if s.ID != "" || s.Size > 0 {
		r.kept = append(r.kept, keptFile{part: n, File: s})
	}
}

type keptFile struct {
	part int
	spool.File
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
