// Package config holds the settings of the server: one table of names, each
// settable by flag, by TOCSIN_ variable or in a YAML file, in this order of
// strength. Unknown names are errors that say which name was meant.
//
// What a setting does is told by the table itself: `tocsin config` prints it.
// Settings of a project (team, policy, lists) are not here; they live in the
// store and are changed on the pages.
package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/platform/command"
)

// Config is what the server is started with.
type Config struct {
	Data           string         // folder of the embedded database and the self-made certificate
	Listen         string         // HOST:PORT of pages and API
	SMTP           string         // HOST:PORT of incoming mail; empty: none
	AdminListen    string         // HOST:PORT of metrics and pprof; empty: none
	Database       secret.String  // postgres:// URL; empty: SQLite in Data
	URL            string         // the address that people use, without a trailing slash
	TLSCert        string         // PEM file, read again when it changes
	TLSKey         string         // PEM file
	ClientCerts    bool           // ask for client certificates, which readers of TLP:AMBER may have
	Smarthost      secret.String  // smtp[s]://[user:password@]host:port; empty: mail waits
	SmarthostCA    string         // PEM file that the smarthost's certificate is checked against
	DNS            string         // HOST:PORT of the resolver for DKIM and SPF; empty: the system's
	EgressAllow    []netip.Prefix // private networks that outgoing HTTP may reach
	GitProtocols   []string       // of addresses of repositories that are mirrored
	GitFolders     []string       // below which a local repository may lie
	PublicCheck    bool           // fetch publications back over the network
	TrustedProxies []netip.Prefix // our own, whose X-Forwarded-For is believed and whose mail is not counted
	SiteKeyFile    string         // file with the site key
	SiteKeyCommand string         // command that prints the site key
	SignerCommand  string         // program that signs for keys elsewhere; empty: none
	PurgeCommand   string         // program that hears what changed on the site; empty: none
	MailDomain     string         // domain of Message-IDs and of bounce addresses
	MailLimit      int64          // bytes of one mail
	Workers        int            // jobs at a time
	LogFormat      string         // text or json
	LogLevel       string         // debug, info, warn or error
	ShutdownGrace  time.Duration  // how long running work may take to end
	Demo           bool           // fill an empty store with the worked example
	Warnings       []string       // what was odd but not wrong, for the log
}

// Option is one row of the table of settings.
type Option struct {
	Name    string // flag and YAML key: "smtp"
	Env     string // TOCSIN_SMTP
	Default string
	Help    string
	Bool    bool
	set     func(*Config, string) error
}

