package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

const group = "/document/distribution/sharing_group"

// The names that are kept for the Max UUID and the Nil UUID (3.2.2.5.1).
const (
	publicName = "Public"
	nobodyName = "No sharing allowed"
)

// sharing returns the sharing group, nil without one, and the TLP label.
func sharing(doc *csaf21.Advisory) (*csaf21.SharingGroup, string) {
	d := doc.Document.Distribution
	switch {
	case d == nil:
		return nil, ""
	case d.TLP == nil:
		return d.SharingGroup, ""
	}
	return d.SharingGroup, d.TLP.Label
}

// reservedName is the name that a group with this id has to have, "" for others.
func reservedName(id string) string {
	switch id {
	case csaf21.MaxUUID:
		return publicName
	case csaf21.NilUUID:
		return nobodyName
	}
	return ""
}

// maxUUIDLabel is 6.1.38: a document for the public (Max UUID) is TLP:CLEAR.
func maxUUIDLabel(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if g, label := sharing(doc); g != nil && g.ID == csaf21.MaxUUID && label != csaf21.Clear {
		report("/document/distribution/tlp/label", "the sharing group is the public, the label TLP:%s", label)
	}
}

// publicGroup is 6.1.39: the sharing group of a TLP:CLEAR document is the public; for
// a draft it may be nobody (Nil UUID).
func publicGroup(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	g, label := sharing(doc)
	if g == nil || label != csaf21.Clear || g.ID == csaf21.MaxUUID {
		return
	}
	if g.ID == csaf21.NilUUID && doc.Document.Tracking.Status == csaf.Draft {
		return
	}
	report(group+"/id", "the document is TLP:CLEAR, its sharing group not the public")
}

// reservedGroupName is 6.1.40: names that are kept for an id stand with that id only.
func reservedGroupName(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	g, _ := sharing(doc)
	if g == nil || g.Name != publicName && g.Name != nobodyName {
		return
	}
	want := reservedName(g.ID)
	if g.Name == want {
		return
	}
	f := report(group+"/name", "the name %q is kept for another id", g.Name)
	if want != "" {
		f.Fix = rule.Replace(f.Pointer, want)
	}
}

// missingGroupName is 6.1.41: the Max UUID and the Nil UUID have their names.
func missingGroupName(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	g, _ := sharing(doc)
	if g == nil {
		return
	}
	want := reservedName(g.ID)
	if want == "" || g.Name == want {
		return
	}
	f := report(group+"/name", "the group has to have the name %q, not %q", want, g.Name)
	f.Fix = rule.Add(f.Pointer, want) // RFC 6902: replaces a member that is there
}
