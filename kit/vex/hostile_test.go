package vex

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// TestLargeGroupsAreBounded gives one group of very many products to very many
// remediations: each product's text once would be gigabytes.
func TestLargeGroupsAreBounded(t *testing.T) {
	products := make([]string, 50_000)
	for i := range products {
		products[i] = fmt.Sprintf("P%d", i)
	}
	doc := &csaf.Advisory{ProductTree: &csaf.ProductTree{ProductGroups: []csaf.ProductGroup{{GroupID: "G", ProductIDs: products}}}}
	v := csaf.Vulnerability{CVE: "CVE-2024-1", ProductStatus: &csaf.ProductStatus{KnownAffected: products}}
	for i := range 1000 {
		v.Remediations = append(v.Remediations, csaf.Remediation{Category: csaf.Workaround, GroupIDs: []string{"G"}, Details: fmt.Sprintf("%d %s", i, strings.Repeat("x", 200))})
	}
	doc.Vulnerabilities = []csaf.Vulnerability{v}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	out := FromCSAF(doc)
	runtime.ReadMemStats(&after)
	if took, took2 := time.Since(start), after.TotalAlloc-before.TotalAlloc; took > 30*time.Second || took2 > 1<<30 {
		t.Errorf("%v and %d MiB", took, took2>>20)
	}
	if len(out.Statements) != 1 || len(out.Statements[0].Products) != len(products) || !strings.Contains(out.Statements[0].ActionStatement, "\n1 x") {
		t.Errorf("%d statements", len(out.Statements))
	}
}

// TestProductsKeepTheirOwnTexts holds that sharing texts mixes nothing up.
func TestProductsKeepTheirOwnTexts(t *testing.T) {
	doc := &csaf.Advisory{ProductTree: &csaf.ProductTree{ProductGroups: []csaf.ProductGroup{{GroupID: "G", ProductIDs: []string{"A", "B"}}}}}
	doc.Vulnerabilities = []csaf.Vulnerability{{
		CVE: "CVE-2024-1", ProductStatus: &csaf.ProductStatus{KnownAffected: []string{"A", "B", "C", "D"}},
		Remediations: []csaf.Remediation{
			{Details: "one", GroupIDs: []string{"G"}}, {Details: "two", ProductIDs: []string{"B", "C"}}, {Details: "one", ProductIDs: []string{"A", "C"}},
		},
	}}
	var got []string
	for _, s := range FromCSAF(doc).Statements {
		got = append(got, fmt.Sprintf("%d %q", len(s.Products), s.ActionStatement))
	}
	if s := strings.Join(got, ", "); s != `1 "one", 1 "one\ntwo", 1 "two\none", 1 "The CSAF document names no action for the product."` {
		t.Error(s)
	}
}
