// Package around is what advisory needs of the packages around it, as interfaces: of cases,
// embargoes, people, their mail, the settings about CVE and the renderers; and what follows
// from the roles of people: who may write, who decides, who is alone.
//
// Not here: its own tables (advisory's Store, pubsite's Store). Package advisory knows these
// types by the same names.
package around

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit/page"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Cases is what advisory needs of casework.
type Cases interface {
	// Case returns a case that the scope sees, else fault.NotFound.
	Case(ctx context.Context, v unit.View, sc people.Scope, id string) (CaseView, error)
	// Lock locks the case's row for this transaction: whoever changes the case or its
	// embargo waits, or was waited for.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error
}

// CaseView is the part of a case that a draft begins with and that arming looks at.
type CaseView struct {
	Project people.ProjectID
	Record  record.Record   // what the case knows already: title, branches, vectors, CWE
	Needed  []record.Branch // what has to be decided about: product, package URL and name
	// Unsettled are the labels of branches that the repository itself does not show as
	// fixed, not affected or ended (remedy): a record that says so needs a waiver by name.
	Unsettled []string
	Done      bool // judged invalid, or closed: nothing is expected to be published
	// Linked is what stands in the way because of what the advisory replaces, or is replaced
	// by. Package advisory adds it.
	Linked []fault.Field
}

// Embargoes is what advisory needs of embargo.
type Embargoes interface {
	// Until returns when the embargo of a case ends, and whether it is over or was
	// never there.
	Until(ctx context.Context, v unit.View, sc people.Scope, caseID string) (until time.Time, over bool, err error)
}

// Roles is what advisory needs of people.Grants.
type Roles interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
	Holders(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Grant, error)
}

// Projects is what advisory needs of people.Directory.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
	AllProjects(ctx context.Context, v unit.View, sc people.Scope) ([]people.Project, error)
}

// Series is what advisory needs of people.Series: the numbers of a project.
type Series interface {
	Take(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID) (string, error)
	Pass(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, number string) error
}

// Post is what advisory needs of people.Post.
type Post interface {
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, l people.Letter) error
}

// Deliveries is what advisory needs of people.QueueStore: whether a letter arrived.
type Deliveries interface {
	DeliveriesAbout(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Delivery, error)
}

// Numbering is what advisory needs of the settings about CVE.
type Numbering interface {
	// CNA returns the organisation under which a project publishes CVE records, empty for
	// one that is no CNA.
	CNA(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (record.CNA, error)
}

// Renderer makes the page and the mail of a document. advisoryweb has one.
type Renderer interface {
	// Texts returns the texts of a language, those of English when it is not known.
	Texts(lang string) pubtree.Texts
	// Page returns the HTML page.
	Page(page.Output) ([]byte, error)
	// Mail returns the text of the list mail and its subject.
	Mail(page.Output) (subject string, body []byte, err error)
	// Style returns the style sheet of the pages.
	Style() []byte
}
