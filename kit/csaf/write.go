package csaf

import "github.com/tocsin-sec/tocsin/kit/strictjson"

// Document20 is any of the documents that Write writes.
type Document20 interface {
	*Advisory | *Provider | *Aggregator | *FeedDocument | *ServiceDocument | *CategoryDocument
}

// Write returns the canonical bytes of a document: members in the order of the
// standard's examples (sorted in advisories, 5.3), two spaces, no escapes that JSON
// does not ask for, one line feed at the end. Equal documents give equal bytes. It
// does not check the document; read it back with ReadAdvisory to do so. It fails on
// numbers that JSON cannot hold.
func Write[D Document20](doc D) ([]byte, error) { return strictjson.Write(doc) }
