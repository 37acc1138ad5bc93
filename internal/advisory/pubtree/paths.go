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
//	csaf/SLUG/white/feed-tlp-white.json       ROLIE feed, with category-white.json beside it
//	csaf/SLUG/white/index.txt, changes.csv
//	csaf/SLUG/white/2026/lan-2026-0001.json   and .asc, .sha256, .sha512
//	advisories/SLUG/lan-2026-0001.html        and .txt, each with .asc
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

// White is the folder of its public documents, with a slash at its end.
func (p Paths) White() string { return p.Root() + "white/" }

// Provider is its provider-metadata.json.
func (p Paths) Provider() string { return p.Root() + "provider-metadata.json" }

// Service is its ROLIE service document.
func (p Paths) Service() string { return p.Root() + "service.json" }

// Key is the file of a public key.
func (p Paths) Key(fingerprint string) string { return p.Root() + "openpgp/" + fingerprint + ".asc" }

// Feed is its ROLIE feed.
func (p Paths) Feed() string { return p.White() + "feed-tlp-white.json" }

// Category is the ROLIE category document beside the feed.
func (p Paths) Category() string { return p.White() + "category-white.json" }

// Index is index.txt (CSAF 2.0, 7.1.12).
func (p Paths) Index() string { return p.White() + "index.txt" }

// Changes is changes.csv (7.1.13).
func (p Paths) Changes() string { return p.White() + "changes.csv" }

// Document is the CSAF file; the folder is the year of the first release (7.1.11).
func (p Paths) Document(year int, file string) string {
	return p.White() + strconv.Itoa(year) + "/" + file + ".json"
}

// Page is the HTML page.
func (p Paths) Page(file string) string { return p.pages() + file + ".html" }

// Text is the text of the list mail.
func (p Paths) Text(file string) string { return p.pages() + file + ".txt" }

// Atom is the feed for readers.
func (p Paths) Atom() string { return p.pages() + "atom.xml" }

func (p Paths) pages() string { return "advisories/" + p.Slug + "/" }

// Name is the name of an advisory's files without extension (CSAF 2.0, 5.1).
func Name(number string) string { return strings.TrimSuffix(csaf.Filename(number), ".json") }
