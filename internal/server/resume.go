package server

import (
	"context"
	"slices"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
)

// ResumeGate is the operator's decision about a gate of a restored site, with what is
// not to come back.
type ResumeGate struct {
	Name          string
	EndSessions   bool // logins: everybody signs in anew
	RevokeTokens  bool // logins: everybody makes new API tokens
	CancelLetters bool // sending: what waits is given up, since it was sent before
	Disarm        bool // publishing: every publication is armed anew by its members
}

// Resumed says what the decision ended.
type Resumed struct{ Sessions, Tokens, Letters, Armed int }

// Resume opens a gate and ends what the decision says, in one transaction that the site's
// ledger tells of. It fails with Invalid for a gate that is none and with Conflict for
// one that is open.
func Resume(ctx context.Context, s *Store, a *Services, cmd ResumeGate) (Resumed, error) {
	var out Resumed
	if !slices.Contains(gate.Names(), cmd.Name) {
		return out, fault.New(fault.Invalid, "gate.unknown", "name", cmd.Name)
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		out = Resumed{}
		if cmd.EndSessions {
			if out.Sessions, err = a.People.EndAllSessions(ctx, tx, Operator()); err != nil {
				return err
			}
		}
		if cmd.RevokeTokens {
			if out.Tokens, err = a.People.RevokeAllTokens(ctx, tx, Operator()); err != nil {
				return err
			}
		}
		if cmd.CancelLetters {
			if out.Letters, err = a.People.CancelWaiting(ctx, tx, Operator()); err != nil {
				return err
			}
		}
		if cmd.Disarm {
			if out.Armed, err = a.Advisories.DisarmAll(ctx, tx, Operator(), &advisorydb.Store{}); err != nil {
				return err
			}
		}
		siteEntry(tx, "site.ledger.resumed", map[string]string{"gate": cmd.Name, "sessions": strconv.Itoa(out.Sessions),
			"tokens": strconv.Itoa(out.Tokens), "letters": strconv.Itoa(out.Letters), "armed": strconv.Itoa(out.Armed)})
		return gate.Open(ctx, tx, cmd.Name)
	})
	return out, err
}

// siteEntry records what the operator did to the site itself.
func siteEntry(tx unit.Tx, kind string, args map[string]string) {
	tx.Record(unit.Entry{Stream: unit.Stream{Kind: "site"}, Kind: kind, Actor: Operator().Actor(), Args: args})
}
