// Package extension knows the CSAF extensions that the standard itself uses in its
// examples (CSAF 2.1, 6.1.60). Others are given by rule.Options.Extension. The shared
// part of all extensions is csaf21.Extension.
package extension

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// The extensions for documentation and tests are named with two digits and a version.
const (
	before = "https://raw.githubusercontent.com/oasis-tcs/csaf/refs/heads/master/csaf_2.1/extension/data/valid/documentation-"
	after  = "-content_1.0.0.json"
)

// ErrContent is a content that an extension's schema refuses.
var ErrContent = errors.New(`the content has no text "documentation"`)

// metadata is what the standard's example says of documentation-11: it is used once at
// each place.
const metadata = `{"requirement":{
"$.document.x_extensions":{"max_occurrence":1},
"$.product_tree.branches..product.x_extensions":{"max_occurrence":1},
"$.product_tree.full_product_names[*].x_extensions":{"max_occurrence":1},
"$.product_tree.relationships[*].full_product_name.x_extensions":{"max_occurrence":1},
"$.vulnerabilities[*].metrics[*].content.x_extensions":{"max_occurrence":1},
"$.vulnerabilities[*].x_extensions":{"max_occurrence":1},
"$.x_extensions":{"max_occurrence":1}}}`

// Known returns what the standard says of an extension by its $schema, nil for others.
func Known(schema string) *rule.Extension {
	rest, ok := strings.CutPrefix(schema, before)
	if !ok {
		return nil
	}
	number, file, ok := strings.Cut(rest, "/documentation-")
	if !ok || len(number) != 2 || file != number+after || number != "11" && number != "12" {
		return nil
	}
	return &rule.Extension{Check: check, Metadata: []byte(metadata)}
}

// check is the schema of the two extensions, as far as the standard's examples tell it.
func check(item []byte) error {
	var x struct {
		Content struct {
			Documentation *string `json:"documentation"`
		} `json:"content"`
	}
	if err := json.Unmarshal(item, &x); err != nil || x.Content.Documentation == nil {
		return ErrContent
	}
	return nil
}
