package checkrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// web is a document at an URL, an archive there, or a provider with all it lists.
func (s *Source) web(ctx context.Context, address string, yield func(Document) bool) bool {
	u, err := url.Parse(address)
	if err != nil {
		return yield(failed(address, err))
	}
	lists := s.Follow && path.Base(u.Path) == "provider-metadata.json"
	if !lists && !strings.HasSuffix(u.Path, ".zip") {
		return yield(Document{Name: address, Read: func(ctx context.Context) ([]byte, error) { return s.get(ctx, s.Named, address) }})
	}
	data, err := s.get(ctx, s.Named, address)
	if err == nil && beginsZIP(data) {
		return s.entries(address, bytes.NewReader(data), int64(len(data)), yield)
	}
	if !yield(Document{Name: address, Read: func(context.Context) ([]byte, error) { return data, err }}) {
		return false
	}
	if err != nil || !lists {
		return true
	}
	l := &listing{source: s, host: u.Host, seen: map[string]bool{address: true}, yield: yield}
	return l.provider(ctx, data)
}

// get asks for a document. Time, redirects and size are the client's bounds.
func (s *Source) get(ctx context.Context, c *http.Client, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.Do(r)
	if err != nil {
		return nil, noAnswer(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %s", answer.Status)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, s.MaxBytes+1))
	if err != nil {
		return nil, noAnswer(err)
	}
	return data, nil
}

// noAnswer says plainly why there is no document; the URL stands before it.
func noAnswer(err error) error {
	if errors.Is(err, egress.ErrAddress) {
		return errors.New("not asked for: it leads to a private address, and only URLs that you name may")
	}
	if errors.Is(err, egress.ErrTooLarge) {
		return errors.New("larger than a document may be")
	}
	if errors.Is(err, egress.ErrRedirects) || errors.Is(err, egress.ErrScheme) {
		return errors.New("too many redirects, or one to something that is no URL of http or https")
	}
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return errors.New("no whole answer in time")
		}
		return fmt.Errorf("no answer: %w", u.Err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("no whole answer in time")
	}
	return fmt.Errorf("no whole answer: %w", err)
}

// listing goes through what a provider lists.
type listing struct {
	source *Source
	host   string // of the provider: it was named
	seen   map[string]bool
	yield  func(Document) bool
}

// client is the guarded one for addresses on other hosts than the provider's: nobody
// named those.
func (l *listing) client(address string) *http.Client {
	if u, err := url.Parse(address); err == nil && u.Host == l.host {
		return l.source.Named
	}
	return l.source.Listed
}

func (l *listing) provider(ctx context.Context, data []byte) bool {
	// Both versions list their documents in the same members; what else is wrong the
	// check of the document itself says.
	doc, _ := csaf.ReadProvider(data, csaf.Limits{Problems: 1})
	for _, d := range doc.Distributions {
		if d.ROLIE != nil {
			for _, f := range d.ROLIE.Feeds {
				if !l.feed(ctx, f.URL) {
					return false
				}
			}
		}
		if d.DirectoryURL != "" && !l.directory(ctx, d.DirectoryURL) {
			return false
		}
	}
	return true
}

func (l *listing) feed(ctx context.Context, address string) bool {
	if l.known(address) {
		return true
	}
	data, err := l.source.get(ctx, l.client(address), address)
	if !l.yield(Document{Name: address, Found: true, Read: func(context.Context) ([]byte, error) { return data, err }}) {
		return false
	}
	if err != nil {
		return true
	}
	feed, _ := csaf.ReadFeed(data, csaf.Limits{Problems: 1})
	for _, e := range feed.Feed.Entry {
		if !l.document(e.Content.Src) {
			return false
		}
	}
	return true
}

func (l *listing) directory(ctx context.Context, address string) bool {
	base := strings.TrimSuffix(address, "/") + "/"
	index := base + "index.txt"
	if l.known(index) {
		return true
	}
	data, err := l.source.get(ctx, l.client(index), index)
	if err != nil {
		return l.yield(failed(index, err))
	}
	for line := range strings.Lines(string(data)) {
		if name := strings.TrimSpace(line); name != "" && !l.document(base+name) {
			return false
		}
	}
	return true
}

func (l *listing) document(address string) bool {
	if l.known(address) {
		return true
	}
	if len(l.seen) > maxListed {
		l.yield(failed(address, fmt.Errorf("the provider lists more than %d documents", maxListed)))
		return false
	}
	if !isURL(address) {
		return l.yield(failed(address, errors.New("the provider lists something that is no URL of http or https")))
	}
	return l.yield(Document{Name: address, Found: true, Read: func(ctx context.Context) ([]byte, error) {
		return l.source.get(ctx, l.client(address), address)
	}})
}

func (l *listing) known(address string) bool {
	was := l.seen[address]
	l.seen[address] = true
	return was
}
