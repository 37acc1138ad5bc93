// Package account is how people become, prove and stay somebody: invitations and
// other one-time links, sign-in with password and one-time code, sessions, API
// tokens, and the administrator's operations on accounts and projects.
//
// Persons, projects, teams and grants themselves are in people; tables in
// people/peopledb; hashes and codes in platform/credential.
package account

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Service is how people become, prove and stay somebody: invitations,
// sign-in, sessions, one-time codes and API tokens. Its operations open their own
// transactions; hashing happens between them.
type Service struct {
	Work      unit.Work
	Persons   AccountStore
	Sessions  SessionStore
	Links     LinkStore
	Addresses AddressStore
	Codes     CodeStore
	Tokens    TokenStore
	Throttle  ThrottleStore
	Hasher    Hasher
	OneTime   OneTime
	Team      *people.Team
	Post      *people.Post
	// Pepper mixes a key that is not in the database into a password before it is
	// hashed (seal.MAC), so that a stolen database cannot be guessed at. nil is none.
	Pepper func(password string) string
	// Held reports that nobody may come in yet: a restored site keeps sessions, tokens
	// and links closed until a person lets them go on (platform/gate). nil is never.
	Held func(ctx context.Context, v unit.View) (bool, error)
	// Origin is the site's URL without a slash at the end, for links in letters.
	Origin string
}

// Hasher makes and checks password hashes; platform/credential implements it.
type Hasher interface {
	Hash(ctx context.Context, password secret.String) (string, error)
	// Verify costs the same for an empty hash, for which it is false.
	Verify(ctx context.Context, phc string, password secret.String) (bool, error)
	Stale(phc string) bool
}

// OneTime makes and checks time-based codes; platform/credential implements it.
type OneTime interface {
	New(account string) (key, url secret.String, err error)
	Match(key secret.String, code string, now time.Time) (step int64, ok bool)
}

// Credential is what sign-in needs to know of an account. The zero Credential stands
// for an unknown address, an invited or a disabled account: no difference shows.
type Credential struct {
	Person people.PersonID
	Hash   string // PHC string
	TOTP   bool
	Device bool // the browser has signed in to this account before
}

// AccountStore keeps persons.
type AccountStore interface {
	// AddPerson fails with Conflict when the address has an account already.
	AddPerson(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Person) error
	// BringPerson stores a person unless his address has an account, and returns whose it
	// is now. The same statements run for both.
	BringPerson(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Person) (people.PersonID, error)
	// DropUnborn destroys what was sealed for a person whom BringPerson did not store.
	DropUnborn(ctx context.Context, tx unit.Tx, sc people.Scope, id people.PersonID) error
	SavePerson(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Person) error
	SetHash(ctx context.Context, tx unit.Tx, sc people.Scope, id people.PersonID, phc string) error
	// CredentialOf and CredentialAt run the same statement for what exists and
	// what does not, and open nothing sealed.
	CredentialAt(ctx context.Context, v unit.View, sc people.Scope, address string, device secret.String) (Credential, error)
	CredentialOf(ctx context.Context, v unit.View, sc people.Scope, id people.PersonID) (Credential, error)
	// AllPersons lists every account for administrators, by name; else none.
	AllPersons(ctx context.Context, v unit.View, sc people.Scope) ([]people.Person, error)
	// AnyAdmin reports whether an administrator who can sign in exists.
	AnyAdmin(ctx context.Context, v unit.View, sc people.Scope) (bool, error)
	FindPerson(ctx context.Context, v unit.View, sc people.Scope, id people.PersonID) (people.Person, error)
	// LockPerson is FindPerson for one who will save: nobody else saves the person
	// until the transaction ends.
	LockPerson(ctx context.Context, tx unit.Tx, sc people.Scope, id people.PersonID) (people.Person, error)
	FindAddress(ctx context.Context, v unit.View, sc people.Scope, address string) (people.Person, error)
	// AddressMark is the keyed hash by which an address is found; FindMark is FindAddress
	// by it.
	AddressMark(ctx context.Context, v unit.View, sc people.Scope, address string) string
	FindMark(ctx context.Context, v unit.View, sc people.Scope, mark string) (people.Person, error)
}

