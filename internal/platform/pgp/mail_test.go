package pgp

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/mailmsg"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// opened is an encrypted mail with what was inside.
type opened struct {
	outer, inner *mailmsg.Message
	verdict      Verdict
	plain        []byte
}

// openMail reads a mail and what is encrypted in it, as the desk does: the
// ciphertext flows through the sink into Decrypt and into a second Read.
func openMail(t testing.TB, d Decrypter, raw io.Reader, keep bool) opened {
	t.Helper()
	var o opened
	var err error
	o.outer, err = mailmsg.Read(raw, mailmsg.Limits{Size: 128 << 20, PartSize: 128 << 20}, func(p *mailmsg.Part, r io.Reader) error {
		if p.Role != mailmsg.Ciphertext {
			return nil
		}
		plain, err := d.Decrypt(t.Context(), r)
		if err != nil {
			return err
		}
		var copied bytes.Buffer
		var src io.Reader = plain
		if keep {
			src = io.TeeReader(plain, &copied)
		}
		o.inner, err = mailmsg.Read(src, mailmsg.Limits{Size: 128 << 20}, nil)
		if err != nil {
			return err
		}
		v, ok := plain.Verdict()
		if !ok {
			return fmt.Errorf("the mail ended before the message did")
		}
		o.verdict, o.plain = v, copied.Bytes()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The sample mails of the protected-headers draft are by their authors, not by us.
func TestProtectedHeadersSamples(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data", "mail", "protected-headers")
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	at := time.Date(2019, 10, 22, 0, 0, 0, 0, time.UTC)
	alice, err := ParseKeys(read("alice@openpgp.example.pub.asc"), at)
	if err != nil {
		t.Fatal(err)
	}
	bob, err := ParseKeys(read("bob@openpgp.example.sec.asc"), at)
	if err != nil || !bob[0].Private || bob[0].Refused != "" {
		t.Fatalf("%v %v", err, bob)
	}
	d := Decrypter{Keys: bob, Known: alice, Now: at}

	t.Run("pgpmime-signed.eml", func(t *testing.T) {
		raw := read("pgpmime-signed.eml")
		m, err := mailmsg.Read(bytes.NewReader(raw), mailmsg.Limits{}, nil)
		if err != nil || len(m.PGP) != 1 || !m.PGP[0].Whole {
			t.Fatalf("%v %+v", err, m.PGP)
		}
		v, err := VerifyDetached(t.Context(), mailmsg.SignedBytes(bytes.NewReader(raw), m.PGP[0].Signed), []byte(m.PGP[0].Signature), alice, at)
		if err != nil || !v.Valid || v.By != alice[0].Fingerprint {
			t.Errorf("%v %+v", err, v)
		}
		if s := m.Protected.Get("Subject"); s != "The FooCorp contract" {
			t.Errorf("protected subject %q", s)
		}
	})
	const subject = "BarCorp contract signed, let's go!"
	for _, c := range []struct {
		file   string
		signed bool
	}{
		{"pgpmime-enc+legacy-disp.eml", false}, {"pgpmime-layered.eml", true}, {"pgpmime-layered+legacy-disp.eml", true}, {"unfortunately-complex.eml", true},
	} {
		t.Run(c.file, func(t *testing.T) {
			o := openMail(t, d, bytes.NewReader(read(c.file)), true)
			if o.outer.Subject != "..." || o.inner.Protected.Get("Subject") != subject || !o.outer.PGP[0].Whole {
				t.Errorf("outside %q, inside %q %+v", o.outer.Subject, o.inner.Protected.Get("Subject"), o.outer.PGP)
			}
			v := o.verdict
			if c.signed {
				b := o.inner.PGP[0]
				v, err = VerifyDetached(t.Context(), mailmsg.SignedBytes(bytes.NewReader(o.plain), b.Signed), []byte(b.Signature), alice, at)
				if err != nil || !b.Whole {
					t.Errorf("%v %+v", err, b)
				}
			}
			if v.Valid != c.signed || !o.verdict.Encrypted {
				t.Errorf("%+v", v)
			}
			if body := o.inner.Body(); strings.Contains(body, "Subject:") || !strings.Contains(body, "Alice Lovelace\nPresident") {
				t.Errorf("body %q", body)
			}
		})
	}
	for _, file := range []string{"smime-enc+legacy-disp.eml", "smime-sign+enc+legacy-disp.eml"} {
		t.Run(file+" is not ours to open", func(t *testing.T) {
			m, err := mailmsg.Read(bytes.NewReader(read(file)), mailmsg.Limits{}, nil)
			if err != nil || len(m.PGP) != 0 || len(m.Files()) != 1 {
				t.Errorf("%v %+v", err, m.PGP)
			}
		})
	}
}

func TestOurMailsAreReadByUsAndByGnuPG(t *testing.T) {
	g := newGPG(t)
	peer := g.newKey(ed25519Params)
	me := newKey(t, "team", now(), 0)
	armored, err := me.Armored()
	if err != nil {
		t.Fatal(err)
	}
	g.run([]byte(armored), "--import")
	d := mailmsg.Draft{From: mailmsg.Address{Addr: "team@example.net"}, To: []mailmsg.Address{{Addr: "ed@example.org"}}, Subject: "Embargo until Friday — ü",
		Date: now(), Text: "From now on: ü \n-- \nteam\n", MessageID: "1@example.net",
		Files: []mailmsg.File{{Name: "fix.patch", Type: "text/x-diff", Body: strings.NewReader("--- a\n+++ b\n")}}}

	t.Run("signed", func(t *testing.T) {
		d := d
		d.Sign = Signer{Key: me, Now: now()}
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			t.Fatal(err)
		}
		m, err := mailmsg.Read(bytes.NewReader(b.Bytes()), mailmsg.Limits{}, nil)
		if err != nil || len(m.Problems) > 0 {
			t.Fatalf("%v %v", err, m.Problems)
		}
		signed, err := io.ReadAll(mailmsg.SignedBytes(bytes.NewReader(b.Bytes()), m.PGP[0].Signed))
		if err != nil {
			t.Fatal(err)
		}
		v, err := VerifyDetached(t.Context(), bytes.NewReader(signed), []byte(m.PGP[0].Signature), []Key{me}, now())
		if err != nil || !v.Valid {
			t.Errorf("we: %v %+v", err, v)
		}
		if _, status, err := g.try(nil, "--verify", g.file("s.asc", []byte(m.PGP[0].Signature)), g.file("s", signed)); err != nil {
			t.Errorf("gpg: %v\n%s", err, status)
		}
	})
	t.Run("encrypted", func(t *testing.T) {
		d := d
		d.Files = []mailmsg.File{{Name: "fix.patch", Type: "text/x-diff", Body: strings.NewReader("--- a\n+++ b\n")}}
		d.Encrypt = Encrypter{To: []Key{peer, me}, Signer: &me, Now: now()}
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "Embargo") {
			t.Error("the subject is readable")
		}
		o := openMail(t, Decrypter{Keys: []Key{me}, Known: []Key{me}, Now: now()}, bytes.NewReader(b.Bytes()), true)
		if !o.verdict.Valid || o.inner.Protected.Get("Subject") != d.Subject || o.inner.Body() != "From now on: ü \n-- \nteam" || len(o.inner.Files()) != 1 {
			t.Errorf("%+v %q", o.verdict, o.inner.Body())
		}
		_, armored, _ := strings.Cut(b.String(), "-----BEGIN PGP MESSAGE-----")
		armored, _, _ = strings.Cut("-----BEGIN PGP MESSAGE-----"+armored, "\r\n--=_")
		if out := g.run([]byte(armored), "--decrypt"); !bytes.Equal(out, o.plain) {
			t.Errorf("gpg reads %q", out)
		}
	})
}

// The number: 50 MB in one mail costs at most 64 MB above idle, with all
// of it: PGP/MIME around an attachment in base64.
func TestAMailOfFiftyMegabytesIsReadAsAStream(t *testing.T) {
	me := newKey(t, "me", clock, 0)
	d := mailmsg.Draft{From: mailmsg.Address{Addr: "a@b.c"}, To: []mailmsg.Address{{Addr: "d@e.f"}}, MessageID: "1@b", Text: "see the file",
		Files:   []mailmsg.File{{Name: "dump.bin", Body: bytes.NewReader(noise(36 << 20))}},
		Encrypt: Encrypter{To: []Key{me}, Now: clock}}
	var raw bytes.Buffer
	if err := d.Write(&raw); err != nil {
		t.Fatal(err)
	}
	d.Files = nil
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	watch := &memoryWatch{r: bytes.NewReader(raw.Bytes())}
	o := openMail(t, Decrypter{Keys: []Key{me}, Now: clock}, watch, false)
	above := int64(watch.peak) - int64(before.HeapAlloc)
	if f := o.inner.Files(); above > 32<<20 || len(f) != 1 || f[0].Size != 36<<20 {
		t.Errorf("%d MiB above idle, files %+v", above>>20, f)
	}
	t.Logf("a mail of %d MiB costs %d KiB above idle", raw.Len()>>20, above>>10)
	runtime.KeepAlive(&raw)
}

// memoryWatch looks at the heap once a mebibyte.
type memoryWatch struct {
	r    io.Reader
	n    int
	peak uint64
}

func (w *memoryWatch) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if w.n += n; w.n > 1<<20 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.n, w.peak = 0, max(w.peak, m.HeapAlloc)
	}
	return n, err
}

// BenchmarkMail reads mails of 20 kB with a file, plain and encrypted and signed.
func BenchmarkMail(b *testing.B) {
	me, ann := newKey(b, "me", clock, 0), newKey(b, "ann", clock, 0)
	for _, kind := range []string{"plain", "encrypted"} {
		d := mailmsg.Draft{From: mailmsg.Address{Addr: "a@b.c"}, To: []mailmsg.Address{{Addr: "d@e.f"}}, MessageID: "1@b", Text: strings.Repeat("A line of the report.\n", 250),
			Files: []mailmsg.File{{Name: "poc.bin", Body: bytes.NewReader(noise(10 << 10))}}}
		if kind == "encrypted" {
			d.Encrypt = Encrypter{To: []Key{me}, Signer: &ann, Now: clock}
		}
		var raw bytes.Buffer
		if err := d.Write(&raw); err != nil {
			b.Fatal(err)
		}
		b.Run(kind, func(b *testing.B) {
			b.SetBytes(int64(raw.Len()))
			for b.Loop() {
				openMail(b, Decrypter{Keys: []Key{me}, Known: []Key{ann}, Now: clock}, bytes.NewReader(raw.Bytes()), false)
			}
		})
	}
}
