package account

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// ThrottleStore counts tries by key within a window that begins with the first.
type ThrottleStore interface {
	// Take counts one try and returns how many the window has with it.
	Take(ctx context.Context, tx unit.Tx, sc people.Scope, key string, window time.Duration) (int, error)
	// Forget starts the key's window anew.
	Forget(ctx context.Context, tx unit.Tx, sc people.Scope, key string) error
}

// The throttle of sign-in. A try counts before the password is looked at, so that
// parallel tries cannot slip through, and counts for an address whether or not it
// has an account: the answer tells nothing. Who signed in with this browser before is
// counted by the browser's own cookie instead of the address, so that a
// stranger who exhausts the address locks nobody out of his usual browser
// (the device cookies of the OWASP Authentication Cheat Sheet).
const (
	throttleWindow  = 15 * time.Minute
	perAddressTries = 10
	perDeviceTries  = 10
	perRemoteTries  = 60
	perCodeTries    = 5  // of a six-digit code: three valid ones at a time, 1.5e-5 for each window
	perLinkTries    = 60 // of one-time links by remote address
)

// try is one line of a throttle.
type try struct {
	key    string
	limit  int
	within time.Duration // 0 is throttleWindow
}

// remoteKey is the part of an address that one party controls: an IPv4 address, the /64
// of an IPv6 one (RFC 6177 gives a site no less).
func remoteKey(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return "remote:" + p.String()
		}
	}
	return "remote:" + a.String()
}

func signInTries(address string, c Client, known bool) []try {
	who := try{key: "address:" + address, limit: perAddressTries}
	if known {
		who = try{key: "device:" + c.Device.Reveal(), limit: perDeviceTries}
	}
	return []try{{key: remoteKey(c.Remote), limit: perRemoteTries}, who}
}

// take counts all tries and reports whether one is over its limit. The caller
// commits the count and refuses afterwards.
func (s *Service) take(ctx context.Context, tx unit.Tx, sc people.Scope, tries []try) (over bool, err error) {
	for _, t := range tries {
		n, err := s.Throttle.Take(ctx, tx, sc, t.key, cmp.Or(t.within, throttleWindow))
		if err != nil {
			return false, err
		}
		over = over || n > t.limit
	}
	return over, nil
}

// tooMany is the one answer of every throttle.
func tooMany() error {
	return fault.New(fault.TooMany, "people.sign_in.throttled", "n", int(throttleWindow/time.Minute))
}

// wrong is the one answer to a failed sign-in, whatever the reason.
func wrong() error { return fault.New(fault.Unauthenticated, "people.sign_in.wrong") }

// noToken stands for a cookie that was not sent.
func noToken(t secret.String) bool { return t.Empty() || len(t.Reveal()) > 200 }
