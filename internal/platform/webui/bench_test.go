package webui_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func BenchmarkCasePage(b *testing.B) {
	h := exampleApp(b).Handler()
	r := httptest.NewRequest("GET", "/case", nil)
	b.ReportAllocs()
	for b.Loop() {
		w := &discard{header: http.Header{}}
		h.ServeHTTP(w, r)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return io.Discard.Write(b) }
func (d *discard) WriteHeader(int)             {}
