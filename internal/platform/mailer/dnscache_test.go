package mailer

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

// scripted answers TXT lookups with one error and counts them.
type scripted struct {
	Resolver
	asked int
	err   error
}

func (s *scripted) LookupTXT(context.Context, string) ([]string, error) {
	s.asked++
	return []string{"v=spf1 -all"}, s.err
}

func TestTheCacheAsksOnceAMinute(t *testing.T) {
	now := time.Unix(1000, 0)
	for name, err := range map[string]error{"an answer": nil, "no such name": &net.DNSError{IsNotFound: true}} {
		s := &scripted{err: err}
		c := NewCache(s)
		c.now = func() time.Time { return now }
		for range 3 {
			got, e := c.LookupTXT(t.Context(), "Sender.example.")
			if !errors.Is(e, err) || len(got) != 1 {
				t.Errorf("%s: %v, %v", name, got, e)
			}
		}
		if s.asked != 1 {
			t.Errorf("%s: asked %d times", name, s.asked)
		}
		now = now.Add(keepAnswer + 1)
		c.LookupTXT(t.Context(), "sender.example")
		if s.asked != 2 {
			t.Errorf("%s: after a minute asked %d times", name, s.asked)
		}
	}
}

func TestAResolverThatAnswersNobodyIsAskedNoMore(t *testing.T) {
	now := time.Unix(1000, 0)
	s := &scripted{err: &net.DNSError{IsTimeout: true}}
	c := NewCache(s)
	c.now = func() time.Time { return now }
	look := func(name string) {
		t.Helper()
		var dns *net.DNSError
		if _, err := c.LookupTXT(t.Context(), name); !errors.As(err, &dns) || !dns.IsTimeout {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		look(name)
	}
	if s.asked != silences {
		t.Errorf("asked %d times, want %d", s.asked, silences)
	}
	now = now.Add(awayFor + 1)
	look("h")
	look("i")
	if s.asked != silences+1 {
		t.Errorf("after the pause asked %d times in all, want one probe more", s.asked)
	}
	now = now.Add(awayFor + 1)
	s.err = nil
	if _, err := c.LookupTXT(t.Context(), "j"); err != nil {
		t.Error(err)
	}
	if _, err := c.LookupTXT(t.Context(), "k"); err != nil {
		t.Error(err)
	}
}
