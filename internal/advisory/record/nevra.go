package record

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// NEVRA is what names an RPM package: name, epoch, version, release and architecture.
type NEVRA struct{ Name, Epoch, Version, Release, Arch string }

// String is "name-epoch:version-release.arch", without an epoch of 0.
func (n NEVRA) String() string {
	epoch := n.Epoch + ":"
	if n.Epoch == "0" {
		epoch = ""
	}
	return n.Name + "-" + epoch + n.Version + "-" + n.Release + "." + n.Arch
}

// File is the file name of the package, which has no epoch.
func (n NEVRA) File() string {
	return n.Name + "-" + n.Version + "-" + n.Release + "." + n.Arch + ".rpm"
}

// ParseNEVRA reads "lanternd-0:2.4.7-1.el9.x86_64" as dnf writes it, with or without the
// epoch, which is 0 then, and with or without ".rpm". The ends decide: a name may have
// dashes and dots, version and release have no dash.
func ParseNEVRA(s string) (NEVRA, bool) {
	s = strings.TrimSuffix(s, ".rpm")
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 {
		return NEVRA{}, false
	}
	n := NEVRA{Epoch: "0", Arch: s[dot+1:]}
	s = s[:dot]
	release := strings.LastIndexByte(s, '-')
	if release < 0 {
		return NEVRA{}, false
	}
	n.Release, s = s[release+1:], s[:release]
	version := strings.LastIndexByte(s, '-')
	if version < 0 {
		return NEVRA{}, false
	}
	n.Version, n.Name = s[version+1:], s[:version]
	if epoch, rest, ok := strings.Cut(n.Version, ":"); ok {
		n.Epoch, n.Version = epoch, rest
	}
	e, err := strconv.ParseUint(n.Epoch, 10, 32)
	if err != nil || strconv.FormatUint(e, 10) != n.Epoch || len(s) > maxLine {
		return NEVRA{}, false
	}
	ok := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+-]*$`).MatchString(n.Name) &&
		regexp.MustCompile(`^[a-z0-9_]{1,20}$`).MatchString(n.Arch)
	for _, v := range []string{n.Version, n.Release} {
		ok = ok && regexp.MustCompile(`^[A-Za-z0-9._+~^]+$`).MatchString(v)
	}
	return n, ok
}

// Line is the package as one line of the form: NEVRA, source RPM, checksum.
func (p Package) Line() string {
	return strings.TrimSpace(strings.Join([]string{p.NEVRA, p.Source, p.Sum}, " "))
}

// ParsePackages reads one package a line: the NEVRA, and after it in any order the name of
// the source RPM and "sha256:" with the checksum. What is neither stays in NEVRA, where
// Problems finds it.
func ParsePackages(text string) []Package {
	var out []Package
	for l := range strings.Lines(text) {
		words := strings.Fields(l)
		if len(words) == 0 {
			continue
		}
		p := Package{NEVRA: words[0]}
		for _, w := range words[1:] {
			switch {
			case strings.HasSuffix(w, ".src.rpm") && p.Source == "":
				p.Source = w
			case strings.Contains(w, ":") && p.Sum == "":
				p.Sum = w
			default:
				p.NEVRA += " " + w
			}
		}
		out = append(out, p)
	}
	return out
}

// SumParts splits a checksum into its kind and its digits.
func (p Package) SumParts() (kind, digits string, ok bool) {
	kind, digits, ok = strings.Cut(p.Sum, ":")
	lengths := map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}
	return kind, digits, ok && lengths[kind] == len(digits) && regexp.MustCompile(`^[0-9a-f]+$`).MatchString(digits)
}

func (b Branch) checkPackages(c *fault.Checks, at func(string) string) {
	seen := map[NEVRA]bool{}
	for _, p := range b.Packages {
		n, ok := ParseNEVRA(p.NEVRA)
		switch {
		case !ok:
			c.Add(at("packages"), "advisory.problem.nevra", "text", short(p.NEVRA))
		case seen[n]:
			c.Add(at("packages"), "advisory.problem.nevra_twice", "text", short(p.NEVRA))
		}
		seen[n] = true
		if _, src := ParseNEVRA(p.Source); p.Source != "" && (!src || !strings.HasSuffix(p.Source, ".src.rpm")) {
			c.Add(at("packages"), "advisory.problem.source", "text", short(p.Source))
		}
		if _, _, sum := p.SumParts(); p.Sum != "" && !sum {
			c.Add(at("packages"), "advisory.problem.sum", "text", short(p.Sum))
		}
	}
	c.Require(len(b.Packages) == 0 || b.Status == Fixed, at("packages"), "advisory.problem.packages_status")
}

// short cuts a text for a message.
func short(s string) string {
	const most = 80
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + " …"
	}
	return s
}
