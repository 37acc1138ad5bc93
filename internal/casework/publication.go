package casework

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// WentPublic notes that the case's advisory was published: the case is public, with
// the advisory's number as evidence, and by is who armed or asked for it. It is the
// verb behind the follower of advisory.Published. A case that is public already
// stays as it is.
func (s *Service) WentPublic(ctx context.Context, tx unit.Tx, id CaseID, by people.PersonID, number string) error {
	sc := people.AsJob("casework.public", string(id))
	c, err := s.Cases.Lock(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	err = c.mark(IsPublic, FactMark{Set: true, Evidence: number, By: by, At: tx.Now()})
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	c.ChangedAt = tx.Now()
	if err := s.Cases.Save(ctx, tx, sc, c); err != nil {
		return err
	}
	tx.Record(c.entry(sc, "casework.ledger.fact_public", map[string]string{"fact": IsPublic.String(), "evidence": number}))
	return tx.Emit(ctx, FactSet{Case: c.ID, Kind: IsPublic.String(), Set: true, Any: true, By: sc.Actor()})
}
