package reading

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/spool"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// maxLayers bounds encryption within encryption; two is already unheard of.
const maxLayers = 3

// unwrap opens and verifies what OpenPGP protects in a layer and, for encrypted parts,
// reads what was inside. whole says that nothing but this layer is in the mail.
func (r *reading) unwrap(ctx context.Context, l *layer, depth int, whole bool) error {
	r.addParts(l)
	inline := map[string]string{}
	var inner *layer
	for _, b := range l.mail.PGP {
		var err error
		switch b.Kind {
		case mailmsg.MIMEEncrypted:
			inner, err = r.decryptMIME(ctx, l, b, depth, whole && b.Whole)
		case mailmsg.MIMESigned:
			err = r.verifyMIME(ctx, l, b, whole && b.Whole)
		case mailmsg.InlineEncrypted:
			err = r.decryptInline(ctx, l, b, whole && b.Whole, inline)
		case mailmsg.InlineSigned:
			err = r.verifyInline(ctx, l, b, whole && b.Whole, inline)
		}
		if err != nil {
			return err
		}
	}
	text := l.text(inline)
	if inner != nil && r.msg.Text != "" && text != "" {
		// Words outside of an encrypted part are not its author's: they come
		// behind, and a trouble says so.
		r.msg.Text += "\n\n" + text
	} else if text != "" {
		r.msg.Text = text
	}
	r.msg.Text = clip(r.msg.Text, textLimit)
	return nil
}

// decryptMIME opens one multipart/encrypted (RFC 3156 section 4).
func (r *reading) decryptMIME(ctx context.Context, l *layer, b mailmsg.PGPBlock, depth int, whole bool) (*layer, error) {
	cipher, ok := l.fileAt(b.Data)
	if !ok || depth >= maxLayers {
		r.msg.Cipher = desk.Unopenable
		r.trouble("desk.trouble.pgp_nested", "where", l.prefix+b.Part)
		return nil, nil
	}
	plain, v, err := r.decrypt(ctx, func(ctx context.Context) (io.ReadCloser, error) { return cipher.Open(ctx, r.files) })
	if err != nil || v == nil {
		return nil, err
	}
	r.msg.Cipher = desk.OpenPGP
	if err := r.payload(ctx, plain, v); err != nil {
		return nil, err
	}
	r.sign(*v, l.prefix+b.Part, whole)
	in := &layer{prefix: l.prefix + b.Data + "/", sealed: true, source: plain}
	if err := r.parse(ctx, in); err != nil {
		return nil, err
	}
	r.protect(in)
	return in, r.unwrap(ctx, in, depth+1, whole)
}

func (l *layer) fileAt(path string) (spool.File, bool) {
	for p, s := range l.files {
		if p.Path == path {
			return s, true
		}
	}
	return spool.File{}, false
}

// decrypt opens one message with the projects' keys. The verdict is nil when it
// cannot be opened, and a trouble says why.
func (r *reading) decrypt(ctx context.Context, open func(context.Context) (io.ReadCloser, error)) (spool.File, *desk.Verdict, error) {
	var plain spool.File
	v, err := r.withKeys(ctx, func(known []people.Key) (desk.Verdict, error) {
		in, err := open(ctx)
		if err != nil {
			return desk.Verdict{}, err
		}
		defer in.Close()
		pr, pw := io.Pipe()
		type outcome struct {
			v   desk.Verdict
			err error
		}
		done := make(chan outcome, 1)
		go func() {
			v, err := r.pgp.Decrypt(ctx, r.secrets, known, r.now, in, pw)
			pw.CloseWithError(err)
			done <- outcome{v, err}
		}()
		plain, err = spool.Take(ctx, r.files, r.in.Confidence(), pr, maxPart, spool.Total-r.small)
		pr.CloseWithError(io.ErrClosedPipe)
		out := <-done
		if err == nil || out.err != nil && out.err != io.ErrClosedPipe {
			err = out.err
		}
		return out.v, err
	})
	if key, bad := faultKey(err); bad {
		r.msg.Cipher = desk.Unopenable
		r.trouble("desk.trouble.cannot_decrypt", "why", key)
		return spool.File{}, nil, nil
	}
	if err != nil {
		return spool.File{}, nil, err
	}
	return plain, &v, nil
}

