package validator

import (
	"net/netip"
	"sync"
	"time"
)

// rate lets each network have some documents checked in a minute. It lives in memory:
// it protects the processors, and forgets when the server ends.
type rate struct {
	mu      sync.Mutex
	buckets map[netip.Prefix]bucket
}

// bucket is what a network has left.
type bucket struct {
	left float64
	at   time.Time
}

const (
	burst      = 30.0 // documents at once
	perMinute  = 30.0
	mostRemote = 10_000 // networks that are remembered
)

// take reports whether a document from an address may be checked now. IPv6 addresses
// count by their /56, which one customer has.
func (r *rate) take(from netip.Addr, now time.Time) bool {
	bits := 32
	if from.Is6() && !from.Is4In6() {
		bits = 56
	}
	network, err := from.Unmap().Prefix(bits)
	if err != nil {
		network = netip.Prefix{} // no address: a test, or a socket; they share one
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buckets == nil {
		r.buckets = map[netip.Prefix]bucket{}
	}
	b, known := r.buckets[network]
	if !known {
		if len(r.buckets) >= mostRemote {
			r.forget(now)
		}
		b = bucket{left: burst, at: now}
	}
	b.left = min(burst, b.left+max(0, now.Sub(b.at).Minutes())*perMinute)
	b.at = now
	ok := b.left >= 1
	if ok {
		b.left--
	}
	r.buckets[network] = b
	return ok
}

// forget drops the networks that are as good as new, and all when those are too few.
func (r *rate) forget(now time.Time) {
	for n, b := range r.buckets {
		if b.left+now.Sub(b.at).Minutes()*perMinute >= burst {
			delete(r.buckets, n)
		}
	}
	if len(r.buckets) >= mostRemote {
		clear(r.buckets)
	}
}
