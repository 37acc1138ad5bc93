package record

import "github.com/tocsin-sec/tocsin/kit/cwe"

// CWEName returns the name that the newest CWE gives a weakness, "" for an id that
// it does not have.
func CWEName(id string) string {
	w, _ := cwe.Find(id)
	return w.Name
}
