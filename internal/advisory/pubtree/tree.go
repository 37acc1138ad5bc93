package pubtree

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"path"
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

// WithHashes returns the document with its hash files and signature. Who may read them
// is the caller's to add.
func WithHashes(name string, raw, signature []byte) []File {
	s256, s512 := sha256.Sum256(raw), sha512.Sum512(raw)
	return []File{
		{Path: name, Bytes: raw},
		{Path: name + ".asc", Bytes: signature},
		{Path: name + ".sha256", Bytes: hashFile(s256[:], name)},
		{Path: name + ".sha512", Bytes: hashFile(s512[:], name)},
	}
}

// Addresses are the paths of a document's files, and of its page where it has one.
func (p Paths) Addresses(l Level, year int, file string) []string {
	doc := p.Document(l, year, file)
	out := []string{doc, doc + ".asc", doc + ".sha256", doc + ".sha512"}
	if l.Free() {
		out = append(out, p.Page(file), p.Page(file)+".asc", p.Text(file), p.Text(file)+".asc")
	}
	return out
}

// Left says what becomes of the addresses at which a document was and is no more: its
// files point to their new place, and an OSV record or a page that it has no more is gone.
// Who may not read the new place is told that it is gone.
func Left(p people.Project, was, now Document) []File {
	t := Paths{Slug: p.Slug}
	var out []File
	gone := func(path, to string, l Level) {
		out = append(out, File{Path: path, Kind: Moved, Bytes: []byte(to), Project: p.ID, Level: l})
	}
	old, fresh := t.Addresses(was.Level, was.Year, was.Name), t.Addresses(now.Level, now.Year, now.Name)
	for i, path := range old {
		switch {
		case i >= len(fresh):
			gone(path, "", was.Level)
		case path != fresh[i]:
			gone(path, fresh[i], was.Level)
		}
	}
	if was.Member.ID != "" && was.Member.ID != now.Member.ID {
		gone(t.OSV(was.Member.ID+".json"), "", was.Level)
	}
	return out
}

// format is raised when the entries that Make makes change: those that are stored are
// then made again.
const format = "1"

// Stamp says from which settings the entries of a project's documents were made.
func Stamp(p people.Project, site string) string { return format + " " + site + "/" + p.Slug }

// Make makes the document's entries for the lists.
func (d *Document) Make(p people.Project, site string) error {
	raw, err := csaf.Write(&csaf.FeedDocument{Feed: csaf.Feed{Entry: []csaf.Entry{entryOf(p, site, *d)}}})
	if err != nil {
		return err
	}
	head, tail, err := cutFeed(raw)
	if err != nil {
		return err
	}
	d.Entry, d.Atom, d.Stamp = raw[len(head):len(raw)-len(tail)], atomOf(p, site, *d), Stamp(p, site)
	return nil
}

// cutFeed returns what stands before and after the entries.
func cutFeed(raw []byte) (head, tail []byte, err error) {
	const opens = `"entry": [`
	from, to := bytes.Index(raw, []byte(opens)), bytes.LastIndexByte(raw, ']')
	if from < 0 || to < from {
		return nil, nil, fmt.Errorf("the feed has no entries: %q", raw)
	}
	head = raw[:from+len(opens)]
	to = len(bytes.TrimRight(raw[:to], " \n"))
	return head, raw[max(to, len(head)):], nil
}

func entryOf(p people.Project, site string, d Document) csaf.Entry {
	url := site + "/" + Paths{Slug: p.Slug}.Document(d.Level, d.Year, d.Name)
	e := csaf.Entry{
		ID: d.Number, Title: d.Title, Published: csaf.At(d.Initial), Updated: csaf.At(d.Current),
		Link: []csaf.Link{{Rel: "self", HRef: url}, {Rel: "hash", HRef: url + ".sha256"},
			{Rel: "hash", HRef: url + ".sha512"}, {Rel: "signature", HRef: url + ".asc"}},
		Content: csaf.Content{Type: "application/json", Src: url},
		Format:  csaf.Format{Schema: csaf.Schema20, Version: csaf.Version20},
	}
	if d.Summary != "" {
		e.Summary = &csaf.Summary{Content: d.Summary}
	}
	return e
}

// feedFrame is a ROLIE feed without its entries; year 0 is that of all years.
func (m maker) feedFrame(l Level, year int, updated time.Time) ([]byte, error) {
	f := m.feed(l, year)
	raw, err := csaf.Write(&csaf.FeedDocument{Feed: csaf.Feed{
		ID: m.p.Slug + "-csaf-" + strings.TrimSuffix(path.Base(f.URL), ".json"), Title: f.Summary,
		Link:     []csaf.Link{{Rel: "self", HRef: f.URL}, {Rel: "service", HRef: m.site + "/" + m.t.Service()}},
		Category: []csaf.Category{csaf.InformationType()},
		Updated:  csaf.At(updated),
		Entry:    []csaf.Entry{{}}, // so that the tail is that of a feed with entries
	}})
	if err != nil {
		return nil, err
	}
	head, tail, err := cutFeed(raw)
	if err != nil {
		return nil, err
	}
	return frame(head, tail), nil
}

// feed refers to a feed; year 0 is that of all years.
func (m maker) feed(l Level, year int) csaf.FeedRef {
	key, path := "advisory.feed.title", m.t.Feed(l)
	if year > 0 {
		key, path = "advisory.feed.year", m.t.YearFeed(l, year)
	}
	return csaf.FeedRef{Summary: m.texts.T(key, "project", m.p.Name, "level", string(l), "year", strconv.Itoa(year)), TLPLabel: string(l), URL: m.site + "/" + path}
}

// allFeeds refers to every feed that the metadata tells of.
func (m maker) allFeeds(places []Place, restricted bool) []csaf.FeedRef {
	var out []csaf.FeedRef
	for _, l := range Levels() {
		here := ofLevel(places, l)
		if l != White && (l.Free() && len(here) == 0 || !l.Free() && !restricted) {
			continue
		}
		out = append(out, m.feed(l, 0))
		for _, y := range years(l, here) {
			out = append(out, m.feed(l, y.Year))
		}
	}
	return out
}

// categories are the terms by which the documents can be told apart (7.1.17): the
// project and the ratings.
func categories(p people.Project) []csaf.Category {
	out := []csaf.Category{{Term: p.Name}}
	for _, rating := range []string{"critical", "high", "medium", "low", "none"} {
		out = append(out, csaf.Category{Term: rating})
	}
	return out
}
