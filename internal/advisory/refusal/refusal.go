// Package refusal says which of the files that are published of a record cannot be made of
// it: before anybody approves it, and not when its embargo ends.
//
// Not here: what a record lacks beside its fields (record), how each output is made and
// checked (emit), and what follows from a refusal (advisory).
package refusal

import (
	"errors"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit/cve"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/osv"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// nothing are the answers of an output that has no file for the record, rightly: OSV and
// CVE know no flaw without an affected version, and not every advisory has a CVE record.
var nothing = [...]string{"advisory.emit.nothing_affected", "advisory.emit.no_cve", "advisory.emit.no_cna"}

// Nothing reports whether err says that an output has nothing to say of a record.
func Nothing(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind == fault.Invalid && slices.Contains(nothing[:], f.Key)
}

// Of returns why files of the record would not be published: the CSAF document, which all
// else waits for; the OSV record of what everybody may know; and the CVE record where the
// project is a CNA (in.CNA). Each is a key with its arguments; an error is one of the
// program. Withdrawals and imports as they came have no author who could mend them: of
// those it names what will be missing.
func Of(in record.Input) ([]fault.Field, error) {
	in.Loose = false
	var out []fault.Field
	note := func(err error) error {
		var f *fault.Error
		switch {
		case err == nil, Nothing(err):
			return nil
		case errors.As(err, &f) && f.Kind == fault.Invalid:
			out = append(out, fault.Field{Key: f.Key, Args: f.Args})
			return nil
		}
		return err
	}
	if _, _, err := record.Document(in); err != nil {
		err = note(err)
		return out, err // the others are made of the same
	}
	if in.Content.Record.Level().Told() {
		_, err := osv.Make(in)
		if err := note(err); err != nil {
			return nil, err
		}
		if in.CNA.OrgID != "" {
			_, err = cve.Make(in)
			if err := note(err); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
