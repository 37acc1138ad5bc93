// Package downstream tells those who follow a project's advisories of each publication:
// distributions, vendors and integrators who subscribe to all of its products or to some,
// by signed webhook or by mail.
//
// The jobs begin in the transaction of the publication (Service.Follow) and are done at
// least once with a stable id. Tables are in advisorydb, pages in advisoryweb, HTTP in
// internal/server. Kill points: downstream.fan (within the transaction that makes a batch
// of deliveries), downstream.send (before the receiver is called), downstream.sent
// (after its answer, nobody wrote it down).
package downstream

import (
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Kind is how a subscriber hears of a publication.
type Kind string

// The kinds.
const (
	Webhook Kind = "webhook"
	Mail    Kind = "mail"
)

// State is where a subscription stands.
type State string

// The states of a subscription.
const (
	Pending State = "pending" // asked for by mail and not confirmed yet
	Active  State = "active"
	Paused  State = "paused"
	Ended   State = "ended" // taken back by its holder
)

// Subscription is one downstream of a project.
type Subscription struct {
	ID      string
	Project people.ProjectID
	Kind    Kind
	Name    string // who it is, for the team
	URL     string // of a webhook; sealed, since it may hold a token
	Address string // of a mail
	Lang    string // of a mail
	// Wants are the products and branches; none means all of the project.
	Wants []Want
	// Clearance is the strictest TLP label that is told: "GREEN" unless the team cleared
	// the subscription for "AMBER" or "RED".
	Clearance string
	State     State
	Secret    secret.String // of a webhook: "whsec_" and base64
	By        people.PersonID
	Created   time.Time
	// Failing is since when deliveries are given up, zero while they arrive.
	Failing time.Time
	Problem string // catalogue key of why it was paused by itself, "" else
}

// Want is a product, or one branch of it.
type Want struct {
	Product string `json:"product"`
	Branch  string `json:"branch,omitempty"` // "" for every branch
}

// Touched is a product of a publication and its branches.
type Touched struct {
	Product  string   `json:"product"`
	Branches []string `json:"branches,omitempty"`
}

// wants reports whether the subscription is about what a publication touches. One
// that names no product (a document without a product tree, a withdrawal) is told to all.
func (s Subscription) wants(list []Touched) bool {
	if len(s.Wants) == 0 || len(list) == 0 {
		return true
	}
	for _, w := range s.Wants {
		for _, t := range list {
			if strings.EqualFold(w.Product, t.Product) && (w.Branch == "" || len(t.Branches) == 0 ||
				slices.ContainsFunc(t.Branches, func(b string) bool { return strings.EqualFold(b, w.Branch) })) {
				return true
			}
		}
	}
	return false
}

// strictness orders the TLP labels; what is not known is the strictest.
func strictness(label string) int {
	switch strings.ToUpper(label) {
	case "", "CLEAR", "WHITE":
		return 0
	case "GREEN":
		return 1
	case "AMBER":
		return 2
	}
	return 3
}

// cleared reports whether the subscription may hear of a document with this label.
func (s Subscription) cleared(label string) bool {
	return strictness(label) <= max(1, strictness(s.Clearance))
}

// The bounds of a subscription.
const (
	maxName  = 200
	maxURL   = 2000
	maxWants = 50
	maxOfAll = 2000 // subscriptions of one project that its team makes
)

// check collects every problem, each beside its field. plain allows http: only where the
// operator opened private networks, and never for what is not public.
func (s Subscription) check(plain bool) error {
	var c fault.Checks
	people.CheckLine(&c, "name", s.Name, 1, maxName)
	c.Require(s.Clearance == "GREEN" || s.Clearance == "AMBER" || s.Clearance == "RED", "clearance", "advisory.down.field.clearance")
	switch s.Kind {
	case Webhook:
		web := isWeb(s.URL, plain && s.Clearance == "GREEN")
		c.Require(web && len(s.URL) <= maxURL, "url", "advisory.down.field.url")
	case Mail:
		_, err := people.Address(s.Address)
		c.Require(err == nil, "address", "people.field.address")
	default:
		c.Require(false, "kind", "advisory.down.field.kind")
	}
	c.Require(len(s.Wants) <= maxWants, "products", "advisory.down.field.products", "max", maxWants)
	for _, w := range s.Wants {
		people.CheckLine(&c, "products", w.Product, 1, maxName)
		people.CheckLine(&c, "products", w.Branch, 0, maxName)
	}
	return c.Err()
}

// DeliveryState is where one message to one subscriber stands.
type DeliveryState string

// The states of a delivery.
const (
	Waiting   DeliveryState = "waiting"
	Sent      DeliveryState = "sent"
	Mailed    DeliveryState = "mailed" // in the queue of letters, which has its own tries
	Dead      DeliveryState = "dead"   // given up; the page offers another try
	Cancelled DeliveryState = "cancelled"
)

// Delivery is one message to one subscriber. Its id is the webhook-id: the same at
// every try.
type Delivery struct {
	ID           string
	Event        string
	Subscription string
	Project      people.ProjectID
	Number       string // of the advisory
	Version      string
	State        DeliveryState
	Tries        int
	Problem      string // catalogue key of the last failure, "" for none
	Code         int    // status of the last answer, 0 for none
	Created      time.Time
	Next         time.Time
	Done         time.Time
}

// Event is one publication as the subscribers hear of it.
type Event struct {
	ID      string
	Project people.ProjectID
	Number  string
	Version string
	TLP     string
	Touched []Touched
	Title   string
	Page    string // address of the page, "" for none
	Text    string // path of the mail's text in the tree, "" for none
	Body    []byte // of the webhook
	Created time.Time
}
