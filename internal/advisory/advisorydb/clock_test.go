package advisorydb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

const (
	back  = -2 * time.Hour
	ahead = 72 * time.Hour
)

// TestAClockThatJumpsPublishesNothingUnconfirmed: armed and confirmed in time, until
// the clock jumps past the end by more than the word is good for.
func TestAClockThatJumpsPublishesNothingUnconfirmed(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		id := w.armed()
		w.Clock.Advance(ahead)
		w.Drain(t)
		w.end()
		if a := w.a(id); len(a.Published) > 0 || a.Overdue.IsZero() || w.file(docPath) != "" {
			t.Fatalf("three days late it was published on a word of three days ago: %s", a.State())
		}
		// Confirmed under the wrong clock, which is then set right: the word is three
		// days older than it says.
		w.must(w.svc.Confirm(t.Context(), w.member, id, w.hash(id)))
		w.Clock.Advance(-ahead)
		w.Drain(t)
		w.end()
		if a := w.a(id); len(a.Published) > 0 || w.file(docPath) != "" {
			t.Fatalf("published on a word from the future: %s", a.State())
		}
		w.must(w.svc.Confirm(t.Context(), w.member, id, w.hash(id)))
		w.must(w.svc.PublishNow(t.Context(), w.member, id, w.hash(id)))
		w.Drain(t)
		if a := w.a(id); a.State() != advisory.IsPublished || len(a.Published) != 1 || a.Number != "LAN-2026-0001" {
			t.Errorf("after a fresh word: %s, %d publications, %q", a.State(), len(a.Published), a.Number)
		}
	})
}

// TestAClockPutBackAfterStagingPublishesOnceAtTheEnd: what was staged for the end
// waits for it, and what is public stays public, once.
func TestAClockPutBackAfterStagingPublishesOnceAtTheEnd(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		id := w.armed()
		w.run(14 * time.Minute)
		if a := w.a(id); a.State() != advisory.IsStaged {
			t.Fatalf("a minute before the end: %s", a.State())
		}
		w.Clock.Advance(back)
		w.Drain(t)
		if a := w.a(id); len(a.Published) > 0 || w.file(docPath) != "" {
			t.Fatalf("put back, it is %s", a.State())
		}
		w.Clock.Set(w.until)
		w.end()
		if a := w.a(id); a.State() != advisory.IsPublished || len(a.Published) != 1 {
			t.Fatalf("at the end: %s", a.State())
		}
		first := w.file(docPath)
		w.Clock.Advance(back)
		w.end()
		w.Clock.Advance(ahead)
		w.Drain(t)
		if a := w.a(id); len(a.Published) != 1 || a.Number != "LAN-2026-0001" || w.file(docPath) != first {
			t.Errorf("the same end came twice: %d publications, %q", len(a.Published), a.Number)
		}
		w.mailsAre("devel@lists.lanterna.example", "announce@lists.lanterna.example")
	})
}

// TestAClockThatJumpsKeepsSecurityTxtGood: RFC 9116, section 2.5.5, wants an end less
// than a year away, and a signature from the future is refused by verifiers.
func TestAClockThatJumpsKeepsSecurityTxtGood(t *testing.T) {
	for name, jump := range map[string]time.Duration{"two hours back": back, "three days back": -ahead, "three days ahead": ahead, "two years back": -2 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sqldbtest.SQLite(t, sources()))
			var err error // the key is older than every clock here
			w.key, err = pgp.Generate("Lanterna security", "security@lanterna.example", w.Clock.Now().AddDate(-3, 0, 0), 0)
			w.must(err)
			refresh := func() string {
				w.must(w.svc.Refresh(t.Context(), unit.Running{}))
				return w.file(".well-known/security.txt")
			}
			refresh()
			w.Clock.Advance(jump)
			text := refresh()
			left := pubtree.Expiry([]byte(text)).Sub(w.Clock.Now())
			if left > pubtree.SecurityTxtFor || left < pubtree.SecurityTxtRenew {
				t.Errorf("good for another %s", left)
			}
			if !strings.Contains(text, "BEGIN PGP SIGNATURE") || refresh() != text {
				t.Error("not signed, or signed again without need")
			}
		})
	}
}
