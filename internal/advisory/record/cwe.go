package record

import (
	_ "embed"
	"strings"
)

//go:embed cwe.txt
var weaknesses string

// CWEName returns the official name of a weakness of CWE 4.x, "" for one that is not
// in the table: then the name has to be typed. The table holds what open-source
// advisories use most; the whole catalogue comes with the validator.
func CWEName(id string) string {
	for l := range strings.Lines(weaknesses) {
		if name, ok := strings.CutPrefix(l, id+" "); ok {
			return strings.TrimSuffix(name, "\n")
		}
	}
	return ""
}
