package ledger

import "time"

// Finding names one kind of damage to the record.
type Finding struct {
	Kind   FindingKind
	Stream string // "" for the log of checkpoints itself
	Seq    int64  // the first entry (or leaf, or line of the file) concerned, 0 for the whole
}

// FindingKind is what was done to the record.
type FindingKind int

// The kinds; the zero value is invalid.
const (
	_            FindingKind = iota
	Malformed                // a line that no export has; Seq is the line
	Changed                  // a bit of an entry, its body or a leaf was changed
	Removed                  // an entry or leaf is missing in the middle
	Reordered                // entries stand in another order
	CutOff                   // the end is missing
	Rewritten                // consistent in itself, but not what a checkpoint signed
	BadSignature             // the checkpoint is not signed by a given key
	NoCheckpoint             // nothing is signed at all
)

// String returns the catalogue key of the kind.
func (k FindingKind) String() string {
	switch k {
	case Malformed:
		return "ledger.finding.malformed"
	case Changed:
		return "ledger.finding.changed"
	case Removed:
		return "ledger.finding.removed"
	case Reordered:
		return "ledger.finding.reordered"
	case CutOff:
		return "ledger.finding.cut_off"
	case Rewritten:
		return "ledger.finding.rewritten"
	case BadSignature:
		return "ledger.finding.bad_signature"
	case NoCheckpoint:
		return "ledger.finding.no_checkpoint"
	default:
		return "ledger.finding.invalid"
	}
}

// Restore is a restore from a backup that the record itself declares; it is no
// damage, but a person must know of it. Lost says that an earlier checkpoint was
// given which the backup did not have: what it covered beyond the backup is gone.
// Vouched says that another earlier checkpoint, from before the backup, fits:
// all that came before the restore is what was signed then. A restore that is
// not vouched for may hide a rewrite by whoever holds the signing key.
type Restore struct {
	Leaf    int64
	At      time.Time
	Lost    bool
	Vouched bool
}

// Report is the result of Verify.
type Report struct {
	Entries, Streams int64
	Proven           int64 // entries that the newest checkpoint covers
	Unproven         int64 // entries after it: not yet proven
	Erased           int64 // entries whose body was removed, lawfully or not
	Checkpoint       Checkpoint
	At               time.Time // of the newest checkpoint
	Findings         []Finding // the first MaxFindings
	Found            int       // how many there are in all
	Restores         []Restore
}

// MaxFindings bounds Report.Findings.
const MaxFindings = 1000

// OK reports whether nothing was done to the record. Restores must be looked at
// all the same.
func (r *Report) OK() bool { return r.Found == 0 }

func (r *Report) add(k FindingKind, stream string, seq int64) {
	r.Found++
	if len(r.Findings) < MaxFindings {
		r.Findings = append(r.Findings, Finding{k, stream, seq})
	}
}
