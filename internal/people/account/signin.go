package account

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// SignIn is the command of the first step.
type SignIn struct {
	Address  string
	Password secret.String
	Client   Client
}

// SignedIn is what the browser keeps. With Half the token opens only the
// second step.
type SignedIn struct {
	Token  secret.String
	Half   bool
	Device secret.String
	Ends   time.Time
}

// SignIn checks address and password. An unknown, invited or disabled account costs
// the same statements and the same hash as a wrong password and gets the same
// answer: Unauthenticated (people.sign_in.wrong). Too many tries get TooMany,
// for an address that has no account as well; so does a full queue of hashes. While
// logins are held back everybody gets Unavailable.
func (s *Service) SignIn(ctx context.Context, cmd SignIn) (SignedIn, error) {
	address, err := people.Address(cmd.Address)
	if err != nil {
		address = ""
	}
	if noToken(cmd.Client.Device) {
		cmd.Client.Device = secret.String{}
	}
	var cred Credential
	var over bool
	var tries []try
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if err = s.mayEnter(ctx, tx); err != nil {
			return err
		}
		if cred, err = s.Persons.CredentialAt(ctx, tx, people.Anyone(), address, cmd.Client.Device); err != nil {
			return err
		}
		tries = signInTries(address, cmd.Client, cred.Device)
		over, err = s.take(ctx, tx, people.Anyone(), tries)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	if over {
		return SignedIn{}, tooMany()
	}
	ok, err := s.verify(ctx, cred.Hash, cmd.Password)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok {
		return SignedIn{}, wrong()
	}
	anew := ""
	if s.Hasher.Stale(cred.Hash) {
		if anew, err = s.hash(ctx, cmd.Password); err != nil {
			return SignedIn{}, err
		}
	}
	return s.passed(ctx, cmd.Client, cred, anew, tries[1].key)
}

// passed opens the session, or the half session where a code is still asked for.
func (s *Service) passed(ctx context.Context, c Client, cred Credential, anew, counted string) (SignedIn, error) {
	var out SignedIn
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		sc := people.AsPerson(cred.Person)
		if anew != "" {
			if err := s.Persons.SetHash(ctx, tx, sc, cred.Person, anew); err != nil {
				return err
			}
		}
		if err := s.Throttle.Forget(ctx, tx, sc, counted); err != nil {
			return err
		}
		// The account may have been disabled while the hash was made.
		now, err := s.Persons.CredentialOf(ctx, tx, sc, cred.Person)
		if err != nil {
			return err
		}
		if now.Person == "" {
			return wrong()
		}
		out, err = s.open(ctx, tx, cred.Person, c, now.TOTP)
		return err
	})
	return out, err
}

// SignInCode is the second step: a one-time or a recovery code for a half session. It
// fails with Unauthenticated for a wrong or used code and for a half session that
// is over, with TooMany after five tries in a quarter of an hour. The half
// session ends and a full one with a new token begins.
func (s *Service) SignInCode(ctx context.Context, half secret.String, code string, c Client) (SignedIn, error) {
	var out SignedIn
	var over, ok bool
	if noToken(half) {
		half = secret.String{}
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		out, over, ok = SignedIn{}, false, false
		if err := s.mayEnter(ctx, tx); err != nil {
			return err
		}
		ses, err := s.Sessions.FindSession(ctx, tx, people.Anyone(), half, sessionIdle)
		if fault.Is(err, fault.NotFound) || err == nil && !ses.Half {
			return fault.New(fault.Unauthenticated, "people.sign_in.over")
		}
		if err != nil {
			return err
		}
		sc := people.AsPerson(ses.Person)
		if over, err = s.take(ctx, tx, sc, []try{{key: "code:" + string(ses.Person), limit: perCodeTries}}); err != nil || over {
			return err
		}
		if ok, err = s.useCode(ctx, tx, sc, ses.Person, code); err != nil || !ok {
			return err
		}
		if _, err := s.Sessions.EndSessions(ctx, tx, sc, ses.Person, ses.ID, ""); err != nil {
			return err
		}
		if err := s.Throttle.Forget(ctx, tx, sc, "code:"+string(ses.Person)); err != nil {
			return err
		}
		out, err = s.open(ctx, tx, ses.Person, c, false)
		return err
	})
	switch {
	case err != nil:
		return SignedIn{}, err
	case over:
		return SignedIn{}, tooMany()
	case !ok:
		return SignedIn{}, fault.New(fault.Unauthenticated, "people.sign_in.code")
	}
	return out, nil
}

// Prove is asked for before a dangerous step: the password again and, where one is
// set up, a code. The session goes on under a new token. It fails as SignIn and
// SignInCode do.
func (s *Service) Prove(ctx context.Context, sc people.Scope, session string, password secret.String, code string, c Client) (SignedIn, error) {
	me, err := sc.Writer()
	if err != nil {
		return SignedIn{}, err
	}
	var cred Credential
	var over bool
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if cred, err = s.Persons.CredentialOf(ctx, tx, sc, me); err != nil {
			return err
		}
		over, err = s.take(ctx, tx, sc, []try{{key: "prove:" + string(me), limit: perCodeTries}})
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	if over {
		return SignedIn{}, tooMany()
	}
	if ok, err := s.verify(ctx, cred.Hash, password); err != nil || !ok {
		return SignedIn{}, orWrong(err)
	}
	var out SignedIn
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if cred.TOTP {
			if ok, err := s.useCode(ctx, tx, sc, me, code); err != nil || !ok {
				return orWrong(err)
			}
		}
		if err := s.Throttle.Forget(ctx, tx, sc, "prove:"+string(me)); err != nil {
			return err
		}
		if _, err := s.Sessions.EndSessions(ctx, tx, sc, me, session, ""); err != nil {
			return err
		}
		var err error
		out, err = s.open(ctx, tx, me, c, false)
		return err
	})
	return out, err
}

func orWrong(err error) error {
	if err != nil {
		return err
	}
	return wrong()
}

// ChangePassword sets a new password, ends every other session of the person and
// gives this one a new token. The face has asked for a fresh proof before.
func (s *Service) ChangePassword(ctx context.Context, sc people.Scope, session string, password secret.String, c Client) (SignedIn, error) {
	p, err := s.Me(ctx, sc)
	if err != nil {
		return SignedIn{}, err
	}
	var checks fault.Checks
	if checkPassword(&checks, password, p); checks.Err() != nil {
		return SignedIn{}, checks.Err()
	}
	phc, err := s.hash(ctx, password)
	if err != nil {
		return SignedIn{}, err
	}
	var out SignedIn
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Persons.SetHash(ctx, tx, sc, p.ID, phc); err != nil {
			return err
		}
		if _, err := s.Sessions.EndSessions(ctx, tx, sc, p.ID, "", ""); err != nil {
			return err
		}
		if err := s.tellPassword(ctx, tx, sc, p); err != nil {
			return err
		}
		var err error
		out, err = s.open(ctx, tx, p.ID, c, false)
		return err
	})
	return out, err
}
