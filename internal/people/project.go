package people

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
)

// Project is what a security team works for: its name and addresses, its policy,
// lists and the texts of its public pages. All of it is public; its private
// keys are in the Keyring, its team in the grants.
type Project struct {
	ID        ProjectID
	Slug      string   // in URLs
	Name      string   // "Lanterna"
	Addresses []string // role addresses, the first is what we write from
	Series    string   // prefix of the advisory numbers, "LAN" in LAN-2026-0001
	Register  bool     // the prefix is registered with OSV; else OSV ids carry "x_"
	Policy    Policy
	Lists     Lists
	Public    PublicText
	Publisher Publisher
	Langs     []string // languages that reports may come in, BCP 47
	Created   time.Time
	Version   int // of the settings, for lost updates
}

// Address is the first role address, "" when there is none.
func (p Project) Address() string {
	if len(p.Addresses) == 0 {
		return ""
	}
	return p.Addresses[0]
}

// Policy is how long things may take. Embargo lengths are calendar days
// (requirement row LV-7); responses are business days in the project's zone.
type Policy struct {
	EmbargoAim  int // days, the aim: libvirt says two weeks or less
	EmbargoMost int // days, the most without exception; 0 means one calendar month
	Acknowledge int // business days until a reporter is answered
	Assess      int // business days until he hears what we think
	Zone        string
	Holidays    []string // dates "2026-12-25" on which nobody works
	// AlignedEnters lets the reporter's mail into the case without a member's look when
	// the sending domain's aligned DKIM signature vouches for the address. It shows as
	// unverified all the same: whoever may write as that domain may have written it.
	AlignedEnters bool
}

// DefaultPolicy is libvirt's embargo policy (requirement row LV-7: an aim of
// two weeks, at most one month) and answers in 2 and 10 business days.
func DefaultPolicy() Policy {
	return Policy{EmbargoAim: 14, Acknowledge: 2, Assess: 10, Zone: "UTC"}
}

// Location is the zone in which the project counts its business days.
func (p Policy) Location() *time.Location {
	if l, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		return l
	}
	return time.UTC
}

// Calendar is the project's calendar of business days. A date that does not parse is no
// holiday: the settings' form has checked them.
func (p Policy) Calendar() span.Calendar {
	c := span.Calendar{Zone: p.Location(), Holidays: map[span.Date]bool{}}
	for _, h := range p.Holidays {
		if d, err := span.ParseDate(h); err == nil {
			c.Holidays[d] = true
		}
	}
	return c
}

// Latest is the last instant that an embargo begun at t may reach without an
// exception: EmbargoMost days, or one calendar month when it is 0 (31 January
// plus one month is the last day of February).
func (p Policy) Latest(t time.Time) time.Time {
	if p.EmbargoMost > 0 {
		return span.AddDays(t, p.EmbargoMost, p.Location())
	}
	return span.AddMonths(t, 1, p.Location())
}

// Lists are the mailing lists that hear of a publication (requirement row LV-10).
type Lists struct{ Dev, Announce string }

// PublicText is the project's own words on its public pages.
type PublicText struct {
	Policy   string // how reports are handled, plain text with blank lines
	Scope    string // what is a security problem here
	Conduct  string // how to join, conduct
	TeamPage bool   // the team page names the members who agreed to it
	Website  string
	Contact  string // another contact for security matters, "" for the role address
}

// Publisher is the CSAF publisher of the project (CSAF 2.0 section 3.2.1.8).
type Publisher struct {
	Namespace string // URL under the project's control
	Category  string // coordinator, discoverer, other, translator, user, vendor
	Contact   string // contact_details
	Authority string // issuing_authority
}

func publisherCategories() []string {
	return []string{"coordinator", "discoverer", "other", "translator", "user", "vendor"}
}

// Patterns of names that end up in URLs and in numbers. They are compiled where they are
// used: settings change a few times a year.
const (
	slugPattern   = `^[a-z][a-z0-9-]{0,38}[a-z0-9]$`
	seriesPattern = `^[A-Z][A-Z0-9]{1,15}(-[A-Z0-9]{1,15})?$`
	datePattern   = `^\d{4}-\d{2}-\d{2}$`
)

func matches(pattern, s string) bool { return regexp.MustCompile(pattern).MatchString(s) }

// check collects every problem with the settings, each beside its field.
func (p Project) check(c *fault.Checks) {
	c.Require(matches(slugPattern, p.Slug), "slug", "people.field.slug")
	CheckLine(c, "name", p.Name, 1, MaxName)
	c.Require(matches(seriesPattern, p.Series), "series", "people.field.series")
	c.Require(len(p.Addresses) > 0, "addresses", "people.field.empty")
	for _, a := range p.Addresses {
		checkAddress(c, "addresses", a)
		c.Require(!strings.Contains(a, "+"), "addresses", "people.field.plus")
	}
	if p.Lists.Dev != "" {
		checkAddress(c, "dev", p.Lists.Dev)
	}
	if p.Lists.Announce != "" {
		checkAddress(c, "announce", p.Lists.Announce)
	}
	p.Policy.check(c)
	checkURL(c, "website", p.Public.Website)
	checkURL(c, "namespace", p.Publisher.Namespace)
	c.Require(slices.Contains(publisherCategories(), p.Publisher.Category), "category", "people.field.category")
	for _, t := range []struct{ path, text string }{{"policy", p.Public.Policy}, {"scope", p.Public.Scope}, {"conduct", p.Public.Conduct}, {"publisher_contact", p.Publisher.Contact}, {"authority", p.Publisher.Authority}} {
		c.Require(len(t.text) <= maxText, t.path, "people.field.long", "max", itoa(maxText))
	}
}

// maxText bounds each of the public texts, in bytes.
const maxText = 20_000

func (p Policy) check(c *fault.Checks) {
	c.Require(p.EmbargoAim >= 1 && p.EmbargoAim <= 90, "embargo_aim", "people.field.days", "min", "1", "max", "90")
	c.Require(p.EmbargoMost == 0 || p.EmbargoMost >= p.EmbargoAim && p.EmbargoMost <= 366, "embargo_most", "people.field.days", "min", itoa(p.EmbargoAim), "max", "366")
	c.Require(p.Acknowledge >= 1 && p.Acknowledge <= 60, "acknowledge", "people.field.days", "min", "1", "max", "60")
	c.Require(p.Assess >= p.Acknowledge && p.Assess <= 120, "assess", "people.field.days", "min", itoa(p.Acknowledge), "max", "120")
	_, err := time.LoadLocation(p.Zone)
	c.Require(err == nil && p.Zone != "Local", "zone", "people.field.zone")
	for _, h := range p.Holidays {
		_, err := time.Parse(time.DateOnly, h)
		c.Require(err == nil && matches(datePattern, h), "holidays", "people.field.date", "value", h)
	}
}

func checkAddress(c *fault.Checks, path, a string) {
	_, err := Address(a)
	c.Require(err == nil, path, "people.field.address")
}

func checkURL(c *fault.Checks, path, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	c.Require(err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) < 2000, path, "people.field.url")
}

// WithoutTag cuts the plus tag from an address's local part: security+TAG@x is
// security@x. An address without a tag, or without an at sign, stays as it is.
func WithoutTag(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if base, _, tagged := strings.Cut(local, "+"); ok && tagged {
		local = base
	}
	if !ok {
		return address
	}
	return strings.ToLower(local + "@" + domain)
}
