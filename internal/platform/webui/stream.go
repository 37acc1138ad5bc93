package webui

import (
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Stream in the input of an API operation is the request's body as it arrives, which
// nobody else has read: a file. The handler bounds what it reads.
type Stream struct{ r io.Reader }

// Resolve implements huma.Resolver.
func (b *Stream) Resolve(hc huma.Context) []error {
	b.r = hc.BodyReader()
	return nil
}

// Reader returns the body.
func (b *Stream) Reader() io.Reader { return b.r }

// File answers an API operation with a file to keep, under the same headers as
// Ctx.Download. It closes r.
func File(name, contentType string, r io.ReadSeekCloser) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer r.Close()
		req, w := humago.Unwrap(hc)
		asFile(w.Header(), name, contentType)
		http.ServeContent(w, req, "", time.Time{}, r)
	}}
}

// asFile sets the headers of a file that no browser shows from our address.
func asFile(h http.Header, name, contentType string) {
	h.Set("Content-Type", harmless(contentType))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": cleanName(name)}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
}
