package peopleweb

import (
	"html/template"
	"io"
	"net/url"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerSettings(app *webui.App) {
	page(app, "GET /account", webui.SignedIn, func(c *webui.Ctx) error { return c.Redirect("/settings") })
	page(app, "GET /settings", webui.SignedIn, p.profileForm)
	page(app, "POST /settings", webui.SignedIn, p.saveProfile)
	page(app, "GET /settings/password", webui.SignedIn, p.passwordForm)
	page(app, "POST /settings/password", webui.SignedIn, p.setPassword)
	page(app, "GET /settings/address", webui.SignedIn, p.addressForm)
	page(app, "POST /settings/address", webui.SignedIn, p.askAddress)
	page(app, "GET /settings/sessions", webui.SignedIn, p.sessions)
	page(app, "POST /settings/sessions", webui.SignedIn, p.endSessions)
	page(app, "GET /settings/tokens", webui.SignedIn, p.tokens)
	page(app, "POST /settings/tokens", webui.SignedIn, p.makeToken)
	page(app, "POST /settings/tokens/{id}/revoke", webui.SignedIn, p.revokeToken)
	page(app, "GET /settings/codes", webui.SignedIn, p.codes)
	page(app, "POST /settings/codes", webui.SignedIn, p.changeCodes)
	page(app, "GET /settings/keys", webui.SignedIn, p.keys)
	page(app, "POST /settings/keys", webui.SignedIn, p.uploadKey, webui.MaxBody(2<<20))
	page(app, "POST /settings/keys/{id}/remove", webui.SignedIn, p.removeKey)
}

func escape(s string) string { return url.QueryEscape(s) }

func langs() []webui.Option {
	return []webui.Option{{Value: "en", Key: "lang.en"}, {Value: "zh", Key: "lang.zh"}}
}

type profileView struct {
	people.Person
	Langs []webui.Option
}

func (p Pages) profileForm(c *webui.Ctx) error {
	me, err := p.Admin.Me(c.Context(), scope(c))
	if err != nil {
		return err
	}
	return c.Render("people/profile", profileView{me, langs()})
}

func (p Pages) saveProfile(c *webui.Ctx) error {
	err := p.Admin.SaveProfile(c.Context(), scope(c), people.Profile{Name: c.Value("name"), Lang: c.Value("lang"), Zone: c.Value("zone"), About: c.Value("about"), Public: c.Checked("public")})
	if err != nil {
		return c.RenderForm("people/profile", profileView{people.VisitOf(c.Context()).Person, langs()}, err)
	}
	c.Flash("people.settings.saved")
	return c.Redirect("/settings")
}

func (p Pages) passwordForm(c *webui.Ctx) error {
	if err := fresh(c); err != nil {
		return err
	}
	return c.Render("people/password", nil)
}

func (p Pages) setPassword(c *webui.Ctx) error {
	if err := fresh(c); err != nil {
		return c.Redirect("/prove?next=/settings/password")
	}
	in, err := p.Admin.ChangePassword(c.Context(), scope(c), people.VisitOf(c.Context()).Session, raw(c, "password"), client(c))
	if err != nil {
		return c.RenderForm("people/password", nil, err)
	}
	keep(c, in)
	c.Flash("people.password.changed")
	return c.Redirect("/settings")
}

func (p Pages) addressForm(c *webui.Ctx) error {
	if err := fresh(c); err != nil {
		return err
	}
	return c.Render("people/address", people.VisitOf(c.Context()).Person)
}

func (p Pages) askAddress(c *webui.Ctx) error {
	if err := fresh(c); err != nil {
		return c.Redirect("/prove?next=/settings/address")
	}
	if err := p.Admin.AskAddress(c.Context(), scope(c), c.Value("address")); err != nil {
		return c.RenderForm("people/address", people.VisitOf(c.Context()).Person, err)
	}
	c.Flash("people.address.asked")
	return c.Redirect("/settings")
}

type sessionsView struct {
	Sessions []account.Session
	Current  string
}

func (p Pages) sessions(c *webui.Ctx) error {
	list, err := p.Admin.MySessions(c.Context(), scope(c))
	if err != nil {
		return err
	}
	return c.Render("people/sessions", sessionsView{list, people.VisitOf(c.Context()).Session})
}

func (p Pages) endSessions(c *webui.Ctx) error {
	id, except := c.Value("id"), ""
	if id == "" {
		except = people.VisitOf(c.Context()).Session
	}
	if err := p.Admin.EndSession(c.Context(), scope(c), id, except); err != nil {
		return err
	}
	c.Flash("people.sessions.ended")
	return c.Redirect("/settings/sessions")
}

type tokensView struct {
	Tokens []account.Token
	Areas  []webui.Option
	Made   string // shown once
}

func (p Pages) tokensView(c *webui.Ctx) (tokensView, error) {
	list, err := p.Admin.MyTokens(c.Context(), scope(c))
	v := tokensView{Tokens: list}
	for _, a := range account.Areas() {
		v.Areas = append(v.Areas, webui.Option{Value: a, Key: "people.area." + a})
	}
	return v, err
}

func (p Pages) tokens(c *webui.Ctx) error {
	v, err := p.tokensView(c)
	if err != nil {
		return err
	}
	return c.Render("people/tokens", v)
}

func (p Pages) makeToken(c *webui.Ctx) error {
	if err := fresh(c); err != nil {
		return c.Redirect("/prove?next=/settings/tokens")
	}
	var checks fault.Checks
	cmd := account.NewToken{Name: c.Value("name"), Write: c.Checked("write"), Areas: c.Form()["areas"], Days: c.Int(&checks, "days")}
	var made secret.String
	err := checks.Err()
	if err == nil {
		_, made, err = p.Admin.MakeToken(c.Context(), scope(c), cmd)
	}
	v, verr := p.tokensView(c)
	if verr != nil {
		return verr
	}
	if err != nil {
		return c.RenderForm("people/tokens", v, err)
	}
	v.Made = made.Reveal()
	return c.Render("people/tokens", v)
}

func (p Pages) revokeToken(c *webui.Ctx) error {
	if err := p.Admin.RevokeToken(c.Context(), scope(c), c.Path("id")); err != nil {
		return err
	}
	c.Flash("people.token.gone")
	return c.Redirect("/settings/tokens")
}

type codesView struct {
	On       bool
	Left     int
	Key      string
	Picture  template.HTML
	Recovery []string // shown once
}

func (p Pages) codes(c *webui.Ctx) error {
	me, err := p.Admin.Me(c.Context(), scope(c))
	if err != nil {
		return err
	}
	v := codesView{On: me.TOTP}
	if v.On {
		if v.Left, err = p.Admin.RecoveryLeft(c.Context(), scope(c)); err != nil {
			return err
		}
	}
	return c.Render("people/codes", v)
}

// changeCodes starts, confirms or ends the second factor, or makes new recovery codes.
func (p Pages) changeCodes(c *webui.Ctx) error {
	do := c.Value("do")
	if do != "confirm" {
		if err := fresh(c); err != nil {
			return c.Redirect("/prove?next=/settings/codes")
		}
	}
	ctx, sc := c.Context(), scope(c)
	switch do {
	case "start":
		key, u, err := p.Admin.StartCodes(ctx, sc)
		if err != nil {
			return err
		}
		return p.showCode(c, key, u)
	case "confirm":
		made, err := p.Admin.ConfirmCodes(ctx, sc, c.Value("code"))
		if fault.Is(err, fault.Invalid) {
			// The picture is not drawn again: the secret left with the first answer.
			return c.RenderForm("people/codes", codesView{Key: c.Value("key")}, err)
		}
		return p.showRecovery(c, made, err)
	case "recovery":
		made, err := p.Admin.NewRecovery(ctx, sc)
		return p.showRecovery(c, made, err)
	case "end":
		if err := p.Admin.EndCodes(ctx, sc); err != nil {
			return err
		}
		c.Flash("people.codes.off")
		return c.Redirect("/settings/codes")
	}
	return fault.New(fault.Invalid, "fault.malformed")
}

func (p Pages) showCode(c *webui.Ctx, key, u secret.String) error {
	svg, err := p.QR(u.Reveal(), c.T("people.codes.picture"))
	if err != nil {
		return err
	}
	// The SVG is our own; its only foreign text, the title, is escaped by QR.
	return c.Render("people/codes", codesView{Key: key.Reveal(), Picture: template.HTML(svg)})
}

func (p Pages) showRecovery(c *webui.Ctx, made []secret.String, err error) error {
	if err != nil {
		return err
	}
	v := codesView{On: true, Left: len(made)}
	for _, m := range made {
		v.Recovery = append(v.Recovery, m.Reveal())
	}
	return c.Render("people/codes", v)
}

func (p Pages) keys(c *webui.Ctx) error {
	list, err := p.Keys.Mine(c.Context(), scope(c))
	if err != nil {
		return err
	}
	return c.Render("people/keys", list)
}

func (p Pages) uploadKey(c *webui.Ctx) error {
	raw, err := upload(c)
	if err == nil {
		_, err = p.Keys.Upload(c.Context(), scope(c), raw)
	}
	if err != nil {
		list, lerr := p.Keys.Mine(c.Context(), scope(c))
		if lerr != nil {
			return lerr
		}
		return c.RenderForm("people/keys", list, err)
	}
	c.Flash("people.key.added")
	return c.Redirect("/settings/keys")
}

// upload returns the file of the field "file", or the text of the field "key".
func upload(c *webui.Ctx) ([]byte, error) {
	if err := c.FormErr(); err != nil {
		return nil, err
	}
	u, ok := c.File("file")
	if !ok {
		return []byte(c.Value("key")), nil
	}
	f, err := u.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 2<<20))
}

func (p Pages) removeKey(c *webui.Ctx) error {
	if err := p.Keys.Remove(c.Context(), scope(c), c.Path("id")); err != nil {
		return err
	}
	c.Flash("people.key.gone")
	return c.Redirect("/settings/keys")
}
