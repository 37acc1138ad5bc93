package record

import (
	"reflect"
	"testing"
)

func TestWhatTheCaseSaysBesideWhatTheTextSays(t *testing.T) {
	row := func(status Status, fixed, waiver string) *Branch {
		return &Branch{Product: "lanternd", Name: "stable-2", Status: status, Affected: ">= 2.0.0", Fixed: fixed, Waiver: waiver}
	}
	for _, c := range []struct {
		name             string
		there, here      *Branch
		differs, lacking bool
	}{
		{"a waiver that the text lacks", row(Affected, "", "end of life"), row(Affected, "", ""), true, true},
		{"a waiver of a branch that is looked into", row(Affected, "", "end of life"), row(Investigating, "", ""), true, true},
		{"a waiver in other words", row(Affected, "", "end of life"), row(Affected, "", "nobody maintains it"), false, false},
		{"a fix that the text lacks", row(Fixed, "2.4.7", ""), row(Affected, "", ""), true, true},
		{"another fix", row(Fixed, "2.4.8", ""), row(Fixed, "2.4.7", ""), true, false},
		{"the same fix", row(Fixed, "2.4.7", ""), row(Fixed, "2.4.7", ""), false, false},
		{"a waiver of what the text calls fixed", row(Affected, "", "end of life"), row(Fixed, "2.4.7", ""), true, false},
		{"affected, where the text says fixed", row(Affected, "", ""), row(Fixed, "2.4.7", ""), true, false},
		{"affected, where the text waives", row(Affected, "", ""), row(Affected, "", "end of life"), false, false},
		{"not affected, where nothing was known", row(NotAffected, "", ""), row(Investigating, "", ""), true, true},
		{"nobody has looked in the case", row(Investigating, "", ""), row(Fixed, "2.4.7", ""), false, false},
		{"decided, and not mentioned", row(Affected, "", "end of life"), nil, true, true},
		{"affected, and not mentioned", row(Affected, "", ""), nil, true, false},
	} {
		var r Record
		if c.here != nil {
			r.Branches = []Branch{*c.here}
		}
		got := r.Differences([]Branch{*c.there})
		if len(got) > 0 != c.differs || len(got) > 0 && got[0].Lacking != c.lacking {
			t.Errorf("%s: %+v", c.name, got)
			continue
		}
		if len(got) == 0 {
			continue
		}
		told, ok := r.Adopted([]Branch{*c.there}, []string{"lanternd stable-2"})
		if !ok || len(told.Branches) != 1 || len(told.Differences([]Branch{*c.there})) > 0 {
			t.Errorf("%s: taken over it is %+v", c.name, told.Branches)
		}
		if _, ok := r.Adopted([]Branch{*c.there}, []string{"lanternd stable-9"}); ok {
			t.Errorf("%s: a branch that the case does not name is taken over", c.name)
		}
	}
}

func TestTakingOverKeepsWhatOnlyTheTextKnows(t *testing.T) {
	here := Branch{Product: "lanternd", Name: "stable-2", Purl: "pkg:generic/lanternd", Status: Fixed, Affected: ">= 2.0.0, < 2.4.7", Fixed: "2.4.7", FixURL: "https://lanterna.example/c/1", CPE: "cpe:2.3:a:lanterna:lanternd:*:*:*:*:*:*:*:*"}
	r := Record{Branches: []Branch{here}}
	there := Branch{Product: "lanternd", Name: "stable-2", Purl: "pkg:deb/lanternd", Status: Fixed, Affected: "before 2.4.8", Fixed: "2.4.8"}
	told, _ := r.Adopted([]Branch{there}, []string{"lanternd stable-2"})
	want := here
	want.Fixed = "2.4.8"
	if !reflect.DeepEqual(told.Branches[0], want) || !reflect.DeepEqual(r.Branches[0], here) {
		t.Errorf("%+v, and the record itself %+v", told.Branches[0], r.Branches[0])
	}
}

func TestOpenBranchesSayWhereTheyAreDecided(t *testing.T) {
	r := Record{Branches: []Branch{{Product: "a", Status: Fixed}, {Product: "b", Status: Affected}, {Product: "c", Status: Affected}}}
	needed := []Branch{{Product: "a"}, {Product: "d", Purl: "pkg:generic/d", Status: Fixed}, {Product: "d"}, {Product: "e"}}
	open := r.OpenBranches(needed)
	if len(open) != 4 || open[0].At != 1 || open[1].At != 2 || open[2].At != 3 || open[3].At != 4 {
		t.Fatalf("%+v", open)
	}
	if d := open[2].Branch; !reflect.DeepEqual(d, Branch{Product: "d", Purl: "pkg:generic/d"}) {
		t.Errorf("a branch that the text does not mention begins with %+v", d)
	}
}

func TestWhatARecordClaimsAgainstTheRepository(t *testing.T) {
	r := Record{Branches: []Branch{
		{Product: "lanternd", Name: "stable-1", Status: Fixed, Fixed: "1.9.4"},
		{Product: "lanternd", Name: "stable-2", Status: Fixed, Fixed: "2.4.7"},
		{Product: "lanternd", Name: "stable-3", Status: NotAffected},
		{Product: "lanternd", Name: "stable-4", Status: Affected, Waiver: "its maintainer ships it from elsewhere"},
		{Product: "lanternd", Name: "stable-5", Status: Investigating},
	}}
	labels := func(rows ...int) []string {
		var out []string
		for _, i := range rows {
			out = append(out, r.Branches[i].Label())
		}
		return out
	}
	for _, c := range []struct {
		name      string
		unsettled []string
		want      []int
	}{
		{"nothing is unsettled", nil, nil},
		{"a fix that the repository does not show", labels(1), []int{1}},
		{"a branch that is called not affected", labels(2), []int{2}},
		{"a waiver by name lets it pass", labels(3), nil},
		{"what is still looked into stands in the way by itself", labels(4), nil},
		{"a branch that the record does not mention", []string{"lanternd main"}, nil},
		{"all of them", labels(0, 1, 2, 3, 4), []int{0, 1, 2}},
	} {
		if got := r.Claimed(c.unsettled); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: rows %v, want %v", c.name, got, c.want)
		}
	}
}
