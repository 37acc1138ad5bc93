package remedyweb

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// sending bounds a request with patches: JSON and forms wrap them.
var sending = webui.MaxBody(2*leak.MaxSize + 1<<16)

func (p Pages) registerLeaks(app *webui.App) {
	app.Page("POST /cases/{id}/fixes/patches", webui.SignedIn, p.savePatches, sending)
	app.Page("GET /cases/{id}/fixes/patches", webui.SignedIn, p.patches)
	app.Page("POST /cases/{id}/fixes/leaks", webui.SignedIn, p.judge)
	tags := []string{"fixes"}
	webui.Op(app, huma.Operation{OperationID: "patches-get", Method: http.MethodGet, Path: "/api/cases/{id}/fixes/patches", Tags: tags,
		Summary: "The secret patches of a case and the public commits that look like them; empty for who does not work on the case."}, webui.SignedIn, p.apiPatches)
	webui.Op(app, huma.Operation{OperationID: "patches-set", Method: http.MethodPut, Path: "/api/cases/{id}/fixes/patches", Tags: tags,
		Summary: "Keep secret patches at a case, sealed, and compare each fetch of the repository with them. No patches remove them."}, webui.SignedIn, p.apiSetPatches, sending)
	webui.Op(app, huma.Operation{OperationID: "leaks-judge", Method: http.MethodPost, Path: "/api/cases/{id}/fixes/leaks", Tags: tags,
		Summary: "Say that a public commit is none of the secret patches, or take that back."}, webui.SignedIn, p.apiJudge)
}

// watch is the leak watch of a case in one product, ready for the page.
type watch struct {
	leak.Watch
	Giver string
	Found []match
}

// match is a public commit that looks like a patch.
type match struct {
	Commit, Subject, Weight string
	ID                      branchfix.ID
	Part                    int
	Ask                     bool
	At                      time.Time
	Words                   []string   // catalogue keys of the evidence
	Said                    *leak.Word // nil: nobody has said anything
	Judge                   string     // who said it
}

// Dismissed reports whether it is none of the patches by a person's word.
func (m match) Dismissed() bool { return m.Said != nil && m.Said.Dismissed }

func watchOf(w leak.Watch, names map[string]string) watch {
	out := watch{Watch: w, Giver: names[string(w.By)]}
	for _, m := range w.Matches {
		x := match{Commit: m.Commit.Short(), ID: m.Commit, Subject: m.Subject, Weight: leak.Percent(m.Weight), Part: m.Part, Ask: m.Asks(), At: m.At,
			Said: m.Word}
		if m.Word != nil {
			x.Judge = names[string(m.Word.By)]
		}
		for _, e := range m.Evidence {
			x.Words = append(x.Words, "remedy.evidence."+string(e.Kind))
		}
		out.Found = append(out.Found, x)
	}
	return out
}

// Commits are what a person can say something of, those that alarm first.
func (w watch) Commits() []webui.Option {
	var out, said []webui.Option
	seen := map[branchfix.ID]bool{}
	for _, m := range w.Found {
		o := webui.Option{Value: string(m.ID), Text: m.Commit + " " + m.Subject}
		switch {
		case seen[m.ID]:
		case m.Dismissed():
			said = append(said, o)
		default:
			out = append(out, o)
		}
		seen[m.ID] = true
	}
	return append(out, said...)
}

// Open reports whether there is a match that nobody has dismissed.
func (w watch) Open() bool {
	return slices.ContainsFunc(w.Found, func(m match) bool { return !m.Dismissed() })
}

// Sure reports whether one of those is a patch beyond doubt.
func (w watch) Sure() bool {
	return slices.ContainsFunc(w.Found, func(m match) bool { return !m.Ask && !m.Dismissed() })
}

