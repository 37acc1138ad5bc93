package cli_test

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/cli/upkeep"
	"github.com/tocsin-sec/tocsin/internal/cve"
)

func TestThePoolsOfCVEIDsAreShown(t *testing.T) {
	s := newRealSite(t)
	s.deputy()
	var list []upkeep.Pool
	s.into(&list, "chair", "cve", "pool")
	if len(list) != 0 {
		t.Errorf("a project without an account has a pool: %+v", list)
	}
	must(t, s.app.Numbers.Change(t.Context(), s.person("chair"), cve.Setup{Project: s.project.ID, CNA: true, URL: "https://cveawg.example/api/", Org: "lanterna", User: "mira@lanterna.example", Low: 3, Fill: 9},
		secret.New("AAAAAAA-BBBBBBB-CCCCCCC-DDDDDDD")))
	must(t, s.app.Drain(t.Context())) // nobody answers there
	for _, args := range [][]string{{"cve", "pool"}, {"cve", "pool", "--project", "lanterna"}} {
		s.into(&list, "deputy", args...)
		if len(list) != 1 || list[0].Project != "lanterna" || list[0].Low != 3 || list[0].Fill != 9 || list[0].Free != 0 || list[0].Problem == "" || list[0].Said == "" || list[0].Said == list[0].Problem {
			t.Errorf("%v: %+v", args, list)
		}
	}
	if out := s.ok("chair", "cve", "pool"); !strings.Contains(out, "lanterna") || !strings.Contains(out, list[0].Said) {
		t.Errorf("the table is\n%s", out)
	}
	if code, _, errs := s.run("chair", "", "cve", "pool", "--project", "nosuch"); code == 0 || !strings.Contains(errs, "404") && !strings.Contains(errs, "nothing here") {
		t.Errorf("a project that is not there: exit code %d, %s", code, errs)
	}
}
