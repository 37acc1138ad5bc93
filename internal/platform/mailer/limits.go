package mailer

import (
	"net/netip"
	"time"
)

// Limits bound what peers can cost us. A zero field takes its default.
type Limits struct {
	MaxBytes     int64          // size of a mail; default 50 MB (50,000,000)
	MaxLine      int            // bytes of a line of mail without CR LF; default 8,192 (RFC 5321 4.5.3.1.6 asks for at least 998)
	Recipients   int            // recipients of a mail; default 100 (RFC 5321 4.5.3.1.8)
	Connections  int            // open at the same time; default 200
	PerAddress   int            // open at the same time from one address (IPv6: one /64); default 20
	MailsPerMin  int            // mails a minute from one address (IPv6: one /64); default 60
	Trusted      []netip.Prefix // not counted by PerAddress and MailsPerMin (a relay of ours); loopback never is
	Mails        int            // mails on one connection; default 100
	BadCommands  int            // refused commands before we hang up; default 20
	CommandWait  time.Duration  // for the next command or the next piece of mail; default 2 minutes
	MailWait     time.Duration  // for one whole mail; default 10 minutes
	SessionWait  time.Duration  // for one whole connection; default 30 minutes
	AcceptWait   time.Duration  // for Accept after the last byte has come; default 2 minutes
	ShutdownWait time.Duration  // for mails that are coming in when Serve's context ends; default 20 seconds
}

func (l Limits) withDefaults() Limits {
	or(&l.MaxBytes, 50_000_000)
	or(&l.MaxLine, 8192)
	or(&l.Recipients, 100)
	or(&l.Connections, 200)
	or(&l.PerAddress, 20)
	or(&l.MailsPerMin, 60)
	or(&l.Mails, 100)
	or(&l.BadCommands, 20)
	or(&l.CommandWait, 2*time.Minute)
	or(&l.MailWait, 10*time.Minute)
	or(&l.SessionWait, 30*time.Minute)
	or(&l.AcceptWait, 2*time.Minute)
	or(&l.ShutdownWait, 20*time.Second)
	return l
}

func or[T int | int64 | time.Duration](v *T, standard T) {
	if *v <= 0 {
		*v = standard
	}
}

// counted reports whether the limits per address hold for a.
func (l Limits) counted(a netip.Addr) bool {
	if a.IsLoopback() {
		return false
	}
	for _, p := range l.Trusted {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// peer is what one address costs us now.
type peer struct {
	open  int
	since time.Time // begin of the minute that mails counts
	mails int
}

// network is what we count as one peer: whoever has one IPv6 address has the
// whole /64.
func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // bits fit the family
	return p
}

// admit counts a new connection, unless its address has too many. s.mu is held.
func (s *Server) admit(a netip.Addr, l Limits) bool {
	if s.peers == nil {
		s.peers = map[netip.Prefix]*peer{}
	}
	p := s.peers[network(a)]
	if p == nil {
		s.forgetPeers()
		p = &peer{}
		s.peers[network(a)] = p
	}
	if l.counted(a) && p.open >= l.PerAddress {
		return false
	}
	p.open++
	return true
}

// leave undoes admit. s.mu is held.
func (s *Server) leave(a netip.Addr) {
	if p := s.peers[network(a)]; p != nil {
		p.open--
	}
}

// forgetPeers drops those that are gone and whose minute is over, once the table
// has grown to a size that matters. s.mu is held.
func (s *Server) forgetPeers() {
	const worthwhile = 4096
	if len(s.peers) < worthwhile || time.Since(s.swept) < 10*time.Second {
		return
	}
	s.swept = time.Now()
	for k, p := range s.peers {
		if p.open == 0 && time.Since(p.since) > time.Minute {
			delete(s.peers, k)
		}
	}
}

// mayMail counts one more mail from a, unless it has had its share this minute.
func (s *Server) mayMail(a netip.Addr, l Limits) bool {
	if !l.counted(a) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[network(a)]
	if p == nil {
		return false // cannot be: the session was admitted
	}
	if time.Since(p.since) >= time.Minute {
		p.since, p.mails = time.Now(), 0
	}
	p.mails++
	return p.mails <= l.MailsPerMin
}
