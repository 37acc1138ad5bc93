package look_test

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

const (
	lampOld = "int\nfill(int n)\n{\n\tif (n < 0)\n\t\treturn -1;\n\tpour(n);\n\treturn 0;\n}\n\nint\ndrain(int n)\n{\n\tif (n < 0)\n\t\treturn -1;\n\tempty(n);\n\treturn 0;\n}\n"
	lampFix = `diff --git a/lamp.c b/lamp.c
--- a/lamp.c
+++ b/lamp.c
@@ -12,6 +12,8 @@ drain(int n)
 {
 	if (n < 0)
 		return -1;
+	if (n > glass)
+		return -1;
 	empty(n);
 	return 0;
 }
`
)

func TestAPlaceIsLookedForInItsFunction(t *testing.T) {
	fixed := strings.Replace(lampOld, "\tempty(n);", "\tif (n > glass)\n\t\treturn -1;\n\tempty(n);", 1)
	p, err := patch.Parse(strings.NewReader(lampFix))
	if err != nil {
		t.Fatal(err)
	}
	places := look.Places(p.Files, []look.Sides{{Old: look.New([]byte(lampOld)), New: look.New([]byte(fixed))}})
	if len(places) != 1 {
		t.Fatalf("there are %d places", len(places))
	}
	for name, c := range map[string]struct {
		text string
		want look.Look
	}{
		"as it was":                            {lampOld, look.Before},
		"as it is":                             {fixed, look.After},
		"with spaces in place of tabs":         {strings.ReplaceAll(fixed, "\t", "    "), look.After},
		"the same check in the other function": {strings.Replace(lampOld, "\tpour(n);", "\tif (n > glass)\n\t\treturn -1;\n\tpour(n);", 1), look.Before},
		"without the function":                 {lampOld[:strings.Index(lampOld, "int\ndrain")], look.Lacking},
		"with other code around":               {strings.Replace(strings.Replace(fixed, "\tif (n < 0)\n\t\treturn -1;\n\tif", "\tlog(n);\n\tif", 1), "empty(n)", "empty(n, 0)", 1), look.After},
	} {
		at := places[0]
		if at.See(look.New([]byte(c.text))); at.Look != c.want {
			t.Errorf("%s: it looks %d, want %d", name, at.Look, c.want)
		}
	}
}

func FuzzSee(f *testing.F) {
	f.Add(lampFix, lampOld, lampOld)
	f.Fuzz(func(t *testing.T, diff, old, now string) {
		p, err := patch.Parse(strings.NewReader(diff))
		if err != nil {
			return
		}
		sides := make([]look.Sides, len(p.Files))
		for i := range sides {
			sides[i] = look.Sides{Old: look.New([]byte(old)), New: look.New([]byte(now))}
		}
		for _, at := range look.Places(p.Files, sides) {
			at.See(look.New([]byte(old)))
			at.Touches(look.New([]byte(old)), look.New([]byte(now)))
		}
	})
}
