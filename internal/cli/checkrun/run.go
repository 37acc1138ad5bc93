package checkrun

import (
	"context"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// Result is what became of one document.
type Result struct {
	Name   string
	Report *check.Report  // nil when Err is set
	Err    error          // it could not be read
	Lines  map[int]string // the lines that findings stand on, cut, when Run.Lines asks for them
}

// Run checks documents.
type Run struct {
	Checker   *check.Checker
	Request   check.Request
	Jobs      int            // documents at a time
	Lines     check.Severity // keep the lines of findings of this severity or worse, and place no others; Unrated: place all, keep none
	KnownOnly bool           // leave out what was found, not named, and is of no known format
}

// Tally counts the documents of a run.
type Tally struct {
	Documents int            `json:"documents"` // that were checked
	Valid     int            `json:"valid"`     // without an error
	Errors    int            `json:"errors"`    // findings, as the next two
	Warnings  int            `json:"warnings"`  //
	Infos     int            `json:"infos"`     //
	NotRead   int            `json:"not_read"`  // could not be read
	LeftOut   int            `json:"left_out"`  // of no known format, see Run.KnownOnly
	Worst     check.Severity `json:"-"`         // of all findings
}

// Add counts one result.
func (t *Tally) Add(r *Result) {
	if r.Err != nil {
		t.NotRead++
		return
	}
	t.Documents++
	if r.Report.Valid() {
		t.Valid++
	}
	t.Errors, t.Warnings, t.Infos = t.Errors+r.Report.Errors, t.Warnings+r.Report.Warnings, t.Infos+r.Report.Infos
	if w := r.Report.Worst(); w != 0 && (t.Worst == 0 || w < t.Worst) {
		t.Worst = w
	}
}

// numbered is a document and its place in the order.
type numbered struct {
	n   int
	doc Document
}

type done struct {
	n      int
	result *Result // nil: left out
}

// Each checks what each yields and calls show for every result, in the order of the
// documents. Few documents are held at a time. It returns show's error, or ctx's.
func (r *Run) Each(ctx context.Context, each func(yield func(Document) bool), show func(*Result) error) (Tally, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs := max(r.Jobs, 1)
	room := make(chan struct{}, 8*jobs) // documents that are found and not shown yet
	todo, results := make(chan numbered), make(chan done)
	go func() {
		defer close(todo)
		n := 0
		each(func(d Document) bool {
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return false
			}
			select {
			case todo <- numbered{n, d}:
				n++
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	var working sync.WaitGroup
	for range jobs {
		working.Go(func() {
			for d := range todo {
				select {
				case results <- done{d.n, r.check(ctx, d.doc)}:
				case <-ctx.Done():
				}
			}
		})
	}
	go func() { working.Wait(); close(results) }()

	var tally Tally
	waiting, next := map[int]done{}, 0
	for {
		var d done
		select {
		case <-ctx.Done(): // what still reads, from a pipe that nobody writes to, is left behind
			return tally, ctx.Err()
		case one, more := <-results:
			if !more {
				return tally, ctx.Err()
			}
			d = one
		}
		waiting[d.n] = d
		for {
			d, ok := waiting[next]
			if !ok {
				break
			}
			delete(waiting, next)
			next++
			<-room
			if d.result == nil {
				tally.LeftOut++
				continue
			}
			tally.Add(d.result)
			if err := show(d.result); err != nil {
				return tally, err
			}
		}
	}
}

// check is one document; nil when it is left out.
func (r *Run) check(ctx context.Context, d Document) *Result {
	data, err := d.Read(ctx)
	if err != nil {
		return &Result{Name: d.Name, Err: err}
	}
	request := r.Request
	request.Placed = r.Lines // without a line nobody sees the place
	report, err := r.Checker.Check(ctx, data, request)
	if err != nil {
		return &Result{Name: d.Name, Err: err}
	}
	if r.KnownOnly && d.Found && report.Format == "" {
		return nil
	}
	out := &Result{Name: d.Name, Report: report}
	if r.Lines != 0 {
		out.Lines = lines(data, report.Findings, r.Lines)
	}
	return out
}

// maxLine bounds the lines that are kept, in bytes.
const maxLine = 16 << 10

// lines are those that findings stand on. Of a document on one line without end, which
// programs write, the window around the place is made when it is shown.
func lines(data []byte, findings []check.Finding, least check.Severity) map[int]string {
	wanted := map[int]bool{}
	for _, f := range findings {
		if f.Severity <= least {
			wanted[f.Line] = true
		}
	}
	out := map[int]string{}
	if len(wanted) == 0 {
		return out
	}
	n, rest := 1, strings.TrimPrefix(string(data), "\uFEFF")
	for len(out) < len(wanted) && rest != "" {
		line, after, more := strings.Cut(rest, "\n")
		if wanted[n] && len(line) <= maxLine && utf8.ValidString(line) {
			out[n] = strings.Clone(strings.TrimRight(line, "\r"))
		}
		if !more {
			break
		}
		n, rest = n+1, after
	}
	return out
}
