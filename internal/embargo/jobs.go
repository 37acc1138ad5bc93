package embargo

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// The kinds of the jobs of an embargo. Their argument "case" is also the subject.
const (
	KindEnd    = "embargo.end"    // at the date: lifts the ban
	KindRemind = "embargo.remind" // before it; "until" and "before" say for which date
)

// reminders are how long before the end the team is reminded.
func reminders() [2]time.Duration { return [...]time.Duration{7 * 24 * time.Hour, 48 * time.Hour} }

// schedule makes the jobs of an embargo's date: one row for the end and one for
// each reminder still to come. A new date replaces the waiting rows; a row that
// waits although it is not needed any more finds out when it runs.
func schedule(tx unit.Tx, e Embargo) {
	if e.State != Running {
		return
	}
	id := string(e.Case)
	tx.Enqueue(unit.Job{Kind: KindEnd, Subject: id, At: e.Until, Args: map[string]string{"case": id},
		Key: KindEnd + ":" + id, Replace: true})
	for _, before := range reminders() {
		at := e.Until.Add(-before)
		if !at.After(tx.Now()) {
			continue
		}
		tx.Enqueue(unit.Job{Kind: KindRemind, Subject: id, At: at, Key: KindRemind + ":" + before.String() + ":" + id, Replace: true,
			Args: map[string]string{"case": id, "until": e.Until.Format(time.RFC3339Nano)}})
	}
}

// AtEnd is the job KindEnd: it lifts the ban when the date is reached, exactly
// once, and emits Ended. When the date has moved meanwhile it makes the row for the
// new one; an embargo that has ended already is left alone.
func (s *Service) AtEnd(ctx context.Context, j unit.Running) error {
	id := casework.CaseID(j.Args["case"])
	sc := people.AsJob(j.Kind, j.Subject)
	killpoint.At("embargo.due")
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		c, _, err := s.Cases.Lock(ctx, tx, sc, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		e, err := s.Store.Get(ctx, tx, sc, id)
		if err != nil || e.State != Running {
			return err
		}
		if e.Until.After(tx.Now()) {
			schedule(tx, e)
			return nil
		}
		w := Wish{Kind: End, Reason: "-"}
		v, err := e.Judge(w, Rules{Zone: time.UTC}, false, "", sc.Actor(), tx.Now())
		if err != nil {
			return err
		}
		// The date was reached: the history says so without anybody's words.
		v.Change.Reason = ""
		if err := s.put(ctx, tx, sc, c, v); err != nil {
			return err
		}
		killpoint.At("embargo.ending")
		return nil
	})
	killpoint.At("embargo.lifted")
	return err
}

// Remind is the job KindRemind: it tells the leads and members that the end is
// near, unless the date has moved meanwhile.
func (s *Service) Remind(ctx context.Context, j unit.Running) error {
	id := casework.CaseID(j.Args["case"])
	sc := people.AsJob(j.Kind, j.Subject)
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		c, _, err := s.Cases.Lock(ctx, tx, sc, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		e, err := s.Store.Get(ctx, tx, sc, id)
		if err != nil || e.State != Running || e.Until.Format(time.RFC3339Nano) != j.Args["until"] {
			return err
		}
		return s.Cases.Tell(ctx, tx, sc, c, casework.Notice{To: casework.ToTeam, Key: "embargo.letter.soon",
			Args: map[string]string{"until": letterTime(e.Until)}})
	})
}

// letterTime writes a date for a letter, whose reader's language and zone are not known
// here: the mailroom puts it into them.
func letterTime(t time.Time) string { return span.Stamp(t.UTC()) }
