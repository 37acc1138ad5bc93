package arch

import (
	"path"
	"slices"
	"strings"
)

// spine is the order of the domains (design, law 1).
var spine = [...]string{"people", "product", "desk", "casework", "cve", "embargo", "circle", "remedy", "advisory",
	"intel", "fleet", "exposure", "posture", "watch", "audit", "engage", "insight", "guide"}

// kind is what part of the tree a package belongs to.
type kind int

const (
	_        kind = iota
	standard      // Go's library
	foreign       // another module
	base
	kit
	platform
	domain
	domainDB
	domainWeb
	wire
	agent
	top   // server, cli, config, cmd: may see everything below
	tests // packages that only tests import
	rules // this package
)

// place is a package's part of the tree; name is the domain's, or the first
// folder below the part.
type place struct {
	kind kind
	name string
	rank int // of a domain in the spine
}

// locate says where an import path belongs.
func locate(importPath string) place {
	dir, ours := strings.CutPrefix(importPath, modulePath+"/")
	if !ours {
		first, _, _ := strings.Cut(importPath, "/")
		if strings.Contains(first, ".") {
			return place{kind: foreign, name: importPath}
		}
		return place{kind: standard, name: importPath}
	}
	parts := strings.Split(dir, "/")
	switch {
	case isTestDir(dir):
		return place{kind: tests, name: dir}
	case parts[0] == "kit":
		return place{kind: kit, name: strings.Join(parts[1:], "/")}
	case parts[0] != "internal" || len(parts) == 1:
		return place{kind: top, name: dir}
	}
	if rank := slices.Index(spine[:], parts[1]); rank >= 0 {
		p := place{kind: domain, name: parts[1], rank: rank}
		if len(parts) > 2 {
			switch parts[2] {
			case parts[1] + "db":
				p.kind = domainDB
			case parts[1] + "web":
				p.kind = domainWeb
			}
		}
		return p
	}
	switch parts[1] {
	case "base":
		return place{kind: base, name: dir}
	case "platform":
		return place{kind: platform, name: strings.Join(parts[2:], "/")}
	case "wire":
		return place{kind: wire, name: dir}
	case "agent":
		return place{kind: agent, name: dir}
	case "arch":
		return place{kind: rules, name: dir}
	}
	return place{kind: top, name: dir}
}

// kitModules are the modules that the public libraries may use (design,
// section 2); an ADR adds to them.
var kitModules = [...]string{"github.com/emersion/go-message", "github.com/pandatix/go-cvss", "github.com/package-url/packageurl-go",
	"github.com/CycloneDX/cyclonedx-go", "github.com/dlclark/regexp2", "golang.org/x/text"}

// impure are the parts of the standard library that a pure domain has no use for.
var impure = [...]string{"database/sql", "net/http", "os/exec", "net", "net/smtp", "os", "io/ioutil", "log", "html/template"}

// dbPlatform is what a domain's db package stands on.
var dbPlatform = [...]string{"sqldb", "seal", "blob", "ledger", "jobs"}

// webPlatform is what a domain's pages stand on.
var webPlatform = [...]string{"webui", "webui/svg", "i18n"}

func within(p string, list []string) bool {
	return slices.ContainsFunc(list, func(l string) bool { return p == l || strings.HasPrefix(p, l+"/") })
}

// mayImport reports whether a package at from may import one at to.
func mayImport(from, to place) bool {
	if to.kind == standard {
		return from.kind != domain || !slices.Contains(impure[:], to.name)
	}
	if to.kind == tests || to.kind == rules {
		return from.kind == tests || from.kind == rules
	}
	earlier := to.kind == domain && to.rank <= from.rank
	switch from.kind {
	case base:
		return to.kind == base
	case kit:
		return to.kind == kit || to.kind == foreign && within(to.name, kitModules[:])
	case wire:
		return to.kind == base || to.kind == kit || to.kind == wire || to.kind == foreign
	case agent:
		return to.kind == kit || to.kind == wire || to.kind == agent
	case platform:
		return to.kind == base || to.kind == kit || to.kind == platform || to.kind == foreign
	case domain:
		return to.kind == base || to.kind == kit || earlier
	case domainDB:
		return to.kind == base || to.kind == kit || earlier ||
			to.kind == platform && slices.Contains(dbPlatform[:], to.name) ||
			to.kind == domainDB && (to.name == "people" || to.name == from.name)
	case domainWeb:
		return to.kind == base || to.kind == kit || to.kind == domain || to.kind == foreign ||
			to.kind == platform && slices.Contains(webPlatform[:], to.name) ||
			to.kind == domainWeb && to.name == from.name
	case top, tests, rules:
		return true
	}
	return false
}

// imports: one way along the spine, and each part stands only on what is below it.
func imports(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		from := locate(path.Join(modulePath, p.Dir))
		for _, f := range p.code() {
			for to, pos := range f.imports() {
				if !mayImport(from, locate(to)) {
					out = append(out, m.at("imports", pos, "%s must not import %s", p.Dir, to))
				}
			}
		}
	}
	return out
}

// mainIsThin: main parses nothing and wires nothing; it calls internal/cli.
func mainIsThin(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		if !strings.HasPrefix(p.Dir, "cmd/") {
			continue
		}
		for _, f := range p.code() {
			for to, pos := range f.imports() {
				if strings.HasPrefix(to, modulePath) && to != modulePath+"/internal/cli" {
					out = append(out, m.at("main", pos, "%s must reach %s through internal/cli", p.Dir, to))
				}
			}
		}
	}
	return out
}
