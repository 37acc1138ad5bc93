package advisoryweb

import (
	"context"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

type readersView struct {
	Project people.Project
	Base    string
	List    []readerRow
	Kinds   []webui.Option
	Levels  []webui.Option
	Days    string
	Feed    string // provider metadata, which names the feeds
	Token   string // shown once
	Name    string // of whom it is
}

type readerRow struct {
	access.Reader
	Badge webui.Badge
	Live  bool
}

// readers is what every page of the team's readers shows; for who does not lead the
// project there is none.
func (a Access) readers(c *webui.Ctx) (readersView, error) {
	view := readersView{Kinds: choices("advisory.reader.kind.", access.ByToken, access.ByCertificate), Levels: choices("advisory.reader.level.", "AMBER", "RED"), Days: "180"}
	sc := people.From(c.Context())
	var now time.Time
	err := a.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		now = v.Now()
		view.Project, err = led(ctx, v, sc, a.People, a.Roles, c.Path("project"))
		return err
	})
	if err != nil {
		return view, err
	}
	view.Base = "/teams/" + view.Project.Slug + "/readers"
	view.Feed = a.URL + "/.well-known/csaf/provider-metadata.json"
	all, err := a.Readers.List(c.Context(), sc, view.Project.ID)
	for _, r := range all {
		row := readerRow{Reader: r, Live: r.Live(now), Badge: webui.Badge{Kind: "ok", Key: "advisory.reader.live"}}
		switch {
		case !r.Ended.IsZero():
			row.Badge = webui.Badge{Kind: "off", Key: "advisory.reader.ended"}
		case !row.Live:
			row.Badge = webui.Badge{Kind: "off", Key: "advisory.reader.over"}
		}
		view.List = append(view.List, row)
	}
	return view, err
}

func (a Access) page(c *webui.Ctx) error {
	view, err := a.readers(c)
	if err != nil {
		return err
	}
	return c.Render("advisory/readers", view)
}

func (a Access) letIn(c *webui.Ctx) error {
	view, err := a.readers(c)
	if err != nil {
		return err
	}
	// What is no number is out of its bounds, and is said to be.
	days, err := strconv.Atoi(c.Value("days"))
	if err != nil {
		days = 0
	}
	cmd := access.NewReader{Project: view.Project.ID, Name: c.Value("name"), Level: c.Value("level"), Days: days}
	if c.Value("kind") == access.ByCertificate {
		if cmd.Certificate = c.Value("certificate"); cmd.Certificate == "" {
			cmd.Certificate = "-" // a choice of certificate never becomes a token
		}
	}
	r, token, err := a.Readers.Add(c.Context(), people.From(c.Context()), cmd)
	if err != nil {
		return c.RenderForm("advisory/readers", view, err)
	}
	if token.Empty() {
		c.Flash("advisory.reader.added")
		return c.Redirect(view.Base)
	}
	if view, err = a.readers(c); err != nil {
		return err
	}
	view.Token, view.Name = token.Reveal(), r.Name
	return c.Render("advisory/readers", view)
}

func (a Access) shutOut(c *webui.Ctx) error {
	view, err := a.readers(c)
	if err != nil {
		return err
	}
	if c.Value("do") != "end" {
		return c.RenderForm("advisory/readers", view, fault.New(fault.Invalid, "fault.malformed"))
	}
	if err := a.Readers.End(c.Context(), people.From(c.Context()), view.Project.ID, c.Path("id")); err != nil {
		return err
	}
	c.Flash("advisory.reader.shut_out")
	return c.Redirect(view.Base)
}
