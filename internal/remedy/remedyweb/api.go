package remedyweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

func (p Pages) registerAPI(app *webui.App) {
	tags := []string{"fixes"}
	webui.Op(app, huma.Operation{OperationID: "fixes-get", Method: http.MethodGet, Path: "/api/cases/{id}/fixes", Tags: tags,
		Summary: "The fixes of a case in each product, and which branch has them."}, webui.SignedIn, p.apiGet)
	webui.Op(app, huma.Operation{OperationID: "fixes-set", Method: http.MethodPut, Path: "/api/cases/{id}/fixes", Tags: tags,
		Summary: "Say which commits fix the case's flaws in a product; a job computes the matrix."}, webui.SignedIn, p.apiSet)
	webui.Op(app, huma.Operation{OperationID: "fixes-answer", Method: http.MethodPost, Path: "/api/cases/{id}/fixes/answer", Tags: tags,
		Summary: "Say how a branch stands to a fix. The answer holds until the branch changes the fix's files."}, webui.SignedIn, p.apiAnswer)
	webui.Op(app, huma.Operation{OperationID: "fixes-take", Method: http.MethodPost, Path: "/api/cases/{id}/fixes/take", Tags: tags,
		Summary: "Take the settled states over into the case's table of what is affected."}, webui.SignedIn, p.apiTake)
	webui.Op(app, huma.Operation{OperationID: "mirror-get", Method: http.MethodGet, Path: "/api/products/{id}/mirror", Tags: tags,
		Summary: "How the mirror of a product's repository stands."}, webui.SignedIn, p.apiMirror)
	webui.Op(app, huma.Operation{OperationID: "mirror-fetch", Method: http.MethodPost, Path: "/api/products/{id}/mirror", Tags: tags,
		Summary: "Fetch the repository now."}, webui.SignedIn, p.apiFetch)
}

// FixesBody is the fixes of a case in one product in the API.
type FixesBody struct {
	Product    string        `json:"product"`
	Name       string        `json:"name,omitempty" readOnly:"true"`
	Fixes      []string      `json:"fixes,omitempty" maxItems:"200" doc:"each the commits of one fix in their order, with commas"`
	Introduced []string      `json:"introduced,omitempty" maxItems:"200"`
	Version    int64         `json:"version,omitempty" doc:"the one that was read; 0 for none"`
	Computed   *time.Time    `json:"computed,omitempty" readOnly:"true"`
	Matrix     string        `json:"matrix,omitempty" readOnly:"true" doc:"tells this matrix from another one"`
	Problem    string        `json:"problem,omitempty" readOnly:"true" doc:"why there is no matrix"`
	ProblemOf  string        `json:"problem_of,omitempty" readOnly:"true"`
	Branches   []FixesBranch `json:"branches,omitempty" readOnly:"true"`
	Answers    []FixesAnswer `json:"answers,omitempty" readOnly:"true"`
}

// FixesBranch is a branch of the matrix: as "tocsin fix matrix --json" prints it.
type FixesBranch struct {
	branchfix.BranchState
	Absent bool `json:"absent,omitempty"`
}

