package rpm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/test/program"
)

// bench is a folder with a repository and a root for dnf.
type bench struct {
	t   *testing.T
	dir string
}

func (b bench) path(elem ...string) string {
	return filepath.Join(append([]string{b.dir}, elem...)...)
}

// run runs a tool with a home of its own and returns what it printed.
func (b bench) run(name string, args ...string) string {
	b.t.Helper()
	c := exec.CommandContext(b.t.Context(), name, args...)
	c.Dir = b.dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "TMPDIR=" + b.path("tmp"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	out, err := c.CombinedOutput()
	if err != nil {
		b.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// dnf runs dnf in the root with the one repository, asked anew each time.
func (b bench) dnf(args ...string) string {
	b.t.Helper()
	return b.run("dnf", append([]string{"--assumeyes", "--quiet", "--installroot=" + b.path("root"), "--releasever=1", "--noplugins", "--nogpgcheck", "--refresh",
		"--setopt=reposdir=" + b.path("none"), "--setopt=cachedir=" + b.path("cache"), "--setopt=logdir=" + b.path("log"), "--setopt=persistdir=" + b.path("persist"),
		"--repofrompath=lan,file://" + b.path("repo"), "--repo=lan"}, args...)...)
}

// build makes a package and its source package and puts the first into the repository.
func (b bench) build(version string) record.Package {
	b.t.Helper()
	spec := fmt.Sprintf("Name: lanternd\nVersion: %s\nRelease: 1.el9\nEpoch: 1\nSummary: Lights lamps\nLicense: MIT\nBuildArch: noarch\n%%description\nLights lamps.\n%%files\n", version)
	b.write("lanternd.spec", []byte(spec))
	b.run("rpmbuild", "-ba", "--quiet", "--define", "_topdir "+b.path("build"), "lanternd.spec")
	file := "lanternd-" + version + "-1.el9.noarch.rpm"
	raw, err := os.ReadFile(b.path("build", "RPMS", "noarch", file))
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(filepath.Join("repo", file), raw)
	sum := sha256.Sum256(raw)
	return record.Package{NEVRA: "lanternd-1:" + version + "-1.el9.noarch", Source: "lanternd-" + version + "-1.el9.src.rpm", Sum: "sha256:" + hex.EncodeToString(sum[:])}
}

func (b bench) write(name string, raw []byte) {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), raw, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// publish makes the repository with the advisory in it.
func (b bench) publish(c record.Content) {
	b.t.Helper()
	f, ok := emit.Find("updateinfo")
	if !ok {
		b.t.Fatal("there is no output updateinfo")
	}
	at := time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC)
	raw, err := f.Make(record.Input{Content: c, Number: "LAN-2026-0001", Site: "https://security.lanterna.example", Initial: at, Current: at,
		Texts:   i18n.Default().Printer("en"),
		Project: people.Project{Slug: "lanterna", Name: "Lanterna", Series: "LAN", Addresses: []string{"security@lanterna.example"}}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.write("updateinfo.xml", raw)
	b.run("createrepo_c", "--quiet", b.path("repo"))
	b.run("modifyrepo_c", b.path("updateinfo.xml"), b.path("repo", "repodata"))
}

func advisory(fix record.Package) record.Record {
	return record.Record{
		Title: "Heap overflow in the lamp parser & <more>", Summary: "A crafted lamp file writes past a buffer.", Impact: "Whoever can send a lamp file runs code.",
		Branches: []record.Branch{{Product: "lanternd", Name: "el9", Platform: "Lanterna Linux 9", Purl: "pkg:rpm/lanterna/lanternd?distro=lanterna-9",
			Status: record.Fixed, Affected: "< 1:2.4.7-1.el9", Fixed: "1:2.4.7-1.el9", Packages: []record.Package{fix}}},
		CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", CVE: "CVE-2026-31337", AssignedBy: "Example CNA", TLP: "WHITE", Lang: "en",
	}
}

func TestDNFListsTheAdvisoryWhileTheVulnerablePackageIsInstalled(t *testing.T) {
	program.Need(t, "rpmbuild", "createrepo_c", "modifyrepo_c", "dnf")
	b := bench{t, t.TempDir()}
	for _, dir := range []string{"tmp", "repo", "root", "cache", "log", "persist", "none"} {
		if err := os.Mkdir(b.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	b.build("2.4.6")
	fix := b.build("2.4.7")
	r := advisory(fix)
	if problems := r.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	b.publish(record.Content{Record: r, Change: "Initial version."})

	b.dnf("install", "lanternd-1:2.4.6-1.el9")
	listed := b.dnf("updateinfo", "list")
	for _, want := range []string{"LAN-2026-0001", "Important/Sec.", "lanternd-1:2.4.7-1.el9.noarch"} {
		if !strings.Contains(listed, want) {
			t.Errorf("the vulnerable package is installed and dnf updateinfo list has no %q:\n%s", want, listed)
		}
	}
	for _, by := range []string{"--cve=CVE-2026-31337", "--sec-severity=Important", "--security", "--advisory=LAN-2026-0001"} {
		if out := b.dnf("updateinfo", "list", by); !strings.Contains(out, "LAN-2026-0001") {
			t.Errorf("dnf updateinfo list %s does not find it:\n%s", by, out)
		}
	}
	info := b.dnf("updateinfo", "info")
	for _, want := range []string{"Heap overflow in the lamp parser & <more>", "CVE-2026-31337", "A crafted lamp file writes past a buffer.", "Important", "2026-03-16 14:00:00"} {
		if !strings.Contains(info, want) {
			t.Errorf("dnf updateinfo info has no %q:\n%s", want, info)
		}
	}

	// The advisory is also what the update is chosen by.
	b.dnf("upgrade", "--advisory=LAN-2026-0001")
	if out := b.dnf("list", "--installed"); !strings.Contains(out, "1:2.4.7-1.el9") {
		t.Fatalf("dnf upgrade --advisory did not install the fixed package:\n%s", out)
	}
	if out := b.dnf("updateinfo", "list"); strings.Contains(out, "LAN-2026-0001") {
		t.Errorf("the fixed package is installed and the advisory is still listed:\n%s", out)
	}
}

func TestAWithdrawnAdvisoryIsNotListed(t *testing.T) {
	program.Need(t, "rpmbuild", "createrepo_c", "modifyrepo_c", "dnf")
	b := bench{t, t.TempDir()}
	for _, dir := range []string{"tmp", "repo", "root", "cache", "log", "persist", "none"} {
		if err := os.Mkdir(b.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	b.build("2.4.6")
	r := advisory(b.build("2.4.7"))
	b.publish(record.Content{Record: r, Change: "Initial version."})
	b.dnf("install", "lanternd-1:2.4.6-1.el9")
	if out := b.dnf("updateinfo", "list"); !strings.Contains(out, "LAN-2026-0001") {
		t.Fatalf("the advisory is not listed:\n%s", out)
	}
	b.publish(record.Content{Record: r, Change: "Withdrawn.", Withdrawn: "It is no flaw."})
	if out := b.dnf("updateinfo", "list"); strings.Contains(out, "LAN-2026-0001") {
		t.Errorf("a withdrawn advisory is listed:\n%s", out)
	}
}
