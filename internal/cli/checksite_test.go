package cli_test

import (
	"fmt"
	"io"
	"net/http"
)

// publicFiles answers without a token what the script of check asks for; everything else is
// next's.
func publicFiles(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	file := func(name, text string) {
		mux.HandleFunc("GET /public/"+name, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, text, "http://"+r.Host+"/public")
		})
	}
	mux.HandleFunc("GET /public/good.json", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"schema_version": "1.7.0", "id": "x_EX-1", "modified": "2026-01-01T00:00:00Z",
 "affected": [{"package": {"ecosystem": "PyPI", "name": "lantern"}, "versions": ["1.0"]}]}`)
	})
	file("page.json", "<!doctype html><title>%s</title>")
	file("provider-metadata.json", `{"canonical_url":"%[1]s/provider-metadata.json","metadata_version":"2.0","distributions":[
{"directory_url":"%[1]s"},{"rolie":{"feeds":[{"tlp_label":"WHITE","url":"%[1]s/feed.json"}]}}]}`)
	file("index.txt", "page.json\nnothing.json\n%.0s")
	file("feed.json", `{"feed":{"entry":[{"content":{"type":"application/json","src":"%[1]s/good.json"}},{"content":{"src":"%[1]s/good.json"}},
{"content":{"src":"file:///etc/passwd"}},{"content":{"src":"http://127.0.0.1:1/private.json"}}]}}`)
	mux.HandleFunc("GET /public/never.json", func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.Handle("/", next)
	return mux
}
