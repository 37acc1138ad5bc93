package pgp

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gpgHome is a GnuPG home folder of one test: the judge that nobody here wrote.
type gpgHome struct {
	t   *testing.T
	dir string
}

func newGPG(t *testing.T) *gpgHome {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("gpg is missing")
		}
		t.Skip("SKIPPED: gpg is missing, interoperability is not shown")
	}
	dir, err := os.MkdirTemp("", "gpg") // short: the agent's socket is in it
	if err != nil {
		t.Fatal(err)
	}
	g := &gpgHome{t: t, dir: dir}
	t.Cleanup(func() {
		cmd := exec.Command("gpgconf", "--kill", "gpg-agent")
		cmd.Env = g.env()
		cmd.Run()
		os.RemoveAll(dir)
	})
	return g
}

func (g *gpgHome) env() []string { return append(os.Environ(), "GNUPGHOME="+g.dir, "LC_ALL=C") }

// try runs gpg with in on its standard input.
func (g *gpgHome) try(in []byte, args ...string) (out, status []byte, err error) {
	cmd := exec.Command("gpg", append([]string{"--batch", "--no-tty", "--yes", "--pinentry-mode", "loopback",
		"--passphrase", "", "--trust-model", "always", "--status-fd", "2"}, args...)...)
	cmd.Env = g.env()
	cmd.Stdin = bytes.NewReader(in)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	return o.Bytes(), e.Bytes(), err
}

func (g *gpgHome) run(in []byte, args ...string) []byte {
	g.t.Helper()
	out, status, err := g.try(in, args...)
	if err != nil {
		g.t.Fatalf("gpg %s: %v\n%s", strings.Join(args, " "), err, status)
	}
	return out
}

// newKey makes a key with gpg and returns its public part.
func (g *gpgHome) newKey(params string) Key {
	g.t.Helper()
	g.run([]byte("%no-protection\n"+params+"\n%commit\n"), "--gen-key")
	email := ""
	for _, line := range strings.Split(params, "\n") {
		if rest, ok := strings.CutPrefix(line, "Name-Email: "); ok {
			email = rest
		}
	}
	keys, err := ParseKeys(g.run(nil, "--armor", "--export", email), now())
	if err != nil || len(keys) != 1 {
		g.t.Fatalf("read the key of %s: %v", email, err)
	}
	return keys[0]
}

func (g *gpgHome) file(name string, content []byte) string {
	g.t.Helper()
	path := filepath.Join(g.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		g.t.Fatal(err)
	}
	return path
}

const (
	ed25519Params = "Key-Type: eddsa\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\nName-Real: Ed\nName-Email: ed@example.org"
	rsaParams     = "Key-Type: rsa\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: rsa\nSubkey-Length: 2048\nName-Real: Rita\nName-Email: rsa@example.org"
)

func TestGnuPGsWeakKeysAreRefusedWithTheReason(t *testing.T) {
	for _, c := range []struct {
		name, params string
		want         string
	}{
		{"DSA", "Key-Type: dsa\nKey-Length: 2048\nKey-Usage: sign\nName-Real: D\nName-Email: rsa@example.org", "pgp.refused.dsa"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGPG(t)
			g.run([]byte("%no-protection\n"+c.params+"\n%commit\n"), "--gen-key")
			keys, err := ParseKeys(g.run(nil, "--export"), now())
			if err != nil {
				t.Fatal(err)
			}
			if k := keys[0]; k.Refused != c.want || k.CanSign || k.CanEncrypt {
				t.Errorf("refused %q sign %v encrypt %v", k.Refused, k.CanSign, k.CanEncrypt)
			}
			sig := g.run([]byte("text"), "--digest-algo", "SHA256", "--detach-sign")
			v, err := VerifyDetached(t.Context(), bytes.NewReader([]byte("text")), sig, keys, now())
			if err != nil || v.Valid || v.Problem != "pgp.problem.weak_key" {
				t.Errorf("its signature: %v %+v", err, v)
			}
		})
	}
}

func TestAWeakHashOfASignatureIsNamed(t *testing.T) {
	g := newGPG(t)
	k := g.newKey(rsaParams)
	sig := g.run([]byte("text"), "--digest-algo", "SHA1", "--detach-sign")
	v, err := VerifyDetached(t.Context(), bytes.NewReader([]byte("text")), sig, []Key{k}, now())
	if err != nil || v.Valid || v.Problem != "pgp.problem.weak_hash" {
		t.Errorf("%v %+v", err, v)
	}
}

func TestSeveralSignaturesAreEachJudged(t *testing.T) {
	g := newGPG(t)
	ed, rsa := g.newKey(ed25519Params), g.newKey(rsaParams)
	me := newKey(t, "me", now(), 0)
	public, err := me.Armored()
	if err != nil {
		t.Fatal(err)
	}
	g.run([]byte(public), "--import")
	msg := g.run([]byte("text"), "-u", "ed@example.org", "-u", "rsa@example.org", "-r", me.Fingerprint, "--sign", "--encrypt")
	_, v := mustDecrypt(t, Decrypter{Keys: []Key{me}, Known: []Key{ed, rsa}, Now: now()}, msg)
	if len(v.Signatures) != 2 || !v.Signatures[0].Valid || !v.Signatures[1].Valid || v.Signatures[0].By == v.Signatures[1].By {
		t.Errorf("%+v", v)
	}
	_, v = mustDecrypt(t, Decrypter{Keys: []Key{me}, Known: []Key{rsa}, Now: now()}, msg)
	if !v.Valid || v.By != rsa.Fingerprint {
		t.Errorf("with one known signer: %+v", v)
	}
}

