package peopleweb

import (
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerSignIn(app *webui.App) {
	app.Page("GET /signin", webui.Public, p.signInForm, webui.Cache("no-store"))
	app.Page("POST /signin", webui.Public, p.signIn, webui.Cache("no-store"))
	app.Page("GET /signin/code", webui.Public, p.codeForm, webui.Cache("no-store"))
	app.Page("POST /signin/code", webui.Public, p.code, webui.Cache("no-store"))
	app.Page("GET /signin/forgot", webui.Public, p.forgotForm, webui.Cache("no-store"))
	app.Page("POST /signin/forgot", webui.Public, p.forgot, webui.Cache("no-store"))
	page(app, "POST /signout", webui.SignedIn, p.signOut)
	page(app, "GET /prove", webui.SignedIn, p.proveForm)
	page(app, "POST /prove", webui.SignedIn, p.prove)
	app.Page("GET /link/{token}", webui.Bearer, p.link)
	app.Page("POST /link/{token}", webui.Bearer, p.useLink)
}

type nextView struct {
	Next string
	TOTP bool
}

// said makes a refusal of a sign-in a problem of the form: the page comes back
// with it instead of the plain error page.
func said(err error, field string) error {
	if fault.Is(err, fault.Unauthenticated) {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: field, Key: keyOf(err)}}}
	}
	return err
}

func keyOf(err error) string {
	if e, ok := err.(*fault.Error); ok {
		return e.Key
	}
	return "people.sign_in.wrong"
}

func (p Pages) signInForm(c *webui.Ctx) error {
	next := webui.LocalPath(c.Query("next"))
	if people.VisitOf(c.Context()).Session != "" {
		// Signed in already: a page asked for a fresh proof.
		return c.Redirect("/prove?next=" + escape(next))
	}
	return c.Render("people/signin", nextView{Next: next})
}

func (p Pages) signIn(c *webui.Ctx) error {
	next := webui.LocalPath(c.Value("next"))
	in, err := p.Admin.SignIn(c.Context(), account.SignIn{Address: c.Value("address"), Password: raw(c, "password"), Client: client(c)})
	if err != nil {
		return c.RenderForm("people/signin", nextView{Next: next}, said(err, "address"))
	}
	keep(c, in)
	if in.Half {
		return c.Redirect("/signin/code?next=" + escape(next))
	}
	return c.Redirect(next)
}

type forgotView struct {
	Sent    bool
	Address string
}

func (p Pages) forgotForm(c *webui.Ctx) error { return c.Render("people/forgot", forgotView{}) }

// forgot says the same whether there is such an account or not.
func (p Pages) forgot(c *webui.Ctx) error {
	if err := p.Admin.Forgot(c.Context(), c.Value("address"), client(c)); err != nil {
		return c.RenderForm("people/forgot", forgotView{}, err)
	}
	return c.Render("people/forgot", forgotView{Sent: true, Address: c.Value("address")})
}

func (p Pages) codeForm(c *webui.Ctx) error {
	return c.Render("people/code", nextView{Next: webui.LocalPath(c.Query("next"))})
}

func (p Pages) code(c *webui.Ctx) error {
	next := webui.LocalPath(c.Value("next"))
	in, err := p.Admin.SignInCode(c.Context(), cookie(c.R, halfCookie), c.Value("code"), client(c))
	if err != nil {
		return c.RenderForm("people/code", nextView{Next: next}, said(err, "code"))
	}
	keep(c, in)
	return c.Redirect(next)
}

func (p Pages) signOut(c *webui.Ctx) error {
	err := p.Admin.EndSession(c.Context(), scope(c), people.VisitOf(c.Context()).Session, "")
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	setCookie(c, sessionCookie, secret.String{}, time.Time{})
	c.Flash("people.sign_in.out")
	return c.Redirect("/signin")
}

func (p Pages) proveForm(c *webui.Ctx) error {
	return c.Render("people/prove", nextView{Next: webui.LocalPath(c.Query("next")), TOTP: people.VisitOf(c.Context()).Person.TOTP})
}