// FixesAnswer is what a person said.
type FixesAnswer struct {
	Branch string    `json:"branch"`
	Fix    string    `json:"fix"`
	State  string    `json:"state"`
	Why    string    `json:"why"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// FixesSayBody is an answer to be kept.
type FixesSayBody struct {
	Product string `json:"product"`
	Version int64  `json:"version"`
	Branch  string `json:"branch"`
	Fix     string `json:"fix" doc:"the last commit of its series"`
	Head    string `json:"head" doc:"of the branch, when it was looked at"`
	State   string `json:"state" enum:"fixed,not_affected,partial,affected,wont_fix"`
	Why     string `json:"why" maxLength:"2000"`
}

// FixesTakeBody says what is taken over, for which version of the case and which matrix.
type FixesTakeBody struct {
	Product string `json:"product"`
	Version int64  `json:"version" doc:"of the case"`
	Matrix  string `json:"matrix" doc:"the one that was read"`
}

// MirrorBody is how a mirror stands.
type MirrorBody struct {
	Product string     `json:"product"`
	URL     string     `json:"url,omitempty"`
	Tried   *time.Time `json:"tried,omitempty"`
	Fetched *time.Time `json:"fetched,omitempty"`
	Commits int        `json:"commits"`
	Problem string     `json:"problem,omitempty"`
	Detail  string     `json:"detail,omitempty"`
}

type fixesInID struct {
	ID string `path:"id"`
}
type fixesInSet struct {
	ID   string `path:"id"`
	Body FixesBody
}
type fixesInSay struct {
	ID   string `path:"id"`
	Body FixesSayBody
}
type fixesInTake struct {
	ID   string `path:"id"`
	Body FixesTakeBody
}
type fixesOut struct {
	Body struct {
		Fixes []FixesBody `json:"fixes"`
	}
}
type mirrorOut struct{ Body MirrorBody }

func body(w remedy.Work) FixesBody {
	b := FixesBody{Product: string(w.Product), Name: w.Name, Fixes: w.Fixes, Introduced: w.Introduced, Version: w.Version,
		Computed: span.Optional(w.Found.At), Problem: w.Found.Problem, ProblemOf: w.Found.What}
	if len(w.Found.Branches) > 0 {
		b.Matrix = w.Found.Sum()
	}
	for _, x := range w.Found.Branches {
		b.Branches = append(b.Branches, FixesBranch{x.BranchState, x.Absent})
	}
	for _, a := range w.Answers {
		b.Answers = append(b.Answers, FixesAnswer{Branch: a.Branch, Fix: string(a.Fix), State: string(a.State), Why: a.Why, By: string(a.By), At: a.At})
	}
	return b
}

func (p Pages) apiGet(ctx context.Context, in *fixesInID) (*fixesOut, error) {
	out := &fixesOut{}
	out.Body.Fixes = []FixesBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		all, err := p.Remedies.OfCase(ctx, v, people.From(ctx), casework.CaseID(in.ID))
		for _, w := range all {
			out.Body.Fixes = append(out.Body.Fixes, body(w))
		}
		return err
	})
	return out, err
}

func (p Pages) apiSet(ctx context.Context, in *fixesInSet) (*fixesOut, error) {
	b := in.Body
	if err := p.Remedies.SetFixes(ctx, people.From(ctx), casework.CaseID(in.ID), product.ID(b.Product), b.Version, b.Fixes, b.Introduced); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &fixesInID{in.ID})
}

func (p Pages) apiAnswer(ctx context.Context, in *fixesInSay) (*fixesOut, error) {
	b := in.Body
	err := p.Remedies.Answer(ctx, people.From(ctx), casework.CaseID(in.ID), product.ID(b.Product), b.Version,
		remedy.Answer{Branch: b.Branch, Fix: branchfix.ID(b.Fix), Head: branchfix.ID(b.Head), State: branchfix.State(b.State), Why: b.Why})
	if err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &fixesInID{in.ID})
}

func (p Pages) apiTake(ctx context.Context, in *fixesInTake) (*fixesOut, error) {
	if err := p.Remedies.TakeOver(ctx, people.From(ctx), casework.CaseID(in.ID), product.ID(in.Body.Product), in.Body.Version, in.Body.Matrix); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &fixesInID{in.ID})
}

func (p Pages) apiMirror(ctx context.Context, in *fixesInID) (*mirrorOut, error) {
	out := &mirrorOut{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		m, err := p.Remedies.Mirror(ctx, v, people.From(ctx), product.ID(in.ID))
		out.Body = MirrorBody{Product: in.ID, URL: m.URL, Tried: span.Optional(m.Tried), Fetched: span.Optional(m.Fetched), Commits: m.Commits, Problem: m.Problem, Detail: m.Detail}
		return err
	})
	return out, err
}

func (p Pages) apiFetch(ctx context.Context, in *fixesInID) (*mirrorOut, error) {
	if err := p.Remedies.FetchNow(ctx, people.From(ctx), product.ID(in.ID)); err != nil {
		return nil, err
	}
	return p.apiMirror(ctx, in)
}
