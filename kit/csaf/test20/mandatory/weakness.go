package mandatory

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/cwe"
)

// weakness is 6.1.11: the CWE exists and has this name. CSAF 2.0 names no version of
// CWE, so that the name of any version is good; an id has to be in the newest one.
func weakness(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		if v.CWE == nil || v.CWE.ID == "" || v.CWE.Name == "" {
			continue // what is missing, the schema's check reports
		}
		at := fmt.Sprintf("/vulnerabilities/%d/cwe", i)
		w, ok := cwe.Find(v.CWE.ID)
		switch {
		case !ok:
			report(at+"/id", "CWE %s has no weakness %q", cwe.Newest(), v.CWE.ID)
		case v.CWE.Name != w.Name && !cwe.Named(v.CWE.ID, v.CWE.Name):
			report(at+"/name", "%s is called %q, not %q", v.CWE.ID, w.Name, v.CWE.Name)
		}
	}
}