func (p Pages) prove(c *webui.Ctx) error {
	view := nextView{Next: webui.LocalPath(c.Value("next")), TOTP: people.VisitOf(c.Context()).Person.TOTP}
	in, err := p.Admin.Prove(c.Context(), scope(c), people.VisitOf(c.Context()).Session, raw(c, "password"), c.Value("code"), client(c))
	if err != nil {
		return c.RenderForm("people/prove", view, said(err, "password"))
	}
	keep(c, in)
	return c.Redirect(view.Next)
}

type linkView struct {
	account.Opened
	Lang, Zone string
	Projects   map[people.ProjectID]string
	Langs      []webui.Option
}

func (p Pages) linkView(c *webui.Ctx) (linkView, error) {
	o, err := p.Admin.OpenLink(c.Context(), secret.New(c.Path("token")), client(c))
	if fault.Is(err, fault.NotFound) {
		// One text for what never was, is spent or is over, plainer than "not found".
		err = fault.New(fault.Invalid, "people.link.gone")
	}
	if err != nil {
		return linkView{}, err
	}
	v := linkView{Opened: o, Lang: c.Lang(), Zone: o.Person.Zone, Projects: map[people.ProjectID]string{}, Langs: langs()}
	if v.Zone == "" {
		v.Zone = "UTC"
	}
	for _, t := range o.Terms {
		project, err := p.Members.Find(c.Context(), people.Anyone(), string(t.Project))
		if err != nil {
			return v, err
		}
		v.Projects[t.Project] = project.Name
	}
	return v, nil
}

func (p Pages) link(c *webui.Ctx) error {
	v, err := p.linkView(c)
	if err != nil {
		return err
	}
	return c.Render(v.page(), v)
}

// page is the template for the kind of link.
func (v linkView) page() string {
	if v.Link.Kind == account.LinkAddress {
		return "people/newaddress"
	}
	return "people/link"
}

// useAddress confirms a new mail address. It signs nobody in.
func (p Pages) useAddress(c *webui.Ctx, v linkView) error {
	if err := p.Admin.UseAddress(c.Context(), secret.New(c.Path("token")), client(c)); err != nil {
		return c.RenderForm(v.page(), v, err)
	}
	c.Flash("people.address.changed")
	return c.Redirect("/settings")
}

func (p Pages) useLink(c *webui.Ctx) error {
	v, err := p.linkView(c)
	if err != nil {
		return err
	}
	if v.Link.Kind == account.LinkAddress {
		return p.useAddress(c, v)
	}
	cmd := account.UseLink{Token: secret.New(c.Path("token")), Name: c.Value("name"), Address: c.Value("address"), Password: raw(c, "password"),
		Lang: c.Value("lang"), Zone: c.Value("zone"), Accept: map[people.ProjectID]int{}, Client: client(c)}
	if v.Link.Kind == account.LinkSignIn || v.Link.Kind == account.LinkForgot {
		cmd.Lang, cmd.Zone = v.Person.Lang, v.Person.Zone
	}
	for _, t := range v.Terms {
		if n, err := strconv.Atoi(c.Value("terms_" + string(t.Project))); err == nil {
			cmd.Accept[t.Project] = n
		}
	}
	in, err := p.Admin.UseLink(c.Context(), cmd)
	if err != nil {
		return c.RenderForm("people/link", v, err)
	}
	keep(c, in)
	if in.Half {
		return c.Redirect("/signin/code")
	}
	if v.Link.Kind == account.LinkForgot {
		c.Flash("people.password.changed")
		return c.Redirect("/settings/sessions")
	}
	c.Flash("people.link.welcome")
	return c.Redirect("/settings/codes")
}

// raw is a field as it was typed: a password may begin with a space.
func raw(c *webui.Ctx, name string) secret.String { return secret.New(c.Form().Get(name)) }
