// Package cwe knows the weaknesses of the Common Weakness Enumeration by version, from
// 1.0 to Newest: name, status and what MITRE says of its use for mapping. Only weaknesses
// are here: ids of categories, views and compound elements that CWE does not list as
// weaknesses are unknown, as CSAF wants it (CSAF 2.0, 6.1.11; 2.1, 6.1.11).
//
//	w, ok := cwe.Find("CWE-79")          // in the newest version
//	w, ok := cwe.FindIn("4.8", "CWE-79") // as it was then
//
// The table is generated (kit/cwe/gen) and needs no start-up work: a look-up is a
// binary search in a string constant.
package cwe

//go:generate sh -c "go run ./gen \"$CWEC\" > table.new && mv table.new table.go"

import (
	"sort"
	"strconv"
	"strings"
	"time"
)

// Status is the maturity that CWE gives an entry: "Stable", "Usable", "Draft",
// "Incomplete" or "Deprecated".
type Status string

// Deprecated says that the entry must not be used any more.
const Deprecated Status = "Deprecated"

// Usage is whether an entry may be mapped to a vulnerability; versions before 4.12 do
// not say and have "".
type Usage string

// The usages (Mapping_Notes of CWE 4.12 and later).
const (
	Allowed     Usage = "Allowed"
	Review      Usage = "Allowed-with-Review"
	Discouraged Usage = "Discouraged"
	Prohibited  Usage = "Prohibited"
)

// Weakness is one entry as a version of CWE has it.
type Weakness struct {
	ID     int
	Name   string
	Status Status
	Usage  Usage
}

// String returns the id as people write it: "CWE-79".
func (w Weakness) String() string { return "CWE-" + strconv.Itoa(w.ID) }

// Release is a version of CWE with its date.
type Release struct {
	Version string
	Date    time.Time
}

// Releases returns the known versions, the oldest first.
func Releases() []Release {
	var out []Release
	for l := range strings.Lines(releases) {
		version, date, _ := strings.Cut(strings.TrimSpace(l), " ")
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			continue // the generator writes none
		}
		out = append(out, Release{version, t})
	}
	return out
}

// NewestOn returns the version that was the newest one on a day, "" before the first. It
// allocates nothing.
func NewestOn(day time.Time) string {
	var buf [len(time.DateOnly) + 16]byte // years may be longer than four digits
	on := day.UTC().AppendFormat(buf[:0], time.DateOnly)
	newest := ""
	for rest := releases; rest != ""; {
		var l string
		l, rest, _ = strings.Cut(rest, "\n")
		if version, date, _ := strings.Cut(l, " "); len(on) > len(date) || len(on) == len(date) && date <= string(on) {
			newest = version
		}
	}
	return newest
}

// Newest returns the newest known version.
func Newest() string {
	last := strings.TrimSuffix(releases, "\n")
	version, _, _ := strings.Cut(last[strings.LastIndexByte(last, '\n')+1:], " ")
	return version
}

// Find returns a weakness of the newest version by its id ("CWE-79"); ok is false for
// an id that this version does not have.
func Find(id string) (w Weakness, ok bool) { return FindIn(Newest(), id) }

// FindIn returns a weakness as the version has it; ok is false for an unknown version
// as well.
func FindIn(version, id string) (w Weakness, ok bool) {
	n, valid := number(id)
	at := place(version)
	if !valid || at < 0 {
		return Weakness{}, false
	}
	for _, r := range runsOf(n) {
		if r.from <= at && at <= r.to {
			return r.Weakness, true
		}
	}
	return Weakness{}, false
}

// place is the index of a version among the releases, -1 for one that is not there.
func place(version string) int {
	i := 0
	for l := range strings.Lines(releases) {
		if v, _, _ := strings.Cut(l, " "); v == version {
			return i
		}
		i++
	}
	return -1
}

// Named reports whether some version of CWE calls the weakness by this name.
func Named(id, name string) bool {
	n, valid := number(id)
	if !valid {
		return false
	}
	for _, r := range runsOf(n) {
		if r.Name == name {
			return true
		}
	}
	return false
}

// number reads "CWE-79"; leading zeros and anything else are not valid.
func number(id string) (int, bool) {
	digits, found := strings.CutPrefix(id, "CWE-")
	n, err := strconv.Atoi(digits)
	return n, found && err == nil && n > 0 && strconv.Itoa(n) == digits
}

// run is a line of the table: what the releases from..to say.
type run struct {
	Weakness
	from, to int
}

// runsOf returns the lines of one id.
func runsOf(id int) []run {
	// The first line whose id is not smaller, by bisecting the text.
	at := sort.Search(len(runs), func(i int) bool { return idOf(lineAt(i)) >= id })
	at = startOf(at)
	var out []run
	for l := range strings.Lines(runs[at:]) {
		r := parse(l)
		if r.ID > id {
			break
		}
		if r.ID == id {
			out = append(out, r)
		}
	}
	return out
}

// idOf reads only the id of a line: the bisection asks for many.
func idOf(line string) int {
	digits, _, _ := strings.Cut(line, "\t")
	id, _ := strconv.Atoi(digits)
	return id
}

// startOf is where the line around the byte i begins.
func startOf(i int) int { return strings.LastIndexByte(runs[:min(i, len(runs)-1)], '\n') + 1 }

func lineAt(i int) string {
	from := startOf(i)
	if end := strings.IndexByte(runs[from:], '\n'); end >= 0 {
		return runs[from : from+end]
	}
	return runs[from:]
}

func parse(line string) run {
	f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	if len(f) != 6 {
		return run{}
	}
	var r run
	r.ID, _ = strconv.Atoi(f[0]) // the generator wrote numbers; a test reads every line
	r.from, _ = strconv.Atoi(f[1])
	r.to, _ = strconv.Atoi(f[2])
	r.Status, r.Usage, r.Name = Status(f[3]), Usage(f[4]), f[5]
	return r
}
