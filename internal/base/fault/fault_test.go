package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

var kinds = []Kind{Internal, Invalid, NotFound, Conflict, Denied, Unauthenticated, TooMany, TooLarge, Unavailable}

func TestEveryKindHasItsCodes(t *testing.T) {
	if len(codes) != len(kinds) {
		t.Fatalf("%d rows of codes for %d kinds", len(codes), len(kinds))
	}
	exits := map[int]Kind{}
	for _, k := range kinds {
		err := New(k, "x")
		http, smtp, exit := HTTPStatus(err), SMTPCode(err), ExitCode(err)
		if http < 400 || http > 599 || smtp < 400 || smtp > 599 || exit < 1 || exit > 125 {
			t.Errorf("kind %d: %d %d %d", k, http, smtp, exit)
		}
		if other, twice := exits[exit]; twice {
			t.Errorf("kinds %d and %d have one exit code", k, other)
		}
		exits[exit] = k
	}
}

func TestCodesMeanWhatTheyMustMean(t *testing.T) {
	for _, c := range []struct {
		name             string
		err              error
		http, smtp, exit int
	}{
		{"success is exit code 0", nil, 500, 451, 0},
		{"an error of nobody's kind is internal and the sender keeps the mail", io.ErrUnexpectedEOF, 500, 451, 1},
		{"a cancelled context is internal", context.Canceled, 500, 451, 1},
		{"wrong input is refused for good", New(Invalid, "x"), 422, 554, 2},
		{"the missing is not found", Missing(), 404, 550, 3},
		{"a limit in time is temporary", New(TooMany, "x"), 429, 451, 7},
		{"too large is for good", New(TooLarge, "x"), 413, 552, 8},
		{"a part that is down is temporary", New(Unavailable, "x"), 503, 451, 9},
		{"a wrapped fault keeps its kind", fmt.Errorf("publish %s: %w", "x", New(Denied, "x")), 403, 550, 5},
		{"a joined fault keeps its kind", errors.Join(io.EOF, New(Denied, "x")), 403, 550, 5},
		{"the outer of two faults decides", New(Unavailable, "x").Because(New(Denied, "y")), 503, 451, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			if http, smtp, exit := HTTPStatus(c.err), SMTPCode(c.err), ExitCode(c.err); exit != c.exit || c.err != nil && (http != c.http || smtp != c.smtp) {
				t.Errorf("%d %d %d, want %d %d %d", http, smtp, exit, c.http, c.smtp, c.exit)
			}
		})
	}
}

func TestTheMissingLooksTheSameForAll(t *testing.T) {
	a, b := Missing(), Missing()
	if a == b {
		t.Error("one shared value: somebody could change it for all")
	}
	if a.Error() != b.Error() || len(a.Args) > 0 || len(a.Fields) > 0 || a.Cause != nil {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestBecauseCopies(t *testing.T) {
	base := New(Invalid, "k", 1)
	e := base.Because(io.EOF)
	if base.Cause != nil || !errors.Is(e, io.EOF) || e.Key != "k" || !strings.Contains(e.Error(), "EOF") {
		t.Errorf("%v of %v", e, base)
	}
}

func TestIs(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		kind Kind
		want bool
	}{
		{"no error is of no kind, not even internal", nil, Internal, false},
		{"any error is internal", io.EOF, Internal, true},
		{"a fault is of its kind", New(Denied, "x"), Denied, true},
		{"a fault is of no other kind", New(Denied, "x"), Internal, false},
	} {
		if got := Is(c.err, c.kind); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestChecksReportAllProblemsInOnePass(t *testing.T) {
	var c Checks
	if c.Err() != nil {
		t.Fatal("an error without a problem")
	}
	c.Require(true, "ok", "never")
	c.Require(false, "until", "fault.field.time")
	c.Add("affected.0.purl", "product.purl", "why", "no type")
	err := c.Err()
	var f *Error
	if !errors.As(err, &f) || f.Kind != Invalid || len(f.Fields) != 2 || f.Fields[0].Path != "until" || f.Fields[1].Args[1] != "no type" {
		t.Fatalf("%+v", err)
	}
	if s := err.Error(); !strings.Contains(s, "until: fault.field.time") || !strings.Contains(s, "affected.0.purl") {
		t.Errorf("for logs: %q", s)
	}
	b, err := json.Marshal(f.Fields[0])
	if err != nil || string(b) != `{"path":"until","key":"fault.field.time"}` {
		t.Errorf("%v %s", err, b)
	}
}

func TestErrorQuotesForeignArguments(t *testing.T) {
	if s := New(Invalid, "k", "a\nb\x1b[31m").Error(); strings.ContainsAny(s, "\n\x1b") {
		t.Errorf("a log line could be forged: %q", s)
	}
}
