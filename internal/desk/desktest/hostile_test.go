package desktest

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// TestHostileMail: whatever comes, the original is kept, a moderator sees a report
// with a plain statement of what is wrong, and the next mail is read.
func TestHostileMail(t *testing.T) {
	head := "From: Ada <ada@mail.example>\nTo: security@lanterna.example\nSubject: Hostile\nMessage-ID: <h@mail.example>\n"
	for _, c := range []struct {
		name, mail, trouble, text string
	}{
		{"nested multiparts a thousand deep", head + "MIME-Version: 1.0\n" + nest(1000), "desk.trouble.limit", ""},
		{"ten thousand parts", head + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 10_000) + "--b--\n", "desk.trouble.limit", ""},
		{"no header at all", "\nJust words.\n", "desk.trouble.from_missing", "Just words."},
		{"nothing", "", "desk.trouble.from_missing", ""},
		{"a header line without a colon", head + "what is this\n\nbody\n", "desk.trouble.header_syntax", ""},
		{"two From fields", "From: b@x.example\n" + head + "\nbody\n", "desk.trouble.from_several", "body"},
		{"a display name that is another address", strings.Replace(head, "Ada", `"chair@lanterna.example"`, 1) + "\nbody\n", "desk.trouble.from_spoof", "body"},
		{"an unknown charset", head + "Content-Type: text/plain; charset=x-nowhere\n\nb\xe4d\n", "desk.trouble.charset_unknown", ""},
		{"a wrong charset", head + "Content-Type: text/plain; charset=utf-8\n\nb\xff\xfed\n", "desk.trouble.charset_wrong", ""},
		{"broken base64", head + "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!\n", "desk.trouble.encoding_damaged", ""},
		{"a multipart without its end", head + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhalf\n", "desk.trouble.unclosed", "half"},
		{"a multipart without a boundary", head + "MIME-Version: 1.0\nContent-Type: multipart/mixed\n\nbody\n", "desk.trouble.boundary", ""},
		{"an endless header", head + "X-Long: " + strings.Repeat("a", 400_000) + "\n\nbody\n", "desk.trouble.limit", ""},
		{"a hundred thousand header fields", head + strings.Repeat("X: y\n", 100_000) + "\nbody\n", "desk.trouble.limit", ""},
		{"text of three megabytes", head + "\n" + strings.Repeat("all work and no play\n", 150_000), "desk.trouble.text_truncated", ""},
		{"a bidi override in the subject", strings.Replace(head, "Hostile", "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte("safe\u202Eexe.txt"))+"?=", 1) + "\nbody\n", "desk.trouble.hidden_text", "body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			one(t, func(r *rig) {
				r.send(c.mail)
				d := r.held()
				m := d.Messages[0]
				if !hasTrouble(m, c.trouble) || !d.Report.Flagged {
					t.Errorf("troubles %+v", m.Troubles)
				}
				if c.text != "" && strings.TrimSpace(m.Text) != c.text {
					t.Errorf("text %.100q", m.Text)
				}
				f, err := r.Desk.OpenFile(t.Context(), people.AsPerson(maria), m.ID, -1)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if raw, _ := io.ReadAll(f); string(raw) != crlf(c.mail) {
					t.Error("the original was not kept")
				}
				r.send(r.plain("The next one", "fine"))
				if n := len(r.list(maria)); n != 2 {
					t.Errorf("%d reports after the next mail", n)
				}
			})
		})
	}
}

func nest(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\nbottom\n")
	return b.String()
}

// TestAPGPBombIsStopped: a compressed message that grows a thousandfold is not opened.
func TestAPGPBombIsStopped(t *testing.T) {
	e := oneEngine(t)
	e.know("")
	// A literal packet of 200 MB of zeros within a compressed packet within an
	// encrypted message, as any tool would make it: the encrypter compresses nothing,
	// so that the compressed packet is built here.
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	const size = 200 << 20
	// Literal data packet, old format, 4-byte length: "b", no name, time 0.
	w.Write([]byte{0xae, byte(size >> 24), byte(size >> 16 & 0xff), byte(size >> 8 & 0xff), byte(size & 0xff), 'b', 0, 0, 0, 0, 0})
	zero := make([]byte, 1<<20)
	for range size >> 20 {
		w.Write(zero)
	}
	w.Close()
	// Compressed data packet, old format, indeterminate length, algorithm 1 (ZIP).
	packet := append([]byte{0xa3, 1}, deflated.Bytes()...)
	var armor strings.Builder
	armor.WriteString("-----BEGIN PGP MESSAGE-----\n\n")
	enc := base64.StdEncoding.EncodeToString(packet)
	for len(enc) > 76 {
		armor.WriteString(enc[:76] + "\n")
		enc = enc[76:]
	}
	armor.WriteString(enc + "\n-----END PGP MESSAGE-----\n")
	e.send("From: a@b.example\nTo: x@y\nSubject: bomb\nMessage-ID: <bomb@b.example>\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=e\n\n--e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n" +
		"--e\nContent-Type: application/octet-stream\n\n" + armor.String() + "\n--e--\n")
	m := e.held().Messages[0]
	if !hasTrouble(m, "desk.trouble.cannot_decrypt") {
		t.Errorf("troubles %+v", m.Troubles)
	}
}

// TestSharedMails reads the mails of the protected-headers draft with Bob's key.
func TestSharedMails(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data", "mail", "protected-headers")
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	alice := people.Key{Person: "alice", KeyInfo: people.KeyInfo{Public: []byte(read("alice@openpgp.example.pub.asc")),
		Fingerprint: "EB85BB5FA33A75E15E944E63F231550C4F47E38E"}, Address: "alice@openpgp.example"}
	for _, c := range []struct {
		file, subject string
		cipher        desk.Cipher
		auth          bool
	}{
		{"pgpmime-signed.eml", "The FooCorp contract", desk.Clear, true},
		{"pgpmime-enc+legacy-disp.eml", "BarCorp contract signed, let's go!", desk.OpenPGP, false}, // encrypted, not signed
		{"pgpmime-layered.eml", "BarCorp contract signed, let's go!", desk.OpenPGP, true},
		{"pgpmime-layered+legacy-disp.eml", "BarCorp contract signed, let's go!", desk.OpenPGP, true},
		{"unfortunately-complex.eml", "BarCorp contract signed, let's go!", desk.OpenPGP, true},
		{"smime-enc+legacy-disp.eml", "...", desk.SMIME, false},
		{"smime-sign+enc+legacy-disp.eml", "...", desk.SMIME, false},
	} {
		t.Run(c.file, func(t *testing.T) {
			one(t, func(r *rig) {
				r.Keys.public = []people.Key{alice}
				r.Keys.private = []people.PrivateKey{{Secret: secret.New(read("bob@openpgp.example.sec.asc"))}}
				r.sendFrom("alice@openpgp.example", read(c.file))
				m := r.held().Messages[0]
				if c.cipher == desk.OpenPGP && len(m.Troubles) != 0 {
					t.Errorf("troubles %+v", m.Troubles)
				}
				if _, auth := m.Authenticates(); auth != c.auth || m.Cipher != c.cipher || m.Subject != c.subject {
					t.Errorf("authenticates %v, cipher %v, subject %q, signatures %+v, troubles %+v", auth, m.Cipher, m.Subject, m.Signatures, m.Troubles)
				}
				if c.auth && !strings.Contains(m.Text, "contract") && !strings.Contains(m.Text, "Bob") {
					t.Errorf("text %q", m.Text)
				}
			})
		})
	}
}
