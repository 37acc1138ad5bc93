package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
)

// fetcher gets a published file as an outsider would: by default through the very
// handler that serves the public, with --public-check from --url over the network,
// through whatever proxy or cache stands before this server.
func (a *App) fetcher() func(context.Context, string) ([]byte, error) {
	if a.cfg.PublicCheck {
		client := egress.Client(egress.Config{Allow: a.cfg.EgressAllow, MaxBytes: maxFetched, UserAgent: "tocsin-public-check"})
		return func(ctx context.Context, path string) ([]byte, error) {
			r, err := publicRequest(ctx, a.cfg.URL, path)
			if err != nil {
				return nil, err
			}
			answer, err := client.Do(r)
			if err != nil {
				return nil, err
			}
			defer answer.Body.Close()
			raw, err := io.ReadAll(answer.Body)
			if err == nil && answer.StatusCode != http.StatusOK {
				err = fmt.Errorf("%s answers %s", r.URL, answer.Status)
			}
			return raw, err
		}
	}
	return func(ctx context.Context, path string) ([]byte, error) {
		r, err := publicRequest(ctx, a.cfg.URL, path)
		if err != nil {
			return nil, err
		}
		w := ask(a.handler, r)
		if w.status != http.StatusOK || w.body.Len() > maxFetched {
			return nil, fmt.Errorf("%s answers %d with %d bytes", r.URL, w.status, w.body.Len())
		}
		return w.body.Bytes(), nil
	}
}

// unchanged asks for a published file as an outsider would who has the state with this ETag.
// Where anything in between answers without a word on it the file counts as another one.
func (a *App) unchanged() func(context.Context, string, string) bool {
	client := egress.Client(egress.Config{Allow: a.cfg.EgressAllow, MaxBytes: maxFetched, UserAgent: "tocsin-public-check"})
	return func(ctx context.Context, path, etag string) bool {
		r, err := publicRequest(ctx, a.cfg.URL, path)
		if err != nil {
			return false
		}
		r.Method = http.MethodHead
		r.Header.Set("If-None-Match", etag)
		if !a.cfg.PublicCheck {
			return ask(a.handler, r).status == http.StatusNotModified
		}
		answer, err := client.Do(r)
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusNotModified
	}
}

// maxFetched bounds a published file: an imported document with room for its indexes.
const maxFetched = 4 * advisory.MaxImport

func publicRequest(ctx context.Context, site, path string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"/"+path, http.NoBody)
	if err == nil {
		r.Header.Set("Cache-Control", "no-cache") // what the readers of a mail get, not what is left of yesterday
	}
	return r, err
}

// kept keeps an answer of the handler.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (k *kept) Header() http.Header { return k.header }

// WriteHeader implements http.ResponseWriter.
func (k *kept) WriteHeader(status int) { k.status = status }

// Write implements http.ResponseWriter.
func (k *kept) Write(p []byte) (int, error) { return k.body.Write(p) }
