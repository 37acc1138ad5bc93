package caseworkweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// registerFilesAPI adds the files of a case, its roles and invitations, and the claims.
func (p Pages) registerFilesAPI(app *webui.App) {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	slow := webui.Timeout(10 * time.Minute)
	webui.Op(app, op("files", get, "/api/cases/{id}/files", "The files of a case that you may see."), webui.SignedIn, p.apiFiles)
	webui.Op(app, op("file", get, "/api/cases/{id}/files/{file}", "A file's bytes; the access is recorded."), webui.SignedIn, p.apiFile, slow)
	up := op("upload", post, "/api/cases/{id}/files", "Add a file with its message: the body is the file.")
	up.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
	webui.Op(app, up, webui.SignedIn, p.apiUpload, webui.MaxBody(casework.MaxFile), slow)
	webui.Op(app, op("role", put, "/api/cases/{id}/people/{person}/{role}", "Change somebody's role on the case."), webui.SignedIn, p.apiRole)
	webui.Op(app, op("uninvite", del, "/api/cases/{id}/invitations/{invite}", "Withdraw an invitation."), webui.SignedIn, p.apiUninvite)
	webui.Op(app, op("claims", get, "/api/cases/{id}/claims", "What was claimed of the facts, for the team."), webui.SignedIn, p.apiClaims)
	webui.Op(app, op("claim-answer", post, "/api/cases/{id}/claims/{claim}/answer", "Answer a claim."), webui.SignedIn, p.apiAnswer)
	webui.Op(app, op("invitation", get, "/api/people/invitations/{token}", "What you are invited to: project, role and terms, nothing of the case."),
		webui.SignedIn, p.apiInvitation, webui.Anyway())
	webui.Op(app, op("invitation-answer", post, "/api/people/invitations/{token}", "Accept the terms and join the case, or decline."),
		webui.SignedIn, p.apiInvitationAnswer, webui.Anyway())
}

type caseOutFiles struct {
	Body struct {
		Files []CaseFileBody `json:"files"`
	}
}

func (p Pages) apiFiles(ctx context.Context, in *caseInID) (*caseOutFiles, error) {
	out := &caseOutFiles{}
	out.Body.Files = []CaseFileBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		id := casework.CaseID(in.ID)
		if _, _, err := p.Cases.Get(ctx, v, people.From(ctx), id); err != nil {
			return err
		}
		fs, err := p.Cases.FilesOf(ctx, v, people.From(ctx), id)
		for _, f := range fs {
			out.Body.Files = append(out.Body.Files, fileBody(f))
		}
		return err
	})
	return out, err
}

type caseInFile struct {
	ID   string `path:"id"`
	File string `path:"file"`
}

func (p Pages) apiFile(ctx context.Context, in *caseInFile) (*huma.StreamResponse, error) {
	f, r, err := p.Cases.Download(ctx, people.From(ctx), casework.FileID(in.File))
	if err != nil {
		return nil, err
	}
	if f.Case != casework.CaseID(in.ID) {
		r.Close()
		return nil, fault.Missing()
	}
	return webui.File(f.Name, f.Type, r), nil
}

type caseInUpload struct {
	ID   string `path:"id"`
	Name string `query:"name" required:"true" minLength:"1" maxLength:"200"`
	Text string `query:"text" maxLength:"4000" doc:"the message that it goes with"`
	Note bool   `query:"internal" doc:"for the team only, instead of a reply"`
	Type string `header:"Content-Type"`
	webui.Stream
}

func (p Pages) apiUpload(ctx context.Context, in *caseInUpload) (*caseOutWritten, error) {
	id := casework.CaseID(in.ID)
	f, err := p.Cases.Upload(ctx, people.From(ctx), id, in.Name, in.Type, in.Reader())
	if err != nil {
		return nil, err
	}
	cmd := casework.PostMessage{Case: id, Text: in.Text, Note: in.Note}
	if f.Size > 0 {
		cmd.Files = append(cmd.Files, f)
	}
	item, err := p.Cases.PostMessage(ctx, people.From(ctx), cmd)
	out := &caseOutWritten{}
	out.Body.ID = string(item)
	return out, err
}

type caseInRole struct {
	ID     string `path:"id"`
	Person string `path:"person"`
	Role   string `path:"role"`
	Body   struct {
		To string `json:"to" enum:"lead,member,reporter,observer"`
	}
}

