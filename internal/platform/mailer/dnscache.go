package mailer

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// What the cache keeps and for how long. The times are shorter than what domains
// usually ask for, so that a rotated key is seen soon.
const (
	keepAnswer  = time.Minute      // an answer, also "there is no such name"
	keepSilence = 30 * time.Second // nobody answered for this name
	keepFailure = 10 * time.Second // the server said that it cannot tell
	oneLookup   = 4 * time.Second
	maxAnswers  = 512
	silences    = 4 // lookups without any answer in a row: the resolver itself is away
	awayFor     = 10 * time.Second
)

// Cache is a Resolver that remembers answers and silences for a short time. While
// the resolver behind it answers nobody, it fails at once: the verdict is then
// temperror, and a crowd of mails does not wait for each name anew. Make it with
// NewCache.
type Cache struct {
	r       Resolver
	now     func() time.Time
	mu      sync.Mutex
	answers map[string]remembered
	silent  int
	away    time.Time // until then nothing is asked
}

type remembered struct {
	value any
	err   error
	until time.Time
}

// NewCache returns a cache in front of r.
func NewCache(r Resolver) *Cache {
	if sys, ok := r.(*net.Resolver); ok {
		r = rooted{sys}
	}
	return &Cache{r: r, now: time.Now, answers: map[string]remembered{}}
}

// LookupTXT implements Resolver.
func (c *Cache) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return cached(ctx, c, "txt", name, c.r.LookupTXT)
}

// LookupMX implements Resolver.
func (c *Cache) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return cached(ctx, c, "mx", name, c.r.LookupMX)
}

// LookupIPAddr implements Resolver.
func (c *Cache) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	return cached(ctx, c, "ip", host, c.r.LookupIPAddr)
}

// LookupAddr implements Resolver.
func (c *Cache) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return cached(ctx, c, "ptr", addr, c.r.LookupAddr)
}

func cached[T any](ctx context.Context, c *Cache, kind, name string, ask func(context.Context, string) ([]T, error)) ([]T, error) {
	key := kind + " " + strings.ToLower(strings.TrimSuffix(name, "."))
	if a, ok := c.known(key, name); ok {
		value, _ := a.value.([]T)
		return slices.Clone(value), a.err // the library sorts what it gets
	}
	one, cancel := context.WithTimeout(ctx, oneLookup)
	defer cancel()
	value, err := ask(one, name)
	// A caller that went away says nothing about the resolver.
	if !errors.Is(ctx.Err(), context.Canceled) {
		c.learn(key, slices.Clone(value), small(value), err)
	}
	return value, err
}

// known returns what is remembered, or the silence of a resolver that is away.
func (c *Cache) known(key, name string) (remembered, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if a, ok := c.answers[key]; ok && now.Before(a.until) {
		return a, true
	}
	if now.Before(c.away) {
		return remembered{err: &net.DNSError{Err: "the resolver does not answer", Name: name, IsTimeout: true, IsTemporary: true}}, true
	}
	return remembered{}, false
}

func (c *Cache) learn(key string, value any, small bool, err error) {
	var dns *net.DNSError
	keep, silent := keepAnswer, false
	switch {
	case err == nil || errors.As(err, &dns) && dns.IsNotFound:
	case errors.Is(err, context.DeadlineExceeded) || dns != nil && dns.IsTimeout:
		keep, silent = keepSilence, true
	default:
		keep = keepFailure
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if !silent {
		c.silent, c.away = 0, time.Time{}
	} else if c.silent++; c.silent >= silences {
		// The next lookup after the pause is the probe: one more silence and it is
		// away again.
		c.silent, c.away = silences-1, now.Add(awayFor)
	}
	if !small {
		return
	}
	if len(c.answers) >= maxAnswers {
		clear(c.answers) // answers are cheap to get again
	}
	c.answers[key] = remembered{value, err, now.Add(keep)}
}

// small reports whether an answer may be kept: strangers choose what it is.
func small[T any](list []T) bool {
	if len(list) > 32 {
		return false
	}
	size := 0
	for _, x := range list {
		if s, ok := any(x).(string); ok {
			size += len(s)
		}
	}
	return size <= maxTXT
}
