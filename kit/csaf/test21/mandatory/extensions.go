package mandatory

import (
	"encoding/json"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/extension"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// extended is one list of extensions, its pointer, and the path that the metadata of an
// extension has for it.
type extended struct {
	list    []csaf21.Extension
	pointer func() string
	path    string
}

// The paths of metadata (extension-metadata.json); that of product paths still has the
// name it had in CSAF 2.0.
const (
	atDocument      = "$.document.x_extensions"
	atBranch        = "$.product_tree.branches..product.x_extensions"
	atProductName   = "$.product_tree.full_product_names[*].x_extensions"
	atProductPath   = "$.product_tree.relationships[*].full_product_name.x_extensions"
	atMetric        = "$.vulnerabilities[*].metrics[*].content.x_extensions"
	atVulnerability = "$.vulnerabilities[*].x_extensions"
	atRoot          = "$.x_extensions"
)

// eachExtended calls f for every list of extensions.
func eachExtended(doc *csaf21.Advisory, env *rule.Env, f func(x extended)) {
	give := func(list []csaf21.Extension, path, pattern string, numbers ...int) {
		f(extended{list, func() string { return rule.At(pattern, numbers...) }, path})
	}
	if l := doc.Document.Extensions; l != nil {
		give(l, atDocument, "/document/x_extensions")
	}
	all := env.Products()
	for i := range all {
		p := &all[i]
		if p.Full21.Extensions == nil {
			continue
		}
		path := map[rule.Origin]string{rule.InBranch: atBranch, rule.InList: atProductName, rule.InPath: atProductPath}[p.Origin]
		f(extended{p.Full21.Extensions, func() string { return p.Pointer() + "/x_extensions" }, path})
	}
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		for j := range v.Metrics {
			if l := v.Metrics[j].Content.Extensions; l != nil {
				give(l, atMetric, content+"x_extensions", i, j)
			}
		}
		if v.Extensions != nil {
			give(v.Extensions, atVulnerability, "/vulnerabilities/%/x_extensions", i)
		}
	}
	if doc.Extensions != nil {
		give(doc.Extensions, atRoot, "/x_extensions")
	}
}

// at is the pointer of one extension of the list.
func (x extended) at(i int) string { return x.pointer() + rule.At("/%", i) }

// extensionContent is 6.1.60.1: extensions are valid against the content schema, which
// the reader knows.
func extensionContent(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Problems {
		p := &env.Problems[i]
		if p.Code != csaf.Unknown && p.Code != csaf.Repeated && strings.Contains(p.Pointer, "/x_extensions/") {
			report(p.Instance(), "%s", p.Message)
		}
	}
}

// lookUp returns what is known of an extension, nil for nothing.
func lookUp(env *rule.Env, schema string) *rule.Extension {
	if env.Extension != nil {
		if x := env.Extension(schema); x != nil {
			return x
		}
	}
	return extension.Known(schema)
}

// class names the class of an extension (2.4.1): what is in no list is experimental.
func class(x *rule.Extension) string {
	switch {
	case x != nil && x.Official:
		return "official"
	case x != nil && x.Registered:
		return "registered"
	}
	return "experimental"
}

// extensionSchema is 6.1.60.2: extensions are valid against their own schema. One that
// is not known here is a warning.
func extensionSchema(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachExtended(doc, env, func(list extended) {
		for i := range list.list {
			x := lookUp(env, list.list[i].Schema)
			if x == nil || x.Check == nil {
				report(list.at(i), "the %s extension %q is not supported: its content was not checked", class(x), list.list[i].Schema).Severity = rule.Warning
				continue
			}
			item, err := json.Marshal(&list.list[i])
			if err != nil {
				continue // what is no JSON, 6.1.60.1 has reported
			}
			if err := x.Check(item); err != nil {
				report(list.at(i), "the %s extension %q is not valid: %v", class(x), list.list[i].Schema, err)
			}
		}
	})
}

// requirements is what the test reads of an extension's metadata.
type requirements struct {
	Incompatible []string `json:"incompatible_extensions"`
	Requirement  map[string]struct {
		Max *float64 `json:"max_occurrence"`
	} `json:"requirement"`
}

// extensionMetadata is 6.1.60.3: extensions are used where, as often as, and beside
// what their metadata allows. One whose metadata is not known here is a warning.
func extensionMetadata(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var rules map[string]*requirements
	eachExtended(doc, env, func(list extended) {
		if rules == nil {
			rules = metadataOf(doc, env)
		}
		count := map[string]int{}
		for i := range list.list {
			schema := list.list[i].Schema
			r := rules[schema]
			if r == nil {
				report(list.at(i), "the %s extension %q is not supported: its requirements were not checked", class(lookUp(env, schema)), schema).Severity = rule.Warning
				continue
			}
			count[schema]++
			if limit, ok := r.Requirement[list.path]; ok && limit.Max != nil && float64(count[schema]) > *limit.Max {
				report(list.at(i), "the extension %q is allowed %g times in %s", schema, *limit.Max, list.path)
			}
			for _, other := range r.Incompatible {
				if _, used := rules[other]; used {
					report(list.at(i), "the extension %q cannot be used together with %q", schema, other)
				}
			}
		}
	})
}

// metadataOf returns the metadata of every extension that the document uses, nil for
// one without.
func metadataOf(doc *csaf21.Advisory, env *rule.Env) map[string]*requirements {
	rules := map[string]*requirements{}
	eachExtended(doc, env, func(list extended) {
		for i := range list.list {
			schema := list.list[i].Schema
			if _, done := rules[schema]; done {
				continue
			}
			rules[schema] = nil
			if x := lookUp(env, schema); x != nil && x.Metadata != nil {
				var r requirements
				if json.Unmarshal(x.Metadata, &r) == nil {
					rules[schema] = &r
				}
			}
		}
	})
	return rules
}
