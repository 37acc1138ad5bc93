// Package rvisc is the Registry for Vulnerability ID Systems for CSAF (RVISC), which the
// tests 6.2.53 and 6.3.20 of CSAF 2.1 refer to: the names of the systems and what their
// ids look like.
//
//	s, ok := rvisc.Find("https://euvd.enisa.europa.eu")
//	s.Match("EUVD-2026-4660")
//
// The table is generated (registry/rvisc/gen) from the registry of the OASIS CSAF TC.
package rvisc

//go:generate sh -c "go run ./gen \"$RVISC\" > table.new && mv table.new table.go"

// System is one registered system of vulnerability ids.
type System struct {
	Name    string            // the value of system_name, an URL
	Common  string            // what people call it
	Pattern string            // of the ids: a regular expression, anchored
	Match   func(string) bool // reports whether a text is an id of the system
}

// Find returns the system that is registered under a name; ok is false for names that
// are not registered.
func Find(name string) (s System, ok bool) {
	for i := range systems {
		if systems[i].Name == name {
			return systems[i], true
		}
	}
	return System{}, false
}

// Systems returns the registered systems in the order of their names.
func Systems() []System { return append([]System(nil), systems[:]...) }
