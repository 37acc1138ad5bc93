package rule

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// URLs returns the URLs that 6.3.6 and 6.3.7 speak of: acknowledgments, severity
// namespace, TLP, publisher namespace, references, remediations and the sbom_urls and
// x_generic_uris of products.
func (e *Env) URLs() []URLAt {
	if e.urlsDone {
		return e.urls
	}
	e.urlsDone = true
	if d := e.doc20; d != nil {
		e.urls20(d)
	}
	if d := e.doc21; d != nil {
		e.urls21(d)
	}
	for i := range e.Products() {
		p := &e.products[i]
		switch {
		case p.Full20 != nil && p.Full20.Helper != nil:
			e.helperURLs(p, p.Full20.Helper.SBOMURLs, p.Full20.Helper.GenericURIs)
		case p.Full21 != nil && p.Full21.Helper != nil:
			e.helperURLs(p, p.Full21.Helper.SBOMURLs, p.Full21.Helper.GenericURIs)
		}
	}
	return e.urls
}

func (e *Env) url(s, pattern string, a, b int) {
	if s != "" {
		e.urls = append(e.urls, URLAt{Place: place(pattern, a, b, 0), URL: s})
	}
}

func (e *Env) urls20(d *csaf.Advisory) {
	doc := &d.Document
	e.acknowledgmentURLs("/document/acknowledgments/%/urls/%", -1, doc.Acknowledgments)
	if doc.AggregateSeverity != nil {
		e.url(doc.AggregateSeverity.Namespace, "/document/aggregate_severity/namespace", 0, 0)
	}
	if doc.Distribution != nil && doc.Distribution.TLP != nil {
		e.url(doc.Distribution.TLP.URL, "/document/distribution/tlp/url", 0, 0)
	}
	e.url(doc.Publisher.Namespace, "/document/publisher/namespace", 0, 0)
	e.referenceURLs("/document/references/%/url", -1, doc.References)
	for i := range d.Vulnerabilities {
		v := &d.Vulnerabilities[i]
		e.acknowledgmentURLs("/vulnerabilities/%/acknowledgments/%/urls/%", i, v.Acknowledgments)
		e.referenceURLs("/vulnerabilities/%/references/%/url", i, v.References)
		for j := range v.Remediations {
			e.url(v.Remediations[j].URL, "/vulnerabilities/%/remediations/%/url", i, j)
		}
	}
}

func (e *Env) urls21(d *csaf21.Advisory) {
	doc := &d.Document
	e.acknowledgmentURLs("/document/acknowledgments/%/urls/%", -1, doc.Acknowledgments)
	if doc.AggregateSeverity != nil {
		e.url(doc.AggregateSeverity.Namespace, "/document/aggregate_severity/namespace", 0, 0)
	}
	if doc.Distribution != nil && doc.Distribution.TLP != nil {
		e.url(doc.Distribution.TLP.URL, "/document/distribution/tlp/url", 0, 0)
	}
	e.url(doc.Publisher.Namespace, "/document/publisher/namespace", 0, 0)
	e.referenceURLs("/document/references/%/url", -1, doc.References)
	for i := range d.Vulnerabilities {
		v := &d.Vulnerabilities[i]
		e.acknowledgmentURLs("/vulnerabilities/%/acknowledgments/%/urls/%", i, v.Acknowledgments)
		e.referenceURLs("/vulnerabilities/%/references/%/url", i, v.References)
		for j := range v.Remediations {
			e.url(v.Remediations[j].URL, "/vulnerabilities/%/remediations/%/url", i, j)
		}
	}
}

// acknowledgmentURLs adds the URLs of acknowledgments; vulnerability is -1 for those
// of the document, whose pattern has one number less.
func (e *Env) acknowledgmentURLs(pattern string, vulnerability int, list []csaf.Acknowledgment) {
	for i := range list {
		for j, s := range list[i].URLs {
			at := place(pattern, vulnerability, i, j)
			if vulnerability < 0 {
				at = place(pattern, i, j, 0)
			}
			e.urls = append(e.urls, URLAt{Place: at, URL: s})
		}
	}
}

func (e *Env) referenceURLs(pattern string, vulnerability int, list []csaf.Reference) {
	for i := range list {
		at := place(pattern, vulnerability, i, 0)
		if vulnerability < 0 {
			at = place(pattern, i, 0, 0)
		}
		if list[i].URL != "" {
			e.urls = append(e.urls, URLAt{Place: at, URL: list[i].URL, Self: list[i].Category == "self"})
		}
	}
}

func (e *Env) helperURLs(p *Product, sboms []string, generic []csaf.GenericURI) {
	const helper = "/product_identification_helper"
	for i, s := range sboms {
		e.urls = append(e.urls, URLAt{Place: place(helper+"/sbom_urls/%", i, 0, 0), URL: s, Product: p})
	}
	for i := range generic {
		e.urls = append(e.urls,
			URLAt{Place: place(helper+"/x_generic_uris/%/namespace", i, 0, 0), URL: generic[i].Namespace, Product: p},
			URLAt{Place: place(helper+"/x_generic_uris/%/uri", i, 0, 0), URL: generic[i].URI, Product: p})
	}
}
