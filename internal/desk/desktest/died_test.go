package desktest

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// broken finds no threads: reading fails where it files.
type broken struct{ desk.ThreadStore }

func (broken) ByMailIDs(context.Context, unit.View, people.Scope, people.ProjectID, []string) (string, error) {
	return "", errors.New("the disk is full of holes")
}

// A mail whose reading was given up showed in doctor and `admin jobs` alone: it had been
// accepted, and nobody on duty ever heard of it.
func TestAMailThatCannotBeReadIsHeldWithItsOriginal(t *testing.T) {
	each(t, func(r *rig) {
		real := r.Desk.Threads.Store
		r.Desk.Threads.Store = broken{real}
		mail := r.plain("lamp", "it burns")
		r.send(mail)
		for range 40 {
			r.Clock.Advance(24 * time.Hour)
			r.Drain(r.TB)
		}
		r.Desk.Threads.Store = real
		d := r.held()
		m := d.Messages[0]
		if !d.Report.Flagged || d.Report.Silence != desk.SilentUnread || len(m.Troubles) != 1 || m.Troubles[0].Key != "desk.trouble.given_up" || m.Troubles[0].Args["why"] != "desk.fault.reading" {
			t.Errorf("%+v\n%+v", d.Report, m)
		}
		for _, l := range r.Post.take() {
			if l.Auto {
				t.Errorf("a machine is answered for all we know: %+v", l)
			}
		}
		f, err := r.Desk.OpenFile(t.Context(), people.AsPerson(maria), m.ID, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if raw, err := io.ReadAll(f); string(raw) != crlf(mail) || err != nil {
			t.Errorf("the original: %q, %v", raw, err)
		}
		if n := r.count(`select count(*) from desk_intake where read_at = 0`); n != 0 {
			t.Errorf("%d mails still wait", n)
		}
	})
}
