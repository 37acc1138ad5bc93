package advisoryweb

import (
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// labelled says each problem with the name of its field, as the form has it.
func labelled(c *webui.Ctx, r advisory.Record, list []fault.Field) []said {
	out := say(c, list)
	for i := range out {
		out[i].Label = fieldLabel(c.T, r, out[i].Path)
	}
	return out
}

// fieldLabel names the field behind a path such as "branches.0.fixed" for people:
// "Branch 1: lanternd stable-2, First fixed version".
func fieldLabel(t func(string, ...any) string, r advisory.Record, path string) string {
	parts := strings.Split(path, ".")
	if len(parts) != 3 {
		return t("advisory.f." + path)
	}
	i, err := strconv.Atoi(parts[1])
	if err != nil {
		return path
	}
	field := parts[2]
	switch parts[0] {
	case "cwe":
		field = "cwe"
	case "credits":
		if field == "name" {
			field = "credit"
		}
	case "references":
		if field == "text" {
			field = "url_text"
		}
	case "timeline":
		if field == "text" {
			field = "event"
		}
	}
	label := t("advisory.f." + field)
	switch {
	case parts[0] == "branches" && i < len(r.Branches):
		return branchLegend(t, i, r.Branches[i].Label()) + ", " + label
	case i > 0:
		return label + " " + strconv.Itoa(i+1)
	}
	return label
}

// branchLegend names the i-th block of the editor.
func branchLegend(t func(string, ...any) string, i int, name string) string {
	if strings.TrimSpace(name) == "" {
		return t("advisory.f.branch_more")
	}
	return t("advisory.f.branch", "n", i+1, "name", name)
}
