package casework

import (
	"strings"

	"github.com/tocsin-sec/tocsin/internal/casework/scoring"
)

// Severity is how bad the problem is (package scoring).
type Severity = scoring.Severity

// cut shortens foreign text for an error.
func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}
