// Package tlsconf makes the TLS configuration of our listeners: a certificate
// from files, read again when they change, or a self-made one.
//
// Not in here: the listeners (platform/mailer, internal/server) and the rules
// for outgoing connections (platform/egress).
package tlsconf

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// Base returns the settings that all our listeners share: TLS 1.2 or newer, the
// library's choice of ciphers.
func Base() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12} }

// SelfSigned makes a certificate for a host name or address, valid for ten
// years. It protects mail against passive listening and proves nothing.
func SelfSigned(host string, now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("self-signed key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("self-signed serial: %w", err)
	}
	c := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: host},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		// A root of itself, so that a test or an operator can pin it.
		BasicConstraintsValid: true, IsCA: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("self-signed certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("self-signed certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// Files is a certificate and key in PEM files that may be replaced while we run.
type Files struct {
	cert, key string
	now       atomic.Pointer[tls.Certificate]
	seen      string // of the files that now came from; only Watch's goroutine and Load touch it
}

// Load reads the pair. It fails when a file is missing or the two do not belong
// together.
func Load(cert, key string) (*Files, error) {
	f := &Files{cert: cert, key: key}
	if _, err := f.reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Config returns a configuration that always serves the newest pair.
func (f *Files) Config() *tls.Config {
	c := Base()
	c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.now.Load(), nil }
	return c
}

// Watch looks at the files on every tick until ctx ends. A pair that cannot be
// read is logged and the old one stays: renewal tools write two files, and
// between them the pair is broken.
func (f *Files) Watch(ctx context.Context, tick <-chan time.Time, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		switch changed, err := f.reload(); {
		case err != nil:
			log.Error("certificate not read again; the old one stays", "error", err)
		case changed:
			log.Info("certificate read again", "not_after", f.now.Load().Leaf.NotAfter)
		}
	}
}

// NotAfter is when the certificate in use ends.
func (f *Files) NotAfter() time.Time { return f.now.Load().Leaf.NotAfter }

// Covers reports whether the certificate in use is for the host.
func (f *Files) Covers(host string) bool { return f.now.Load().Leaf.VerifyHostname(host) == nil }

func (f *Files) reload() (bool, error) {
	seen, err := f.stamp()
	if err != nil || seen == f.seen {
		return false, err
	}
	c, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return false, fmt.Errorf("load certificate %q: %w", f.cert, err)
	}
	f.now.Store(&c)
	f.seen = seen
	return true, nil
}

// stamp changes when either file changes.
func (f *Files) stamp() (string, error) {
	s := ""
	for _, p := range []string{f.cert, f.key} {
		i, err := os.Stat(p)
		if err != nil {
			return "", fmt.Errorf("load certificate: %w", err)
		}
		s += fmt.Sprint(i.ModTime().UnixNano(), " ", i.Size(), " ")
	}
	return s, nil
}
