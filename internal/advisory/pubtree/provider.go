package pubtree

import (
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Offer is what a project's metadata tells of.
type Offer struct {
	Project    people.Project
	Site       string
	Keys       []Key
	Main       bool // its metadata lies at the well-known place, which is then canonical
	Places     []Place
	Restricted bool // somebody may read AMBER and RED: those feeds are named
	Texts      Texts
}

func (o Offer) maker() maker { return maker{Paths{Slug: o.Project.Slug}, o.Project, o.Site, o.Texts} }

// Provider makes a project's provider-metadata.json (CSAF 2.0, 7.1.7). It names the
// feeds of AMBER and RED and no folder of them: a client that walks folders asks without
// a token.
func (o Offer) Provider(updated time.Time) ([]byte, error) {
	m := o.maker()
	canonical := o.Site + "/" + m.t.Provider()
	if o.Main {
		canonical = o.Site + "/" + PathProvider
	}
	rolie := &csaf.ROLIE{Feeds: m.allFeeds(o.Places, o.Restricted), Services: []string{o.Site + "/" + m.t.Service()}}
	doc := &csaf.Provider{
		CanonicalURL: canonical, LastUpdated: csaf.At(updated), MetadataVersion: "2.0",
		ListOnAggregators: true, MirrorOnAggregators: true, Role: csaf.TrustedProvider,
		Publisher:     Publisher(o.Project, o.Site),
		Distributions: []csaf.Source{{ROLIE: rolie}},
	}
	for _, l := range []Level{White, Green} {
		if l == White || len(ofLevel(o.Places, l)) > 0 {
			rolie.Categories = append(rolie.Categories, o.Site+"/"+m.t.Category(l))
			doc.Distributions = append(doc.Distributions, csaf.Source{DirectoryURL: o.Site + "/" + strings.TrimSuffix(m.t.Folder(l), "/")})
		}
	}
	for _, k := range o.Keys {
		if !k.Signs {
			continue
		}
		doc.PublicKeys = append(doc.PublicKeys, csaf.PublicKey{Fingerprint: k.Fingerprint, URL: o.Site + "/" + m.t.Key(k.Fingerprint)})
	}
	return csaf.Write(doc)
}

// Service makes the ROLIE service document (7.1.16): it lists the feeds that the
// metadata names.
func (o Offer) Service() ([]byte, error) {
	m := o.maker()
	var list []csaf.Collection
	for _, f := range m.allFeeds(o.Places, o.Restricted) {
		list = append(list, csaf.Collection{Title: f.Summary, HRef: f.URL,
			Categories: csaf.Categories{Category: []csaf.Category{csaf.InformationType()}}})
	}
	return csaf.Write(&csaf.ServiceDocument{Service: csaf.Service{Workspace: []csaf.Workspace{{Title: o.Project.Name, Collection: list}}}})
}

// Publisher is the CSAF publisher of a project (CSAF 2.0, 3.2.1.8).
func Publisher(p people.Project, site string) csaf.Publisher {
	out := csaf.Publisher{Category: p.Publisher.Category, Name: p.Name, Namespace: p.Publisher.Namespace,
		ContactDetails: p.Publisher.Contact, IssuingAuthority: p.Publisher.Authority}
	if out.Category == "" {
		out.Category = "vendor"
	}
	if out.Namespace == "" {
		out.Namespace = site
	}
	if out.ContactDetails == "" {
		out.ContactDetails = p.Address()
	}
	return out
}
