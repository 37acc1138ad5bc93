package walk

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// maildir is where the smarthost delivers everything.
type maildir struct {
	t   *testing.T
	dir string
}

// letter is one mail in the Maildir.
type letter struct {
	raw     []byte // without the sink's own lines
	head    mail.Header
	subject string
	body    string
	to      string // envelope
	from    string // envelope
}

// all returns every mail in the order of arrival.
func (m maildir) all() []letter {
	m.t.Helper()
	files, err := filepath.Glob(filepath.Join(m.dir, "new", "*"))
	if err != nil {
		m.t.Fatal(err)
	}
	sort.Strings(files)
	out := make([]letter, 0, len(files))
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			m.t.Fatal(err)
		}
		out = append(out, m.parse(raw))
	}
	return out
}

func (m maildir) parse(raw []byte) letter {
	m.t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.t.Fatalf("a mail in the Maildir cannot be read: %v\n%s", err, raw)
	}
	body, err := io.ReadAll(msg.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	l := letter{head: msg.Header, body: string(body), to: strings.Trim(msg.Header.Get("X-Envelope-To"), `[]"`), from: msg.Header.Get("X-Envelope-From")}
	l.subject = msg.Header.Get("Subject")
	if s, err := new(mime.WordDecoder).DecodeHeader(l.subject); err == nil {
		l.subject = s
	}
	_, l.raw, _ = bytes.Cut(raw, []byte("\r\n"))
	_, l.raw, _ = bytes.Cut(l.raw, []byte("\r\n"))
	return l
}

// to returns the mails to an address.
func (m maildir) to(address string) []letter {
	m.t.Helper()
	var out []letter
	for _, l := range m.all() {
		if strings.EqualFold(l.to, address) {
			out = append(out, l)
		}
	}
	return out
}

// waits returns the first mail to the address that fits; it waits for it to arrive.
func (m maildir) waits(address, what string, fits func(letter) bool) letter {
	m.t.Helper()
	var found letter
	until(m.t, patience, func() bool {
		for _, l := range m.to(address) {
			if fits(l) {
				found = l
				return true
			}
		}
		return false
	}, func() {
		var b strings.Builder
		for _, l := range m.all() {
			fmt.Fprintf(&b, "to %s: %s\n", l.to, l.subject)
		}
		m.t.Errorf("no mail to %s: %s; there are:\n%s", address, what, b.String())
	})
	return found
}

// link waits for a mail to the address with a link whose path begins with prefix, and
// returns the link's path.
func (m maildir) link(address, prefix string) string {
	m.t.Helper()
	re := regexp.MustCompile(`https://localhost:\d+(` + regexp.QuoteMeta(prefix) + `[A-Za-z0-9_\-./]+)`)
	l := m.waits(address, "with a link to "+prefix, func(l letter) bool { return re.MatchString(l.text()) })
	return re.FindStringSubmatch(l.text())[1]
}

// text is every text of the mail, decoded.
func (l letter) text() string {
	return texts(l.head.Get("Content-Type"), l.head.Get("Content-Transfer-Encoding"), strings.NewReader(l.body))
}
