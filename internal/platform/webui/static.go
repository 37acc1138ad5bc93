package webui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var assetFiles embed.FS

// statics serves the embedded assets under names that hold their hash, so that a
// browser may keep them for ever.
type statics struct {
	names map[string]string // "tocsin.css" -> "/static/tocsin.1a2b3c4d5e6f.css"
	files map[string][]byte // by path
}

func newStatics() *statics {
	s := &statics{names: map[string]string{}, files: map[string][]byte{}}
	err := fs.WalkDir(assetFiles, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		short := strings.TrimPrefix(name, "assets/")
		ext := path.Ext(short)
		hashed := "/static/" + strings.TrimSuffix(short, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		s.names[short], s.files[hashed] = hashed, raw
		return nil
	})
	if err != nil {
		panic("webui: assets: " + err.Error())
	}
	return s
}

// ServeHTTP sends an asset by its hashed name; other names do not exist.
func (s *statics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	ctype := mime.TypeByExtension(path.Ext(r.URL.Path))
	switch path.Ext(r.URL.Path) { // do not depend on the machine's mime.types
	case ".css":
		ctype = "text/css; charset=utf-8"
	case ".js":
		ctype = "text/javascript; charset=utf-8"
	case ".svg":
		ctype = "image/svg+xml"
	case ".txt":
		ctype = "text/plain; charset=utf-8"
	}
	h := w.Header()
	h.Set("Content-Type", ctype)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(raw)
}
