package account

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// KindForgot is the job behind Service.Forgot; its argument "mark" is the keyed
// hash of the address that was typed.
const KindForgot = "people.forgot"

// How often a way back may be asked for: enough for a mail that was lost, too
// little to fill somebody's mailbox (OWASP Forgot Password Cheat Sheet).
const (
	forgotWindow     = time.Hour
	perForgotAddress = 3
	perForgotRemote  = 20
)

// Forgot asks for a way back into the account of an address. Whether there is such an
// account is looked up by a job afterwards: the answer, its statements and its time
// are the same for every address. Only an active account gets a letter, with a link that
// works once, within an hour.
//
// It fails with Invalid for what is no address, with TooMany when the address (with
// an account or without) or the remote asked too often within an hour, and with
// Unavailable while logins are held back.
func (s *Service) Forgot(ctx context.Context, typed string, c Client) error {
	address, err := people.Address(typed)
	if err != nil {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "address", Key: "people.field.address"}}}
	}
	over := false
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if err = s.mayEnter(ctx, tx); err != nil {
			return err
		}
		mark := s.Persons.AddressMark(ctx, tx, people.Anyone(), address)
		over, err = s.take(ctx, tx, people.Anyone(), []try{
			{key: "forgot:" + remoteKey(c.Remote), limit: perForgotRemote, within: forgotWindow},
			{key: "forgot:address:" + mark, limit: perForgotAddress, within: forgotWindow}})
		if err == nil && !over {
			tx.Enqueue(unit.Job{Kind: KindForgot, Args: map[string]string{"mark": mark}, Key: KindForgot + ":" + mark})
		}
		return err
	})
	if err == nil && over {
		err = fault.New(fault.TooMany, "people.forgot.throttled")
	}
	return err
}

// SendForgot is the job that sends the letter, or nothing.
func (s *Service) SendForgot(ctx context.Context, j unit.Running) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		sc := people.AsJob(KindForgot)
		p, err := s.Persons.FindMark(ctx, tx, sc, j.Args["mark"])
		if fault.Is(err, fault.NotFound) || err == nil && p.State != people.Active {
			return nil
		}
		if err != nil {
			return err
		}
		tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.forgot", nil))
		_, err = s.sendLink(ctx, tx, sc, LinkForgot, p, "people.letter.forgot")
		return err
	})
}

// tellPassword writes to a person that his password was changed: who did not do it
// learns of it at the address that the account had then.
func (s *Service) tellPassword(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Person) error {
	tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.password", nil))
	return s.Post.Put(ctx, tx, sc, people.Letter{Confidence: "person:" + string(p.ID), To: []people.Recipient{{Address: p.Email, Lang: p.Lang}},
		Key: "people.letter.password", Args: map[string]string{"name": p.Name, "link": s.Origin + "/signin/forgot"}})
}
