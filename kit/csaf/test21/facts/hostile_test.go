package facts_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/mandatory"
)

// TestLargeDocumentsTakeLinearTime runs every test over documents with very many items
// that are looked for in each other. Squared time would be minutes here.
func TestLargeDocumentsTakeLinearTime(t *testing.T) {
	const n, most = 20000, 10 * time.Second
	list := func(item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	numbered := func(format string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(items, ",")
	}
	for name, data := range map[string]string{
		"paths": `{"document":{"category":"csaf_security_advisory"},"product_tree":{"product_paths":[` + numbered(`{"beginning_product_reference":"a","full_product_name":{"product_id":"b%d"}}`) +
			`]},"vulnerabilities":[{"product_status":{"known_affected":[` + numbered(`"b%d"`) + `],"fixed":["c"]}}]}`,
		"namespaces": `{"vulnerabilities":[{"metrics":[{"content":{"ssvc_v2":{"selections":[` + numbered(`{"namespace":"x_a.b#c%d","key":"A","version":"1.0.0"}`) +
			`],"decision_point_resources":[{"summary":"` + strings.Repeat("x", 1_000_000) + `"}]}}}]}]}`,
		"targets":   `{"vulnerabilities":[{"ids":[` + list(`{"text":"a","system_name":"b"}`) + `],"metrics":[{"content":{"ssvc_v2":{"target_ids":[` + list(`"c"`) + `]}}}]}]}`,
		"canonical": `{"document":{"references":[` + list(`{"category":"self","url":"https://example.com/a"}`) + `]},"vulnerabilities":[{"metrics":[` + list(`{"source":"https://example.com/a","content":{"qualitative_severity_rating":"low"}}`) + `]}]}`,
		"ranges":    `{"product_tree":{"branches":[` + list(`{"category":"product_version_range","name":"vers:npm/>1|<2","product":{"product_id":"x"}}`) + `]}}`,
		"groups":    `{"document":{"category":"csaf_security_advisory"},"product_tree":{"product_groups":[{"group_id":"G","product_ids":[` + list(`"a"`) + `]}]},"vulnerabilities":[{"product_status":{"known_affected":["b"],"unknown":["b"]},"remediations":[` + list(`{"category":"fix_planned","group_ids":["G"]}`) + `]}]}`,
	} {
		doc, problems := csaf21.ReadAdvisory([]byte(data), csaf.Limits{})
		env := rule.New21(doc, options([]byte(data), problems))
		for _, test := range append(all(), mandatory.Tests()...) {
			start := cpu(t)
			rule.Run(rule.Set[csaf21.Advisory]{test}, doc, env)
			if took := cpu(t) - start; took > most {
				t.Errorf("%s: %s takes %v", name, test.ID, took)
			}
		}
	}
}

// cpu is the processor time that the process has used: a clock would count what others
// do on the machine.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
