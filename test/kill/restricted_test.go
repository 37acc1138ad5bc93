package kill

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/test/program"
)

// secretWords are in an advisory of TLP:AMBER and nowhere else.
const secretWords = "canary of the amber advisory"

// identity is a client certificate that it signed itself, as PEM and for a handshake.
type identity struct {
	cert, key []byte
	pair      tls.Certificate
}

func newIdentity(t *testing.T, name string) identity {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	out := identity{cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})}
	if out.pair, err = tls.X509KeyPair(out.cert, out.key); err != nil {
		t.Fatal(err)
	}
	return out
}

// as is the site's client with the certificate of an identity, nil for none.
func (w *world) as(id *identity) *http.Client {
	conf := w.nodes[0].server().Client.Transport.(*http.Transport).TLSClientConfig.Clone()
	if id != nil {
		// Whoever the server says that it believes: it says nothing, and gets this.
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &id.pair, nil }
	}
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: conf}}
}

// answer is what a client hears: status, headers that are not of this answer alone, and body.
func (w *world) answer(c *http.Client, path string) string {
	w.t.Helper()
	r, err := c.Get(w.nodes[0].server().URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, own := range []string{"Date", "X-Request-Id", "Set-Cookie"} { // each answer has its own
		r.Header.Del(own)
	}
	var head bytes.Buffer
	if err := r.Header.Write(&head); err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprintf("%d\n%s\n%s", r.StatusCode, head.String(), raw)
}

// TestReadersByCertificate starts the program with its flags, publishes an advisory of
// TLP:AMBER, and reads it over TLS by the key of a client certificate, which nobody else
// can, and csaf_downloader can too. For all others nothing differs from what never was.
func TestReadersByCertificate(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	t.Parallel()
	w := newWorld(t, shipped(t), "", 1)
	w.nodes[0].options.Flags = append(w.nodes[0].options.Flags, "--client-certs")
	w.start()
	t.Cleanup(w.stop)

	reader, other := newIdentity(t, "distribution"), newIdentity(t, "somebody")
	var added struct{ ID, Token, Kind string }
	if err := w.call("POST", "/api/projects/"+slug+"/readers", map[string]any{"name": "A distribution", "level": "AMBER", "days": 1, "certificate": string(reader.cert)}, &added); err != nil {
		t.Fatal(err)
	}
	if added.Kind != "certificate" || added.Token != "" {
		t.Errorf("the reader is %+v", added)
	}
	c := w.open(time.Second)
	w.embargoOver(c)
	a := w.writeWith(c, func(r map[string]any) {
		r["tlp"], r["title"], r["summary"] = "AMBER", "About "+secretWords, "This is the "+secretWords+"."
	})
	if err := w.call("POST", "/api/advisories/"+a.ID+"/publish", map[string]any{"hash": a.Hash}, nil); err != nil {
		t.Fatal(err)
	}
	w.until("the advisory is published", patience, func() string {
		if err := w.call("GET", "/api/advisories/"+a.ID, nil, &a); err != nil {
			return err.Error()
		}
		if len(a.Published) == 0 {
			return fmt.Sprintf("%s %s", a.State, a.Blocked)
		}
		return ""
	})

	p := pubtree.Paths{Slug: slug}
	folder := "/" + p.Folder(pubtree.Amber)
	document := folder + time.Now().UTC().Format("2006") + "/" + strings.ToLower(a.Number) + ".json"
	trusted, wrong, none := w.as(&reader), w.as(&other), w.as(nil)
	got := w.answer(trusted, document)
	if !strings.HasPrefix(got, "200") || !strings.Contains(got, secretWords) || !strings.Contains(got, "private, no-store") {
		t.Errorf("the reader gets %.600s", got)
	}
	for _, path := range []string{document, document + ".asc", folder, "/" + p.Index(pubtree.Amber), "/" + p.Feed(pubtree.Amber)} {
		if got := w.answer(trusted, path); !strings.HasPrefix(got, "200") {
			t.Errorf("the reader gets for %s: %.200s", path, got)
		}
		absent := w.answer(none, "/csaf/"+slug+"/nothing/that/is/there.json")
		for who, client := range map[string]*http.Client{"another certificate": wrong, "no certificate": none} {
			if got := w.answer(client, path); got != absent || !strings.HasPrefix(got, "404") {
				t.Errorf("%s: with %s it is\n%.600s\nand what never was is\n%.600s", path, who, got, absent)
			}
		}
	}
	for _, path := range []string{"/", "/advisories/" + slug, "/csaf/" + slug + "/", "/" + p.Provider(), "/osv/" + slug + "/all.json", "/.well-known/security.txt"} {
		// An answer to a certificate is kept by no cache, whoever has it.
		a, b := w.answer(wrong, path), w.answer(none, path)
		if a = strings.Replace(a, "Cache-Control: private, no-store", "Cache-Control: no-cache", 1); a != b || strings.Contains(a, secretWords) || strings.Contains(a, "canary") {
			t.Errorf("%s is not the same with a certificate that nobody knows:\n%.1500s\nand without one\n%.1500s", path, a, b)
		}
	}
	w.downloads(reader, 1)
	w.downloads(other, 0)

	var list struct {
		Readers []struct{ Used *time.Time }
	}
	if err := w.call("GET", "/api/projects/"+slug+"/readers", nil, &list); err != nil || len(list.Readers) != 1 || list.Readers[0].Used == nil {
		t.Errorf("that the certificate was used is not seen: %+v %v", list, err)
	}
	if err := w.call("DELETE", "/api/projects/"+slug+"/readers/"+added.ID, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := w.answer(w.as(&reader), document); !strings.HasPrefix(got, "404") {
		t.Errorf("a reader who was shut out gets %.200s", got)
	}
	w.readsByToken(document)
	w.nowhere()
}

// readsByToken lets a reader with a token in, who gets the document by it and by no other.
func (w *world) readsByToken(document string) {
	w.t.Helper()
	var added struct{ ID, Token string }
	if err := w.call("POST", "/api/projects/"+slug+"/readers", map[string]any{"name": "A mirror", "level": "AMBER", "days": 1}, &added); err != nil {
		w.t.Fatal(err)
	}
	for token, reads := range map[string]bool{added.Token: true, added.Token + "x": false} {
		r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.nodes[0].server().URL+document, http.NoBody)
		if err != nil {
			w.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := w.as(nil).Do(r)
		if err != nil {
			w.t.Fatal(err)
		}
		raw, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || strings.Contains(string(raw), secretWords) != reads {
			w.t.Errorf("by a token (good: %t) it is %d %.200s %v", reads, answer.StatusCode, raw, err)
		}
	}
	if err := w.call("DELETE", "/api/projects/"+slug+"/readers/"+added.ID, nil, nil); err != nil {
		w.t.Fatal(err)
	}
}

// nowhere looks for the words of the advisory in everything that the server keeps and says:
// its data folder with the database and what SQLite keeps beside it, its log, and what
// was sent.
func (w *world) nowhere() {
	w.t.Helper()
	if strings.Contains(w.nodes[0].server().Output(), secretWords) {
		w.t.Error("the log has the words of the advisory")
	}
	files := 0
	for _, root := range []string{filepath.Join(w.dir, "data"), w.sink} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if files++; bytes.Contains(raw, []byte(secretWords)) {
				w.t.Errorf("%s has the words of the advisory", path)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.t.Error(err)
		}
	}
	if files == 0 {
		w.t.Error("there is no data folder to look at")
	}
}

// downloads runs csaf_downloader with the certificate and wants n documents of AMBER.
func (w *world) downloads(id identity, n int) {
	w.t.Helper()
	tool := ""
	cache, _ := os.UserCacheDir()
	for _, dir := range []string{os.Getenv("TOCSIN_TOOLS"), filepath.Join(cache, "tocsin-tools")} {
		path := filepath.Join(dir, "bin", "csaf_downloader")
		if _, err := os.Stat(path); dir != "" && err == nil {
			tool = path
		}
	}
	if tool == "" {
		program.Need(w.t, "csaf_downloader")
		tool = "csaf_downloader"
	}
	dir := w.t.TempDir()
	cert, key := filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")
	for path, raw := range map[string][]byte{cert: id.cert, key: id.key} {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	s := w.nodes[0].server()
	cmd := exec.CommandContext(w.t.Context(), tool, "--client_cert", cert, "--client_key", key, "-d", dir, strings.TrimPrefix(s.URL, "https://"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+s.CACert, "NO_PROXY=localhost")
	out, err := cmd.CombinedOutput()
	got, _ := filepath.Glob(filepath.Join(dir, "amber", "*", "*.json"))
	if len(got) != n || n > 0 && err != nil {
		w.t.Errorf("csaf_downloader: %v, %d documents of AMBER, want %d\n%s", err, len(got), n, out)
	}
}
