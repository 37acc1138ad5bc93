package server

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/product"
)

// demo is the worked example: the project Lanterna, its team of three, reports,
// cases at several stages and published advisories, made by the same services that
// people use. Only the clock is the example's own, so that it has a past.
type demo struct {
	app     *App
	now     time.Time
	admin   people.Scope
	project people.Project
	lanterd product.ID
	mira    people.Scope // chair, on duty
	jonas   people.Scope // deputy
	weilan  people.Scope // member
}

// fillDemo makes the example in an empty store; in one that has a project it does
// nothing.
func (a *App) fillDemo(ctx context.Context, out io.Writer) error {
	job := people.AsJob(account.JobAdmin)
	var projects []people.Project
	err := a.store.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		projects, err = a.Directory.AllProjects(ctx, v, job)
		return err
	})
	if err != nil {
		return err
	}
	if len(projects) == 0 {
		fmt.Fprintln(out, "Making the worked example...")
		d := &demo{app: a, now: time.Now().UTC().AddDate(0, 0, -75).Truncate(time.Hour), admin: job}
		a.store.Work.Clock = func() time.Time { return d.now }
		err := d.all(ctx)
		a.store.Work.Clock = nil
		if err != nil {
			return fmt.Errorf("worked example: %w", err)
		}
	}
	return nil
}

// demoLink prints a one-time link that signs in the example's chair.
func (a *App) demoLink(ctx context.Context, out io.Writer, job people.Scope) error {
	persons, err := a.Admin.List(ctx, job)
	if err != nil {
		return err
	}
	for _, p := range persons {
		if p.Email != demoChair {
			continue
		}
		link, err := a.Admin.NewLink(ctx, job, p.ID, false)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "Sign in as %s, who leads the example's team: %s\n", p.Name, link.Reveal())
	}
	return nil
}

func (d *demo) all(ctx context.Context) error {
	for _, step := range []func(context.Context) error{d.team, d.products, d.publishedCases, d.runningCases, d.heldReports} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wait moves the example's clock and runs the jobs that became due, but for
// letters: nobody of the example has a mailbox.
func (d *demo) wait(ctx context.Context, by time.Duration) error {
	d.now = d.now.Add(by)
	return d.app.Drain(ctx)
}

// person accepts an invitation, with a password that nobody knows: one comes in by
// the printed link.
func (d *demo) person(ctx context.Context, link secret.String, name, address, zone string) error {
	token := link.Reveal()[strings.LastIndexByte(link.Reveal(), '/')+1:]
	opened, err := d.app.Accounts.OpenLink(ctx, secret.New(token), account.Client{Remote: demoRemote()})
	if err != nil {
		return err
	}
	accept := map[people.ProjectID]int{}
	for _, t := range opened.Terms {
		accept[t.Project] = t.Version
	}
	password := d.app.store.Seal.MAC("demo.password", address+d.now.String())
	_, err = d.app.Accounts.UseLink(ctx, account.UseLink{Token: secret.New(token), Name: name, Address: address,
		Password: secret.New(password), Zone: zone, Accept: accept, Client: account.Client{Remote: demoRemote()}})
	return err
}

func demoRemote() netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, 1}) }

func (d *demo) team(ctx context.Context) error {
	chair, link, err := d.app.Admin.InvitePerson(ctx, d.admin, account.InvitePerson{Address: demoChair, Name: "Mira Halonen", Admin: true})
	if err != nil {
		return err
	}
	p, terms := demoProject()
	if d.project, err = d.app.Admin.CreateProject(ctx, d.admin, account.CreateProject{Project: p, Terms: terms, Chair: chair.ID}); err != nil {
		return err
	}
	if err := d.person(ctx, link, "Mira Halonen", demoChair, "Europe/Helsinki"); err != nil {
		return err
	}
	d.mira = people.AsPerson(chair.ID)
	if d.jonas, err = d.member(ctx, "Jonas Brandt", "jonas@lanterna.example", "Europe/Berlin", "Maintains the stable branches."); err != nil {
		return err
	}
	if d.weilan, err = d.member(ctx, "Wei Lan", "weilan@distro.example", "Asia/Shanghai", "Packages Lanterna for a distribution."); err != nil {
		return err
	}
	if err := d.app.Members.SetRole(ctx, d.mira, d.project.ID, personOf(d.jonas), people.Deputy, true); err != nil {
		return err
	}
	if err := d.app.Members.Duty(ctx, d.mira, d.project.ID, personOf(d.jonas), true); err != nil {
		return err
	}
	return d.app.Members.Duty(ctx, d.mira, d.project.ID, chair.ID, true)
}

