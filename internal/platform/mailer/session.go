package mailer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"
)

// maxCommand is the longest command line: 512 bytes by RFC 5321 4.5.3.1.4 and
// room for the parameters of extensions.
const maxCommand = 2048

// session is one connection.
type session struct {
	server *Server
	limits Limits
	remote netip.Addr
	conn   *timedConn
	in     *bufio.Reader
	out    *bufio.Writer
	secure *tls.Conn // nil: in clear

	helo    string
	mail    *envelope // set by MAIL
	mails   int
	bad     int
	pending *string // a command that ended a mail in chunks
	failed  error   // why the connection cannot go on
}

// envelope is the mail transaction that MAIL opened.
type envelope struct {
	from string
	to   []string
	utf8 bool
}

func newSession(s *Server, c net.Conn, remote netip.Addr, l Limits) *session {
	t := &timedConn{Conn: c, piece: l.CommandWait, session: time.Now().Add(l.SessionWait)}
	ss := &session{server: s, limits: l, remote: remote, conn: t}
	ss.speakOver(t)
	return ss
}

func (ss *session) speakOver(rw io.ReadWriter) {
	// A line of mail must fit, or dotFrame sees it in two pieces.
	ss.in = bufio.NewReaderSize(rw, max(ss.limits.MaxLine, maxCommand)+2)
	ss.out = bufio.NewWriterSize(rw, 1024)
}

// run talks until either side has enough.
func (ss *session) run(ctx context.Context) {
	defer ss.end()
	defer func() {
		if p := recover(); p != nil {
			// The value may hold text of a mail: its type and the stack must do.
			ss.server.log().Error("smtp session panicked", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			ss.bye(refuse(421, "4.3.0", "Internal error, try again later"))
		}
	}()
	ss.reply(&reply{code: 220, text: ss.server.Domain + " ESMTP"})
	for ss.failed == nil {
		line, err := ss.nextLine()
		if err != nil {
			ss.explain(err)
			return
		}
		ss.command(ctx, line)
		if ss.bad > ss.limits.BadCommands {
			ss.bye(refuse(421, "4.7.0", "Too many errors"))
		}
	}
}

// end sends what is left to say.
func (ss *session) end() {
	_ = ss.out.Flush()
	if ss.secure != nil {
		_ = ss.secure.CloseWrite() // a peer may take an end without it for an attack
	}
}

func (ss *session) nextLine() (string, error) {
	if p := ss.pending; p != nil {
		ss.pending = nil
		return *p, nil
	}
	return ss.readLine()
}

// readLine reads one command. A line that does not end with CR LF is refused
// like such a line in a mail: it is how commands are smuggled.
func (ss *session) readLine() (string, error) {
	if ss.in.Buffered() == 0 { // answers to a pipelined group leave together (RFC 2920)
		if err := ss.out.Flush(); err != nil {
			return "", err
		}
	}
	p, err := ss.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull || len(p) > maxCommand {
		return "", &reply{500, "5.5.2", "Line too long", true}
	}
	if err != nil {
		return "", err
	}
	line, ok := bytes.CutSuffix(p, []byte("\r\n"))
	if !ok || bytes.ContainsAny(line, "\r\x00") {
		return "", &reply{521, "5.5.2", "A line ends with CR LF and has no bare CR, bare LF or NUL in it", true}
	}
	if !utf8.Valid(line) {
		return "", &reply{500, "5.5.2", "Not UTF-8", true}
	}
	return string(line), nil
}

// explain tells the peer why we hang up, where it can be told.
func (ss *session) explain(err error) {
	var r *reply
	var timeout net.Error
	switch {
	case errors.As(err, &r):
		ss.bye(r)
	case errors.Is(err, errStopping), ss.conn.isStopping():
		ss.bye(refuse(421, "4.3.2", "Shutting down, try again later"))
	case errors.As(err, &timeout) && timeout.Timeout():
		ss.bye(refuse(421, "4.4.2", "Waited too long"))
	}
}

// reply writes an answer; it leaves when the peer has nothing more pipelined.
func (ss *session) reply(r *reply) {
	if r.enhanced == "" {
		fmt.Fprintf(ss.out, "%d %s\r\n", r.code, r.text)
	} else {
		fmt.Fprintf(ss.out, "%d %s %s\r\n", r.code, r.enhanced, r.text)
	}
	if r.code >= 500 && r.code < 600 {
		ss.bad++
	}
	if r.hangup {
		ss.failed = errAborted
	}
}

// bye is the last answer; end sends it.
func (ss *session) bye(r *reply) {
	ss.reply(r)
	ss.failed = errAborted
}

func split(line string) (verb, arg string) {
	verb, arg, _ = strings.Cut(line, " ")
	return strings.ToUpper(verb), strings.Trim(arg, " ")
}

// startTLS moves the conversation into TLS and forgets what was said in clear
// (RFC 3207 section 4.2).
func (ss *session) startTLS(ctx context.Context, arg string) *reply {
	switch {
	case ss.server.TLS == nil || ss.secure != nil:
		return refuse(502, "5.5.1", "STARTTLS is not offered here")
	case arg != "":
		return refuse(501, "5.5.4", "STARTTLS has no argument")
	case ss.in.Buffered() > 0:
		// Commands behind it were sent in clear and would run inside TLS.
		return &reply{554, "5.5.1", "Nothing may follow STARTTLS before the handshake", true}
	}
	ss.reply(refuse(220, "2.0.0", "Go ahead"))
	if err := ss.out.Flush(); err != nil {
		ss.failed = err
		return nil
	}
	t := tls.Server(ss.conn, ss.server.TLS)
	ctx, cancel := context.WithTimeout(ctx, ss.limits.CommandWait)
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		ss.failed = err // never back to clear text
		return nil
	}
	ss.secure, ss.helo, ss.mail = t, "", nil
	ss.speakOver(t)
	return nil
}
