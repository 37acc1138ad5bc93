package mailmsg

import (
	"io"
	"strings"
	"testing"
)

const (
	signedBlock = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nhi\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
	cipherBlock = "-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"
	encrypted   = "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n" + cipherBlock + "\n--b--\n"
	signature   = "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
)

func TestOpenPGPIsFoundAndWhatLiesOutsideToo(t *testing.T) {
	mixed := func(parts ...string) string {
		return "Content-Type: multipart/mixed; boundary=m\n\n--m\n" + strings.Join(parts, "\n--m\n") + "\n--m--\n"
	}
	signed := "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s\n\n--s\nContent-Type: text/plain\n\nhello\n\n--s\n" + signature + "\n--s--\n"
	for _, c := range []struct {
		name, mail string
		kind       PGPKind
		data       string
		whole      bool
		problem    string
	}{
		{"PGP/MIME encrypted", encrypted, MIMEEncrypted, "1.2", true, ""},
		{"PGP/MIME signed", signed, MIMESigned, "1.1", true, ""},
		{"a list's footer is outside of a signature", mixed(signed, "\nfooter"), MIMESigned, "1.1.1", false, ProblemOutsideSignature},
		{"text beside an encrypted part", mixed("\nread this", encrypted), MIMEEncrypted, "1.2.2", false, ProblemOutsideCipher},
		{"a third part in multipart/encrypted", strings.Replace(encrypted, "\n--b--", "\n--b\n\nmore\n--b--", 1), MIMEEncrypted, "1.2", false, ProblemPGPStructure},
		{"a third part in multipart/signed", strings.Replace(signed, "\n--s--", "\n--s\n\nmore\n--s--", 1), MIMESigned, "1.1", false, ProblemPGPStructure},
		{"a mail server has made multipart/mixed of multipart/encrypted", mixed("\n", "Content-Type: application/pgp-encrypted\n\nVersion: 1\n", "Content-Type: application/octet-stream; name=encrypted.asc\n\n"+cipherBlock), MIMEEncrypted, "1.3", true, ProblemPGPStructure},
		{"inline clearsigned text", "\n" + signedBlock, InlineSigned, "1", true, ""},
		{"text in front of clearsigned text", "\nand this\n" + signedBlock, InlineSigned, "1", false, ProblemOutsideSignature},
		{"two clearsigned texts", "\n" + signedBlock + signedBlock, InlineSigned, "1", false, ProblemOutsideSignature},
		{"a file beside clearsigned text", mixed("\n"+signedBlock, "Content-Type: application/zip\n\nzip"), InlineSigned, "1.1", false, ProblemOutsideSignature},
		{"inline encrypted text", "\n" + cipherBlock, InlineEncrypted, "1", true, ""},
		{"inline encrypted text in quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\n" + strings.ReplaceAll(cipherBlock, "-----B", "=2D----B"), InlineEncrypted, "1", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, crlf(head+c.mail))
			if len(m.PGP) == 0 {
				t.Fatalf("nothing found in %s %v", shape(m), m.Problems)
			}
			if b := m.PGP[0]; b.Kind != c.kind || b.Data != c.data || b.Whole != c.whole {
				t.Errorf("%+v in %s", b, shape(m))
			}
			if c.problem != "" && !m.has(c.problem) || c.problem == "" && len(m.Problems) > 0 {
				t.Errorf("problems %v, want %q", m.Problems, c.problem)
			}
		})
	}
}

func TestOpenPGPThatIsOnlyTalkedAboutIsNotFound(t *testing.T) {
	for _, text := range []string{"> -----BEGIN PGP MESSAGE-----\n> x\n> -----END PGP MESSAGE-----\n", "see -----BEGIN PGP MESSAGE-----\n", "-----BEGIN PGP MESSAGE-----\nno end\n", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----\n"} {
		if m := read(t, crlf(head+"\n"+text)); len(m.PGP) != 0 {
			t.Errorf("%q: %+v", text, m.PGP)
		}
	}
}

func TestTheSignedRangeIsExact(t *testing.T) {
	part := "Content-Type: text/plain\n\nhello \n\nFrom here\n"
	for _, c := range []struct{ name, body, want string }{
		{"CRLF input", crlf(head) + crlf("Content-Type: multipart/signed; boundary=s\n\npreamble\n--s\n"+part+"\n--s\n"+signature+"\n--s--\n"), crlf(part)},
		{"LF input becomes CRLF", head + "Content-Type: multipart/signed; boundary=s\n\n--s\n" + part + "\n--s\n" + signature + "\n--s--\n", crlf(part)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, c.body)
			for name, src := range map[string]io.Reader{"seeker": strings.NewReader(c.body), "stream": io.MultiReader(strings.NewReader(c.body))} {
				got, err := io.ReadAll(SignedBytes(src, m.PGP[0].Signed))
				if err != nil || string(got) != c.want {
					t.Errorf("%s: %v %q, want %q", name, err, got, c.want)
				}
			}
			if !strings.HasPrefix(m.PGP[0].Signature, "-----BEGIN PGP SIGNATURE-----\n") {
				t.Errorf("signature %q", m.PGP[0].Signature)
			}
		})
	}
}

func TestDeliveryReports(t *testing.T) {
	dsn := "Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nIt failed.\n--r\nContent-Type: message/delivery-status\n\n" +
		"Reporting-MTA: dns; mx.example.org\n\nOriginal-Recipient: rfc822;ann@example.org\nFinal-Recipient: rfc822; Ann@example.org\nAction: Failed\nStatus: 5.1.1 (no such user)\nDiagnostic-Code: smtp; 550 no such user\n\nFinal-Recipient: rfc822; bob@example.org\nAction: delayed\nStatus: 4.4.1\n--r\n"
	for _, c := range []struct{ name, mail, want string }{
		{"with the original header", dsn + "Content-Type: text/rfc822-headers\n\nMessage-ID: <orig@example.net>\nSubject: x\n--r--\n", "orig@example.net"},
		{"with the original mail", dsn + "Content-Type: message/rfc822\n\nMessage-ID: <orig@example.net>\nSubject: x\n\nbody\n--r--\n", "orig@example.net"},
		{"without the original", dsn + "\n--r--\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, crlf("Return-Path: <>\n"+head+c.mail))
			r := m.Report
			if r == nil || r.Type != "delivery-status" || r.OriginalMessageID != c.want || len(r.Recipients) != 2 || !m.Bounce() {
				t.Fatalf("%+v", r)
			}
			a, b := r.Recipients[0], r.Recipients[1]
			if a.Recipient != "Ann@example.org" || !a.Permanent() || a.Status != "5.1.1" || a.Diagnostic != "550 no such user" || b.Permanent() || r.ReportingMTA != "mx.example.org" {
				t.Errorf("%+v", r)
			}
		})
	}
}
