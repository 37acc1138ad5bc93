package checkrun

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Progress shows on a terminal how far a run is: one line that is written anew.
type Progress struct {
	Out   io.Writer // nil: nothing is shown
	found atomic.Int64
	done  atomic.Int64
	bad   atomic.Int64
	mu    sync.Mutex
	last  time.Time
	shown bool
}

// every is how often the line is written anew.
const every = 100 * time.Millisecond

// Found counts a document that will be checked.
func (p *Progress) Found() { p.found.Add(1); p.tick() }

// Done counts one that was.
func (p *Progress) Done(r *Result) {
	p.done.Add(1)
	if r.Err != nil || !r.Report.Valid() {
		p.bad.Add(1)
	}
	p.tick()
}

func (p *Progress) tick() {
	if p.Out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.last) >= every {
		p.last, p.shown = now, true
		fmt.Fprintf(p.Out, "\r\x1b[Kchecked %d of %d found so far, %d with errors", p.done.Load(), p.found.Load(), p.bad.Load())
	}
}

// Clear takes the line away, before something else is written.
func (p *Progress) Clear() {
	if p.Out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.shown = false
		fmt.Fprint(p.Out, "\r\x1b[K")
	}
}
