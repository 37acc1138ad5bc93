package mailmsg

import (
	"fmt"
	"io"
	"strings"
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

func (l Limits) orDefault() Limits {
	for _, f := range []struct {
		have *int64
		want int64
	}{{&l.Size, 64 << 20}, {&l.PartSize, 64 << 20}} {
		if *f.have <= 0 {
			*f.have = f.want
		}
	}
	for _, f := range []struct {
		have *int
		want int
	}{{&l.Depth, 16}, {&l.Parts, 500}, {&l.Fields, 1000}, {&l.HeaderBytes, 256 << 10}, {&l.Text, 1 << 20}, {&l.TextTotal, 4 << 20}} {
		if *f.have <= 0 {
			*f.have = f.want
		}
	}
	return l
}

// maxProblems bounds the list of problems: the first ones tell enough.
const maxProblems = 100

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
	l = l.orDefault()
	rd := &reader{
		msg: &Message{}, limits: l, sink: sink, textLeft: l.TextTotal,
		s: newScanner(r, l.Size), raw: map[*Part][]byte{},
	}
	_, err := rd.entity(place{path: "1", kind: "text/plain"})
	rd.finish()
	return rd.msg, err
}

// reader is one run of Read.
type reader struct {
	msg      *Message
	s        *scanner
	limits   Limits
	sink     Sink
	textLeft int
	raw      map[*Part][]byte // text as sent, for inline OpenPGP, until finish
}

// place is where a part stands.
type place struct {
	path   string
	depth  int
	parent *Part
	index  int    // among its siblings, from 1
	kind   string // media type when the header has none
	before *Part  // the sibling in front of it
	alt    bool   // a further form of what stands in front, within multipart/alternative
}

func (rd *reader) problem(code, where, detail string) {
	if len(rd.msg.Problems) < maxProblems {
		rd.msg.Problems = append(rd.msg.Problems, Problem{Code: code, Where: where, Detail: detail})
	}
}

// entity reads one part with all that is in it. It returns nil and no error when
// a boundary or the end came instead of a part.
func (rd *reader) entity(at place) (*Part, error) {
	if len(rd.msg.Parts) >= rd.limits.Parts {
		return nil, &LimitError{What: "parts", Limit: int64(rd.limits.Parts)}
	}
	p := &Part{Path: at.path, Entity: Range{Start: rd.s.off}}
	var end headerEnd
	var err error
	p.Header, end, err = rd.s.header(rd.limits, func(line string) { rd.problem(ProblemHeaderSyntax, at.path, clip(line)) })
	if at.parent == nil {
		rd.msg.Header = p.Header
		rd.readFields()
	}
	if err == nil && end == endInput && len(p.Header) == 0 && at.parent != nil {
		return nil, nil // an open boundary at the very end
	}
	rd.msg.Parts = append(rd.msg.Parts, p)
	rd.describe(p, at)
	p.Body = Range{Start: rd.s.off, End: rd.s.off}
	if err != nil || end != endBlank {
		p.Role = roleOf(p, at)
		p.Entity.End = rd.s.off
		return p, err
	}
	if boundary, ok := p.boundary(); ok {
		err = rd.multipart(p, boundary, at)
	} else {
		if strings.HasPrefix(p.Type, "multipart/") {
			rd.problem(ProblemBoundary, p.Path, p.Type)
			p.Type = "text/plain"
		}
		p.Role = roleOf(p, at)
		err = rd.leaf(p)
	}
	return p, err
}

// describe fills in what the header says of the part.
func (rd *reader) describe(p *Part, at place) {
	p.Type = at.kind
	if raw, ok := p.Header.Raw("Content-Type"); ok {
		kind, params, _ := parseParams(raw)
		p.Params = params
		if strings.Count(kind, "/") == 1 && !strings.ContainsAny(kind, " \t\"<>") && len(kind) < 200 {
			p.Type = kind
		} else {
			rd.problem(ProblemTypeSyntax, p.Path, clip(raw))
			p.Type = "application/octet-stream"
		}
	}
	if p.Params == nil {
		p.Params = map[string]string{}
	}
	if at.parent != nil && (len(p.Header.All("Content-Type")) > 1 || len(p.Header.All("Content-Transfer-Encoding")) > 1) {
		rd.problem(ProblemHeaderDuplicate, p.Path, "Content-Type")
	}
	if p.Encoding = word(first(p.Header, "Content-Transfer-Encoding")); p.Encoding == "" {
		p.Encoding = "7bit"
	}
	p.ContentID = strings.Trim(decodeWords(first(p.Header, "Content-ID")), "<>")
	if raw, ok := p.Header.Raw("Content-Disposition"); ok {
		kind, params, _ := parseParams(raw)
		if p.Disposition = "attachment"; kind == "inline" {
			p.Disposition = "inline"
		}
		p.Name = safeName(params["filename"])
	}
	if p.Name == "" {
		p.Name = safeName(p.Params["name"])
	}
}

// boundary returns the delimiter of a multipart. RFC 2046 allows 70 characters.
func (p *Part) boundary() (string, bool) {
	b := strings.TrimRight(p.Params["boundary"], " \t")
	return b, strings.HasPrefix(p.Type, "multipart/") && b != "" && len(b) <= 200
}

func (rd *reader) multipart(p *Part, boundary string, at place) error {
	p.Role = Container
	if at.depth >= rd.limits.Depth {
		return &LimitError{What: "depth", Limit: int64(rd.limits.Depth)}
	}
	mine := len(rd.s.bounds)
	rd.s.bounds = append(rd.s.bounds, "--"+boundary)
	kind := "text/plain"
	if p.Type == "multipart/digest" {
		kind = "message/rfc822"
	}
	rd.s.content().skip() // the preamble
	var before *Part
	for i := 1; rd.s.err == nil && rd.s.hit == mine && !rd.s.closing; i++ {
		child, err := rd.entity(place{
			path: fmt.Sprintf("%s.%d", p.Path, i), depth: at.depth + 1, parent: p, index: i, kind: kind, before: before,
			alt: at.alt || p.Type == "multipart/alternative" && before != nil,
		})
		if err != nil {
			return err
		}
		before = child
	}
	closed := rd.s.hit == mine
	rd.s.bounds = rd.s.bounds[:mine]
	if closed {
		end := rd.s.content()
		end.skip() // the epilogue
		p.Body.End = end.end
	} else {
		rd.problem(ProblemUnclosed, p.Path, "")
		p.Body.End = rd.s.off
	}
	p.Entity.End = p.Body.End
	return rd.s.err
}