// member joins as the policy says: entered from his mail, vouched for, approved,
// and bound to the terms (requirement row LV-3).
func (d *demo) member(ctx context.Context, name, address, zone, text string) (people.Scope, error) {
	if err := d.app.Members.Enter(ctx, d.mira, d.project.ID, address, name, text); err != nil {
		return people.Scope{}, err
	}
	view, err := d.app.Members.View(ctx, d.mira, d.project.ID)
	if err != nil {
		return people.Scope{}, err
	}
	for _, j := range view.Joins {
		if j.State != people.Asked && j.State != people.Vouched {
			continue
		}
		if err := d.admit(ctx, j.ID); err != nil {
			return people.Scope{}, err
		}
		link, err := d.app.Admin.NewLink(ctx, d.admin, j.Person, false)
		if err != nil {
			return people.Scope{}, err
		}
		if err := d.person(ctx, link, name, address, zone); err != nil {
			return people.Scope{}, err
		}
		return people.AsPerson(j.Person), nil
	}
	return people.Scope{}, fmt.Errorf("no request to join for %s", name)
}

// admit takes somebody in: the chair alone at first, then by the word of one and
// the decision of another.
func (d *demo) admit(ctx context.Context, join string) error {
	if personOf(d.jonas) == "" {
		return d.app.Members.Approve(ctx, d.mira, join, "The first member besides me; there is nobody else to vouch.")
	}
	if err := d.app.Members.Vouch(ctx, d.jonas, join, "Has maintained our packages for years and reported two of our problems."); err != nil {
		return err
	}
	return d.app.Members.Approve(ctx, d.mira, join, "")
}

func personOf(sc people.Scope) people.PersonID { p, _ := sc.Person(); return p }

func (d *demo) products(ctx context.Context) (err error) {
	d.lanterd, err = d.app.Products.Add(ctx, d.mira, product.Product{
		Project: d.project.ID, Name: "lanternd", Purl: "pkg:generic/lanternd", Repository: "https://git.lanterna.example/lanternd",
		Branches: []product.Branch{{Name: "main", Maintained: true}, {Name: "stable-2.4", Maintained: true}, {Name: "stable-2.2", Maintained: true}},
	})
	return err
}

// mailIn hands a mail to the same door as the SMTP server does and reads it.
func (d *demo) mailIn(ctx context.Context, m demoMail) error {
	raw := strings.ReplaceAll(m.raw(d.project.Address(), d.now), "\n", "\r\n")
	from := m.From[strings.IndexByte(m.From, '<')+1 : len(m.From)-1]
	err := d.app.Door.Accept(ctx, desk.Incoming{From: from, To: []string{d.project.Address()}, HELO: "mail.example", TLS: true, Body: strings.NewReader(raw)})
	if err != nil {
		return err
	}
	return d.wait(ctx, time.Minute)
}

// open takes a mail in and releases the report as a case.
func (d *demo) open(ctx context.Context, m demoMail, public bool) (casework.CaseID, error) {
	if err := d.mailIn(ctx, m); err != nil {
		return "", err
	}
	held, err := d.app.Desk.List(ctx, d.mira, desk.Query{})
	if err != nil {
		return "", err
	}
	if len(held) == 0 {
		return "", fmt.Errorf("the mail %q is not held", m.Subject)
	}
	if err := d.wait(ctx, 5*time.Hour); err != nil {
		return "", err
	}
	cmd := casework.OpenFromReport{Report: held[0].ID, Reason: "Reproducible from the description.", Team: true}
	if public {
		cmd.Public, cmd.Evidence = true, "Discussed on the public issue tracker since yesterday."
	}
	return d.app.Cases.OpenFromReport(ctx, d.mira, cmd)
}

// assess sets what the team found out and moves the case on.
func (d *demo) assess(ctx context.Context, id casework.CaseID, c demoCase, through ...casework.State) error {
	for _, to := range through {
		if err := d.app.Cases.Advance(ctx, d.jonas, id, d.version(ctx, id), to, c.Why); err != nil {
			return err
		}
	}
	err := d.app.Cases.Assess(ctx, d.jonas, id, d.version(ctx, id), casework.Assessment{Title: c.Title, Vector31: c.Vector31, Vector40: c.Vector40, Weaknesses: []string{c.CWE}})
	if err != nil {
		return err
	}
	var rows []casework.Affected
	for _, b := range c.Branches {
		rows = append(rows, casework.Affected{Product: d.lanterd, Name: "lanternd", Branch: b.Name, Versions: b.Affected, Fix: b.Fixed, Status: b.Status, Reason: b.Reason})
	}
	return d.app.Cases.SetAffected(ctx, d.jonas, id, d.version(ctx, id), rows)
}

func (d *demo) version(ctx context.Context, id casework.CaseID) (n int64) {
	_ = d.app.store.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		c, _, err := d.app.Cases.Get(ctx, v, d.jonas, id)
		n = c.Version
		return err
	})
	return n
}

