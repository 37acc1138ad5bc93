package pubtree

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Kind says how the bytes of a file come about.
type Kind string

// The kinds. Plain files are stored as they are. A list names many documents: stored is
// its frame, what stands before and after the lines, and the lines come from the table
// of documents when it is read. So a publication writes one line, not ten thousand.
const (
	Plain      Kind = ""
	Moved      Kind = "moved" // a document was here; the bytes are its new path, or none
	Index      Kind = "index"
	Changes    Kind = "changes"
	Feed       Kind = "feed"
	Atom       Kind = "atom"
	OSVAll     Kind = "osv-all"
	OSVChanges Kind = "osv-changes"
	OSVZip     Kind = "osv-zip"
)

// IsList reports whether files of the kind are put together when they are read.
func (k Kind) IsList() bool { return k != Plain && k != Moved }

// OSV reports whether it is a list of OSV records.
func (k Kind) OSV() bool { return k == OSVAll || k == OSVChanges || k == OSVZip }

// Place is a folder of the tree: a level's documents of one year.
type Place struct {
	Level  Level
	Year   int
	Newest time.Time // the latest current release date there
	OSV    bool      // one of them has an OSV record
}

// Line is what lists take of one document.
type Line struct {
	Name    string
	Year    int
	Current time.Time
	Text    []byte // the entry of the feed
	Member  Member
}

// frame joins what stands before and after the lines of a list.
func frame(head, tail []byte) []byte { return slices.Concat(head, []byte{0}, tail) }

// Assemble puts a list together. lines come in the order of the list (see Order).
func Assemble(k Kind, framed []byte, lines []Line) ([]byte, error) {
	head, tail, _ := bytes.Cut(framed, []byte{0})
	size := len(framed)
	for _, l := range lines {
		size += len(l.Text) + len(l.Name) + 64
	}
	b := bytes.NewBuffer(make([]byte, 0, size))
	b.Write(head)
	switch k {
	case Index:
		for _, l := range lines {
			fmt.Fprintf(b, "%d/%s.json\n", l.Year, l.Name)
		}
	case Changes:
		for _, l := range lines {
			fmt.Fprintf(b, "\"%d/%s.json\",\"%s\"\n", l.Year, l.Name, csaf.At(l.Current))
		}
	case Feed:
		for i, l := range lines {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(l.Text)
		}
		if len(lines) == 0 {
			tail = bytes.TrimLeft(tail, " \n")
		}
	case Atom:
		for _, l := range lines {
			b.Write(l.Text)
		}
	case OSVAll, OSVChanges, OSVZip:
		return assembleOSV(k, lines)
	case Plain, Moved:
		return nil, fmt.Errorf("a file of kind %q is no list", k)
	}
	b.Write(tail)
	return b.Bytes(), nil
}

// Order is the order of the lines of a list.
func (k Kind) Order(a, b Line) int {
	switch k {
	case Index: // newest year first (7.1.12)
		if a.Year != b.Year {
			return b.Year - a.Year
		}
		return strings.Compare(b.Name, a.Name)
	case OSVZip, OSVAll:
		return strings.Compare(a.Member.ID, b.Member.ID)
	case OSVChanges:
		if c := b.Member.Modified.Compare(a.Member.Modified); c != 0 {
			return c
		}
		return strings.Compare(a.Member.ID, b.Member.ID)
	case Plain, Moved, Changes, Feed, Atom: // latest first (7.1.13)
	}
	if c := b.Current.Compare(a.Current); c != 0 {
		return c
	}
	return strings.Compare(a.Name, b.Name)
}

// Most is how many lines a list has at most, 0 for all.
func (k Kind) Most() int {
	if k == Atom {
		return maxAtom
	}
	return 0
}

// Lists returns the lists of a project whose documents lie at the places, and those that
// it has in any case. With restricted it has feeds of AMBER and RED, whether or not there
// are documents: who may read them is known, how many there are is not.
func Lists(p people.Project, site string, places []Place, restricted bool, texts Texts) ([]File, error) {
	m := maker{Paths{Slug: p.Slug}, p, site, texts}
	var out []File
	for _, l := range Levels() {
		here := ofLevel(places, l)
		if len(here) == 0 && l != White && (l.Free() || !restricted) {
			continue
		}
		files, err := m.level(l, here)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	white := ofLevel(places, White)
	out = append(out, File{Path: m.t.Atom(), Kind: Atom, Project: p.ID, Level: White, Bytes: m.atomFrame(newest(p.Created, white))})
	if slices.ContainsFunc(white, func(w Place) bool { return w.OSV }) {
		for _, k := range []Kind{OSVAll, OSVChanges, OSVZip} {
			out = append(out, File{Path: m.t.OSV(osvFile(k)), Kind: k, Project: p.ID, Level: White, Bytes: frame(nil, nil)})
		}
	}
	return out, nil
}

func ofLevel(places []Place, l Level) []Place {
	return slices.DeleteFunc(slices.Clone(places), func(x Place) bool { return x.Level != l })
}

// newest is the latest date of the places, since for none.
func newest(since time.Time, places []Place) time.Time {
	for _, x := range places {
		if x.Newest.After(since) {
			since = x.Newest
		}
	}
	return since
}

type maker struct {
	t     Paths
	p     people.Project
	site  string
	texts Texts
}

// level makes index.txt, changes.csv, feeds and category of a level.
func (m maker) level(l Level, here []Place) ([]File, error) {
	list := func(path string, k Kind, year int, framed []byte) File {
		return File{Path: path, Kind: k, Year: year, Project: m.p.ID, Level: l, Bytes: framed}
	}
	feed, err := m.feedFrame(l, 0, newest(m.p.Created, here))
	if err != nil {
		return nil, err
	}
	category, err := csaf.Write(&csaf.CategoryDocument{Categories: csaf.Categories{Category: categories(m.p)}})
	if err != nil {
		return nil, err
	}
	out := []File{
		list(m.t.Index(l), Index, 0, frame(nil, nil)), list(m.t.Changes(l), Changes, 0, frame(nil, nil)),
		list(m.t.Feed(l), Feed, 0, feed), list(m.t.Category(l), Plain, 0, category),
	}
	for _, year := range years(l, here) {
		feed, err := m.feedFrame(l, year.Year, year.Newest)
		if err != nil {
			return nil, err
		}
		out = append(out, list(m.t.YearFeed(l, year.Year), Feed, year.Year, feed))
	}
	return out, nil
}

// years are the places of a level that have a feed of their own. AMBER and RED have none:
// which years there are would tell of documents.
func years(l Level, here []Place) []Place {
	if !l.Free() {
		return nil
	}
	out := ofLevel(here, l)
	slices.SortFunc(out, func(a, b Place) int { return b.Year - a.Year })
	return out
}

// jsonLine is one JSON value without a line feed.
func jsonLine(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(raw)
}