func (p Pages) apiRole(ctx context.Context, in *caseInRole) (*nothing, error) {
	return nil, p.Cases.ChangeRole(ctx, people.From(ctx), casework.CaseID(in.ID), people.PersonID(in.Person), people.Role(in.Role), people.Role(in.Body.To))
}

type caseInUninvite struct {
	ID     string `path:"id"`
	Invite string `path:"invite"`
}

func (p Pages) apiUninvite(ctx context.Context, in *caseInUninvite) (*nothing, error) {
	return nil, p.Cases.WithdrawInvite(ctx, people.From(ctx), casework.CaseID(in.ID), in.Invite)
}

// CaseClaimBody is what somebody outside the team said of a fact.
type CaseClaimBody struct {
	ID       string     `json:"id"`
	Fact     string     `json:"fact"`
	By       string     `json:"by"`
	Text     string     `json:"text"`
	At       time.Time  `json:"at"`
	Answered *time.Time `json:"answered,omitempty"`
	Answer   string     `json:"answer,omitempty"`
}

type caseOutClaims struct {
	Body struct {
		Claims []CaseClaimBody `json:"claims"`
	}
}

func (p Pages) apiClaims(ctx context.Context, in *caseInID) (*caseOutClaims, error) {
	out := &caseOutClaims{}
	out.Body.Claims = []CaseClaimBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		_, role, err := p.Cases.Get(ctx, v, people.From(ctx), casework.CaseID(in.ID))
		if err != nil {
			return err
		}
		if role != people.Lead && role != people.Member {
			return fault.New(fault.Denied, "casework.fault.denied")
		}
		cs, err := p.Cases.ClaimsOn(ctx, v, people.From(ctx), casework.CaseID(in.ID))
		for _, c := range cs {
			out.Body.Claims = append(out.Body.Claims, CaseClaimBody{c.ID, c.Kind.String(), c.By, c.Text, c.At, span.Optional(c.Answered), c.Answer})
		}
		return err
	})
	return out, err
}

type caseInAnswer struct {
	ID    string `path:"id"`
	Claim string `path:"claim"`
	Body  struct {
		Answer string `json:"answer" maxLength:"4000"`
	}
}

func (p Pages) apiAnswer(ctx context.Context, in *caseInAnswer) (*nothing, error) {
	return nil, p.Cases.AnswerClaim(ctx, people.From(ctx), casework.CaseID(in.ID), in.Claim, in.Body.Answer)
}

type caseInInvitation struct {
	Token string `path:"token" maxLength:"200"`
}

type caseOutInvitation struct {
	Body struct {
		Project string    `json:"project"`
		Role    string    `json:"role"`
		Expires time.Time `json:"expires"`
		Terms   string    `json:"terms"`
		Version int       `json:"terms_version"`
		Agreed  bool      `json:"agreed" doc:"you accepted this version before"`
	}
}

func (p Pages) apiInvitation(ctx context.Context, in *caseInInvitation) (*caseOutInvitation, error) {
	out := &caseOutInvitation{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		i, err := p.Cases.Invitation(ctx, v, people.From(ctx), in.Token)
		b := &out.Body
		b.Project, b.Role, b.Expires, b.Terms, b.Version, b.Agreed = i.Project.Slug, string(i.Role), i.Expires, i.Terms.Text, i.Terms.Version, i.Agreed
		return err
	})
	return out, err
}

type caseInInvitationAnswer struct {
	Token string `path:"token" maxLength:"200"`
	Body  struct {
		Accept  bool `json:"accept" doc:"false declines"`
		Version int  `json:"terms_version,omitempty" doc:"the version of the terms that you read and accept"`
	}
}

type caseOutJoined struct {
	Body struct {
		Case string `json:"case,omitempty" doc:"the case that you are on now"`
	}
}

func (p Pages) apiInvitationAnswer(ctx context.Context, in *caseInInvitationAnswer) (*caseOutJoined, error) {
	out := &caseOutJoined{}
	if !in.Body.Accept {
		return out, p.Cases.Decline(ctx, people.From(ctx), in.Token)
	}
	id, err := p.Cases.Accept(ctx, people.From(ctx), in.Token, in.Body.Version)
	out.Body.Case = string(id)
	return out, err
}
