package deskweb

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/desk"
)

// The spam guard of the public form needs no third party: a form must be one that
// we gave out, not faster than a person can press a button and not older than a
// day, and a field that nobody sees must stay empty. Desk counts forms for each network.
const (
	formAtLeast = time.Second
	formAtMost  = 24 * time.Hour
)

// stamp marks a fresh form: its id, when it was made, and our keyed hash of both.
func (p *Pages) stamp(id string, now time.Time) string {
	body := id + "." + strconv.FormatInt(now.Unix(), 10)
	return body + "." + p.MAC("deskweb.form", body)
}

func newForm() string { return ident.New() }

// stamped returns the id of a form that we gave out, and whether its age is that
// of a form that a person fills in.
func (p *Pages) stamped(s string, now time.Time) (id string, timely, ok bool) {
	cut := strings.LastIndexByte(s, '.')
	if cut < 0 || !same(p.MAC("deskweb.form", s[:cut]), s[cut+1:]) {
		return "", false, false
	}
	id, at, _ := strings.Cut(s[:cut], ".")
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return "", false, false
	}
	age := now.Sub(time.Unix(sec, 0))
	return id, age >= formAtLeast && age <= formAtMost, true
}

// pack carries the files that were stored already through a form that comes again.
func (p *Pages) pack(id string, staged []desk.Staged) string {
	if len(staged) == 0 {
		return ""
	}
	raw, err := json.Marshal(staged)
	if err != nil {
		return ""
	}
	body := base64.RawURLEncoding.EncodeToString(raw)
	return body + "." + p.MAC("deskweb.files", id+"."+body)
}

// unpack reads what pack wrote for the same form; anything else is no files.
func (p *Pages) unpack(id, s string) []desk.Staged {
	body, mac, ok := strings.Cut(s, ".")
	if !ok || !same(p.MAC("deskweb.files", id+"."+body), mac) {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil
	}
	var out []desk.Staged
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
