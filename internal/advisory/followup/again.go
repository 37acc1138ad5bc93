package followup

import (
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
)

// How soon a letter in the queue is looked at again until it has arrived: at first at
// once, then after half of the time that it has waited. Without a smarthost a letter
// waits for days.
const (
	poll     = 2 * time.Second
	pollMost = 10 * time.Minute
)

// PollAfter returns how long to wait before the next look at a letter that has waited so long.
func PollAfter(waited time.Duration) time.Duration {
	return min(max(killpoint.Wait(poll), waited/2), pollMost)
}

// Fail notes a failure on the step and returns when to try again.
func Fail(st *Step, now time.Time, err error) time.Time {
	st.State, st.At = StepFailed, now
	st.Problem, st.Args = "advisory.step.failed", nil
	if f := new(fault.Error); errors.As(err, &f) {
		st.Problem = f.Key
		for _, a := range f.Args {
			st.Args = append(st.Args, fmt.Sprint(a))
		}
	}
	st.Tries++
	return now.Add(Pause(st.Tries - 1))
}

// Judge notes on the step what a check found and returns when to go on.
func Judge(st *Step, now time.Time, problem error) time.Time {
	if problem != nil {
		return Fail(st, now, problem)
	}
	st.State, st.At, st.Problem = StepDone, now, ""
	return now
}
