package downstream

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Message is the body of a webhook (Standard Webhooks: type, timestamp, data).
type Message struct {
	Type      string    `json:"type"` // "advisory.published"
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data says what was published.
type Data struct {
	Project    string    `json:"project"`  // its short name
	Advisory   string    `json:"advisory"` // "LAN-2026-0001"
	Revision   string    `json:"revision"` // version of the document
	TLP        string    `json:"tlp"`
	Title      string    `json:"title"`
	Withdrawn  bool      `json:"withdrawn,omitempty"`
	Superseded bool      `json:"superseded,omitempty"` // the document names its successor
	Products   []Touched `json:"products"`
	Document   string    `json:"document,omitempty"` // address of the CSAF file
	Page       string    `json:"page,omitempty"`
	Changed    []string  `json:"changed"` // addresses that changed with it
}

// newEvent makes the event of a publication from its document. Paths of a stricter
// level than the document's own are not told.
func newEvent(site string, p people.Project, f advisory.Published, place pubtree.Place, doc *csaf.Advisory, now time.Time) (Event, error) {
	tlp := "WHITE"
	if d := doc.Document.Distribution; d != nil && d.TLP != nil && d.TLP.Label != "" {
		tlp = d.TLP.Label
	}
	e := Event{ID: ident.New(), Project: p.ID, Number: f.Number, Version: f.Version, TLP: tlp, Title: doc.Document.Title, Touched: touched(doc), Created: now}
	data := Data{Project: p.Slug, Advisory: f.Number, Revision: f.Version, TLP: tlp, Title: e.Title, Withdrawn: f.Withdrawn, Superseded: f.Superseded,
		Products: e.Touched, Changed: []string{}}
	name := pubtree.Name(f.Number)
	document := pubtree.Paths{Slug: p.Slug}.Document(place.Level, place.Year, name)
	data.Document = site + "/" + document
	changed := f.Changed
	if !slices.Contains(changed, document) {
		// The flip names what everybody may read; who hears of this is cleared for it.
		changed = append([]string{document, document + ".asc", document + ".sha256", document + ".sha512"}, changed...)
	}
	for _, path := range changed {
		if levelOf(path) > strictness(tlp) {
			continue
		}
		address := site + "/" + path
		data.Changed = append(data.Changed, address)
		switch {
		case strings.HasSuffix(path, "/"+name+".html"):
			data.Page, e.Page = address, address
		case strings.HasSuffix(path, "/"+name+".txt"):
			e.Text = path
		}
	}
	if data.Products == nil {
		data.Products = []Touched{}
	}
	var err error
	e.Body, err = json.Marshal(Message{Type: "advisory.published", Timestamp: now.UTC().Truncate(time.Second), Data: data})
	return e, err
}

// levelOf is the strictness of the folder that a path lies in.
func levelOf(path string) int {
	out := 0
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "green", "amber", "red":
			out = max(out, strictness(part))
		}
	}
	return out
}

// touched lists the products and branches of a document: product names, and the product
// families below them, which is where a branch of development stands in ours.
func touched(doc *csaf.Advisory) []Touched {
	var out []Touched
	at := func(product string) *Touched {
		for i := range out {
			if out[i].Product == product {
				return &out[i]
			}
		}
		out = append(out, Touched{Product: product})
		return &out[len(out)-1]
	}
	var walk func(list []csaf.Branch, product string, depth int)
	walk = func(list []csaf.Branch, product string, depth int) {
		if depth > 30 {
			return // CSAF 2.0 allows 30
		}
		for _, b := range list {
			below := product
			switch {
			case b.Category == csaf.BranchProduct:
				below = b.Name
				at(below)
			case b.Category == csaf.BranchFamily && product != "":
				if t := at(product); !slices.Contains(t.Branches, b.Name) {
					t.Branches = append(t.Branches, b.Name)
				}
			}
			walk(b.Branches, below, depth+1)
		}
	}
	if doc.ProductTree != nil {
		walk(doc.ProductTree.Branches, "", 0)
	}
	return out
}

// secretPrefix marks a secret of the Standard Webhooks specification.
const secretPrefix = "whsec_"

// NewSecret makes a webhook's secret: 32 random bytes, as the specification writes them.
func NewSecret() secret.String {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return secret.New(secretPrefix + base64.StdEncoding.EncodeToString(raw))
}

// Sign returns the webhook-signature header of the Standard Webhooks specification:
// HMAC-SHA256 over id, timestamp and body, with dots between.
func Sign(key secret.String, id string, at time.Time, body []byte) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key.Reveal(), secretPrefix))
	if err != nil {
		return "", fmt.Errorf("a webhook's secret cannot be read") // never the secret itself
	}
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// isWeb reports whether s is an address that a webhook may have: https, or http where it
// is allowed, without a user in it.
func isWeb(s string, plain bool) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || plain && u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.Fragment == "" &&
		!strings.ContainsAny(s, " \t\r\n\"<>\\")
}
