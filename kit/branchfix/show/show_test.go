package show_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/show"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/version"
)

func id(digit string) branchfix.ID { return branchfix.ID(strings.Repeat(digit, 40)) }

// hostile has every state, and names that want to be more than names.
func hostile() *branchfix.Matrix {
	m := &branchfix.Matrix{}
	for i, s := range branchfix.States() {
		m.Branches = append(m.Branches, branchfix.BranchState{Name: "release-<script>&\"'\x1b[31m\u202e" + string(rune('a'+i)), Head: id("a"), State: s, Fixes: []branchfix.FixState{
			{Commit: string(id("1")), State: s, Ask: i%2 == 0, Tag: "v1.<b>\x07", By: []branchfix.ID{id("2")}, Evidence: []branchfix.Evidence{{Kind: branchfix.SamePatch, Commit: id("2"), Weight: 0.98, Note: "<img src=x>"}},
				Trial: &branchfix.Trial{At: id("1"), Conflicts: []branchfix.Conflict{{Path: "</p>", Reason: "content", Lines: [][2]int{{3, 9}}, Missing: []branchfix.ID{id("3")}}}}},
			{Commit: string(id("4") + "," + id("5")), State: s},
		}})
	}
	return m
}

func TestAPictureIsXMLWithEverythingInWords(t *testing.T) {
	var b strings.Builder
	if err := show.SVG(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	var text strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			if v.Name.Local == "script" || v.Name.Local == "b" {
				t.Errorf("a name became <%s>", v.Name.Local)
			}
		case xml.CharData:
			text.Write(v)
		}
	}
	for _, s := range branchfix.States() {
		if !strings.Contains(text.String(), show.Words(s)) {
			t.Errorf("%s is not said in words", s)
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\u202e") {
		t.Error("a control character came through")
	}
}

func TestAPageEscapesWhatIsForeign(t *testing.T) {
	var b strings.Builder
	if err := show.HTML(&b, hostile(), show.Page{Subject: func(branchfix.ID) string { return "<script>alert(1)</script>" }}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "\x1b", "\u202e", "</p>&lt;"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

// matrix is one fix that two branches have.
func matrix() *branchfix.Matrix {
	return &branchfix.Matrix{Branches: []branchfix.BranchState{
		{Name: "main", Head: id("a"), State: branchfix.Fixed, Fixes: []branchfix.FixState{{Commit: string(id("1")), State: branchfix.Fixed, By: []branchfix.ID{id("1")}}}},
		{Name: "release-1.1", Head: id("b"), State: branchfix.Released, Fixes: []branchfix.FixState{{Commit: string(id("1")), State: branchfix.Released, Tag: "v1.1.3", By: []branchfix.ID{id("2")}}}},
		{Name: "release-1.0", Head: id("c"), State: branchfix.Applies, Fixes: []branchfix.FixState{{Commit: string(id("1")), State: branchfix.Applies}}},
	}}
}

func TestRangesPassTheLintAndListEveryBranchWithTheFix(t *testing.T) {
	git, ok := show.GitRange(matrix(), 0, []branchfix.ID{id("9")}, "https://git.lantern.example/lantern")
	if !ok || len(git.Events) != 3 || *git.Events[0].Introduced != string(id("9")) || *git.Events[1].Fixed != string(id("1")) || *git.Events[2].Fixed != string(id("2")) {
		t.Fatalf("the range is %+v", git)
	}
	versions, ok := show.VersionRange("SEMVER", version.For("Go"), []show.Release{{"1.1.3", branchfix.Released}, {"1.0.0", branchfix.NotAffected}, {"1.1.0", branchfix.Applies},
		{"1.0.1", branchfix.Affected}, {"1.2.0", branchfix.Partial}, {"1.1.10", branchfix.Fixed}})
	var got []string
	for _, e := range versions.Events {
		if e.Introduced != nil {
			got = append(got, "+"+*e.Introduced)
		} else {
			got = append(got, "-"+*e.Fixed)
		}
	}
	if !ok || strings.Join(got, " ") != "+1.0.1 -1.1.3 +1.2.0" {
		t.Errorf("the versions are %v", got)
	}
	r := &osv.Record{SchemaVersion: osv.Schema, ID: "x_LAN-2026-0001", Modified: "2026-11-22T00:00:00Z", Published: "2026-11-22T00:00:00Z", Summary: "A short frame is read beyond its end",
		Affected: []osv.Affected{{Package: &osv.Package{Ecosystem: "Go", Name: "lantern.example/lantern"}, Ranges: []osv.Range{git, versions}}}}
	raw, err := osv.Write(r)
	if err != nil {
		t.Fatal(err)
	}
	back, problems := osv.Read(raw, osv.Limits{})
	if problems.Fatal() {
		t.Fatal(problems)
	}
	for _, f := range osv.Lint(back) {
		t.Errorf("%s %s: %s", f.Test, f.Pointer, f.Message)
	}
	if _, ok := show.GitRange(&branchfix.Matrix{Branches: matrix().Branches[2:]}, 0, nil, ""); ok {
		t.Error("a range without an end is made")
	}
}

func TestATableIsForAMail(t *testing.T) {
	var b strings.Builder
	if err := show.Table(&b, matrix()); err != nil {
		t.Fatal(err)
	}
	want := "Branch       State           Commit        Tag\nmain         fixed           111111111111  -\nrelease-1.1  released        222222222222  v1.1.3\nrelease-1.0  to do, applies  -             -\n"
	if b.String() != want {
		t.Errorf("it is\n%s", b.String())
	}
}

// A picture in other words has no English left, and a word that is foreign is escaped too.
func TestAPictureInOtherWords(t *testing.T) {
	other := show.Texts{Lang: "zh", Title: "各分支的修复情况", State: func(s branchfix.State) string { return "状态<" + string(s) + ">" },
		Tagged: func(state, tag string) string { return state + "（" + tag + "）" }, Ask: func(text string) string { return text + "，待确认" },
		Branch: func(name, text string) string { return name + "：" + text }, And: "；", End: "。"}
	var b strings.Builder
	if err := other.SVG(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	for _, s := range branchfix.States() {
		if words := show.Words(s); strings.Contains(b.String(), ">"+words) || strings.Contains(b.String(), ": "+words) {
			t.Errorf("%q is said in English", words)
		}
		if !strings.Contains(b.String(), "状态&lt;"+string(s)+"&gt;") {
			t.Errorf("%s is not said", s)
		}
	}
	for _, want := range []string{` lang="zh"`, "各分支的修复情况", "待确认", "；"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}