// watches reads those of a case for its team.
func (p Pages) watches(ctx context.Context, tx unit.View, sc people.Scope, id casework.CaseID) ([]watch, error) {
	all, err := p.Leaks.OfCase(ctx, tx, sc, id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var who []string
	for _, w := range all {
		who = append(who, string(w.By))
		for _, m := range w.Matches {
			if m.Word != nil {
				who = append(who, string(m.Word.By))
			}
		}
	}
	names, err := p.Cases.Names(ctx, tx, sc, id, who...)
	var out []watch
	for _, w := range all {
		out = append(out, watchOf(w, names))
	}
	return out, err
}

// savePatches takes files, and a text that was pasted.
func (p Pages) savePatches(c *webui.Ctx) error {
	id, pr := casework.CaseID(c.Path("id")), c.Value("product")
	if err := c.FormErr(); err != nil {
		return err
	}
	var files []leak.File
	done := "remedy.flash.patches_removed"
	if c.Value("do") != "remove" {
		done = "remedy.flash.patches"
		files = []leak.File{{Name: "-", Text: []byte(strings.ReplaceAll(c.Form().Get("text"), "\r\n", "\n"))}}
		if uploads := c.Files("patches"); len(uploads) > 0 {
			var err error
			if files, err = uploaded(uploads); err != nil {
				return err
			}
		}
	}
	if err := p.Leaks.Put(c.Context(), scope(c), id, product.ID(pr), version(c), files); err != nil {
		return p.page(c, pr, err)
	}
	return back(c, done)
}

// judge keeps what a person says of a public commit.
func (p Pages) judge(c *webui.Ctx) error {
	id, pr := casework.CaseID(c.Path("id")), c.Value("product")
	dismiss, done := true, "remedy.flash.leak_dismissed"
	if c.Value("do") == "restore" {
		dismiss, done = false, "remedy.flash.leak_restored"
	}
	if err := p.Leaks.Judge(c.Context(), scope(c), id, product.ID(pr), branchfix.ID(c.Value("commit")), dismiss, c.Value("reason")); err != nil {
		return p.page(c, pr, err)
	}
	return back(c, done)
}

// uploaded are the files by name: format-patch numbers them.
func uploaded(uploads []webui.Upload) ([]leak.File, error) {
	var out []leak.File
	for _, u := range uploads {
		r, err := u.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		out = append(out, leak.File{Name: u.Name, Text: text})
	}
	slices.SortStableFunc(out, func(a, b leak.File) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// patches gives the team its patches back.
func (p Pages) patches(c *webui.Ctx) error {
	var files []leak.File
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		files, err = p.Leaks.Patches(ctx, v, scope(c), casework.CaseID(c.Path("id")), product.ID(c.Query("product")))
		return err
	})
	if err != nil {
		return err
	}
	return c.Download(fmt.Sprintf("%s.mbox", c.Path("id")), "application/mbox", bytes.NewReader(leak.Text(files)))
}

// PatchesBody is the secret series of a case in one product in the API.
type PatchesBody struct {
	Product string         `json:"product"`
	Name    string         `json:"name,omitempty" readOnly:"true"`
	Version int64          `json:"version,omitempty" doc:"the one that was read; 0 for none"`
	Patches []PatchFile    `json:"patches,omitempty" maxItems:"100" doc:"mailboxes or diffs in their order; read back only when the product is asked for"`
	Given   *time.Time     `json:"given,omitempty" readOnly:"true"`
	Looked  *time.Time     `json:"looked,omitempty" readOnly:"true" doc:"when the repository was compared last"`
	Problem string         `json:"problem,omitempty" readOnly:"true"`
	Leaks   []PatchesMatch `json:"leaks,omitempty" readOnly:"true"`
}

// PatchFile is a file of patches.
type PatchFile struct {
	Name string `json:"name,omitempty" maxLength:"200"`
	Text []byte `json:"text" doc:"in Base64"`
}

// PatchesMatch is a public commit that looks like a patch, as "tocsin fix watch --json"
// prints it, with the question mark and the time.
type PatchesMatch struct {
	branchfix.Leak
	Ask       bool      `json:"ask" doc:"a person has to look whether it is"`
	At        time.Time `json:"at"`
	Dismissed bool      `json:"dismissed" doc:"a person said that it is none of them"`
	Why       string    `json:"why,omitempty" doc:"what he said"`
}

// LeaksJudgeBody is what a person says of a public commit.
type LeaksJudgeBody struct {
	Product string `json:"product"`
	Commit  string `json:"commit" doc:"its whole name"`
	Dismiss bool   `json:"dismiss" doc:"it is none of the patches; false takes that back"`
	Reason  string `json:"reason" maxLength:"2000"`
}

type leaksInJudge struct {
	ID   string `path:"id"`
	Body LeaksJudgeBody
}
type patchesInGet struct {
	ID      string `path:"id"`
	Product string `query:"product" doc:"the patches themselves of this product"`
}
type patchesInSet struct {
	ID   string `path:"id"`
	Body PatchesBody
}
type patchesOut struct {
	Body struct {
		Watches []PatchesBody `json:"watches"`
	}
}

func (p Pages) apiPatches(ctx context.Context, in *patchesInGet) (*patchesOut, error) {
	out := &patchesOut{}
	out.Body.Watches = []PatchesBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		all, err := p.Leaks.OfCase(ctx, v, people.From(ctx), casework.CaseID(in.ID))
		for _, w := range all {
			b := PatchesBody{Product: string(w.Product), Name: w.Name, Version: w.Version, Given: span.Optional(w.Given), Looked: span.Optional(w.Looked), Problem: w.Problem}
			for _, m := range w.Matches {
				x := PatchesMatch{Leak: m.Leak, Ask: m.Asks(), At: m.At, Dismissed: m.Dismissed()}
				if m.Word != nil {
					x.Why = m.Word.Why
				}
				b.Leaks = append(b.Leaks, x)
			}
			if b.Product == in.Product {
				files, err := p.Leaks.Patches(ctx, v, people.From(ctx), w.Case, w.Product)
				if err != nil {
					return err
				}
				for _, f := range files {
					b.Patches = append(b.Patches, PatchFile(f))
				}
			}
			out.Body.Watches = append(out.Body.Watches, b)
		}
		return err
	})
	return out, err
}

func (p Pages) apiSetPatches(ctx context.Context, in *patchesInSet) (*patchesOut, error) {
	var files []leak.File
	for _, f := range in.Body.Patches {
		files = append(files, leak.File(f))
	}
	if err := p.Leaks.Put(ctx, people.From(ctx), casework.CaseID(in.ID), product.ID(in.Body.Product), in.Body.Version, files); err != nil {
		return nil, err
	}
	return p.apiPatches(ctx, &patchesInGet{ID: in.ID})
}

func (p Pages) apiJudge(ctx context.Context, in *leaksInJudge) (*patchesOut, error) {
	b := in.Body
	if err := p.Leaks.Judge(ctx, people.From(ctx), casework.CaseID(in.ID), product.ID(b.Product), branchfix.ID(b.Commit), b.Dismiss, b.Reason); err != nil {
		return nil, err
	}
	return p.apiPatches(ctx, &patchesInGet{ID: in.ID})
}
