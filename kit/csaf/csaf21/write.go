package csaf21

import "github.com/tocsin-sec/tocsin/kit/strictjson"

// Document21 is any of the documents that Write writes.
type Document21 interface {
	*Advisory | *Provider | *Aggregator | *FeedDocument | *ServiceDocument | *CategoryDocument
}

// Write returns the canonical bytes of a document: members sorted as the standard
// asks (5.3), two spaces, no escapes that JSON does not ask for, one line feed at the
// end. Equal documents give equal bytes. It does not check the document; read it back
// with ReadAdvisory to do so. It fails on numbers that JSON cannot hold and on
// extensions that are no JSON.
func Write[D Document21](doc D) ([]byte, error) { return strictjson.Write(doc) }
