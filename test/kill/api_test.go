package kill

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// call speaks to the API of a running server as the one member of the team.
func (w *world) call(method, path string, in, out any) error {
	s := w.alive().server()
	if s == nil {
		return errGone
	}
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, s.URL+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := s.Client.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

type report struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	State string `json:"state"`
	Case  string `json:"case"`
}

// reports returns every report in a state.
func (w *world) reports(state string) ([]report, error) {
	var all []report
	after := ""
	for {
		var page struct {
			Reports []report `json:"reports"`
		}
		if err := w.call("GET", "/api/reports?limit=500&state="+state+"&after="+after, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Reports...)
		if len(page.Reports) < 500 {
			return all, nil
		}
		after = page.Reports[len(page.Reports)-1].ID
	}
}

type step struct {
	Kind    string `json:"kind"`
	State   string `json:"state"`
	Problem string `json:"problem"`
}

type advisoryView struct {
	ID        string            `json:"id"`
	Case      string            `json:"case"`
	Number    string            `json:"number"`
	State     string            `json:"state"`
	Hash      string            `json:"hash"`
	Record    map[string]any    `json:"record"`
	Blocked   []json.RawMessage `json:"blocked"`
	Published []json.RawMessage `json:"published"`
	Steps     []step            `json:"steps"`
}

func (w *world) advisories() ([]advisoryView, error) {
	var out struct {
		Advisories []advisoryView `json:"advisories"`
	}
	err := w.call("GET", "/api/advisories", nil, &out)
	return out.Advisories, err
}

// open opens a case whose embargo ends soon.
func (w *world) open(ends time.Duration) (caseID string) {
	w.t.Helper()
	id, err := w.tryOpen(ends)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// tryOpen is open that may fail: on a busy machine the end of the embargo, and the
// kill in it, can come before the answer. An end that had passed when the server read it
// was refused, and is set anew and later.
func (w *world) tryOpen(ends time.Duration) (caseID string, err error) {
	var out struct {
		ID string `json:"id"`
	}
	w.opened++
	for range 5 {
		err = w.call("POST", "/api/cases", map[string]any{"project": w.project, "title": w.lastOpened(), "reason": "Found in review.",
			"text": "The parser reads beyond its buffer.", "embargo_until": time.Now().Add(ends).UTC()}, &out)
		if err == nil || !strings.Contains(err.Error(), "This date has passed.") {
			break
		}
		ends *= 2
	}
	return out.ID, err
}

// lastOpened is the title of the case that was opened last.
func (w *world) lastOpened() string {
	return fmt.Sprintf("Out-of-bounds read %d in the parser", w.opened)
}

// theCase returns the id of the case with the title, which must be there.
func (w *world) theCase(title string) string {
	w.t.Helper()
	id := ""
	w.until("the case "+title+" is there", patience, func() string {
		var list struct {
			Cases []struct {
				ID    string `json:"id"`
				Title string `json:"title"`
			} `json:"cases"`
		}
		if err := w.call("GET", "/api/cases?state=all&order=opened", nil, &list); err != nil {
			return err.Error()
		}
		for _, c := range list.Cases {
			if c.Title == title {
				id = c.ID
				return ""
			}
		}
		return fmt.Sprintf("%d other cases", len(list.Cases))
	})
	return id
}

// begun returns the advisory of the case: the one that the end of the embargo began, or
// a new one. The end may come between the look and the asking.
func (w *world) begun(caseID string) advisoryView {
	w.t.Helper()
	for tries := 0; ; tries++ {
		all, err := w.advisories()
		if err != nil {
			w.t.Fatal(err)
		}
		if i := slices.IndexFunc(all, func(a advisoryView) bool { return a.Case == caseID }); i >= 0 {
			return all[i]
		}
		var a advisoryView
		if err = w.call("POST", "/api/cases/"+caseID+"/advisory", nil, &a); err == nil {
			return a
		}
		if tries > 0 || !strings.Contains(err.Error(), "advisory.fault.exists") {
			w.t.Fatal(err)
		}
	}
}

// write saves a complete record of the case's advisory and approves it.
func (w *world) write(caseID string) advisoryView {
	w.t.Helper()
	return w.writeWith(caseID, func(map[string]any) {})
}

// writeWith is write with changes to the record.
func (w *world) writeWith(caseID string, change func(map[string]any)) advisoryView {
	w.t.Helper()
	a := w.begun(caseID)
	r := a.Record
	r["title"], r["summary"], r["impact"] = "Out-of-bounds read in the parser", "The parser read beyond its buffer.", "An attacker can crash the service."
	r["cwe"] = []any{map[string]any{"id": "CWE-125", "name": "Out-of-bounds Read"}}
	r["cvss31"] = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
	r["no_cve"] = "The request is with the CNA."
	r["branches"] = []any{map[string]any{"product": "lumend", "name": "main", "status": "fixed", "affected": "< 2.0.1", "fixed": "2.0.1",
		"fix_url": "https://lumen.example/commit/1"}}
	r["references"] = []any{map[string]any{"url": "https://lumen.example/security/", "text": "How problems are handled"}}
	change(r)
	if err := w.call("PUT", "/api/advisories/"+a.ID+"/record", map[string]any{"base": a.Hash, "record": r}, &a); err != nil {
		w.t.Fatal(err)
	}
	if err := w.call("POST", "/api/advisories/"+a.ID+"/approve", map[string]any{"hash": a.Hash, "reason": "The team is one person."}, &a); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// act takes a decision about the revision in work.
func (w *world) act(a advisoryView, what string) {
	w.t.Helper()
	if err := w.call("POST", "/api/advisories/"+a.ID+"/"+what, map[string]any{"hash": a.Hash}, nil); err != nil {
		w.t.Fatal(err)
	}
}
