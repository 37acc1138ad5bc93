// Package keyuse says what the state of a project's signing keys means for what is
// published: whether the staged files are signed by the keys in use, and which keys will
// have ended at an instant.
//
// Who signs is advisory.Keys; how, internal/server/openpgp.
package keyuse

import (
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Joined names the keys of a signer in a stage and in the ledger.
func Joined(fingerprints []string) string { return strings.Join(fingerprints, " ") }

// Current reports whether files that were signed by these keys (as Joined has them)
// are signed by exactly the keys in use at now: a key that was retired since signs
// nothing that is published, a new one signs everything. One that ended by itself since
// then signed while it was good.
func Current(keys []pubtree.Key, signed string, now time.Time) bool {
	by := strings.Fields(signed)
	for _, k := range keys {
		did := slices.Contains(by, k.Fingerprint)
		ended := !k.Expires.IsZero() && !now.Before(k.Expires)
		if k.InUse && !ended && !did || !k.InUse && did {
			return false
		}
	}
	return true
}

// At returns blockers when none of the keys in use will sign at an instant, and
// otherwise notes about those that will not.
func At(keys []pubtree.Key, at time.Time) (blocked, notes []fault.Field) {
	good, use := 0, 0
	var ends []fault.Field
	for _, k := range keys {
		if !k.InUse {
			continue
		}
		use++
		if k.Expires.IsZero() || at.Before(k.Expires) {
			good++
			continue
		}
		ends = append(ends, fault.Field{Key: "advisory.block.key_ends", Args: []any{"key", k.Fingerprint, "end", k.Expires}})
	}
	switch {
	case use == 0:
		return []fault.Field{{Key: "advisory.block.no_key"}}, nil
	case good == 0:
		return ends, nil
	}
	return nil, ends
}
