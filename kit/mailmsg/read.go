package mailmsg

import (
	"errors"
	"io"
)

// Limits bounds what Read spends on a mail. A zero field means the default.
type Limits struct {
	Size        int64 // bytes of the whole input; default 64 MiB
	PartSize    int64 // decoded bytes of one part; default 64 MiB
	Depth       int   // nesting of multiparts; default 16
	Parts       int   // parts, containers included; default 500
	Fields      int   // header fields of one part; default 1000
	HeaderBytes int   // bytes of one part's header; default 256 KiB
	Text        int   // bytes of text kept for one part; default 1 MiB
	TextTotal   int   // bytes of text kept for all parts; default 4 MiB
}

// Sink is given each part that is not a container, in the order of the mail,
// with its decoded content as it is read. It need not read all of it; what it
// leaves is skipped. It may set p.Ref. Size, Text and HTML of p are not known yet.
// An error ends Read and is returned by it.
type Sink func(p *Part, content io.Reader) error

// Read reads one mail from r. A nil sink skips the attachments.
//
// The message is never nil. On a *LimitError, an error of r or of the sink it
// holds what was read until then; other faults of the mail are not errors but
// Problems.
func Read(r io.Reader, l Limits, sink Sink) (*Message, error) {
	return &Message{}, errors.New("mailmsg: not yet")
}
