package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
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
// or the sender goes away. Accept must fail when Body fails. No trace field is
// added to the mail: the raw original is kept, these facts stand beside it.
type Incoming struct {
	From   string     // envelope sender, "" for a bounce
	To     []string   // envelope recipients, each one known
	Remote netip.Addr // the peer
	HELO   string     // what the peer calls itself: a claim
	TLS    bool       // the mail came over STARTTLS
	UTF8   bool       // SMTPUTF8 was asked for (RFC 6531)
	Body   io.Reader
}

// Server is an SMTP server (RFC 5321) that takes mail for known recipients and
// for nobody else: it never relays and offers no AUTH. The fields must not
// change after the first Serve. Domain, Accept and KnownRecipient are needed.
type Server struct {
	Addr   string // for Listen, "host:port"
	Domain string // the name in the greeting
	TLS    *tls.Config
	Limits Limits
	// Accept makes one mail durable. Only when it returns nil is the sender told
	// 250. An error becomes the reply by fault.SMTPCode; its text stays here. It
	// must end when its context does.
	Accept func(context.Context, Incoming) error
	// KnownRecipient returns nil for an address that we take mail for. Every
	// fault.NotFound gets one and the same 550, any other error a 451.
	KnownRecipient func(ctx context.Context, address string) error
	Log            *slog.Logger

	mu       sync.Mutex
	sessions map[*session]struct{}
	peers    map[netip.Prefix]*peer
	swept    time.Time // when peers was last cleaned
	stopping bool
	running  sync.WaitGroup
}

// Listen opens s.Addr.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, fmt.Errorf("smtp listen on %q: %w", s.Addr, err)
	}
	return l, nil
}

// Serve takes connections from l until ctx ends, then lets running mails finish
// for Limits.ShutdownWait and closes everything. It returns nil after such an
// orderly end and the listener's error otherwise. A server serves once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	// Running mails outlive ctx for ShutdownWait, so theirs is a context apart.
	base, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	unhook := context.AfterFunc(ctx, func() { l.Close() })
	defer unhook()
	err := s.acceptLoop(base, l)
	s.shutdown(abort)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("smtp accept: %w", err)
}

func (s *Server) acceptLoop(ctx context.Context, l net.Listener) error {
	limits := s.Limits.withDefaults()
	for {
		conn, err := l.Accept()
		var temporary interface{ Temporary() bool }
		switch {
		case err == nil:
		case errors.As(err, &temporary) && temporary.Temporary():
			// Out of file descriptors: the sessions that end will give some back.
			s.log().Warn("smtp accept", "error", err)
			select {
			case <-ctx.Done():
				return err
			case <-time.After(50 * time.Millisecond):
			}
			continue
		default:
			return err
		}
		s.start(ctx, conn, limits)
	}
}

// start runs a session for conn, or turns it away when a limit is reached.
func (s *Server) start(ctx context.Context, conn net.Conn, limits Limits) {
	remote := remoteAddr(conn)
	ss := newSession(s, conn, remote, limits)
	s.mu.Lock()
	ok := !s.stopping && len(s.sessions) < limits.Connections && s.admit(remote, limits)
	if ok {
		if s.sessions == nil {
			s.sessions = map[*session]struct{}{}
		}
		s.sessions[ss] = struct{}{}
		s.running.Add(1)
	}
	s.mu.Unlock()
	if !ok {
		// A fresh socket's send buffer has room for this line; a peer for which
		// that is not so gets nothing.
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(conn, "421 4.7.0 Too many connections, try again later\r\n")
		conn.Close()
		return
	}
	go func() {
		defer s.running.Done()
		defer s.forget(ss)
		ss.run(ctx)
	}()
}

func (s *Server) forget(ss *session) {
	ss.conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, ss)
	s.leave(ss.remote)
}

// shutdown tells idle sessions to go, waits for mails that are coming in, and
// after ShutdownWait ends those too: their senders got no 250 and try again.
func (s *Server) shutdown(abort func()) {
	s.mu.Lock()
	s.stopping = true
	for ss := range s.sessions {
		ss.conn.stop()
	}
	s.mu.Unlock()

	late := time.AfterFunc(s.Limits.withDefaults().ShutdownWait, func() {
		abort()
		s.mu.Lock()
		defer s.mu.Unlock()
		for ss := range s.sessions {
			ss.conn.Close()
		}
	})
	defer late.Stop()
	s.running.Wait()
}

func (s *Server) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}

func remoteAddr(c net.Conn) netip.Addr {
	ap, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.IPv6Unspecified()
	}
	return ap.Addr().Unmap().WithZone("")
}
