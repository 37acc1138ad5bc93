package program

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// GPG is a real gpg with a home of its own.
type GPG struct {
	Home string
	t    testing.TB
}

// NewGPG makes an empty key ring. Its path must be short: gpg-agent's socket lies in it.
func NewGPG(t testing.TB) *GPG {
	t.Helper()
	Need(t, "gpg")
	home, err := os.MkdirTemp("", "gpg")
	if err != nil {
		t.Fatal(err)
	}
	g := &GPG{Home: home, t: t}
	t.Cleanup(func() {
		exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	return g
}

// Run runs gpg with input and returns what it printed on standard output.
func (g *GPG) Run(input []byte, args ...string) []byte {
	g.t.Helper()
	out, errText, err := g.Try(input, args...)
	if err != nil {
		g.t.Fatalf("gpg %s: %v\n%s", strings.Join(args, " "), err, errText)
	}
	return out
}

// Try runs gpg and returns its standard output, standard error and result.
func (g *GPG) Try(input []byte, args ...string) (out []byte, errText string, err error) {
	cmd := exec.Command("gpg", append([]string{"--homedir", g.Home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", "--trust-model", "always"}, args...)...)
	cmd.Stdin = bytes.NewReader(input)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	return o.Bytes(), e.String(), err
}

// NewKey makes an Ed25519 key with an encryption subkey.
func (g *GPG) NewKey(userID string) {
	g.t.Helper()
	g.Run(nil, "--quick-generate-key", userID, "ed25519", "sign,cert", "1y")
	list := string(g.Run(nil, "--with-colons", "--list-keys", userID))
	for line := range strings.Lines(list) {
		if f := strings.Split(line, ":"); f[0] == "fpr" {
			g.Run(nil, "--quick-add-key", f[9], "cv25519", "encr", "1y")
			return
		}
	}
	g.t.Fatalf("gpg made no key for %s:\n%s", userID, list)
}

// Export returns the public key, armored.
func (g *GPG) Export(userID string) []byte {
	g.t.Helper()
	return g.Run(nil, "--armor", "--export", userID)
}

// Need skips the test when a tool is missing, loudly, and fails it under CI=true.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: scripts/tools installs it", tool)
		}
		t.Skipf("SKIPPED: %s is missing: scripts/tools installs it", tool)
	}
}

func randomKey() string {
	var raw [32]byte
	rand.Read(raw[:])
	return base64.StdEncoding.EncodeToString(raw[:])
}

// certificate makes a certificate for localhost that clients can pin, once for a folder.
func certificate(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if _, err := os.Stat(cert); err == nil {
		return cert, key
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, cert, "CERTIFICATE", der)
	writePEM(t, key, "PRIVATE KEY", raw)
	return cert, key
}

func writePEM(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
