package rule

import (
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Options is what tests may need besides the typed document. Every part is optional.
type Options struct {
	// Data is the document as it was read: the tests of its order (6.2.13) need it.
	Data []byte
	// Sorted says that the members of Data are sorted, when InspectAdvisory found so.
	Sorted bool
	// Problems are those of the reader: tests of the structure (6.1.8, 6.2.20) need them.
	Problems csaf.Problems
	// Now is the day of the check, for tests that compare with it.
	Now time.Time
	// Fetcher asks for an URL and returns the HTTP status after redirects (6.3.6,
	// 6.3.7). It must bound its time; it fails when there is no answer.
	Fetcher func(url string) (status int, err error)
	// Speller returns a function that knows the words of a language, nil when it has
	// no words of that language (6.3.8). The language is a tag of RFC 5646.
	Speller func(lang string) func(word string) bool
	// Grammar returns the mistakes of a text (6.3.16 of CSAF 2.1).
	Grammar func(lang, text string) []string
	// Extension returns what is known of a CSAF extension by its $schema, nil when
	// it is not known (6.1.60, 6.2.54 and 6.3.21 of CSAF 2.1).
	Extension func(schema string) *Extension
}

// Extension is what is known of one CSAF extension.
type Extension struct {
	Official   bool                    // published by the OASIS CSAF TC
	Registered bool                    // in the TC's registry
	Check      func(item []byte) error // validates one item against the extension's schema
	Metadata   []byte                  // its metadata document, as it is
}

// Env is the shared view of one document: indexes that are made when the first test
// asks for them. The lists that it returns belong to it; tests do not change them.
type Env struct {
	Options
	doc20 *csaf.Advisory
	doc21 *csaf21.Advisory

	treeDone, groupsDone, refsDone, datesDone, urlsDone bool
	products                                            []Product
	branches                                            []Branch
	byID                                                map[string]int32 // of products
	numbers                                             map[string]int32
	defined                                             int32 // ids of the tree
	groups                                              []Group
	groupByID                                           map[string]int32
	productRefs, groupRefs                              []Refs
	singles                                             []string  // backs the Refs with one id
	members                                             [][]int32 // of groups, for Reach
	reached                                             int
	dates                                               []DateAt
	urls                                                []URLAt
}

// New20 returns the Env of a CSAF 2.0 document.
func New20(doc *csaf.Advisory, o Options) *Env { return &Env{Options: o, doc20: doc} }

// New21 returns the Env of a CSAF 2.1 document.
func New21(doc *csaf21.Advisory, o Options) *Env { return &Env{Options: o, doc21: doc} }

// Unsorted calls report with the pointer of each member that should stand before the
// member it follows (6.2.13); it stops when report returns false.
func (e *Env) Unsorted(report func(pointer string) bool) {
	if !e.Sorted && len(e.Data) > 0 {
		strictjson.Unsorted(e.Data, report)
	}
}

// meets are the needs that the options meet.
func (e *Env) meets() Need {
	var n Need
	if e.Fetcher != nil {
		n |= Network
	}
	if e.Speller != nil {
		n |= Words
	}
	if e.Grammar != nil {
		n |= Grammar
	}
	return n
}
