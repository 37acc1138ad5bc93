package checkrun

import (
	"encoding/json"
	"io"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// JSON writes {"documents": [...], "summary": {...}}, each document as it is done.
type JSON struct {
	Out   io.Writer
	begun bool
}

// entry is one document in JSON: its report, or why it could not be read.
type entry struct {
	Name  string `json:"name"`
	Valid bool   `json:"valid"`
	Error string `json:"error,omitempty"`
	*check.Report
}

// Result writes one document.
func (j *JSON) Result(r *Result) error {
	e := entry{Name: r.Name, Report: r.Report}
	if r.Err != nil {
		e.Error = r.Err.Error()
	} else {
		e.Valid = r.Report.Valid()
	}
	head := ",\n"
	if !j.begun {
		head, j.begun = "{\"documents\": [\n", true
	}
	return j.write(head, e, "")
}

// Summary ends the document.
func (j *JSON) Summary(all Tally) error {
	head := "\n],\n\"summary\": "
	if !j.begun {
		head = "{\"documents\": [" + head[1:]
	}
	return j.write(head, all, "}\n")
}

func (j *JSON) write(head string, v any, tail string) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = io.WriteString(j.Out, head+string(raw)+tail)
	return err
}

// compact is a value in JSON.
func compact(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(raw)
}
