package record

import (
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Facts are what every output says of the document itself, whatever its format.
type Facts struct {
	Number    string
	Version   string // of the revision
	Initial   time.Time
	Current   time.Time
	Page      string // address of the HTML page
	Document  string // address of the CSAF document
	Withdrawn string // why, "" when it is not
}

// Facts returns them: of an imported document its own id and dates. It fails when that
// one cannot be read.
func (in Input) Facts() (Facts, error) {
	f := Facts{Number: in.Number, Version: nextVersion(in.History), Initial: in.Initial.UTC(), Current: in.Current.UTC(), Withdrawn: in.Content.Withdrawn}
	if in.Content.Source != nil {
		doc, problems := csaf.ReadAdvisory(in.Content.Source, csaf.Limits{})
		if problems.Fatal() {
			return Facts{}, fmt.Errorf("read the imported document: %w", problems)
		}
		t := doc.Document.Tracking
		initial, err := t.InitialReleaseDate.Time()
		if err != nil {
			return Facts{}, err
		}
		current, err := t.CurrentReleaseDate.Time()
		if err != nil {
			return Facts{}, err
		}
		f.Number, f.Version, f.Initial, f.Current = t.ID, t.Version, initial.UTC(), current.UTC()
	}
	tree, file := pubtree.Paths{Slug: in.Project.Slug}, pubtree.Name(f.Number)
	f.Page, f.Document = in.Site+"/"+tree.Page(file), in.Site+"/"+tree.Document(in.Content.Record.Level(), f.Initial.Year(), file)
	return f, nil
}
