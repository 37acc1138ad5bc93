package pubtree

import (
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// The published tree, as paths below the site's root, without a slash in front:
//
//	.well-known/security.txt
//	.well-known/csaf/provider-metadata.json   the site's first project, same bytes as below
//	.well-known/csaf/service.json             its service document
//	csaf/SLUG/provider-metadata.json
//	csaf/SLUG/service.json                    ROLIE service document
//	csaf/SLUG/openpgp/FINGERPRINT.asc
//	csaf/SLUG/white/feed-tlp-white.json       ROLIE feed of all documents of the level
//	csaf/SLUG/white/feed-tlp-white-2026.json  and of one year
//	csaf/SLUG/white/category-white.json
//	csaf/SLUG/white/index.txt, changes.csv
//	csaf/SLUG/white/2026/lan-2026-0001.json   and .asc, .sha256, .sha512
//	csaf/SLUG/green/..., amber/..., red/...   the same, but no feeds by year in amber and red
//	osv/SLUG/all.json, modified_id.csv, all.zip, LAN-2026-0001.json
//	advisories/SLUG/lan-2026-0001.html        and .txt, each with .asc; not of amber and red
//	advisories/SLUG/atom.xml
//	advisories/advisory.css
//
// A project keeps its paths when others join the site.
const (
	PathSecurityTxt = ".well-known/security.txt"
	PathProvider    = ".well-known/csaf/provider-metadata.json"
	PathService     = ".well-known/csaf/service.json" // beside it, as csaf_checker looks
	PathStyle       = "advisories/advisory.css"
)

// Paths names the files of one project.
type Paths struct{ Slug string }

// Root is the folder of the project's CSAF files, with a slash at its end.
func (p Paths) Root() string { return "csaf/" + p.Slug + "/" }

// Folder is the folder of a level's documents, with a slash at its end.
func (p Paths) Folder(l Level) string { return p.Root() + l.lower() + "/" }

// Provider is its provider-metadata.json.
func (p Paths) Provider() string { return p.Root() + "provider-metadata.json" }

// Service is its ROLIE service document.
func (p Paths) Service() string { return p.Root() + "service.json" }

// Key is the file of a public key.
func (p Paths) Key(fingerprint string) string { return p.Root() + "openpgp/" + fingerprint + ".asc" }

// Feed is the ROLIE feed of a level: all of its documents (CSAF 2.0, 7.1.15).
func (p Paths) Feed(l Level) string { return p.Folder(l) + "feed-tlp-" + l.lower() + ".json" }

// YearFeed is the ROLIE feed of a level's documents of one year.
func (p Paths) YearFeed(l Level, year int) string {
	return p.Folder(l) + "feed-tlp-" + l.lower() + "-" + strconv.Itoa(year) + ".json"
}

// Category is the ROLIE category document beside the feeds of a level.
func (p Paths) Category(l Level) string { return p.Folder(l) + "category-" + l.lower() + ".json" }

// Index is index.txt (CSAF 2.0, 7.1.12).
func (p Paths) Index(l Level) string { return p.Folder(l) + "index.txt" }

// Changes is changes.csv (7.1.13).
func (p Paths) Changes(l Level) string { return p.Folder(l) + "changes.csv" }

// Document is the CSAF file; the folder is the year of the first release (7.1.11).
func (p Paths) Document(l Level, year int, file string) string {
	return p.Folder(l) + strconv.Itoa(year) + "/" + file + ".json"
}

// Page is the HTML page.
func (p Paths) Page(file string) string { return p.pages() + file + ".html" }

// Text is the text of the list mail.
func (p Paths) Text(file string) string { return p.pages() + file + ".txt" }

// Atom is the feed for readers.
func (p Paths) Atom() string { return p.pages() + "atom.xml" }

func (p Paths) pages() string { return "advisories/" + p.Slug + "/" }

// OSV is a file of the project's OSV source: "all.json", "LAN-2026-0001.json".
func (p Paths) OSV(file string) string { return "osv/" + p.Slug + "/" + file }

// Name is the name of an advisory's files without extension (CSAF 2.0, 5.1).
func Name(number string) string { return strings.TrimSuffix(csaf.Filename(number), ".json") }