// Options is the table of settings in the order in which they are explained.
func Options() []Option {
	rows := []Option{
		{Name: "data", Default: defaultData(), Help: "Folder for the embedded database and what the server makes itself. Back it up with `tocsin backup`, not by copying.",
			set: text(func(c *Config) *string { return &c.Data })},
		{Name: "listen", Default: "127.0.0.1:8080", Help: "HOST:PORT of pages and API. With --tls-cert it speaks HTTPS only.",
			set: text(func(c *Config) *string { return &c.Listen })},
		{Name: "smtp", Default: "127.0.0.1:2525", Help: "HOST:PORT of incoming mail (SMTP with STARTTLS). Empty: take no mail.",
			set: text(func(c *Config) *string { return &c.SMTP })},
		{Name: "admin-listen", Default: "", Help: "HOST:PORT of Prometheus metrics and pprof. Keep it on loopback. Empty: neither is served.",
			set: text(func(c *Config) *string { return &c.AdminListen })},
		{Name: "database", Default: "", Help: "postgres:// address of a PostgreSQL database, for several servers on one store. Empty: SQLite in --data.",
			set: func(c *Config, v string) error { c.Database = secret.New(v); return postgres(v) }},
		{Name: "url", Default: "", Help: "The address that people and mails use, such as https://security.example.org. Default: made from --listen.",
			set: address(func(c *Config) *string { return &c.URL })},
		{Name: "tls-cert", Default: "", Help: "PEM file with the certificate chain for HTTPS and STARTTLS. Read again when it changes.",
			set: text(func(c *Config) *string { return &c.TLSCert })},
		{Name: "tls-key", Default: "", Help: "PEM file with the private key of --tls-cert.",
			set: text(func(c *Config) *string { return &c.TLSKey })},
		{Name: "smarthost", Default: "", Help: "Where outgoing mail goes: smtp://[user:password@]host:port or smtps://... Empty: mail waits in the queue and `tocsin doctor` says so.",
			set: func(c *Config, v string) error { c.Smarthost = secret.New(v); return smarthost(v) }},
		{Name: "smarthost-ca", Default: "", Help: "PEM file of the authority that signed the smarthost's certificate. Default: the system's.",
			set: text(func(c *Config) *string { return &c.SmarthostCA })},
		{Name: "dns", Default: "", Help: "HOST:PORT of the DNS resolver for DKIM and SPF. Default: the system's.",
			set: text(func(c *Config) *string { return &c.DNS })},
		{Name: "egress-allow", Default: "", Help: "Private networks that outgoing HTTP may reach, as CIDRs with commas between. Everything else that is not a public address is refused.",
			set: prefixes(func(c *Config) *[]netip.Prefix { return &c.EgressAllow })},
		{Name: "git-protocols", Default: "https", Help: "Which addresses of products' repositories are mirrored, with commas between: https, http, file. Empty: none is fetched. Private networks need --egress-allow, local folders --git-folders.",
			set: protocols(func(c *Config) *[]string { return &c.GitProtocols })},
		{Name: "git-folders", Default: "", Help: "Folders below which a product's repository may lie on this machine (file:///...), with commas between. Needs file among --git-protocols.",
			set: folders(func(c *Config) *[]string { return &c.GitFolders })},
		{Name: "client-certs", Default: "false", Bool: true, Help: "Ask for TLS client certificates, by which readers of TLP:AMBER and RED may be known; nobody needs one. Browsers that have some will ask their users. Not behind a proxy: use tokens there.",
			set: func(c *Config, v string) (err error) { c.ClientCerts, err = strconv.ParseBool(v); return }},
		{Name: "public-check", Default: "false", Bool: true, Help: "After a publication fetch its files from --url over the network, through proxies and caches, before the lists are told. Default: from this server itself.",
			set: func(c *Config, v string) (err error) { c.PublicCheck, err = strconv.ParseBool(v); return }},
		{Name: "trusted-proxies", Default: "", Help: "Networks of our own reverse proxies and mail relays, as CIDRs with commas between: their X-Forwarded-For header is believed, mail from them is not counted by the rate limits, and SPF says nothing of it.",
			set: prefixes(func(c *Config) *[]netip.Prefix { return &c.TrustedProxies })},
		{Name: "site-key-file", Default: "", Help: "File with the key that wraps all others (a systemd credential, say). Never in --data. Default: made in your configuration folder, with a warning at each start.",
			set: text(func(c *Config) *string { return &c.SiteKeyFile })},
		{Name: "site-key-command", Default: "", Help: "Command that prints the site key, for keys that lie in a vault.",
			set: text(func(c *Config) *string { return &c.SiteKeyCommand })},
		{Name: "signer-command", Default: "", Help: "Program that signs for OpenPGP keys whose secret part is elsewhere: the bytes on its standard input, the fingerprint for {key} and in TOCSIN_SIGN_KEY, an armored detached signature on its standard output. No shell.",
			set: program(func(c *Config) *string { return &c.SignerCommand })},
		{Name: "purge-command", Default: "", Help: "Program that tells a cache in front of the site what changed: addresses on its standard input, one a line. No shell.",
			set: program(func(c *Config) *string { return &c.PurgeCommand })},
		{Name: "mail-domain", Default: "", Help: "Domain of Message-IDs and bounce addresses. Default: the host of --url.",
			set: text(func(c *Config) *string { return &c.MailDomain })},
		{Name: "mail-limit", Default: "52428800", Help: "Largest mail that is taken, in bytes.",
			set: func(c *Config, v string) (err error) { c.MailLimit, err = whole(v, 64<<10, 1<<30); return }},
		{Name: "workers", Default: "4", Help: "How many jobs run at a time.",
			set: func(c *Config, v string) error { n, err := whole(v, 1, 256); c.Workers = int(n); return err }},
		{Name: "log-format", Default: "text", Help: "Form of the log on standard error: text or json. Logs never hold the content of a case.",
			set: oneOf(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
		{Name: "log-level", Default: "info", Help: "Least level that is logged: debug, info, warn or error.",
			set: oneOf(func(c *Config) *string { return &c.LogLevel }, "debug", "info", "warn", "error")},
		{Name: "shutdown-grace", Default: "20s", Help: "How long requests, mails and jobs may take to end after SIGTERM.",
			set: func(c *Config, v string) (err error) { c.ShutdownGrace, err = span(v, time.Second, time.Hour); return }},
		{Name: "demo", Default: "false", Bool: true, Help: "Fill an empty store with the worked example: the project Lanterna, its team, reports, cases and advisories.",
			set: func(c *Config, v string) (err error) { c.Demo, err = strconv.ParseBool(v); return }},
	}
	for i := range rows {
		rows[i].Env = envName(rows[i].Name)
	}
	return rows
}

// defaultData is the data folder of a user that names none.
func defaultData() string {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "tocsin")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "tocsin-data"
	}
	return filepath.Join(home, ".local", "share", "tocsin")
}