// Client is where a request comes from.
type Client struct {
	Remote netip.Addr
	Agent  string
	Device secret.String // the cookie that says this browser signed in before
}

// agent cuts the browser's name to what a list of sessions can show.
func (c Client) agent() string {
	a := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, c.Agent)
	if len(a) > 200 {
		a = strings.ToValidUTF8(a[:200], "")
	}
	return a
}

// newToken returns 256 random bits as text.
func newToken() secret.String { return secret.New(ident.New() + ident.New()) }

// The length of a password. NIST SP 800-63B section 3.1.1.2 (revision 4) asks for 15
// characters where the password stands alone and 8 beside a second factor;
// twelve with throttling and an offered second factor is our middle. The upper bound
// keeps hashing bounded.
const (
	minPassword = 12
	maxPassword = 1024 // bytes
)

// checkPassword wants enough characters and refuses what holds the account's own
// name or is one character over and over.
func checkPassword(c *fault.Checks, password secret.String, p people.Person) {
	s := password.Reveal()
	low := strings.ToLower(s)
	local, _, _ := strings.Cut(p.Email, "@")
	switch {
	case utf8.RuneCountInString(s) < minPassword:
		c.Add("password", "people.field.password_short", "min", strconv.Itoa(minPassword))
	case len(s) > maxPassword || !utf8.ValidString(s):
		c.Add("password", "people.field.password_long", "max", strconv.Itoa(maxPassword))
	case strings.Trim(s, s[:1]) == "":
		c.Add("password", "people.field.password_weak")
	case len(local) >= 4 && strings.Contains(low, local) || len(p.Name) >= 4 && strings.Contains(low, strings.ToLower(p.Name)):
		c.Add("password", "people.field.password_own")
	}
}

func (s *Service) pepper(password secret.String) secret.String {
	if s.Pepper == nil {
		return password
	}
	return secret.New(s.Pepper(password.Reveal()))
}

func (s *Service) hash(ctx context.Context, password secret.String) (string, error) {
	return s.Hasher.Hash(ctx, s.pepper(password))
}

func (s *Service) verify(ctx context.Context, phc string, password secret.String) (bool, error) {
	if len(password.Reveal()) > maxPassword {
		password = secret.String{} // the work stays the same, the answer is no
	}
	return s.Hasher.Verify(ctx, phc, s.pepper(password))
}

// mayEnter fails with Unavailable (people.sign_in.held) while logins are held back.
func (s *Service) mayEnter(ctx context.Context, v unit.View) error {
	if s.Held == nil {
		return nil
	}
	held, err := s.Held(ctx, v)
	if err == nil && held {
		err = fault.New(fault.Unavailable, "people.sign_in.held")
	}
	return err
}

// Me returns the scope's own person.
func (s *Service) Me(ctx context.Context, sc people.Scope) (people.Person, error) {
	var p people.Person
	id, ok := sc.Person()
	if !ok {
		return p, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		p, err = s.Persons.FindPerson(ctx, v, sc, id)
		return err
	})
	return p, err
}

// SaveProfile changes what the scope's person says of himself. It fails with
// Invalid beside each wrong field.
func (s *Service) SaveProfile(ctx context.Context, sc people.Scope, in people.Profile) error {
	me, err := sc.Writer()
	if err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		p, err := s.Persons.LockPerson(ctx, tx, sc, me)
		if err != nil {
			return err
		}
		p.Name, p.Lang, p.Zone, p.About, p.Public = strings.TrimSpace(in.Name), in.Lang, in.Zone, strings.TrimSpace(in.About), in.Public
		var c fault.Checks
		p.Check(&c)
		if err := c.Err(); err != nil {
			return err
		}
		if err := s.Persons.SavePerson(ctx, tx, sc, p); err != nil {
			return err
		}
		tx.Record(people.PersonEntry(sc, me, "people.ledger.profile", nil))
		return nil
	})
}