// verifyMIME checks one multipart/signed (RFC 3156 section 5).
func (r *reading) verifyMIME(ctx context.Context, l *layer, b mailmsg.PGPBlock, whole bool) error {
	sum := sha256.New()
	v, err := r.withKeys(ctx, func(known []people.Key) (desk.Verdict, error) {
		in, err := l.source.Open(ctx, r.files)
		if err != nil {
			return desk.Verdict{}, err
		}
		defer in.Close()
		sum.Reset()
		return r.pgp.VerifyDetached(ctx, io.TeeReader(mailmsg.SignedBytes(in, b.Signed), sum), []byte(b.Signature), known, r.now)
	})
	if key, bad := faultKey(err); bad {
		r.unreadable(l.prefix+b.Part, key)
		return nil
	}
	if err != nil {
		return err
	}
	r.seen(sum, v)
	r.sign(v, l.prefix+b.Data, whole)
	if whole && good(v) {
		r.protect(l)
	}
	return nil
}

// decryptInline opens an armored message in a text part and puts the plain text in its place.
func (r *reading) decryptInline(ctx context.Context, l *layer, b mailmsg.PGPBlock, whole bool, inline map[string]string) error {
	plain, v, err := r.decrypt(ctx, func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(b.Armor)), nil
	})
	if err != nil || v == nil {
		return err
	}
	r.msg.Cipher = desk.OpenPGP
	if err := r.payload(ctx, plain, v); err != nil {
		return err
	}
	r.sign(*v, l.prefix+b.Part, whole)
	in, err := plain.Open(ctx, r.files)
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, textLimit))
	for _, p := range l.mail.Parts {
		if p.Path == b.Data {
			inline[p.Path] = replaceArmor(p.Text, strings.ToValidUTF8(string(text), "\uFFFD"))
		}
	}
	return err
}

// replaceArmor puts plain in the place of the first armored message of text.
func replaceArmor(text, plain string) string {
	const begin, end = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		return plain
	}
	_, after, _ := strings.Cut(rest, end)
	return before + plain + after
}

// verifyInline checks a clearsigned text. Where it is the whole mail, what the
// signature covers stands for it; otherwise the part is shown as it came, and no
// signature counts for all of it.
func (r *reading) verifyInline(ctx context.Context, l *layer, b mailmsg.PGPBlock, whole bool, inline map[string]string) error {
	var signed []byte
	v, err := r.withKeys(ctx, func(known []people.Key) (v desk.Verdict, err error) {
		signed, v, err = r.pgp.VerifyClearsigned(ctx, []byte(b.Armor), known, r.now)
		return v, err
	})
	if key, bad := faultKey(err); bad {
		r.unreadable(l.prefix+b.Part, key)
		return nil
	}
	if err != nil {
		return err
	}
	sum := sha256.New()
	sum.Write(signed)
	r.seen(sum, v)
	r.sign(v, l.prefix+b.Part, whole)
	if whole {
		inline[b.Data] = strings.ToValidUTF8(string(signed), "\uFFFD")
	}
	return nil
}

func (r *reading) unreadable(part, key string) {
	r.msg.Signatures = append(r.msg.Signatures, desk.Signature{Part: part, Result: desk.SigUnreadable})
	r.trouble("desk.trouble.signature", "where", part, "why", key)
}

// payload notes the hash of a decrypted plain text.
func (r *reading) payload(ctx context.Context, plain spool.File, v *desk.Verdict) error {
	in, err := plain.Open(ctx, r.files)
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return err
	}
	r.seen(sum, *v)
	return nil
}

// seen notes a protected payload by what it says and who signed it when, not by
// the bytes that carried it: armor and encryption can be renewed by anybody who
// can read it, a signature cannot.
func (r *reading) seen(sum hash.Hash, v desk.Verdict) {
	id := hex.EncodeToString(sum.Sum(nil))
	for _, s := range v.Signatures {
		if s.Result == desk.SigGood {
			id += fmt.Sprintf("|%s@%d", s.By, s.At.Unix())
		}
	}
	r.payloads = append(r.payloads, id)
}

