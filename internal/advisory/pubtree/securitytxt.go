package pubtree

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
)

// How long a security.txt is good and when it is renewed. RFC 9116, section 2.5.5,
// asks for less than a year.
const (
	SecurityTxtFor   = 180 * 24 * time.Hour
	SecurityTxtRenew = 60 * 24 * time.Hour
)

// ProjectKeys is a project with its public keys.
type ProjectKeys struct {
	Project people.Project
	Keys    []Key
}

// SecurityTxt makes the unsigned text of RFC 9116 for the whole site: it is one file
// for all projects, since its scope is the host. Contacts come in the order of preference
// (2.5.3): with several projects first the page that asks which one it is about, then
// each project's own under a comment with its name. Contact, Encryption, Policy,
// Acknowledgments and CSAF may stand several times; Expires and Preferred-Languages
// once. The first project is the one whose metadata lies at the well-known place; its
// CSAF field comes first as CSAF 2.0 (7.1.8) asks. signer is the fingerprint of the key
// that signs the file, so that a new key makes a new text.
func SecurityTxt(site string, projects []ProjectKeys, signer string, expires time.Time) []byte {
	var b strings.Builder
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\n", name, value) }
	var langs []string
	seen := map[string]bool{}
	if len(projects) > 1 {
		b.WriteString("# Several projects take reports here. If you do not know whose problem it is:\n")
		field("Contact", site+"/reporting")
	}
	for i, x := range projects {
		p := x.Project
		fmt.Fprintf(&b, "\n# %s\n", oneLine(p.Name))
		field("Contact", site+"/report/"+p.Slug)
		for _, a := range p.Addresses {
			field("Contact", "mailto:"+a)
		}
		if IsWeb(p.Public.Contact) {
			field("Contact", p.Public.Contact)
		}
		for _, k := range x.Keys {
			if k.Encrypts {
				field("Encryption", site+"/"+Paths{p.Slug}.Key(k.Fingerprint))
			}
		}
		field("Policy", site+"/policy/"+p.Slug)
		field("Acknowledgments", site+"/advisories/"+p.Slug)
		if i == 0 {
			field("CSAF", site+"/"+PathProvider)
		} else {
			field("CSAF", site+"/"+Paths{p.Slug}.Provider())
		}
		for _, l := range p.Langs {
			if !seen[l] {
				langs, seen[l] = append(langs, l), true
			}
		}
	}
	b.WriteString("\n")
	if len(langs) > 0 {
		field("Preferred-Languages", strings.Join(langs, ", "))
	}
	field("Canonical", site+"/"+PathSecurityTxt)
	field("Expires", expires.UTC().Format(time.RFC3339))
	if len(projects) > 0 {
		fmt.Fprintf(&b, "# Signed with OpenPGP key %s\n# %s\n", signer, site+"/"+Paths{projects[0].Project.Slug}.Key(signer))
	}
	return []byte(b.String())
}

// Expiry reads the Expires field of a security.txt, the zero time when there is none.
func Expiry(text []byte) time.Time {
	for l := range strings.SplitSeq(string(text), "\n") {
		if v, ok := strings.CutPrefix(l, "Expires: "); ok {
			t, err := time.Parse(time.RFC3339, strings.TrimSpace(v))
			if err == nil {
				return t
			}
		}
	}
	return time.Time{}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
