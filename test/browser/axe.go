package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Finding is one rule of axe-core that a page breaks.
type Finding struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"` // minor, moderate, serious, critical
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"` // "selector: what is wrong"
}

// String writes the finding on one line for a test's log.
func (f Finding) String() string {
	return fmt.Sprintf("%s (%s): %s\n\t%s", f.ID, f.Impact, f.Help, strings.Join(f.Nodes, "\n\t"))
}

// Serious reports whether the finding is serious or critical.
func (f Finding) Serious() bool { return f.Impact == "serious" || f.Impact == "critical" }

// Axe runs axe-core on the page with the rules of WCAG 2.2 AA and its best
// practices. The second value is false when axe-core is not there: then the test
// goes on without it, aloud, and fails with CI=true. TOCSIN_AXE names the file
// axe.min.js; else it is looked for in the folder of tools (scripts/tools,
// TOCSIN_TOOLS) and in node_modules of a folder above.
func (p *Page) Axe() ([]Finding, bool) {
	p.t.Helper()
	return p.axe(`["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`, `{}`)
}

// Grave is Axe for what is serious or critical, in a third of the time: of the best
// practices it runs those alone that can be so grave. It returns nothing else.
func (p *Page) Grave() ([]Finding, bool) {
	p.t.Helper()
	found, ran := p.axe(`["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`,
		`Object.fromEntries(["accesskeys", "aria-dialog-name", "aria-text", "aria-treeitem-name", "frame-tested", "label-title-only", "tabindex"].map(r => [r, {enabled: true}]))`)
	return slices.DeleteFunc(found, func(f Finding) bool { return !f.Serious() }), ran
}

// axe loads the script once for each document and runs the rules with these tags, and
// those of rules. Nothing is loaded anew for it, and only violations are described.
func (p *Page) axe(tags, rules string) ([]Finding, bool) {
	p.t.Helper()
	script, err := axeScript()
	if err != nil {
		if os.Getenv("CI") == "true" {
			p.t.Fatalf("axe-core is not there, and CI=true: %v", err)
		}
		p.t.Logf("SKIPPED axe-core: %v", err)
		return nil, false
	}
	if !Eval[bool](p, `typeof axe === "object"`) {
		Eval[bool](p, string(script)+"\n;true")
	}
	return Eval[[]Finding](p, `axe.run(document, {runOnly: `+tags+`, rules: `+rules+`, resultTypes: ["violations"], preload: false}).then(r =>
		r.violations.map(v => ({id: v.id, impact: v.impact || "", help: v.help,
			nodes: v.nodes.map(n => n.target.join(" ") + ": " + (n.any.concat(n.all, n.none)[0] || {message: ""}).message)})))`), true
}

func axeScript() ([]byte, error) {
	if file := os.Getenv("TOCSIN_AXE"); file != "" {
		return os.ReadFile(file)
	}
	if tools := os.Getenv("TOCSIN_TOOLS"); tools != "" {
		return os.ReadFile(filepath.Join(tools, "npm", "node_modules", "axe-core", "axe.min.js"))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if raw, err := os.ReadFile(filepath.Join(cache, "tocsin-tools", "npm", "node_modules", "axe-core", "axe.min.js")); err == nil {
			return raw, nil
		}
	}
	if raw, err := os.ReadFile(filepath.Join(tools(), "npm", "node_modules", "axe-core", "axe.min.js")); err == nil {
		return raw, nil
	}
	dir, err := os.Getwd()
	for err == nil {
		raw, miss := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
		if miss == nil {
			return raw, nil
		}
		if dir == filepath.Dir(dir) {
			return nil, miss
		}
		dir = filepath.Dir(dir)
	}
	return nil, err
}

// tools is the folder of scripts/tools.
func tools() string {
	if dir := os.Getenv("TOCSIN_TOOLS"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir() // honours XDG_CACHE_HOME
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "tocsin-tools")
}