func text(at func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *at(c) = v; return nil }
}

// program checks that a command line can be taken apart.
func program(at func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if v != "" {
			if _, err := command.Split(v); err != nil {
				return err
			}
		}
		*at(c) = v
		return nil
	}
}

func oneOf(at func(*Config) *string, allowed ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		for _, a := range allowed {
			if v == a {
				*at(c) = v
				return nil
			}
		}
		return fmt.Errorf("%q is none of %q", v, allowed)
	}
}

func whole(v string, least, most int64) (int64, error) {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", v)
	}
	if n < least || n > most {
		return 0, fmt.Errorf("%d is not between %d and %d", n, least, most)
	}
	return n, nil
}

func span(v string, least, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil {
		return 0, fmt.Errorf("%q is not a length of time such as 20s", v)
	}
	if d < least || d > most {
		return 0, fmt.Errorf("%s is not between %s and %s", d, least, most)
	}
	return d, nil
}

func prefixes(at func(*Config) *[]netip.Prefix) func(*Config, string) error {
	return func(c *Config, v string) error {
		*at(c) = nil
		for _, word := range splitList(v) {
			p, err := netip.ParsePrefix(word)
			if err != nil {
				return fmt.Errorf("%q is not a network such as 10.0.0.0/8", word)
			}
			*at(c) = append(*at(c), p)
		}
		return nil
	}
}

func address(at func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if v == "" {
			*at(c) = ""
			return nil
		}
		u, err := url.Parse(v)
		// The pages stand at the root: links below a path would lead nowhere.
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || trimSlash(u.Path) != "" || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("not an address such as https://security.example.org, without a user, a path or a query")
		}
		*at(c) = trimSlash(u.String())
		return nil
	}
}

// postgres checks the form only, and keeps the address (it may hold a
// password) out of its error.
func postgres(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return fmt.Errorf("not an address such as postgres://user@host/database")
	}
	return nil
}

// smarthost checks the form only, and keeps the address out of its error.
func smarthost(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
		return fmt.Errorf("not an address such as smtp://user:password@mail.example.org:587")
	}
	return nil
}
