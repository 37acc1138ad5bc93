package convertrun

import (
	"fmt"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/convert"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/kit/vex"
)

// rewritten is a document in canonical bytes: what its format does not know is lost.
func rewritten[D any](doc *D, problems strictjson.Problems, write func(*D) ([]byte, error)) (*Result, error) {
	if problems.Fatal() {
		return nil, problems
	}
	out, err := write(doc)
	return &Result{out, unknown(problems)}, err
}

// unknown are the members that a reader does not know.
func unknown(problems strictjson.Problems) []Note {
	var out []Note
	for _, p := range problems {
		out = append(out, Note{Kind: Lost, Source: p.Pointer, Message: p.Message})
	}
	return out
}

func csaf20(data []byte) (*Result, error) {
	doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
	return rewritten(doc, problems, csaf.Write[*csaf.Advisory])
}

func csaf21As21(data []byte) (*Result, error) {
	doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
	return rewritten(doc, problems, csaf21.Write[*csaf21.Advisory])
}

func osvAsOSV(data []byte) (*Result, error) {
	doc, problems := osv.Read(data, osv.Limits{})
	return rewritten(doc, problems, osv.Write)
}

func cveAsCVE(data []byte) (*Result, error) {
	doc, problems := cve.Read(data, cve.Limits{})
	return rewritten(doc, problems, cve.Write)
}

func vexAsVEX(data []byte) (*Result, error) {
	doc, problems := vex.Read(data, strictjson.Limits{})
	return rewritten(doc, problems, vex.Write)
}

func csaf20to21(data []byte) (*Result, error) {
	r, problems := convert.From(data, csaf.Limits{}, convert.Options{Invalid: true})
	if problems.Fatal() {
		return nil, problems
	}
	out, err := r.Write()
	result := &Result{Out: out}
	for _, d := range r.Decisions {
		n := Note{Kind: Assumed, Source: d.Source, Target: d.Target, Message: d.Reason}
		switch {
		case d.Level == convert.Error:
			n.Kind = Open
		case d.Target == "":
			n.Kind = Lost
		}
		if d.Assumed != "" {
			n.Message += fmt.Sprintf("; assumed: %q", d.Assumed)
		}
		result.Notes = append(result.Notes, n)
	}
	return result, err
}

// notInVEX are the parts of CSAF that OpenVEX has no place for.
var notInVEX = [...]string{"/document/title", "/document/notes", "/document/references", "/document/distribution",
	"/document/acknowledgments", "/document/aggregate_severity", "/document/tracking/revision_history"}

var notInStatements = [...]string{"acknowledgments", "cwe", "cwes", "discovery_date", "involvements", "metrics", "notes", "references",
	"release_date", "disclosure_date", "scores", "title"}

func csafToVEX(data []byte) (*Result, error) {
	var doc *vex.Document
	if validate.Version(data) == validate.V21 {
		d, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
		if problems.Fatal() {
			return nil, problems
		}
		doc = vex.FromCSAF21(d)
	} else {
		d, problems := csaf.ReadAdvisory(data, csaf.Limits{})
		if problems.Fatal() {
			return nil, problems
		}
		doc = vex.FromCSAF(d)
	}
	out, err := vex.Write(doc)
	if err != nil {
		return nil, err
	}
	r := &Result{Out: out, Notes: absent(data)}
	if _, problems := vex.Read(out, strictjson.Limits{}); problems.Fatal() { // it names no product, for example
		for _, p := range problems {
			r.Notes = append(r.Notes, Note{Kind: Open, Target: p.Pointer, Message: p.Message})
		}
	}
	return r, nil
}

// absent are the parts of a CSAF document that OpenVEX has no place for and the document
// has.
func absent(data []byte) []Note {
	pointers := slices.Clone(notInVEX[:])
	const most = 1000 // vulnerabilities of one document that are looked at
	for i := range most {
		at := fmt.Sprintf("/vulnerabilities/%d", i)
		for _, name := range notInStatements {
			pointers = append(pointers, at+"/"+name)
		}
	}
	var out []Note
	for i, p := range strictjson.Places(data, pointers) {
		if p.Exact {
			out = append(out, Note{Kind: Lost, Source: pointers[i], Message: "OpenVEX has no place for it"})
		}
	}
	return out
}

func vexToCSAF(data []byte) (*Result, error) {
	doc, problems := vex.Read(data, strictjson.Limits{})
	if problems.Fatal() {
		return nil, problems
	}
	r := &Result{Notes: unknown(problems)}
	name := doc.Author
	advisory, err := vex.ToCSAF(doc, vex.Envelope{Publisher: csaf.Publisher{Category: "other", Name: name, Namespace: "https://example.invalid"}})
	if err != nil {
		return nil, err
	}
	if r.Out, err = csaf.Write(advisory); err != nil {
		return nil, err
	}
	r.Notes = append(r.Notes,
		Note{Kind: Open, Source: "/author", Target: "/document/publisher/namespace", Message: "OpenVEX does not say which namespace the publisher has"},
		Note{Kind: Assumed, Source: "/author", Target: "/document/publisher/category", Message: "OpenVEX does not say what kind of publisher it is; assumed: \"other\""},
		Note{Kind: Assumed, Target: "/document/distribution/tlp/label", Message: "OpenVEX does not say who may read it; assumed: \"WHITE\""})
	return r, nil
}