// publishedCases are walked to the end: published, one corrected, one withdrawn.
func (d *demo) publishedCases(ctx context.Context) error {
	for i, c := range demoPublished() {
		id, err := d.open(ctx, c.Mail, true)
		if err != nil {
			return err
		}
		if err := d.assess(ctx, id, c, casework.Valid, casework.Accepted); err != nil {
			return err
		}
		if err := d.wait(ctx, 50*time.Hour); err != nil {
			return err
		}
		adv, err := d.app.Advisories.Draft(ctx, d.jonas, string(id))
		if err != nil {
			return err
		}
		if err := d.publish(ctx, adv, func(r *advisory.Record) { c.write(r, d.now) }, ""); err != nil {
			return err
		}
		switch i {
		case 0:
			err = d.publish(ctx, adv, func(r *advisory.Record) { r.Workarounds += " Restart lanternd afterwards." }, "The workaround needs a restart.")
		case 2:
			if err = d.app.Advisories.Withdraw(ctx, d.jonas, adv, "The reported behaviour needs a setting that no release has."); err == nil {
				err = d.publish(ctx, adv, nil, "")
			}
		}
		if err != nil {
			return err
		}
		if err := d.app.Cases.Advance(ctx, d.mira, id, d.version(ctx, id), casework.Closed, "Published."); err != nil {
			return err
		}
		if err := d.wait(ctx, 9*24*time.Hour); err != nil {
			return err
		}
	}
	return nil
}

// publish saves what edit changes (nil: nothing), has it approved by another, and
// publishes at once.
func (d *demo) publish(ctx context.Context, id advisory.ID, edit func(*advisory.Record), change string) error {
	get := func() (a advisory.Advisory, r advisory.Record, err error) {
		err = d.app.store.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
			if a, err = d.app.Advisories.Get(ctx, v, d.jonas, id); err != nil {
				return err
			}
			r, err = d.app.Advisories.Current(ctx, v, d.jonas, a)
			return err
		})
		return a, r, err
	}
	a, r, err := get()
	if err != nil {
		return err
	}
	if edit != nil {
		base := ""
		if a.Working != nil {
			base = a.Working.Hash
		}
		edit(&r)
		if err := d.app.Advisories.Save(ctx, d.jonas, id, base, r, change); err != nil {
			return err
		}
	}
	if a, _, err = get(); err != nil {
		return err
	}
	if problems := a.Working.Content.Problems(); len(problems) > 0 {
		return fmt.Errorf("publish %q: %v", r.Title, problems)
	}
	if err := d.app.Advisories.Approve(ctx, d.mira, id, a.Working.Hash, ""); err != nil {
		return err
	}
	if err := d.app.Advisories.PublishNow(ctx, d.mira, id, a.Working.Hash); err != nil {
		return fmt.Errorf("publish %q: %w", r.Title, err)
	}
	return d.wait(ctx, time.Hour)
}

// runningCases stand at several stages under embargo.
func (d *demo) runningCases(ctx context.Context) error {
	d.now = time.Now().UTC().AddDate(0, 0, -9)
	for i, c := range demoRunning() {
		id, err := d.open(ctx, c.Mail, false)
		if err != nil {
			return err
		}
		switch i {
		case 0: // accepted, advisory drafted
			if err := d.assess(ctx, id, c, casework.Valid, casework.Accepted); err != nil {
				return err
			}
			if _, err := d.app.Cases.PostMessage(ctx, d.mira, casework.PostMessage{Case: id, Text: c.Reply}); err != nil {
				return err
			}
			if _, err := d.app.Cases.PostMessage(ctx, d.jonas, casework.PostMessage{Case: id, Text: c.Note, Note: true}); err != nil {
				return err
			}
			adv, err := d.app.Advisories.Draft(ctx, d.jonas, string(id))
			if err != nil {
				return err
			}
			if err := d.draft(ctx, adv, c); err != nil {
				return err
			}
		case 1: // valid, restarted clock
			if err := d.assess(ctx, id, c, casework.Valid); err != nil {
				return err
			}
			if err := d.wait(ctx, 30*time.Hour); err != nil {
				return err
			}
			until := d.now.AddDate(0, 0, 14).Truncate(time.Hour)
			w := embargo.Wish{Kind: embargo.Restart, Until: until, Reason: "The second patch needs review by two members.", Problem: "The first patch broke reading of old archives.", Confirmed: true}
			if err := d.app.Embargoes.Change(ctx, d.mira, id, d.embargoVersion(ctx, id), w); err != nil {
				return err
			}
		}
		if err := d.wait(ctx, 20*time.Hour); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) embargoVersion(ctx context.Context, id casework.CaseID) (n int64) {
	_ = d.app.store.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		e, err := d.app.Embargoes.Of(ctx, v, d.mira, id)
		n = e.Version
		return err
	})
	return n
}

// draft saves a record that is not approved yet.
func (d *demo) draft(ctx context.Context, id advisory.ID, c demoCase) error {
	var a advisory.Advisory
	var r advisory.Record
	err := d.app.store.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if a, err = d.app.Advisories.Get(ctx, v, d.jonas, id); err != nil {
			return err
		}
		r, err = d.app.Advisories.Current(ctx, v, d.jonas, a)
		return err
	})
	if err != nil {
		return err
	}
	c.write(&r, d.now)
	return d.app.Advisories.Save(ctx, d.jonas, id, a.Working.Hash, r, "")
}

// heldReports wait for the moderators, the newest since some minutes.
func (d *demo) heldReports(ctx context.Context) error {
	mails := demoHeld()
	for i, m := range mails {
		d.now = time.Now().UTC().Add(-time.Duration(len(mails)-i) * 95 * time.Minute)
		if err := d.mailIn(ctx, m); err != nil {
			return err
		}
	}
	return nil
}
