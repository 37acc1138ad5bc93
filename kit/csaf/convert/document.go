package convert

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// document converts the meta-data. The profile is decided at the end.
func (c *conv) document() {
	d := &c.src.Document
	c.out.Document = csaf21.Document{
		Acknowledgments:   acknowledgments(d.Acknowledgments),
		AggregateSeverity: d.AggregateSeverity,
		Category:          d.Category,
		CSAFVersion:       csaf21.Version, // clause 18, $.document.csaf_version
		Distribution:      c.distribution(d.Distribution),
		Lang:              d.Lang,
		Publisher:         c.publisher(d.Publisher),
		References:        d.References,
		SourceLang:        d.SourceLang,
		Title:             c.title(d.Title, d.Tracking.ID),
		Tracking:          c.tracking(d.Tracking),
	}
	for _, n := range d.Notes {
		c.out.Document.Notes = append(c.out.Document.Notes, note(n))
	}
	c.license()
}

func note(n csaf.Note) csaf21.Note {
	return csaf21.Note{Audience: n.Audience, Category: n.Category, Text: n.Text, Title: n.Title}
}

func (c *conv) tracking(t csaf.Tracking) csaf21.Tracking {
	const at20 = "/document/tracking"
	t.CurrentReleaseDate = c.date(at20+"/current_release_date", t.CurrentReleaseDate)
	t.InitialReleaseDate = c.date(at20+"/initial_release_date", t.InitialReleaseDate)
	if t.Generator != nil {
		g := *t.Generator
		g.Date = c.date(at20+"/generator/date", g.Date)
		t.Generator = &g
	}
	old := t.RevisionHistory
	t.RevisionHistory = nil
	for i, r := range old {
		r.Date = c.date(at(at20+"/revision_history/%/date", i), r.Date)
		t.RevisionHistory = append(t.RevisionHistory, r)
	}
	return t
}

// distribution converts the label to TLP 2.0 (clause 18, $.document.distribution.tlp.label).
func (c *conv) distribution(d *csaf.Distribution) *csaf21.Distribution {
	const where = "/document/distribution/tlp/label"
	out := &csaf21.Distribution{TLP: &csaf21.TLP{Label: csaf21.Clear}}
	if d != nil {
		out.Text = d.Text
	}
	if d == nil || d.TLP == nil {
		c.warn("document.distribution.tlp.label", "/document/distribution", &spot{where}, "", csaf21.Clear, "no TLP label was given; the default TLP has been set")
	} else {
		out.TLP.URL = d.TLP.URL
		out.TLP.Label = tlp2(d.TLP.Label)
	}
	if found := labelIn(out.Text); c.TLPFromText && found != "" {
		if found != out.TLP.Label {
			c.warn("document.distribution.tlp.label", "/document/distribution/text", &spot{where}, out.TLP.Label, found,
				"the TLP label was taken from the distribution text; the label converted by the table is %s", out.TLP.Label)
		}
		out.TLP.Label = found
	}
	return out
}

// tlp2 is the table of labels.
func tlp2(label string) string {
	if label == csaf.White {
		return csaf21.Clear
	}
	return label // GREEN, AMBER and RED are called the same
}

// labelIn finds "TLP v2.0: TLP:" and a label of TLP 2.0.
func labelIn(text string) string {
	_, rest, ok := strings.Cut(text, "TLP v2.0: TLP:")
	if !ok {
		return ""
	}
	for _, l := range []string{csaf21.AmberStrict, csaf21.Amber, csaf21.Clear, csaf21.Green, csaf21.Red} {
		if strings.HasPrefix(rest, l) {
			return l
		}
	}
	return ""
}

// publisher keeps the category (clause 18, $.document.publisher.category).
func (c *conv) publisher(p csaf.Publisher) csaf21.Publisher {
	out := csaf21.Publisher(p)
	if p.Category == "other" {
		if c.OtherIsMultiplier {
			out.Category = "multiplier"
		}
		if !c.QuietPublisher {
			c.warn("document.publisher.category", "/document/publisher/category", nil, p.Category, out.Category, "some parties have been regrouped into the new value multiplier")
		}
	}
	return out
}

// title takes the tracking id and what separates it out (clause 18, $.document.title).
func (c *conv) title(title, id string) string {
	out := title
	for {
		before, after, found := strings.Cut(out, id)
		if !found || id == "" {
			break
		}
		before = strings.TrimRightFunc(before, func(r rune) bool { return separates(r) || strings.ContainsRune("([{<", r) })
		after = strings.TrimLeftFunc(after, func(r rune) bool { return separates(r) || strings.ContainsRune(")]}>", r) })
		if before != "" && after != "" {
			before += " "
		}
		out = before + after
	}
	if out == "" {
		c.fail("document.title", "/document/title", nil, title, title, "the title is the tracking id and nothing else; it must say more")
		return title
	}
	return out
}

func separates(r rune) bool { return strings.ContainsRune(" \t\r\n\u00a0:;,-–—_|/", r) }
