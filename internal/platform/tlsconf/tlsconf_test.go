package tlsconf_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/tlsconf"
)

func write(t *testing.T, dir, host string) (cert, key string) {
	t.Helper()
	c, err := tlsconf.SelfSigned(host, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	k, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: k}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func served(t *testing.T, c *tls.Config) string {
	t.Helper()
	got, err := c.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return got.Leaf.Subject.CommonName
}

func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := write(t, dir, "one.test")
	f, err := tlsconf.Load(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	conf := f.Config()
	tick := make(chan time.Time)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Watch(ctx, tick, slog.New(slog.DiscardHandler)); close(done) }()

	write(t, dir, "two-with-another-length.test")
	tick <- time.Time{}
	tick <- time.Time{} // the first one has been dealt with
	if got := served(t, conf); got != "two-with-another-length.test" {
		t.Errorf("served %q", got)
	}
	if err := os.WriteFile(key, []byte("half a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	tick <- time.Time{}
	tick <- time.Time{}
	if got := served(t, conf); got != "two-with-another-length.test" {
		t.Errorf("a broken pair replaced the good one: %q", got)
	}
	cancel()
	<-done
}

func TestLoadFails(t *testing.T) {
	dir := t.TempDir()
	cert, _ := write(t, dir, "one.test")
	if _, err := tlsconf.Load(cert, filepath.Join(dir, "none.pem")); err == nil {
		t.Error("a missing key is no error")
	}
	other := t.TempDir()
	_, wrong := write(t, other, "two.test")
	if _, err := tlsconf.Load(cert, wrong); err == nil {
		t.Error("a key of another certificate is no error")
	}
}
