package caseworkdb_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// reminded takes the newest letters about an assessment: to whom, by key.
func reminded(t *testing.T, s *caseworktest.Site, since time.Time) (key string, to []people.PersonID) {
	t.Helper()
	s.View(t, func(ctx context.Context, v unit.View) error {
		ids, err := sqldb.All(ctx, v, sqldb.Value[string], `select d.id from people_delivery d where d.created_at > ? order by d.id`, since)
		for _, id := range ids {
			d, l, err := s.People.LoadDelivery(ctx, v, people.AsJob(people.KindSend, id), id)
			if err != nil {
				return err
			}
			if l.Key == "casework.letter.due_assess" || l.Key == "casework.letter.due_assess_late" {
				key, to = l.Key, append(to, d.To.Person)
			}
		}
		return err
	})
	return key, to
}

// A case that the team opened itself was never reminded of, and of one from a report the
// moderators were, who may have nothing to do with it any more.
func TestTheLeadsAreRemindedOfTheAssessment(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		must(t, err)
		s.Clock.Set(time.Date(2026, 11, 6, 15, 0, 0, 0, time.UTC)) // a Friday
		own := s.Open(t, "found by the team")
		due := s.Case(t, s.Chair, own).DueAssess
		if want := time.Date(2026, 11, 20, 23, 59, 59, 0, berlin); !due.Equal(want) {
			t.Fatalf("due %v, want the tenth business day, %v", due, want)
		}
		leads := []people.PersonID{caseworktest.PersonOf(s.Chair), caseworktest.PersonOf(s.Deputy)}
		slices.Sort(leads)
		step := func(fact string, at time.Time, want string) {
			t.Helper()
			before := s.Clock.Now()
			s.Clock.Set(at)
			s.Drain(t)
			key, to := reminded(t, s, before)
			slices.Sort(to)
			if key != want || want != "" && !slices.Equal(to, leads) {
				t.Errorf("%s: %q to %v, want %q to %v", fact, key, to, want, leads)
			}
		}
		step("two days before", due.Add(-25*time.Hour), "")
		step("at the end of the business day before", due.Add(-24*time.Hour), "casework.letter.due_assess")
		step("when it is due", due, "casework.letter.due_assess")
		step("on the weekend", due.Add(48*time.Hour), "")
		step("at the end of Monday", due.Add(72*time.Hour), "casework.letter.due_assess_late")
		step("at the end of Tuesday", due.Add(96*time.Hour), "casework.letter.due_assess_late")
		must(t, s.Cases.Advance(t.Context(), s.Chair, own, 0, casework.Valid, "it is real"))
		step("once it is assessed", due.Add(300*time.Hour), "")

		// That of a report is due when the report says.
		id, _ := reported(t, s, mail(), desk.Claims{})
		leads = append(leads, caseworktest.PersonOf(s.Moderator)) // who released it
		slices.Sort(leads)
		step("a released report's", s.Case(t, s.Chair, id).DueAssess, "casework.letter.due_assess")
	})
}
