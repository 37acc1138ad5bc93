package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tocsin.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagBeatsVariableBeatsFile(t *testing.T) {
	file := write(t, "listen: 127.0.0.1:1\nsmtp: 127.0.0.1:2\nworkers: 3\negress-allow: [10.0.0.0/8, 192.168.0.0/16]\n")
	c, err := Load(file, []string{"TOCSIN_LISTEN=127.0.0.1:4", "TOCSIN_SMTP=127.0.0.1:5"}, map[string]string{"listen": "127.0.0.1:6"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:6" || c.SMTP != "127.0.0.1:5" || c.Workers != 3 || len(c.EgressAllow) != 2 {
		t.Errorf("got listen %q, smtp %q, workers %d, egress %v", c.Listen, c.SMTP, c.Workers, c.EgressAllow)
	}
	if c.URL != "http://127.0.0.1:6" || c.MailDomain != "127.0.0.1" {
		t.Errorf("derived url %q, mail domain %q", c.URL, c.MailDomain)
	}
}

func TestProblemsAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		file, env, want string
	}{
		"an unknown key names the likely one":         {file: "lissten: x:1\n", want: `unknown key "lissten", did you mean listen?`},
		"an unknown key has its line":                 {file: "workers: 2\nbogus-thing: 1\n", want: `tocsin.yaml:2: unknown key "bogus-thing"`},
		"a key twice is refused":                      {file: "smtp: a:1\nsmtp: b:2\n", want: "stands already in line 1"},
		"a nested value is refused":                   {file: "smtp: {a: 1}\n", want: "expected a plain value"},
		"a bad number says the range":                 {env: "TOCSIN_WORKERS=0", want: "0 is not between 1 and 256"},
		"a certificate without key":                   {env: "TOCSIN_TLS_CERT=x.pem", want: "go together"},
		"a listen address without port":               {env: "TOCSIN_LISTEN=localhost", want: "not HOST:PORT"},
		"a smarthost's password does not print":       {env: "TOCSIN_SMARTHOST=http://u:hunter2@h", want: "not an address such as smtp://"},
		"a grace below a second":                      {env: "TOCSIN_SHUTDOWN_GRACE=-5s", want: "-5s is not between 1s and 1h0m0s"},
		"a grace without unit":                        {env: "TOCSIN_SHUTDOWN_GRACE=20", want: "is not a length of time"},
		"an address with a path":                      {env: "TOCSIN_URL=https://example.org/security", want: "without a user, a path"},
		"an address with a password does not print":   {env: "TOCSIN_URL=https://u:hunter2@example.org", want: "without a user, a path"},
		"an address without host":                     {env: "TOCSIN_URL=http://:80", want: "not an address such as"},
		"a list is not a mapping":                     {file: "- a\n", want: "NAME: VALUE"},
		"a broken YAML file is refused with the line": {file: "a: [\n", want: "tocsin.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			path := ""
			if c.file != "" {
				path = write(t, c.file)
			}
			var env []string
			if c.env != "" {
				env = []string{c.env}
			}
			_, err := Load(path, env, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q in it", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a password")
			}
		})
	}
}

func TestAnUnknownVariableIsWarnedAbout(t *testing.T) {
	c, err := Load("", []string{"TOCSIN_LISTN=1", "TOCSIN_SHARED=x"}, nil)
	if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "TOCSIN_LISTN: unknown variable, did you mean listen?") {
		t.Fatalf("got %q, %v", c.Warnings, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("listen: 127.0.0.1:8080\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Fuzz(func(t *testing.T, raw []byte) { _, _ = parse("f", raw) })
}