func TestGnuPGAndWeUnderstandEachOther(t *testing.T) {
	for _, kind := range []struct{ name, params, email string }{
		{"Ed25519", ed25519Params, "ed@example.org"}, {"RSA-2048", rsaParams, "rsa@example.org"},
	} {
		t.Run(kind.name, func(t *testing.T) {
			g := newGPG(t)
			peer := g.newKey(kind.params)
			ours, err := Generate("Security Team", "security@example.net", clock, 0)
			if err != nil {
				t.Fatal(err)
			}
			armored, err := ours.Armored()
			if err != nil {
				t.Fatal(err)
			}
			g.run([]byte(armored), "--import")
			text := []byte("line one\r\nzwei: ü\r\n- dash \r\nFrom here\r\n" + strings.Repeat("x", 5000))
			if peer.Algorithm != kind.name || !peer.CanEncrypt || !peer.CanSign || peer.Refused != "" || peer.Emails[0] != kind.email {
				t.Errorf("their key is read as %#v: %v %v %q", peer, peer.Algorithm, peer.CanEncrypt, peer.Refused)
			}

			t.Run("we read what they encrypt and sign", func(t *testing.T) {
				for _, opts := range [][]string{{"--armor"}, {}, {"--armor", "-z", "0"}, {"--armor", "--compress-algo", "bzip2"}, {"--textmode"}, {"--throw-keyids"}} {
					msg := g.run(text, append(opts, "-r", ours.Fingerprint, "-u", kind.email, "--sign", "--encrypt")...)
					plain, v := mustDecrypt(t, Decrypter{Keys: []Key{ours}, Known: []Key{ours, peer}, Now: now()}, msg)
					if !bytes.Equal(bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\n")), bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))) ||
						!v.Encrypted || !v.Valid || v.By != peer.Fingerprint || v.DecryptedWith != ours.Fingerprint || !v.WholeBody {
						t.Errorf("%v: %d bytes, %+v", opts, len(plain), v)
					}
				}
			})
			t.Run("we read what they only sign", func(t *testing.T) {
				msg := g.run(text, "--armor", "-u", kind.email, "--sign")
				plain, v := mustDecrypt(t, Decrypter{Known: []Key{peer}, Now: now()}, msg)
				if !bytes.Equal(plain, text) || v.Encrypted || !v.Valid {
					t.Errorf("%d bytes, %+v", len(plain), v)
				}
			})
			t.Run("we verify their detached signatures", func(t *testing.T) {
				for _, opts := range [][]string{{"--armor"}, {"--textmode"}} {
					sig := g.run(text, append(opts, "-u", kind.email, "--detach-sign")...)
					if v, err := VerifyDetached(t.Context(), bytes.NewReader(text), sig, []Key{peer}, now()); err != nil || !v.Valid {
						t.Errorf("%v: %v %+v", opts, err, v)
					}
				}
			})
			t.Run("we verify their clearsigned texts", func(t *testing.T) {
				msg := g.run(text, "-u", kind.email, "--clearsign")
				got, v, err := VerifyClearsigned(t.Context(), msg, []Key{peer}, now())
				if err != nil || !v.Valid || !v.WholeBody || !bytes.HasPrefix(got, []byte("line one\nzwei: ü\n- dash\nFrom here\n")) {
					t.Errorf("%v %+v %q", err, v, got[:min(len(got), 60)])
				}
			})
			t.Run("they read what we encrypt and sign", func(t *testing.T) {
				msg, err := Encrypter{To: []Key{peer, ours}, Signer: &ours, Now: now()}.Encrypt(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				out, status, err := g.try(msg, "--decrypt")
				if err != nil || !bytes.Equal(out, text) || !bytes.Contains(status, []byte("[GNUPG:] VALIDSIG "+ours.Fingerprint)) {
					t.Errorf("%v\n%s", err, status)
				}
			})
			t.Run("they verify our signatures", func(t *testing.T) {
				data := g.file("data", text)
				for _, s := range []Signer{{Key: ours, Now: now()}, {Key: ours, Now: now(), Text: true}} {
					sig, err := s.Sign(bytes.NewReader(text))
					if err != nil {
						t.Fatal(err)
					}
					_, status, err := g.try(nil, "--verify", g.file("sig", sig), data)
					if err != nil || !bytes.Contains(status, []byte("[GNUPG:] VALIDSIG "+ours.Fingerprint)) {
						t.Errorf("%v\n%s", err, status)
					}
				}
				msg, err := Signer{Key: ours, Now: now()}.Clearsign(text)
				if err != nil {
					t.Fatal(err)
				}
				if _, status, err := g.try(msg, "--verify"); err != nil {
					t.Errorf("%v\n%s", err, status)
				}
				if got, v, err := VerifyClearsigned(t.Context(), msg, []Key{ours}, now()); err != nil || !v.Valid || !v.WholeBody {
					t.Errorf("ourselves: %v %+v %q", err, v, got)
				}
			})
			t.Run("we read their private key and they read ours", func(t *testing.T) {
				keys, err := ParseKeys(g.run(nil, "--export-secret-keys", kind.email), now())
				if err != nil || !keys[0].Private {
					t.Fatalf("%v", err)
				}
				msg := g.run(text, "-r", kind.email, "--encrypt")
				if plain, v := mustDecrypt(t, Decrypter{Keys: keys, Now: now()}, msg); !bytes.Equal(plain, text) || v.Signed {
					t.Errorf("%d bytes, %+v", len(plain), v)
				}
				private, err := ours.PrivateBytes()
				if err != nil {
					t.Fatal(err)
				}
				g.run(private, "--import")
				msg, err = Encrypter{To: []Key{ours}, Now: now()}.Encrypt(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				if out := g.run(msg, "--decrypt"); !bytes.Equal(out, text) {
					t.Errorf("%d bytes", len(out))
				}
			})
		})
	}
}
