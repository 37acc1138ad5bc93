package mailer

import (
	"errors"
	"net"
	"sync"
	"time"
)

var errStopping = errors.New("smtp: server is stopping")

// timedConn gives every read and write its time. It lies below TLS, so that a
// handshake is bound by it too.
type timedConn struct {
	net.Conn
	piece   time.Duration // for one read
	session time.Time     // when the connection must end

	mu       sync.Mutex
	mail     time.Time // when the mail in transfer must have ended; zero: no mail
	stopping bool
}

// Read implements net.Conn.
func (c *timedConn) Read(p []byte) (int, error) {
	if err := c.arm(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// arm sets the time of the next read. It and stop exclude each other, so that
// no read can begin after stop and wait its whole time.
func (c *timedConn) arm() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping && c.mail.IsZero() {
		return errStopping
	}
	at := time.Now().Add(c.piece)
	for _, t := range []time.Time{c.mail, c.session} {
		if !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	return c.SetReadDeadline(at)
}

// Write implements net.Conn.
func (c *timedConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.piece)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// beginMail marks a transfer that stop must not interrupt. It reports false
// when the server is stopping already.
func (c *timedConn) beginMail(wait time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return false
	}
	c.mail = time.Now().Add(wait)
	return true
}

func (c *timedConn) endMail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mail = time.Time{}
}

// stop ends the connection at its next moment without a mail in transfer.
func (c *timedConn) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	if c.mail.IsZero() {
		_ = c.SetReadDeadline(time.Unix(1, 0)) // wakes a read that waits
	}
}

func (c *timedConn) isStopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping
}
