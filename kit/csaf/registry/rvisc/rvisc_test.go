package rvisc

import "testing"

func TestSystemsKnowTheirIDs(t *testing.T) {
	for name, ids := range map[string][2]string{
		"https://github.com/oasis-tcs/csaf": {"#1217", "Issue 1217"},
		"https://euvd.enisa.europa.eu":      {"EUVD-2026-4660", "EUVD-2026-466"},
	} {
		s, ok := Find(name)
		if !ok || !s.Match(ids[0]) || s.Match(ids[1]) {
			t.Errorf("%s: %v, %v", name, s, ok)
		}
	}
	if _, ok := Find("OASIS Open CSAF TC GitHub Issues"); ok {
		t.Error("the common name is no system name")
	}
	if len(Systems()) < 2 {
		t.Error("systems are missing")
	}
}
