package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Incoming is one mail as the wire gave it. Body is read while it arrives and
// can be read only once; it yields the mail with CR LF line ends, without dot
// stuffing, and fails when the mail breaks a rule of the server (bare LF, size)
// or the sender goes away. Whoever reads Body must fail when Body fails.
type Incoming struct {
	From   string     // envelope sender, "" for a bounce
	To     []string   // envelope recipients, each one known
	Remote netip.Addr // the peer
	HELO   string     // what the peer calls itself: a claim
	TLS    bool       // the mail came over STARTTLS
	UTF8   bool       // SMTPUTF8 was asked for (RFC 6531)
	Body   io.Reader
}

// Limits bound what peers can cost us. A zero field takes its default.
type Limits struct {
	MaxBytes     int64         // size of a mail; default 50 MB (50,000,000)
	MaxLine      int           // bytes of a line of mail without CR LF; default 8,192 (RFC 5321 4.5.3.1.6 asks for at least 998)
	Recipients   int           // recipients of a mail; default 100 (RFC 5321 4.5.3.1.8)
	Connections  int           // open at the same time; default 200
	PerAddress   int           // open at the same time from one address (IPv6: one /64); default 20
	MailsPerMin  int           // mails a minute from one address (IPv6: one /64); default 60; loopback is not counted
	Mails        int           // mails on one connection; default 100
	BadCommands  int           // refused commands before we hang up; default 20
	CommandWait  time.Duration // for the next command or the next piece of mail; default 2 minutes
	MailWait     time.Duration // for one whole mail; default 10 minutes
	SessionWait  time.Duration // for one whole connection; default 30 minutes
	AcceptWait   time.Duration // for Accept after the last byte has come; default 2 minutes
	ShutdownWait time.Duration // for mails that are coming in when Serve's context ends; default 20 seconds
}

// Server is an SMTP server (RFC 5321) that takes mail for known recipients and
// for nobody else: it never relays and offers no AUTH. The fields must not
// change after the first Serve. The zero value needs Domain, Accept and
// KnownRecipient.
type Server struct {
	Addr   string // for Listen, "host:port"
	Domain string // the name in the greeting
	TLS    *tls.Config
	Limits Limits
	// Accept makes one mail durable. Only when it returns nil is the sender told
	// 250. An error becomes the reply by fault.SMTPCode; its text stays here.
	Accept func(context.Context, Incoming) error
	// KnownRecipient returns nil for an address that we take mail for. Every
	// fault.NotFound gets one and the same 550, any other error a 451.
	KnownRecipient func(ctx context.Context, address string) error
	Log            *slog.Logger

	mu       sync.Mutex
	sessions map[*session]struct{}
	peers    map[netip.Prefix]*peer
	stopping bool
	wg       sync.WaitGroup
}

// Listen opens s.Addr.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp", s.Addr)
}

type session struct{}
type peer struct{}

// Serve takes connections from l until ctx ends, then lets running mails finish
// for Limits.ShutdownWait and closes everything. It returns nil after such an
// orderly end and the listener's error otherwise.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return errors.New("mailer: landing in minutes")
}
