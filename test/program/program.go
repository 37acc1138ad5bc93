// Package program runs the shipped binary for whole-program tests: it builds it,
// starts it on free loopback ports with a real certificate, and stops or kills it.
// Real mail and key tools stand beside it (gpg.go, mail.go).
package program

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Build builds the binary with the given build tags and returns its path. The
// Go build cache makes the second call cheap. TOCSIN_BINARY names a shipped binary
// that is built already; it stands in for a build without tags.
func Build(t testing.TB, tags ...string) string {
	t.Helper()
	if path := os.Getenv("TOCSIN_BINARY"); path != "" && len(tags) == 0 {
		return path
	}
	path := filepath.Join(t.TempDir(), "tocsin")
	cmd := exec.Command("go", "build", "-tags", strings.Join(tags, ","), "-o", path, "github.com/tocsin-sec/tocsin/cmd/tocsin")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build tocsin: %v\n%s", err, out)
	}
	return path
}

// Options says how a server is started. Empty fields are filled by Start.
type Options struct {
	Binary   string
	Dir      string   // holds data, keys, certificate
	Database string   // postgres:// or empty for SQLite
	Flags    []string // further flags of serve
	Env      []string // further variables
	Listen   string
	SMTP     string
	Admin    string
	Plain    bool // http instead of https
}

// Server is a running binary.
type Server struct {
	Options
	URL    string // https://localhost:PORT
	CACert string // PEM file that clients must trust
	Client *http.Client

	cmd  *exec.Cmd
	mu   sync.Mutex
	text bytes.Buffer
	done chan struct{}
	err  error
}

// Start starts the binary and returns when it is ready. It is stopped when the
// test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := Launch(t, o)
	s.AwaitReady(t)
	return s
}

// Launch is Start that does not wait: the server may end before it is ready.
func Launch(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{Options: o}
	if s.Dir == "" {
		s.Dir = t.TempDir()
	}
	if s.Listen == "" {
		s.Listen = FreeAddress(t)
	}
	if s.SMTP == "" {
		s.SMTP = FreeAddress(t)
	}
	if s.Admin == "" {
		s.Admin = FreeAddress(t)
	}
	_, port, _ := net.SplitHostPort(s.Listen)
	scheme := "https"
	if s.Plain {
		scheme = "http"
	}
	s.URL = scheme + "://localhost:" + port
	cert, key := certificate(t, s.Dir)
	s.CACert = cert
	s.Client = clientFor(t, cert)
	args := []string{"serve", "--data", filepath.Join(s.Dir, "data"), "--listen", s.Listen, "--smtp", s.SMTP,
		"--admin-listen", s.Admin, "--url", s.URL, "--site-key-file", SiteKey(t, s.Dir)}
	if !s.Plain {
		args = append(args, "--tls-cert", cert, "--tls-key", key)
	}
	if s.Database != "" {
		args = append(args, "--database", s.Database)
	}
	s.run(t, append(args, s.Flags...))
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) run(t testing.TB, args []string) {
	t.Helper()
	s.cmd = exec.Command(s.Binary, args...)
	s.cmd.Env = append(CleanEnv(s.Dir), s.Env...)
	pipe, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = &locked{s: s}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.done = make(chan struct{})
	go func() {
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			fmt.Fprintln(&locked{s: s}, lines.Text())
		}
		io.Copy(io.Discard, pipe)
		s.err = s.cmd.Wait()
		close(s.done)
	}()
}

// CleanEnv is the environment of a fresh user whose home is dir.
func CleanEnv(dir string) []string {
	env := []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + filepath.Join(dir, "config"), "XDG_DATA_HOME=" + filepath.Join(dir, "share")}
	for _, name := range []string{"PATH", "TMPDIR", "LANG"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// SiteKey makes the site key's file beside the data, once.
func SiteKey(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "site.key")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	key := randomKey()
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// AwaitReady waits until /readyz says so; a server that ends before fails the test.
func (s *Server) AwaitReady(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := s.Client.Do(r); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-s.done:
			t.Fatalf("the server ended before it was ready: %v\n%s", s.err, s.Output())
		case <-ctx.Done():
			t.Fatalf("the server did not become ready\n%s", s.Output())
		case <-tick.C:
		}
	}
}

// Output is what the server has printed so far: people's lines and the log.
func (s *Server) Output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Find waits until the server has printed a match of the pattern and returns
// its first group.
func (s *Server) Find(t testing.TB, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range 1500 {
		if m := re.FindStringSubmatch(s.Output()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-s.done:
			t.Fatalf("the server ended without printing %q:\n%s", pattern, s.Output())
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("the server did not print %q:\n%s", pattern, s.Output())
	return ""
}

// Stop ends the server gracefully and waits for it.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server with SIGKILL and waits for it.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Done is closed when the process has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

func (s *Server) end(sig syscall.Signal) {
	select {
	case <-s.done:
		return
	default:
	}
	s.cmd.Process.Signal(sig)
	select {
	case <-s.done:
	case <-time.After(40 * time.Second):
		s.cmd.Process.Kill()
		<-s.done
	}
}

// Exit is what the ended process's Wait returned: nil for exit code 0.
func (s *Server) Exit() error {
	<-s.done
	return s.err
}

// Signal sends a signal and does not wait.
func (s *Server) Signal(sig syscall.Signal) { s.cmd.Process.Signal(sig) }

// Pid is the process's id.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

type locked struct{ s *Server }

func (l *locked) Write(p []byte) (int, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.text.Write(p)
}

func clientFor(t testing.TB, ca string) *http.Client {
	t.Helper()
	raw, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(raw)
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
}

// given are the ports that FreeAddress has returned in this process. Each is held on
// another loopback address, which tells the tests of other packages that it is taken
// even while its server is down.
var given struct {
	sync.Mutex
	claims map[int]net.Listener
}

const claimHost = "127.77.0.1"

// FreeAddress returns a loopback address for a server that may be ended and started
// again. Its port is one that the system gives to no outgoing connection by itself:
// one of those would take the place of a server while it is down.
func FreeAddress(t testing.TB) string {
	t.Helper()
	given.Lock()
	defer given.Unlock()
	if given.claims == nil {
		given.claims = map[int]net.Listener{}
	}
	for range 1000 {
		port := 10_000 + rand.IntN(22_000)
		claim, err := net.Listen("tcp", net.JoinHostPort(claimHost, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			claim.Close()
			continue
		}
		l.Close()
		given.claims[port] = claim
		return l.Addr().String()
	}
	t.Fatal("no free port from 10000 to 31999 on 127.0.0.1")
	return ""
}
