package mailer

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
)

// TLSPolicy says how the way to the smarthost is protected.
type TLSPolicy int

// The policies. The zero value is not valid: ParseSmarthost picks one.
const (
	_           TLSPolicy = iota
	StartTLS              // STARTTLS with a verified certificate, or nothing is sent
	ImplicitTLS           // TLS from the first byte (RFC 8314), verified
	Plain                 // no TLS; only for a smarthost on this machine or by explicit wish
)

// Smarthost is the one server that outgoing mail is handed to.
type Smarthost struct {
	Host, Port string
	User       string
	Password   secret.String
	Policy     TLSPolicy
}

// ParseSmarthost reads the value of --smarthost:
// smtp://[user:password@]host[:port][?tls=required|off] or smtps://...
// Without ?tls= STARTTLS is required, except to a loopback address. The default
// port is 587 with a user and 25 without; 465 for smtps. A fault.Invalid says
// what is wrong and never repeats the password.
func ParseSmarthost(s string) (Smarthost, error) {
	bad := func(key string, args ...any) (Smarthost, error) {
		return Smarthost{}, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid",
			Fields: []fault.Field{{Path: "smarthost", Key: key, Args: args}}}
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" || u.Opaque != "" {
		return bad("mailer.smarthost.form") // url's error would repeat the password
	}
	h := Smarthost{Host: u.Hostname(), Port: u.Port(), Policy: StartTLS}
	if u.User != nil {
		p, _ := u.User.Password()
		h.User, h.Password = u.User.Username(), secret.New(p)
	}
	q := u.Query()
	mode := q.Get("tls")
	q.Del("tls")
	switch {
	case len(q) > 0:
		return bad("mailer.smarthost.option", slices.Sorted(maps.Keys(q))[0])
	case u.Scheme == "smtps" && mode == "":
		h.Policy = ImplicitTLS
	case u.Scheme != "smtp":
		return bad("mailer.smarthost.scheme")
	case mode == "off", mode == "" && isLoopback(h.Host):
		h.Policy = Plain
	case mode != "" && mode != "required":
		return bad("mailer.smarthost.option", "tls")
	}
	if h.Policy == Plain && h.User != "" && !isLoopback(h.Host) {
		return bad("mailer.smarthost.plain_password")
	}
	if h.Port == "" {
		h.Port = defaultPort(h)
	}
	return h, nil
}

func defaultPort(h Smarthost) string {
	switch {
	case h.Policy == ImplicitTLS:
		return "465"
	case h.User != "":
		return "587"
	default:
		return "25"
	}
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// String names the smarthost for logs and for the doctor, without its password.
func (h Smarthost) String() string {
	return fmt.Sprintf("smtp host %s", net.JoinHostPort(h.Host, h.Port))
}
