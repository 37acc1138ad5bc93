package edition

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/page"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Preview is every output of the working revision as it would be published now,
// unsigned.
type Preview struct {
	Hash     string
	Number   string // taken already, or a placeholder
	JSON     []byte
	Page     []byte
	Subject  string
	Mail     []byte
	Problems []fault.Field
	// Breach is the first breach of the standard, nil when there is none.
	Breach error

	At time.Time // the instant that the documents carry
}

// PreviewOf makes the preview of the advisory with this id at an instant.
func PreviewOf(r Renderer, in record.Input, advisory string, now time.Time) (Preview, error) {
	out := Preview{At: now, Hash: in.Content.Hash(), Number: in.Number, Problems: in.Content.Problems()}
	if len(out.Problems) == 0 {
		_, _, out.Breach = record.Document(in)
	}
	in.Loose = true
	doc, raw, err := record.Document(in)
	if err != nil {
		return Preview{}, err
	}
	o, err := page.Of(in, doc)
	if err != nil {
		return Preview{}, err
	}
	o.Preview = "/advisory/" + advisory + "/preview"
	out.JSON = raw
	if out.Page, err = r.Page(o); err != nil {
		return Preview{}, err
	}
	out.Subject, out.Mail, err = r.Mail(o)
	return out, err
}

// Readable is the mail with its subject.
func (p Preview) Readable() string { return "Subject: " + p.Subject + "\n\n" + string(p.Mail) }

// Comparison is the text of the revision in work beside that of the last one which
// somebody approved, both as they would be published now.
type Comparison struct {
	Revision int
	Text     string // of the mail, which has all that people read
	JSON     string // the CSAF document
	Since    int    // number of the earlier revision, 0 for none
	Before   string
	JSONThen string
}

// Made is one output of emit.Formats.
type Made struct {
	Format emit.Format
	Number string
	Bytes  []byte
	// Breach is why it cannot be published like this, nil when it can.
	Breach error
}
