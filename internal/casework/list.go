package casework

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// Order is how a list of cases is ordered.
type Order int

// The orders. The zero value is ByChange.
const (
	ByChange   Order = iota // last changed first
	ByOpened                // newest first
	ByEmbargo               // next end of an embargo first, cases without one last
	BySeverity              // worst first
	ByDue                   // next due assessment first, cases without one last
)

var orderNames = [...]string{"changed", "opened", "embargo", "severity", "due"}

// String returns the name that addresses and catalogue keys use.
func (o Order) String() string {
	if o < ByChange || o > ByDue {
		return orderNames[0]
	}
	return orderNames[o]
}

// ParseOrder reads a name written by Order.String; ByChange for any other.
func ParseOrder(name string) Order {
	for o := ByChange; o <= ByDue; o++ {
		if orderNames[o] == name {
			return o
		}
	}
	return ByChange
}

// Orders lists all orders.
func Orders() []Order { return []Order{ByChange, ByOpened, ByEmbargo, BySeverity, ByDue} }

// Query selects cases of a list.
type Query struct {
	Project people.ProjectID // "": all that the scope sees
	States  []State          // empty: those that are open
	Unread  bool             // only with items that the viewer has not seen
	Overdue bool             // only with an overdue assessment
	Waiting bool             // only with mail that waits to be let in
	Order   Order
	Offset  int
	Limit   int // 0: 50; at most 200
}

// Row is a case in a list.
type Row struct {
	ID        CaseID
	Project   people.ProjectID
	Title     string
	State     State
	Rating    severity.Rating
	Score     float64
	Clock     Clock
	Facts     [3]bool // public, exploited, attacked
	OpenedAt  time.Time
	ChangedAt time.Time
	DueAssess time.Time // zero when nothing is due
	Unread    int       // items that the viewer has not seen
	Waiting   int       // mails that wait to be let in; 0 for who may not see them
	Role      people.Role
}

// Page is one page of a list.
type Page struct {
	Rows []Row
	More bool // there are rows behind these
}

// Cursor is where a search goes on: behind the item with this time and id.
type Cursor struct {
	At time.Time
	ID ItemID
}

// Hit is one item that a search looks at or has found.
type Hit struct {
	Case  CaseID
	Title string
	Item  Item
	// Unread says that the viewer has not seen the item: its words are left out, for
	// whoever reads them leaves a mark, and a search leaves none.
	Unread bool
}
