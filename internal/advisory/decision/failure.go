package decision

import (
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Failure is why a job about an advisory was given up, as the page shows it.
type Failure struct {
	At   time.Time
	Job  string   // kind
	Key  string   // catalogue key
	Args []string // of it
}

// Named returns the arguments of the problem for the catalogue.
func (f Failure) Named() []any {
	out := make([]any, len(f.Args))
	for i, a := range f.Args {
		out[i] = a
	}
	return out
}

// Failed is the failure of a job of a kind: its cause, unless that is for nobody but the log.
func Failed(kind string, cause error, now time.Time) *Failure {
	out := &Failure{At: now, Job: kind, Key: "advisory.failure.internal"}
	var f *fault.Error
	if errors.As(cause, &f) && f.Kind != fault.Internal {
		out.Key = f.Key
		for _, a := range f.Args {
			out.Args = append(out.Args, fmt.Sprint(a))
		}
	}
	return out
}
