package rule

import (
	"net/url"
	"strings"
)

// mostURLs bounds how many different URLs of one document are asked for.
const mostURLs = 500

// Unreachable calls found for each URL that does not resolve with a status of 2xx or
// 3xx (6.3.6 and 6.3.7): references of category self, or all others. Hosts under
// .invalid never resolve, and example.com, example.net and example.org always do,
// without a look-up (RFC 2606; RFC 6761, 6.4 and 6.5); for all others Options.Fetcher
// decides. Only http and https URLs are looked up; each URL once, and at most 500.
func (e *Env) Unreachable(self bool, found func(u *URLAt, why string)) {
	verdicts := map[string]string{}
	all := e.URLs()
	for i := range all {
		u := &all[i]
		if u.Self != self || u.URL == "" {
			continue
		}
		why, known := verdicts[u.URL]
		if !known {
			if len(verdicts) >= mostURLs {
				return
			}
			why = e.unreachable(u.URL)
			verdicts[u.URL] = why
		}
		if why != "" {
			found(u, why)
		}
	}
}

// unreachable says why an URL does not resolve, "" when it does.
func (e *Env) unreachable(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "it is no URL"
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "it is no HTTP URL"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	for _, special := range [...]string{"example.com", "example.net", "example.org"} {
		if host == special || strings.HasSuffix(host, "."+special) {
			return ""
		}
	}
	switch {
	case host == "":
		return "it has no host"
	case host == "invalid" || strings.HasSuffix(host, ".invalid"):
		return "hosts under .invalid do not exist"
	case e.Fetcher == nil:
		return ""
	}
	status, err := e.Fetcher(address)
	switch {
	case err != nil:
		return "no answer: " + err.Error()
	case status < 200 || status >= 400:
		return "the status is not 2xx or 3xx"
	}
	return ""
}
