package advisorydb_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func (w *world) lettersOf(key string) (n, to int) {
	for _, l := range w.letters {
		if l.Key == key {
			n, to = n+1, len(l.To)
		}
	}
	return n, to
}

func TestAnEmbargoThatEndsWithoutASigningKeyAlerts(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		id := w.armed()
		w.noKey = true
		w.Clock.Set(w.until.Add(-4 * time.Minute))
		w.Drain(t)
		if n, to := w.lettersOf("advisory.gave_up"); n != 1 || to != 3 {
			t.Errorf("the staging failed for good: %d letters to %d, want one to lead, chair and deputy", n, to)
		}
		w.Clock.Set(w.until)
		w.end()
		a := w.a(id)
		if a.Failure == nil || a.Failure.Key != "advisory.fault.no_key" || a.Failure.Job != advisory.KindPublish || a.Overdue.IsZero() {
			t.Fatalf("failure %+v, overdue %s", a.Failure, a.Overdue)
		}
		if n, to := w.lettersOf("advisory.alert"); n != 1 || to != 3 {
			t.Errorf("%d alerts to %d", n, to)
		}
		w.noKey = false
		w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
		w.Drain(t)
		if a := w.a(id); a.State() != advisory.IsPublished || a.Failure != nil {
			t.Errorf("with a key again: %s, failure %+v", a.State(), a.Failure)
		}
	})
}

func TestACorrectionThatCannotBePublishedSaysSo(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	w.over = true
	id := w.approved()
	w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
	w.run(10 * time.Second)
	r := ready()
	r.Details = "More."
	w.must(w.svc.Save(t.Context(), w.lead, id, "", r, "More."))
	w.must(w.svc.Approve(t.Context(), w.member, id, w.hash(id), ""))
	w.noKey = true
	w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
	w.Drain(t)
	if a := w.a(id); a.Failure == nil || a.Failure.Key != "advisory.fault.no_key" || len(a.Published) != 1 {
		t.Fatalf("failure %+v, %d publications", a.Failure, len(a.Published))
	}
	if n, _ := w.lettersOf("advisory.gave_up"); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestAStepThatDiesCanBeTriedAgain(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	w.over = true
	id := w.approved()
	w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
	w.Drain(t)
	job := unit.Job{Kind: advisory.KindStep, Subject: w.caseID, Args: map[string]string{"advisory": string(id), "project": string(w.project.ID)}}
	w.must(w.svc.Died(t.Context(), unit.Running{Job: job}, errors.New("disk full at /dev/sda1")))
	a := w.a(id)
	if a.Failure == nil || a.Failure.Key != "advisory.failure.internal" || len(a.Failure.Args) != 0 {
		t.Errorf("failure %+v: the inside of an error is for the log", a.Failure)
	}
	w.must(w.svc.RetryStep(t.Context(), w.lead, id))
	w.run(time.Minute)
	for _, s := range w.a(id).Steps {
		if s.State != advisory.StepDone {
			t.Errorf("step %s is %s", s.Kind, s.State)
		}
	}
	if a := w.a(id); a.Failure != nil {
		t.Errorf("after the retry the failure is still shown: %+v", a.Failure)
	}
	gone := job
	gone.Args = map[string]string{"advisory": "01JD3Z6Q6B7V0T3N9M4K2R8XWC", "project": string(w.project.ID)}
	w.must(w.svc.Died(t.Context(), unit.Running{Job: gone}, errors.New("x")))
}
