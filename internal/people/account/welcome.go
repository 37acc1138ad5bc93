package account

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// KindWelcome is the job behind Service.Bring. Its argument "person" is who was brought,
// "made" the id that he would have had if there had been no account.
const KindWelcome = "people.welcome"

// Welcome is the job that writes to a person who was brought in and has not entered his
// account: his link, a new one where he had one. An account in use gets nothing from it.
func (s *Service) Welcome(ctx context.Context, j unit.Running) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		sc, made := people.AsJob(KindWelcome), people.PersonID(j.Args["made"])
		p, err := s.Persons.FindPerson(ctx, tx, sc, people.PersonID(j.Args["person"]))
		if err != nil {
			return err
		}
		if p.ID == made {
			tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.invited", nil))
		} else if err := s.Persons.DropUnborn(ctx, tx, sc, made); err != nil {
			return err
		}
		if p.State != people.Invited {
			return nil
		}
		_, err = s.sendLink(ctx, tx, sc, LinkInvite, p, "people.letter.invite")
		return err
	})
}

func wrongAddress() error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "address", Key: "people.field.address"}}}
}
