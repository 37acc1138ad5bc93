package webui

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxTyped bounds the form of somebody who is not signed in that is read back to him.
const maxTyped = 1 << 20

// typed returns the texts of a form that was refused because its session is over, so that
// nothing typed is lost: the page shows them for copying. What may be a secret, and what
// nobody typed (ids, choices), is left out.
func (c *Ctx) typed() []string {
	t, _, _ := mime.ParseMediaType(c.R.Header.Get("Content-Type"))
	if c.R.Method != http.MethodPost || t != "application/x-www-form-urlencoded" && t != "multipart/form-data" ||
		c.R.ContentLength < 0 || c.R.ContentLength > maxTyped {
		return nil
	}
	form := c.Form()
	var names []string
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []string
	for _, name := range names {
		if slices.ContainsFunc([]string{"password", "code", "token", "secret", "key"}, func(s string) bool { return strings.Contains(name, s) }) {
			continue
		}
		for _, v := range form[name] {
			if v = strings.TrimSpace(v); strings.ContainsAny(v, " \n") {
				out = append(out, v)
			}
		}
	}
	return out
}

// cameFrom is the page of this site that sent the form, to go on from after the sign-in.
func (c *Ctx) cameFrom() string {
	u, err := url.Parse(c.R.Referer())
	if err != nil || u.Host != c.R.Host {
		return "/"
	}
	return LocalPath(u.RequestURI())
}
