// Package htmltext renders the HTML of a mail as plain text for people who must
// not load anything. It is a reader, not a sanitiser: its output is text and has
// to be escaped like any other text. Reading the mail itself is mailmsg.
package htmltext

import (
	"html"
	"strings"
	"unicode"
)

// Render renders HTML as plain text: scripts, styles and comments go, blocks become lines, list items get a dash,
// the target of a link stands behind its text when it is another one, and images
// give their alternative text. It is linear in the length of src and never fails.
func Render(src string) string {
	r := renderer{src: src}
	for r.pos < len(r.src) {
		i := strings.IndexByte(r.src[r.pos:], '<')
		if i < 0 {
			r.text(r.src[r.pos:])
			break
		}
		r.text(r.src[r.pos : r.pos+i])
		r.pos += i
		r.tag()
	}
	return strings.TrimSpace(r.out.String())
}

type renderer struct {
	src   string
	pos   int
	out   strings.Builder
	lines int  // line ends at the end of out
	space bool // white space was seen and not yet written
	quote int  // depth of blockquote
	pre   int
	href  string // of the open link
	label int    // length of out where its text began
	gone  map[string]bool
}

// text writes character data.
func (r *renderer) text(s string) {
	if s == "" {
		return
	}
	s = html.UnescapeString(s)
	if r.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				r.newline()
			}
			r.write(line)
		}
		return
	}
	for _, c := range s {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' {
			r.space = true
			continue
		}
		if c < ' ' {
			continue
		}
		if c == 0xa0 {
			c = ' '
		}
		if r.space && r.lines == 0 && r.out.Len() > 0 {
			r.out.WriteByte(' ')
		}
		r.space = false
		r.indent()
		r.out.WriteRune(c)
	}
}

func (r *renderer) write(s string) {
	if s == "" {
		return
	}
	if r.space && r.lines == 0 && r.out.Len() > 0 {
		r.out.WriteByte(' ')
	}
	r.space = false
	r.indent()
	r.out.WriteString(s)
}

// indent writes the marks of quotations at the start of a line.
func (r *renderer) indent() {
	if r.lines > 0 || r.out.Len() == 0 {
		for range min(r.quote, 8) {
			r.out.WriteString("> ")
		}
	}
	r.lines = 0
}

// newline ends the line, or makes an empty one.
func (r *renderer) newline() {
	r.space = false
	if r.out.Len() > 0 {
		r.out.WriteByte('\n')
		r.lines++
	}
}

// apart makes sure that n line ends stand before what follows.
func (r *renderer) apart(n int) {
	r.space = false
	for r.out.Len() > 0 && r.lines < n {
		r.newline()
	}
}

// tag reads what begins with "<".
func (r *renderer) tag() {
	rest := r.src[r.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		r.until("-->", 4)
		return
	case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
		r.until(">", 2)
		return
	}
	closing := strings.HasPrefix(rest, "</")
	i := 1
	if closing {
		i = 2
	}
	start := i
	for i < len(rest) && (isLetter(rest[i]) || i > start && rest[i] >= '0' && rest[i] <= '9') {
		i++
	}
	if i == start {
		r.text("<")
		r.pos++
		return
	}
	name := strings.ToLower(rest[start:min(i, start+20)])
	end := tagEnd(rest, i)
	attrs := rest[i:end]
	r.pos += min(end+1, len(rest))
	if closing {
		r.close(name)
	} else {
		r.open(name, attrs)
	}
}

// until skips to behind mark, from skip bytes on.
func (r *renderer) until(mark string, skip int) {
	if r.gone[mark] {
		r.pos = len(r.src)
		return
	}
	i := strings.Index(r.src[r.pos+skip:], mark)
	if i < 0 {
		r.pos = len(r.src)
		return
	}
	r.pos += skip + i + len(mark)
}

// tagEnd returns the index of the ">" of a tag, outside of quotes. A quote that
// never ends is taken for none: that scan happens once for each kind of quote.
func tagEnd(s string, from int) int {
	var quote byte
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '>':
			return i
		case (c == '"' || c == '\'') && s[i-1] == '=':
			quote = c
		}
	}
	if i := strings.IndexByte(s[from:], '>'); quote != 0 && i >= 0 {
		return from + i
	}
	return len(s)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (r *renderer) open(name, attrs string) {
	switch name {
	case "script", "style", "title", "template", "iframe", "object", "svg", "textarea", "select":
		if !strings.HasSuffix(attrs, "/") {
			r.skipElement(name)
		}
	case "br":
		r.newline()
	case "hr":
		r.apart(1)
		r.write("----")
		r.apart(1)
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table":
		r.apart(2)
	case "div", "tr", "section", "article", "header", "footer", "dt", "dd", "address", "form":
		r.apart(1)
	case "li":
		r.apart(1)
		r.write("- ")
	case "td", "th":
		r.space = true
	case "blockquote":
		r.apart(2)
		r.quote++
	case "pre":
		r.apart(1)
		r.pre++
	case "img":
		if alt := attr(attrs, "alt"); alt != "" {
			r.write("[" + alt + "]")
		}
	case "a":
		r.href, r.label = attr(attrs, "href"), r.out.Len()
	}
}

func (r *renderer) close(name string) {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table":
		r.apart(2)
	case "div", "tr", "li", "section", "article", "header", "footer", "dt", "dd", "address", "form":
		r.apart(1)
	case "blockquote":
		r.apart(2)
		r.quote = max(0, r.quote-1)
	case "pre":
		r.apart(1)
		r.pre = max(0, r.pre-1)
	case "a":
		if r.href != "" && r.label <= r.out.Len() {
			label := strings.TrimSpace(r.out.String()[r.label:])
			if target := strings.TrimPrefix(r.href, "mailto:"); target != label && !strings.HasPrefix(target, "#") {
				r.write(" <" + target + ">")
			}
		}
		r.href = ""
	}
}

// skipElement skips to behind the closing tag of name. A name that was once not
// found is not looked for again, so that the whole stays linear.
func (r *renderer) skipElement(name string) {
	if r.gone[name] {
		return
	}
	mark := "</" + name
	for at := r.pos; ; {
		i := strings.IndexByte(r.src[at:], '<')
		if i < 0 {
			break
		}
		at += i
		if len(r.src)-at >= len(mark) && strings.EqualFold(r.src[at:at+len(mark)], mark) {
			r.pos = at
			r.until(">", 0)
			return
		}
		at++
	}
	if r.gone == nil {
		r.gone = map[string]bool{}
	}
	r.gone[name] = true
}

// attr returns the value of an attribute, clean and at most 2,000 bytes long.
func attr(attrs, name string) string {
	for s := attrs; s != ""; {
		i := strings.IndexByte(s, '=')
		if i < 0 {
			return ""
		}
		key := strings.TrimSpace(s[:i])
		if j := strings.LastIndexAny(key, " \t\r\n/"); j >= 0 {
			key = key[j+1:]
		}
		s = strings.TrimLeft(s[i+1:], " \t\r\n")
		var value string
		if s != "" && (s[0] == '"' || s[0] == '\'') {
			value, s, _ = strings.Cut(s[1:], s[:1])
		} else if j := strings.IndexAny(s, " \t\r\n>"); j >= 0 {
			value, s = s[:j], s[j:]
		} else {
			value, s = s, ""
		}
		if strings.EqualFold(key, name) {
			return oneLine(html.UnescapeString(value[:min(len(value), 2000)]))
		}
	}
	return ""
}

// oneLine drops control and direction characters, which could make a link's
// target look like another one (Unicode TR 36 section 2.5).
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}
