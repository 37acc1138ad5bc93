package openpgp

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// gpgHome is a throw-away GnuPG home with the real program.
type gpgHome struct {
	t   *testing.T
	dir string
}

func newGPG(t *testing.T) gpgHome {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("gpg is missing")
		}
		t.Skip("SKIPPED: gpg is missing, nobody else judges the signatures")
	}
	dir, err := os.MkdirTemp("", "gpg") // short: the agent's socket is in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		exec.Command("gpgconf", "--homedir", dir, "--kill", "gpg-agent").Run()
		os.RemoveAll(dir)
	})
	return gpgHome{t, dir}
}

func (g gpgHome) try(in []byte, args ...string) (string, error) {
	cmd := exec.Command("gpg", append([]string{"--homedir", g.dir, "--batch", "--trust-model", "always", "--status-fd", "1"}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (g gpgHome) run(in []byte, args ...string) string {
	g.t.Helper()
	out, err := g.try(in, args...)
	if err != nil {
		g.t.Fatalf("gpg %v: %v\n%s", args, err, out)
	}
	return out
}

// newKey makes a key that signs and returns its certificate.
func (g gpgHome) newKey(name string) people.KeyInfo {
	g.t.Helper()
	g.run(nil, "--passphrase", "", "--quick-gen-key", name, "ed25519", "sign", "1y")
	public, err := exec.Command("gpg", "--homedir", g.dir, "--armor", "--export", name).Output()
	if err != nil {
		g.t.Fatal(err)
	}
	infos, err := PGP{time.Now}.ParseKeys(public)
	if err != nil || len(infos) != 1 {
		g.t.Fatalf("%v, %v", infos, err)
	}
	return infos[0]
}

// signs is the command line by which GnuPG signs with a key of this home.
func (g gpgHome) signs() string {
	return "gpg --homedir " + g.dir + " --batch --armor --detach-sign --local-user {key}"
}

// verify asks gpg about a detached signature and returns its status lines.
func (g gpgHome) verify(data, signature []byte) (string, error) {
	dir := g.t.TempDir()
	a, b := filepath.Join(dir, "data"), filepath.Join(dir, "data.asc")
	for name, content := range map[string][]byte{a: data, b: signature} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			g.t.Fatal(err)
		}
	}
	return g.try(nil, "--verify", b, a)
}

// ring is the keys of one project.
type ring struct {
	people.Keyring
	keys []people.PrivateKey
}

func (r ring) All(context.Context, unit.View, string, people.ProjectID) ([]people.PrivateKey, error) {
	return r.keys, nil
}

func (r ring) Public(context.Context, unit.View, people.ProjectID) ([]people.PrivateKey, error) {
	return r.keys, nil
}

type view struct{ now time.Time }

func (v view) Now() time.Time { return v.now }

func local(t *testing.T, name string) people.PrivateKey {
	t.Helper()
	sec, info, err := PGP{time.Now}.Generate(name, "security@example.org", time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return people.PrivateKey{ID: name, Purpose: people.PurposeSign, KeyInfo: info, Secret: sec}
}

func TestSeveralKeysSignEverything(t *testing.T) {
	card, reader := newGPG(t), newGPG(t)
	old, next := local(t, "old"), local(t, "next")
	outside := people.PrivateKey{ID: "card", Purpose: people.PurposeSign, KeyInfo: card.newKey("Card <card@example.org>"), External: true}
	s := Signing{Ring: ring{keys: []people.PrivateKey{next, outside, old}}, PGP: PGP{time.Now}, Command: card.signs()}
	key, err := s.Signing(t.Context(), view{time.Now()}, "p")
	if err != nil {
		t.Fatal(err)
	}
	if got := len(key.Fingerprints()); got != 3 {
		t.Errorf("%d keys sign", got)
	}
	data := []byte("{\"document\": {}}\n")
	signature, err := key.Sign(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(signature, []byte("BEGIN PGP SIGNATURE")); n != 1 {
		t.Errorf("%d armored blocks", n)
	}
	for _, k := range []people.PrivateKey{old, next, outside} {
		reader.run(k.KeyInfo.Public, "--import")
	}
	out, err := reader.verify(data, signature)
	if err != nil || strings.Count(out, "[GNUPG:] VALIDSIG ") != 3 || strings.Contains(out, "BADSIG") {
		t.Errorf("gpg says: %v\n%s", err, out)
	}
	if err := key.Verify(data, signature); err != nil {
		t.Error(err)
	}
	if err := key.Verify([]byte("another text"), signature); err == nil {
		t.Error("another text passes")
	}
	if out, err := reader.verify([]byte("another text"), signature); err == nil || strings.Contains(out, "GOODSIG") {
		t.Errorf("gpg passes another text:\n%s", out)
	}
}

func TestAClearsignedTextByAKeyElsewhere(t *testing.T) {
	card := newGPG(t)
	outside := people.PrivateKey{ID: "card", Purpose: people.PurposeSign, KeyInfo: card.newKey("Card <card@example.org>"), External: true}
	s := Signing{Ring: ring{keys: []people.PrivateKey{outside}}, PGP: PGP{time.Now}, Command: card.signs()}
	key, err := s.Signing(t.Context(), view{time.Now()}, "p")
	if err != nil {
		t.Fatal(err)
	}
	out, err := key.Clearsign(t.Context(), []byte("Contact: a\n- dashed\nExpires: b \n"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "security.txt")
	if err := os.WriteFile(name, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := card.try(nil, "--verify", name); err != nil || !strings.Contains(said, "GOODSIG") {
		t.Errorf("%v\n%s\n%s", err, said, out)
	}
}

func TestASignerThatFailsIsNotUsed(t *testing.T) {
	card := newGPG(t)
	mine, other := card.newKey("Mine <mine@example.org>"), card.newKey("Other <other@example.org>")
	for _, c := range []struct{ fact, command, reason string }{
		{"there is none", "", "none is configured"},
		{"it signs with another key", strings.ReplaceAll(card.signs(), "{key}", other.Fingerprint), "not by the key"},
		{"it signs with two keys", card.signs() + " --local-user " + other.Fingerprint, "not by the key"},
		{"it signs other bytes", fmt.Sprintf("/bin/sh -c 'echo x | gpg --homedir %s --batch --armor --detach-sign --local-user $TOCSIN_SIGN_KEY'", card.dir), "problem"},
		{"it says something else", "/bin/echo hello", "pgp.not_signature"},
		{"it says nothing", "/bin/true", "pgp.not_signature"},
		{"it ends with a reason", "/bin/sh -c 'echo no card >&2; exit 2'", "no card"},
		{"it writes without end", "/usr/bin/yes", "more than it may"},
		{"it is not there", "/nowhere/signer", "no such file"},
	} {
		s := Signing{Ring: ring{keys: []people.PrivateKey{{ID: "k", Purpose: people.PurposeSign, KeyInfo: mine, External: true}}}, PGP: PGP{time.Now}, Command: c.command}
		key, err := s.Signing(t.Context(), view{time.Now()}, "p")
		if err != nil {
			t.Fatal(err)
		}
		_, err = key.Sign(t.Context(), []byte("text"))
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v", c.fact, err)
		}
	}
}

func TestWhichKeysSign(t *testing.T) {
	now := time.Now()
	good, ended, retired, revoked := local(t, "good"), local(t, "ended"), local(t, "retired"), local(t, "revoked")
	ended.Expires, retired.Retired, revoked.Revoked = now.Add(-time.Second), now, true
	for _, c := range []struct {
		fact string
		keys []people.PrivateKey
		want []string
		err  fault.Kind
	}{
		{"those in use", []people.PrivateKey{ended, retired, good, revoked}, []string{good.Fingerprint}, 0},
		{"one that ended signs nothing", []people.PrivateKey{ended, retired}, nil, fault.Invalid},
		{"retired ones are none", []people.PrivateKey{retired}, nil, fault.NotFound},
	} {
		key, err := Signing{Ring: ring{keys: c.keys}, PGP: PGP{time.Now}}.Signing(t.Context(), view{now}, "p")
		if c.err != 0 {
			if !fault.Is(err, c.err) {
				t.Errorf("%s: %v", c.fact, err)
			}
			continue
		}
		if err != nil || strings.Join(key.Fingerprints(), " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %v, %v", c.fact, key, err)
		}
	}
	list, err := Signing{Ring: ring{keys: []people.PrivateKey{good, retired, revoked}}}.Public(t.Context(), view{now}, "p")
	if err != nil || len(list) != 3 || !list[0].InUse || list[1].InUse || !list[1].Signs || list[2].Signs {
		t.Errorf("%+v, %v", list, err)
	}
}
