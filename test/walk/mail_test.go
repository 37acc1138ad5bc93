package walk

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/tocsin-sec/tocsin/test/program"
)

// dkimKey signs mails of research.example, as its mail server would.
type dkimKey struct {
	key    *rsa.PrivateKey
	record string
}

func newDKIM(t *testing.T) dkimKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return dkimKey{key, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)}
}

func (k dkimKey) sign(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(text), &dkim.SignOptions{Domain: "research.example", Selector: "mail", Signer: k.key,
		HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Content-Type"}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// researcher is somebody outside with a mail program and a key.
type researcher struct {
	t       *testing.T
	w       *world
	gpg     *program.GPG
	name    string
	address string
	sent    int
	first   string // Message-ID of the report
	reply   letter // the newest reply of the team
}

func (w *world) newResearcher(name, address string) *researcher {
	r := &researcher{t: w.t, w: w, gpg: program.NewGPG(w.t), name: name, address: address}
	r.gpg.NewKey(name + " <" + address + ">")
	return r
}

// heads are the header lines of a new mail, and its Message-ID.
func (r *researcher) heads(to, subject string, more ...string) (string, string) {
	r.sent++
	id := fmt.Sprintf("<%d.%d@research.example>", time.Now().UnixNano(), r.sent)
	lines := append([]string{"From: " + r.name + " <" + r.address + ">", "To: " + to, "Subject: " + subject,
		"Date: " + time.Now().Format(time.RFC1123Z), "Message-ID: " + id, "MIME-Version: 1.0"}, more...)
	return strings.Join(lines, "\r\n") + "\r\n", id
}

// encrypted wraps a MIME entity as PGP/MIME (RFC 3156), encrypted to a key and signed.
func (r *researcher) encrypted(entity string, args ...string) string {
	r.t.Helper()
	args = append([]string{"--armor", "--sign", "--encrypt"}, args...)
	cipher := crlf(string(r.gpg.Run([]byte(entity), args...)))
	return "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"enc\"\r\n\r\n" +
		"--enc\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n" +
		"--enc\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n" + cipher + "\r\n--enc--\r\n"
}

// signed wraps a MIME entity as PGP/MIME with a detached signature.
func (r *researcher) signed(entity string) string {
	r.t.Helper()
	sig := crlf(string(r.gpg.Run([]byte(entity), "--armor", "--detach-sign", "--digest-algo", "SHA256")))
	return "Content-Type: multipart/signed; micalg=\"pgp-sha256\"; protocol=\"application/pgp-signature\"; boundary=\"sig\"\r\n\r\n" +
		"--sig\r\n" + entity + "\r\n--sig\r\nContent-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n" + sig + "\r\n--sig--\r\n"
}

// plain is a text as MIME entity.
func plain(text string) string {
	return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + crlf(text)
}

// withFiles is a text with attachments as MIME entity.
func withFiles(text string, files map[string][]byte, order ...string) string {
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=\"mix\"\r\n\r\n--mix\r\n" + plain(text) + "\r\n")
	for _, name := range order {
		fmt.Fprintf(&b, "--mix\r\nContent-Type: application/octet-stream; name=%q\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n", name, name)
		raw := base64.StdEncoding.EncodeToString(files[name])
		for len(raw) > 76 {
			b.WriteString(raw[:76] + "\r\n")
			raw = raw[76:]
		}
		b.WriteString(raw + "\r\n")
	}
	b.WriteString("--mix--\r\n")
	return b.String()
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// sends hands a mail to the site by swaks over STARTTLS with the true certificate.
func (r *researcher) sends(to string, text string) {
	r.t.Helper()
	out, err := r.w.swaks(r.address, to, r.w.dkim.sign(r.t, []byte(text)), "--tls", "--tls-verify", "--tls-ca-path", r.w.server.CACert)
	if err != nil {
		r.t.Fatalf("swaks: %v\n%s", err, out)
	}
}

// swaks sends raw mail and returns the conversation.
func (w *world) swaks(from, to string, text []byte, args ...string) (string, error) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "mail.eml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	host, port, _ := strings.Cut(w.server.SMTP, ":")
	args = append([]string{"--server", host, "--port", port, "--helo", "mail.research.example", "--from", from, "--to", to, "--data", "@" + file}, args...)
	out, err := exec.Command("swaks", args...).CombinedOutput()
	return string(out), err
}

// texts is every text of a MIME entity, one after the other, decoded.
func texts(contentType, encoding string, body io.Reader) string {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		var out []string
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err != nil {
				return strings.Join(out, "\n")
			}
			out = append(out, texts(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p))
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	raw, _ := io.ReadAll(body) // what is broken is missing, and the test says so
	return string(raw)
}

// opened decrypts a PGP/MIME mail with the researcher's key and returns its texts.
func (r *researcher) opened(l letter) (string, bool) {
	out, _, err := r.gpg.Try(l.raw, "--decrypt")
	if err != nil {
		return "", false
	}
	m, err := mail.ReadMessage(bytes.NewReader(out))
	if err != nil {
		return string(out), true
	}
	return texts(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body), true
}
