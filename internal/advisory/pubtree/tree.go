package pubtree

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// hashFile is the content of a .sha256 or .sha512 file (CSAF 2.0, 7.1.18).
func hashFile(sum []byte, name string) []byte {
	return []byte(hex.EncodeToString(sum) + "  " + path.Base(name) + "\n")
}

// WithHashes returns the document with its hash files and signature.
func WithHashes(name string, raw, signature []byte) []File {
	s256, s512 := sha256.Sum256(raw), sha512.Sum512(raw)
	return []File{
		{name, raw},
		{name + ".asc", signature},
		{name + ".sha256", hashFile(s256[:], name)},
		{name + ".sha512", hashFile(s512[:], name)},
	}
}

// Derive makes the files that follow from a project's public documents: index.txt,
// changes.csv, ROLIE feed, category and service document, Atom. They hold no
// signature, so that they can be made within the flip.
func Derive(p people.Project, site string, docs []Document, texts Texts) ([]File, error) {
	t := Paths{Slug: p.Slug}
	docs = slices.Clone(docs)
	slices.SortFunc(docs, func(a, b Document) int {
		if c := b.Current.Compare(a.Current); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	feed, err := csaf.Write(rolie(t, p, site, docs, texts))
	if err != nil {
		return nil, err
	}
	category, err := csaf.Write(&csaf.CategoryDocument{Categories: csaf.Categories{Category: categories(p, docs)}})
	if err != nil {
		return nil, err
	}
	service, err := csaf.Write(serviceDocument(t, p, site, texts))
	if err != nil {
		return nil, err
	}
	return []File{
		{t.Index(), index(docs)}, {t.Changes(), changes(docs)}, {t.Feed(), feed},
		{t.Category(), category}, {t.Service(), service}, {t.Atom(), Atom(t, p, site, docs, texts)},
	}, nil
}

func (d Document) rel() string { return strconv.Itoa(d.Year) + "/" + d.Name + ".json" }

// index is index.txt: the file names, newest year first (7.1.12).
func index(docs []Document) []byte {
	names := make([]string, len(docs))
	for i, d := range docs {
		names[i] = d.rel()
	}
	slices.Sort(names)
	slices.Reverse(names)
	var b bytes.Buffer
	for _, n := range names {
		b.WriteString(n + "\n")
	}
	return b.Bytes()
}

// changes is changes.csv: one line for each document with its current release
// date, the latest first (7.1.13).
func changes(docs []Document) []byte {
	var b bytes.Buffer
	for _, d := range docs {
		fmt.Fprintf(&b, "\"%s\",\"%s\"\n", d.rel(), csaf.At(d.Current))
	}
	return b.Bytes()
}

func rolie(t Paths, p people.Project, site string, docs []Document, texts Texts) *csaf.FeedDocument {
	updated := p.Created
	entries := make([]csaf.Entry, len(docs))
	for i, d := range docs {
		if d.Current.After(updated) {
			updated = d.Current
		}
		url := site + "/" + t.Document(d.Year, d.Name)
		entries[i] = csaf.Entry{
			ID: d.Number, Title: d.Title, Published: csaf.At(d.Initial), Updated: csaf.At(d.Current),
			Link: []csaf.Link{{Rel: "self", HRef: url}, {Rel: "hash", HRef: url + ".sha256"},
				{Rel: "hash", HRef: url + ".sha512"}, {Rel: "signature", HRef: url + ".asc"}},
			Content: csaf.Content{Type: "application/json", Src: url},
			Format:  csaf.Format{Schema: csaf.Schema20, Version: csaf.Version20},
		}
		if d.Summary != "" {
			entries[i].Summary = &csaf.Summary{Content: d.Summary}
		}
	}
	return &csaf.FeedDocument{Feed: csaf.Feed{
		ID: p.Slug + "-csaf-feed-tlp-white", Title: texts.T("advisory.feed.title", "project", p.Name),
		Link:     []csaf.Link{{Rel: "self", HRef: site + "/" + t.Feed()}, {Rel: "service", HRef: site + "/" + t.Service()}},
		Category: []csaf.Category{csaf.InformationType()},
		Updated:  csaf.At(updated), Entry: entries,
	}}
}

// categories are the terms by which the documents can be told apart (7.1.17): the
// project and the ratings that occur.
func categories(p people.Project, docs []Document) []csaf.Category {
	out := []csaf.Category{{Term: p.Name}}
	for _, rating := range []string{"critical", "high", "medium", "low", "none"} {
		if slices.ContainsFunc(docs, func(d Document) bool { return d.Rating == rating }) {
			out = append(out, csaf.Category{Term: rating})
		}
	}
	return out
}

func serviceDocument(t Paths, p people.Project, site string, texts Texts) *csaf.ServiceDocument {
	title := texts.T("advisory.feed.title", "project", p.Name)
	return &csaf.ServiceDocument{Service: csaf.Service{Workspace: []csaf.Workspace{{
		Title: p.Name,
		Collection: []csaf.Collection{{Title: title, HRef: site + "/" + t.Feed(),
			Categories: csaf.Categories{Category: []csaf.Category{csaf.InformationType()}}}},
	}}}}
}

// Provider makes a project's provider-metadata.json. main is true for the project
// whose metadata lies at the well-known place, which is then its canonical address.
func Provider(p people.Project, site string, keys []Key, main bool, updated time.Time, texts Texts) ([]byte, error) {
	t := Paths{Slug: p.Slug}
	canonical := site + "/" + t.Provider()
	if main {
		canonical = site + "/" + PathProvider
	}
	doc := &csaf.Provider{
		CanonicalURL: canonical, LastUpdated: csaf.At(updated), MetadataVersion: "2.0",
		ListOnAggregators: true, MirrorOnAggregators: true, Role: csaf.TrustedProvider,
		Publisher: Publisher(p, site),
		Distributions: []csaf.Source{
			{ROLIE: &csaf.ROLIE{
				Categories: []string{site + "/" + t.Category()},
				Feeds:      []csaf.FeedRef{{Summary: texts.T("advisory.feed.title", "project", p.Name), TLPLabel: csaf.White, URL: site + "/" + t.Feed()}},
				Services:   []string{site + "/" + t.Service()},
			}},
			{DirectoryURL: site + "/" + strings.TrimSuffix(t.White(), "/")},
		},
	}
	for _, k := range keys {
		if !k.Signs {
			continue
		}
		doc.PublicKeys = append(doc.PublicKeys, csaf.PublicKey{Fingerprint: k.Fingerprint, URL: site + "/" + t.Key(k.Fingerprint)})
	}
	return csaf.Write(doc)
}

// Service makes the ROLIE service document.
func Service(p people.Project, site string, texts Texts) ([]byte, error) {
	return csaf.Write(serviceDocument(Paths{Slug: p.Slug}, p, site, texts))
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
