package people

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// PersonState is where an account is in its life.
type PersonState string

// The states of an account. The zero value is invalid.
const (
	Invited  PersonState = "invited"  // has a link, has not used it
	Active   PersonState = "active"   // signs in
	Disabled PersonState = "disabled" // signs in no more; the history keeps the name
)

// Person is somebody with an account, or somebody invited to have one.
type Person struct {
	ID       PersonID
	Name     string
	Email    string // lower-case domain; sealed at rest, looked up by its MAC
	Admin    bool   // runs the site; reads no case by it
	State    PersonState
	Lang     string // BCP 47, "" for the site's default
	Zone     string // IANA name, "" for UTC
	About    string // one line for the team page, such as "openSUSE, KVM maintainer"
	Public   bool   // agreed to be named on the project's public team page
	TOTP     bool
	Created  time.Time
	LastSeen time.Time // to the day: nobody needs more
}

// Location returns the person's zone, UTC when it is unset or unknown.
func (p Person) Location() *time.Location {
	if l, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		return l
	}
	return time.UTC
}

// Profile is what a person may change about himself.
type Profile struct {
	Name, Lang, Zone, About string
	Public                  bool
}

// MaxName bounds names of persons and things, in characters; longer ones break every list.
const MaxName = 100

const (
	maxAbout = 200
	maxEmail = 254 // RFC 5321 section 4.5.3.1.3, without the angle brackets
)

// Check notes what is wrong with what a person says of himself.
func (p Person) Check(c *fault.Checks) {
	CheckLine(c, "name", p.Name, 1, MaxName)
	CheckLine(c, "about", p.About, 0, maxAbout)
	if p.Zone != "" {
		_, err := time.LoadLocation(p.Zone)
		c.Require(err == nil && p.Zone != "Local", "zone", "people.field.zone")
	}
	c.Require(p.Lang == "" || p.Lang == "en" || p.Lang == "zh", "lang", "people.field.lang")
}

// CheckLine notes a problem unless s is one line of min to max characters
// without control characters.
func CheckLine(c *fault.Checks, path, s string, min, max int) {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		c.Add(path, "people.field.characters")
	case n < min || strings.TrimSpace(s) == "" && min > 0:
		c.Add(path, "people.field.empty")
	case n > max:
		c.Add(path, "people.field.long", "max", itoa(max))
	}
}

// Address brings a mail address into the form that is stored and looked up: without
// surrounding space, ASCII lower case throughout. RFC 5321 lets a host tell upper from lower
// case in the local part; none of those we write to does, and two accounts that differ
// by case would be a trap. It fails with Invalid for what is no plain addr-spec.
func Address(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(s, "@")
	bad := fault.New(fault.Invalid, "people.field.address")
	if !ok || local == "" || domain == "" || len(s) > maxEmail || len(local) > 64 {
		return "", bad
	}
	for _, r := range s {
		// Quoted local parts and comments are legal and nobody has one; refusing
		// them keeps header and command injection out by construction.
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),:;<>[\]`, r) {
			return "", bad
		}
	}
	if strings.Contains(domain, "@") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") ||
		strings.Contains(s, "..") || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") {
		return "", bad
	}
	return s, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