// sign adds the signatures of a verdict to the message.
func (r *reading) sign(v desk.Verdict, part string, whole bool) {
	for _, s := range v.Signatures {
		out := desk.Signature{Part: part, Whole: whole && v.Whole, Result: s.Result, Fingerprint: s.By, At: s.At}
		if s.By == "" {
			out.Fingerprint = s.KeyID
		}
		if len(r.msg.Signatures) < maxTroubles {
			r.msg.Signatures = append(r.msg.Signatures, out)
		}
	}
}

// signers names who holds the keys of the signatures for one project. A good one by a key
// that only another project registered for an address is by nobody known here: who
// moderates that one must not say who speaks in this one's cases.
func signers(sigs []desk.Signature, known []people.Key, project people.ProjectID) []desk.Signature {
	out := append([]desk.Signature(nil), sigs...)
	for i := range out {
		s := &out[i]
		k, ok := holder(known, project, s.Fingerprint)
		switch {
		case ok:
			s.Person, s.Name = string(k.Person), firstOf(k.UserIDs)
			if k.Person == "" {
				s.Address, s.Project = k.Address, string(project)
			}
		case s.Result == desk.SigGood || s.Result == desk.SigExpired || s.Result == desk.SigRevoked:
			s.Result = desk.SigUnknownKey
		}
	}
	return out
}

// holder returns the registration of the certificate with this fingerprint: an account's
// before that of a bare address, whose holder may have an account by now, and the oldest
// of several, so that nobody takes a key over by registering it again. That of a bare
// address counts in the project that made it.
func holder(known []people.Key, project people.ProjectID, fingerprint string) (people.Key, bool) {
	var out people.Key
	found := false
	for _, k := range known {
		if fingerprint == "" || k.Fingerprint != fingerprint || k.Person == "" && k.Project != project {
			continue
		}
		better := out.Person == "" && k.Person != "" || (out.Person == "") == (k.Person == "") && k.Added.Before(out.Added)
		if !found || better {
			out, found = k, true
		}
	}
	return out, found
}

func good(v desk.Verdict) bool {
	for _, s := range v.Signatures {
		if s.Result == desk.SigGood {
			return true
		}
	}
	return false
}

// withKeys runs f with the keys registered for the sender; when a signature is
// by none of them, once more with the keys that it names.
func (r *reading) withKeys(ctx context.Context, f func([]people.Key) (desk.Verdict, error)) (desk.Verdict, error) {
	v, err := f(r.known)
	if err != nil {
		return v, err
	}
	var ids []string
	for _, s := range v.Signatures {
		if s.Result == desk.SigUnknownKey && s.KeyID != "" && len(ids) < maxTroubles {
			ids = append(ids, s.KeyID)
		}
	}
	if len(ids) == 0 {
		return v, nil
	}
	var more []people.Key
	var projects []people.ProjectID
	for _, t := range r.targets {
		projects = append(projects, t.project.ID)
	}
	err = r.view(ctx, func(ctx context.Context, view unit.View) (err error) {
		more, err = r.keys.KeysByHandle(ctx, view, r.scope, projects, ids)
		return err
	})
	if err != nil || len(more) == 0 {
		return v, err
	}
	r.known = append(r.known, more...)
	return f(r.known)
}

// protect takes the subject that an encryption or a good signature covers (RFC
// 9788) in place of the outer one, which anybody on the way could have changed, and
// says so when the protected sender is another than the outer one.
func (r *reading) protect(l *layer) {
	var dec mime.WordDecoder
	for _, f := range l.mail.Protected {
		value, err := dec.DecodeHeader(f.Value)
		if err != nil {
			value = f.Value
		}
		switch {
		case strings.EqualFold(f.Name, "Subject"):
			if l.sealed && l.mail.Subject != "" {
				value = l.mail.Subject
			}
			if value != r.msg.Subject {
				r.msg.Shadow, r.msg.Subject = r.msg.Subject, clip(value, maxTitle)
			}
		case strings.EqualFold(f.Name, "From"):
			if !strings.Contains(strings.ToLower(value), strings.ToLower(r.msg.From.Mail)) {
				r.trouble("desk.trouble.from_differs", "detail", clip(value, 120))
			}
		}
	}
}

// faultKey returns the catalogue key of an error that is the message's fault, not ours.
func faultKey(err error) (string, bool) {
	var f *fault.Error
	if errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge) {
		return f.Key, true
	}
	return "", false
}
