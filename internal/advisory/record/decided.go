package record

import "slices"

// Open is a branch that nobody has decided about.
type Open struct {
	Branch Branch
	At     int // its row, or where it would be added
}

// OpenBranches returns the branches that nobody has decided about; needed are those that
// have to be mentioned. What is not mentioned comes last, as the rows after the last one.
func (r Record) OpenBranches(needed []Branch) []Open {
	var out []Open
	for i, b := range r.Branches {
		if b.Open() {
			out = append(out, Open{b, i})
		}
	}
	for i, b := range r.Unmentioned(needed) {
		out = append(out, Open{b, len(r.Branches) + i})
	}
	return out
}

// Claimed returns the rows that say of a branch that it is settled, without a waiver, while
// its label is among unsettled: the repository does not show what the record says.
func (r Record) Claimed(unsettled []string) []int {
	var out []int
	for i, b := range r.Branches {
		if !b.Open() && b.Waiver == "" && slices.Contains(unsettled, b.Label()) {
			out = append(out, i)
		}
	}
	return out
}

// Unmentioned returns those of needed that the record does not mention, each once, as
// a row to begin with: product, package URL and name, and nothing decided.
func (r Record) Unmentioned(needed []Branch) []Branch {
	var out []Branch
	for _, b := range needed {
		same := func(o Branch) bool { return o.Label() == b.Label() }
		if !slices.ContainsFunc(r.Branches, same) && !slices.ContainsFunc(out, same) {
			out = append(out, Branch{Product: b.Product, Purl: b.Purl, Name: b.Name})
		}
	}
	return out
}

// Difference is a branch about which somebody has said one thing elsewhere (in the
// case) and the record another, or nothing.
type Difference struct {
	Label string  `json:"branch"`
	There Branch  `json:"there"`          // as it is there
	Here  *Branch `json:"here,omitempty"` // as the record has it, nil when it does not mention it
	// Lacking says that it is decided there and open here.
	Lacking bool `json:"lacking"`
}

// Differences returns where the record lacks or contradicts what is decided about the
// branches there. A branch that nobody has looked at there is none.
func (r Record) Differences(there []Branch) []Difference {
	var out []Difference
	for _, b := range there {
		if b.Status == Investigating && b.Waiver == "" {
			continue
		}
		d := Difference{Label: b.Label(), There: b, Lacking: !b.Open()}
		if i := r.branch(b.Label()); i >= 0 {
			here := r.Branches[i]
			if here.agrees(b) {
				continue
			}
			d.Here, d.Lacking = &here, d.Lacking && here.Open()
		}
		out = append(out, d)
	}
	return out
}

func (r Record) branch(label string) int {
	return slices.IndexFunc(r.Branches, func(b Branch) bool { return b.Label() == label })
}

// agrees reports whether both say the same of a branch. The words of a waiver and the
// affected versions, which people write in many ways, are not compared; one who is
// waived in the record is affected there without a word more. Commits that are known there
// have to be known here.
func (b Branch) agrees(there Branch) bool {
	switch {
	case b.Status == Fixed || there.Status == Fixed:
		return b.Status == there.Status && b.Fixed == there.Fixed && (there.Commits == nil || there.Commits.Equal(b.Commits))
	case b.Status == NotAffected || there.Status == NotAffected:
		return b.Status == there.Status
	case there.Waiver != "":
		return b.Waiver != ""
	}
	return b.Status == there.Status || b.Waiver != ""
}

// Adopted returns the record with what is said there about the branches with these
// labels. What only the record knows stays: versions, package URL, the link to a fix that
// is still one. False means that a label is none of the differences.
func (r Record) Adopted(there []Branch, labels []string) (Record, bool) {
	differences := r.Differences(there)
	r.Branches = slices.Clone(r.Branches)
	for _, label := range labels {
		i := slices.IndexFunc(differences, func(d Difference) bool { return d.Label == label })
		if i < 0 {
			return Record{}, false
		}
		d := differences[i]
		if d.Here == nil {
			r.Branches = append(r.Branches, d.There)
			continue
		}
		r.Branches[r.branch(label)] = d.Here.told(d.There)
	}
	return r, true
}

func (b Branch) told(there Branch) Branch {
	b.Status, b.Fixed, b.Waiver, b.WaivedBy = there.Status, there.Fixed, there.Waiver, there.WaivedBy
	if there.Commits != nil || there.Status != Fixed {
		b.Commits = there.Commits
	}
	if b.Purl == "" {
		b.Purl = there.Purl
	}
	if b.Affected == "" {
		b.Affected = there.Affected
	}
	if b.Status != Fixed {
		b.FixURL, b.Packages = "", nil
	}
	switch b.Status {
	case NotAffected:
		b.Affected = ""
	case Fixed, Affected:
		b.Justification, b.Covers = "", ""
	case Investigating:
		b.Justification = ""
	}
	return b
}

// KeepWaivers notes who waived each branch: whom the known ones name, as long as the reason
// stays the same, else me.
func (r Record) KeepWaivers(known []Branch, me string) {
	for i := range r.Branches {
		b := &r.Branches[i]
		b.WaivedBy = ""
		if b.Waiver == "" {
			continue
		}
		b.WaivedBy = me
		same := func(o Branch) bool { return o.Label() == b.Label() && o.Waiver == b.Waiver && o.WaivedBy != "" }
		if j := slices.IndexFunc(known, same); j >= 0 {
			b.WaivedBy = known[j].WaivedBy
		}
	}
}
