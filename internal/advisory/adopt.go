package advisory

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// told returns what the case says by now; nothing for an import.
func (s *Service) told(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (CaseView, error) {
	if a.Case == "" {
		return CaseView{}, nil
	}
	return s.Cases.Case(ctx, v, sc, a.Case)
}

// tied is told with what stands in the way because of predecessors and successor.
func (s *Service) tied(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (CaseView, error) {
	c, err := s.told(ctx, v, sc, a)
	if err == nil {
		c.Linked, err = s.linked(ctx, v, a)
	}
	return c, err
}

// FromCase returns where the text in work (else the published one) lacks or contradicts
// what the case says about its branches. A draft begins with the case and goes its own
// way from then on: nothing of the case enters it but by Save and Adopt.
func (s *Service) FromCase(ctx context.Context, v unit.View, sc people.Scope, a Advisory) ([]record.Difference, error) {
	if !a.adopts() {
		return nil, nil
	}
	c, err := s.told(ctx, v, sc, a)
	if err != nil {
		return nil, err
	}
	r, err := s.Current(ctx, v, sc, a)
	if err != nil {
		return nil, err
	}
	return r.Differences(c.Record.Branches), nil
}

// Number returns the CVE id of the case and who assigned it, for a text that has none
// and does not say why: a draft is often older than its number. It enters the text by
// Save alone.
func (s *Service) Number(ctx context.Context, v unit.View, sc people.Scope, a Advisory, r Record) (cve, assignedBy string, err error) {
	if !a.adopts() || r.CVE != "" || r.NoCVE != "" {
		return r.CVE, r.AssignedBy, nil
	}
	c, err := s.told(ctx, v, sc, a)
	return c.Record.CVE, c.Record.AssignedBy, err
}

// Missing returns the branches that have to be decided about and that the text does
// not mention, as rows to begin with.
func (s *Service) Missing(ctx context.Context, v unit.View, sc people.Scope, a Advisory) ([]record.Branch, error) {
	if !a.adopts() {
		return nil, nil
	}
	c, err := s.told(ctx, v, sc, a)
	if err != nil {
		return nil, err
	}
	r, err := s.Current(ctx, v, sc, a)
	return r.Unmentioned(c.Needed), err
}

// adopts reports whether the text can take anything from a case.
func (a Advisory) adopts() bool {
	return a.Case != "" && a.Abandoned == nil && !a.Retired()
}

// Adopt saves a new revision that says of the branches with these labels what the case
// says. base is the hash of the revision that the person has seen, as for Save; like
// every revision it voids approval, arming and confirmation. A waiver keeps the name of
// who stands for it. It fails with fault.Invalid when no branch is named, and with
// fault.Conflict when text or case changed meanwhile.
func (s *Service) Adopt(ctx context.Context, sc people.Scope, id ID, base string, labels []string) error {
	if len(labels) == 0 {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "branch", Key: "advisory.problem.no_choice"}}}
	}
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if a.workingHash() != base || !a.adopts() {
			return fault.New(fault.Conflict, "advisory.fault.changed")
		}
		c, err := s.told(ctx, tx, sc, *a)
		if err != nil {
			return err
		}
		r, err := s.Current(ctx, tx, sc, *a)
		if err != nil {
			return err
		}
		r, ok := r.Adopted(c.Record.Branches, labels)
		if !ok {
			return fault.New(fault.Conflict, "advisory.fault.case_changed", "branch", strings.Join(labels, ", "))
		}
		content := Content{Record: r, Change: s.defaultChange(*a, r.Lang)}
		if a.Working != nil {
			content.Change = a.Working.Content.Change
		}
		return s.edited(ctx, tx, sc, a, content, me, "advisory.ledger.adopted")
	})
}
