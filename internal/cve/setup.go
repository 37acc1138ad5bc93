package cve

import (
	"net/url"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

// Setup is how a project comes to its numbers.
type Setup struct {
	Project people.ProjectID
	CNA     bool   // reserves by its own account
	URL     string // of the CVE Services: production or the test instance
	Org     string // short name of the CNA
	OrgID   string // its UUID as the CVE Services tell it, "" until then
	User    string // of the account
	HasKey  bool   // a key is stored; it is never shown
	Low     int    // below so many free ids of the current year the pool is filled up
	Fill    int    // to so many

	// Another CNA that is asked when the project has no account, or wants none.
	OutsideName string
	OutsideMail string
	OutsideForm string // address of a web form

	Quota   services.Quota // as it was at Checked
	Checked time.Time
	Problem string // catalogue key: what went wrong last; "" when all is well
	Detail  string
	Alerted time.Time

	Ticket   *services.Ticket // of a reservation whose answer is not stored yet
	TicketAt time.Time
	Version  int64
}

// Account is what a client of the CVE Services is made from.
type Account struct {
	URL, Org, User string
	Key            secret.String
}

// Limits of the pool. More than ten ids in one request must be sequential, which the
// CVE Services ask not to be used without need.
const (
	maxFill = 200
	maxAsk  = 10
)

func isID(s string) bool { return services.IsID(s) }

// tidy takes spaces away.
func (s *Setup) tidy() {
	for _, f := range []*string{&s.URL, &s.Org, &s.User, &s.OutsideName, &s.OutsideMail, &s.OutsideForm} {
		*f = strings.TrimSpace(*f)
	}
	s.URL = strings.TrimRight(s.URL, "/")
}

// check collects every problem with the settings.
func (s Setup) check(hasKey bool) error {
	var c fault.Checks
	if s.CNA {
		u, err := url.Parse(s.URL)
		c.Require(err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
			(u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")), "url", "cve.field.url")
		people.CheckLine(&c, "org", s.Org, 2, 32) // the record format's shortName
		people.CheckLine(&c, "user", s.User, 3, 128)
		c.Require(hasKey, "key", "cve.field.key")
		c.Require(s.Low >= 0 && s.Low <= maxFill, "low", "cve.field.count", "max", maxFill)
		c.Require(s.Fill >= s.Low && s.Fill > 0 && s.Fill <= maxFill, "fill", "cve.field.fill", "max", maxFill)
	}
	people.CheckLine(&c, "outside_name", s.OutsideName, 0, 120)
	if s.OutsideMail != "" {
		if _, err := people.Address(s.OutsideMail); err != nil {
			c.Add("outside_mail", "people.field.address")
		}
	}
	if s.OutsideForm != "" {
		u, err := url.Parse(s.OutsideForm)
		c.Require(err == nil && u.Scheme == "https" && u.Host != "" && len(s.OutsideForm) <= 500, "outside_form", "cve.field.form")
	}
	return c.Err()
}

// Ready reports whether ids can be reserved.
func (s Setup) Ready() bool { return s.CNA && s.HasKey }
