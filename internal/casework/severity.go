package casework

import "github.com/tocsin-sec/tocsin/internal/casework/scoring"

// Severity is how bad the problem is (package scoring).
type Severity = scoring.Severity
