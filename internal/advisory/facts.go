package advisory

import (
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Published says that a revision became public.
type Published struct {
	Advisory   ID
	Case       string // "" for an import
	Project    people.ProjectID
	Number     string
	Version    string
	First      bool // the first publication of this advisory
	Free       bool // everybody may read it: it is not of TLP:AMBER or RED
	Public     bool // the first such one
	Withdrawn  bool
	Superseded bool
	By         people.PersonID // who armed it or asked for it
	Imported   bool            // a document that was public before, as it is
	Changed    []string        // paths of the site that changed with it
}

// FactName implements unit.Fact.
func (Published) FactName() string { return "advisory.published" }

// The kinds of jobs. Their subject is the advisory's Object; "advisory" and
// "project" are arguments.
const (
	KindStage   = "advisory.stage"    // shortly before the end: number, render, sign
	KindBatch   = "advisory.batch"    // publish approved imports together
	KindPublish = "advisory.publish"  // check every guard and flip
	KindAlert   = "advisory.alert"    // the embargo is over and nothing is published
	KindStep    = "advisory.step"     // the next step after the flip
	KindSite    = pubsite.KindRefresh // keys, provider metadata and security.txt are up to date
)
