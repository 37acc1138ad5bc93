package peopleweb

import (
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerProject(app *webui.App) {
	page(app, "GET /teams/{project}/settings", webui.SignedIn, p.settingsForm)
	page(app, "POST /teams/{project}/settings", webui.SignedIn, p.saveSettings)
	page(app, "POST /teams/{project}/terms", webui.SignedIn, p.setTerms)
	page(app, "GET /teams/{project}/keys", webui.SignedIn, p.projectKeys)
	page(app, "POST /teams/{project}/keys", webui.SignedIn, p.changeProjectKeys, webui.MaxBody(2<<20))
}

type projectView struct {
	teamView
	Rows                       []projectKey
	Addresses, Holidays, Langs string
	Categories                 []webui.Option
}

// projectKey is a row of the page of keys.
type projectKey struct {
	people.PrivateKey
	now time.Time
}

// Kind and Word say where the key stands.
func (k projectKey) Kind() string { kind, _ := k.state(); return kind }

// Word is the catalogue key beside Kind's shape.
func (k projectKey) Word() string { _, word := k.state(); return word }

func (k projectKey) state() (kind, word string) {
	left := k.Expires.Sub(k.now)
	switch {
	case k.Revoked:
		return "stop", "people.key.revoked"
	case !k.Retired.IsZero():
		return "off", "people.key.retired"
	case k.Expires.IsZero() || left > people.WarnProjectFirst:
		return "ok", "people.key.active"
	case left > 0:
		return "wait", "people.key.ends_soon"
	}
	return "stop", "people.key.over"
}

// projectView is the settings of a project for those who lead it; for others the page
// does not exist.
func (p Pages) projectView(c *webui.Ctx) (projectView, error) {
	v, err := p.teamView(c)
	if err != nil {
		return projectView{}, err
	}
	if !v.Lead {
		return projectView{}, fault.Missing()
	}
	out := projectView{teamView: v, Addresses: strings.Join(v.Project.Addresses, "\n"), Holidays: strings.Join(v.Project.Policy.Holidays, "\n"), Langs: strings.Join(v.Project.Langs, " ")}
	for _, k := range v.Keys {
		out.Rows = append(out.Rows, projectKey{k, c.Now()})
	}
	for _, k := range []string{"vendor", "coordinator", "discoverer", "user", "other", "translator"} {
		out.Categories = append(out.Categories, webui.Option{Value: k, Key: "people.category." + k})
	}
	return out, nil
}

func (p Pages) settingsForm(c *webui.Ctx) error {
	v, err := p.projectView(c)
	if err != nil {
		return err
	}
	return c.Render("people/project", v)
}

func (p Pages) saveSettings(c *webui.Ctx) error {
	v, err := p.projectView(c)
	if err != nil {
		return err
	}
	var checks fault.Checks
	n := readProject(c, v.Project, &checks)
	if err = checks.Err(); err == nil {
		err = p.Projects.Save(c.Context(), scope(c), n)
	}
	if err != nil {
		return c.RenderForm("people/project", v, err)
	}
	c.Flash("people.settings.saved")
	return c.Redirect(v.Base + "/settings")
}

// readProject reads the form into a copy of the settings.
func readProject(c *webui.Ctx, n people.Project, checks *fault.Checks) people.Project {
	n.Version = c.Int(checks, "version")
	n.Name = c.Value("name")
	n.Addresses = strings.Fields(c.Value("addresses"))
	n.Langs = strings.Fields(c.Value("langs"))
	n.Policy = people.Policy{EmbargoAim: c.Int(checks, "embargo_aim"), EmbargoMost: c.Int(checks, "embargo_most"), Acknowledge: c.Int(checks, "acknowledge"),
		Assess: c.Int(checks, "assess"), Zone: c.Value("zone"), Holidays: strings.Fields(c.Value("holidays")),
		AlignedEnters: c.Checked("aligned_enters")}
	n.Lists = people.Lists{Dev: c.Value("dev"), Announce: c.Value("announce")}
	n.Public = people.PublicText{Policy: c.Value("policy"), Scope: c.Value("scope"), Conduct: c.Value("conduct"), TeamPage: c.Checked("team_page"), Website: c.Value("website"), Contact: c.Value("contact")}
	n.Publisher = people.Publisher{Namespace: c.Value("namespace"), Category: c.Value("category"), Contact: c.Value("publisher_contact"), Authority: c.Value("authority")}
	return n
}

func (p Pages) setTerms(c *webui.Ctx) error {
	v, err := p.projectView(c)
	if err != nil {
		return err
	}
	if err := p.Projects.SetTerms(c.Context(), scope(c), v.Project.ID, c.Value("terms")); err != nil {
		return c.RenderForm("people/project", v, err)
	}
	c.Flash("people.settings.saved")
	return c.Redirect(v.Base + "/settings")
}

func (p Pages) projectKeys(c *webui.Ctx) error {
	v, err := p.projectView(c)
	if err != nil {
		return err
	}
	if err := fresh(c); err != nil {
		return err
	}
	return c.Render("people/projectkeys", v)
}

func (p Pages) changeProjectKeys(c *webui.Ctx) error {
	v, err := p.projectView(c)
	if err != nil {
		return err
	}
	if err := fresh(c); err != nil {
		return c.Redirect("/prove?next=" + escape(v.Base+"/keys"))
	}
	switch purpose, beside := c.Value("purpose"), c.Checked("beside"); c.Value("do") {
	case "make":
		_, err = p.Projects.MakeKey(c.Context(), scope(c), v.Project.ID, purpose, beside)
	case "put":
		var raw []byte
		if raw, err = upload(c); err == nil {
			_, err = p.Projects.PutKey(c.Context(), scope(c), v.Project.ID, purpose, secret.New(string(raw)), beside)
		}
	case "certificate":
		var raw []byte
		if raw, err = upload(c); err == nil {
			_, err = p.Projects.PutCertificate(c.Context(), scope(c), v.Project.ID, raw, beside)
		}
	case "retire":
		err = p.Projects.RetireKey(c.Context(), scope(c), v.Project.ID, c.Value("id"))
	default:
		err = fault.New(fault.Invalid, "fault.malformed")
	}
	if err != nil {
		c.Form().Del("key") // a secret key never goes back to a browser
		return c.RenderForm("people/projectkeys", v, err)
	}
	c.Flash("people.settings.saved")
	return c.Redirect(v.Base + "/keys")
}
