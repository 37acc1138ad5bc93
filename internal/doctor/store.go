package doctor

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// look asks the open store, in one view; a part that fails is a finding.
func (d *doctor) look(ctx context.Context, s *server.Store, a *server.Services) {
	parts := []struct {
		name string
		ask  func(context.Context, unit.View, *server.Store, *server.Services) error
	}{
		{"administrator", d.administrator}, {"gates", d.gates}, {"letters", d.letters}, {"jobs", d.jobs},
		{"checkpoint", d.checkpoint}, {"projects", d.projects}, {"security_txt", d.securityTxt},
	}
	for _, part := range parts {
		err := s.Work.View(ctx, func(ctx context.Context, v unit.View) error { return part.ask(ctx, v, s, a) })
		if err != nil {
			d.failed(part.name, "doctor.store.part", "doctor.database.next", err)
		}
	}
}

func (d *doctor) administrator(ctx context.Context, v unit.View, _ *server.Store, a *server.Services) error {
	there, err := a.People.AnyAdmin(ctx, v, server.Operator())
	if err != nil {
		return err
	}
	if !there {
		d.add(Warn, "administrator", "doctor.administrator.none", "doctor.administrator.next")
		return nil
	}
	d.ok("administrator", "doctor.administrator.ok")
	return nil
}

func (d *doctor) gates(ctx context.Context, v unit.View, _ *server.Store, _ *server.Services) error {
	closed, err := gate.List(ctx, v)
	if err != nil {
		return err
	}
	for _, g := range closed {
		d.add(Warn, "gates", "doctor.gates.closed", "doctor.gates.next", "name", g.Name, "since", stamp(g.Closed))
	}
	if len(closed) == 0 {
		d.ok("gates", "doctor.gates.ok")
	}
	return nil
}

func (d *doctor) letters(ctx context.Context, v unit.View, _ *server.Store, a *server.Services) error {
	counts, err := a.People.QueueCounts(ctx, v, server.Operator())
	if err != nil {
		return err
	}
	waiting, failed := 0, 0
	var oldest time.Time
	for _, c := range counts {
		switch c.State {
		case people.Waiting:
			waiting += c.Count
			if oldest.IsZero() || c.Oldest.Before(oldest) {
				oldest = c.Oldest
			}
		case people.Failed:
			failed += c.Count
		case people.Sent, people.Cancelled:
		}
	}
	if waiting > 0 && d.now.Sub(oldest) > time.Hour {
		d.add(Warn, "letters", "doctor.letters.waiting", "doctor.letters.waiting.next", "n", waiting, "since", stamp(oldest))
	} else {
		d.ok("letters", "doctor.letters.ok", "n", waiting)
	}
	if failed > 0 {
		d.add(Warn, "letters", "doctor.letters.failed", "doctor.letters.failed.next", "n", failed)
	}
	return nil
}

// idleFor is how long a due job may lie before somebody should ask whether a server
// runs: workers look every second, and the longest job takes minutes.
const idleFor = 15 * time.Minute

func (d *doctor) jobs(ctx context.Context, v unit.View, _ *server.Store, a *server.Services) error {
	dead, err := jobs.DeadKinds(ctx, v)
	if err != nil {
		return err
	}
	for _, k := range dead {
		d.add(Warn, "jobs", "doctor.jobs.dead", "doctor.jobs.dead.next", "kind", k.Kind, "n", k.Count)
	}
	closed, err := gate.List(ctx, v)
	if err != nil {
		return err
	}
	late, err := jobs.DueKinds(ctx, v, d.now.Add(-idleFor))
	if err != nil {
		return err
	}
	n := 0
	for _, k := range late {
		if k.Kind != people.KindSend || a.Mailroom.Transport.Ready() { // else the smarthost's row says it
			n += k.Count
		}
	}
	switch {
	case n > 0 && len(closed) == 0:
		d.add(Warn, "jobs", "doctor.jobs.late", "doctor.jobs.late.next", "n", n)
	case len(dead) == 0:
		d.ok("jobs", "doctor.jobs.ok")
	}
	return nil
}

// checkpointLate is how old the newest checkpoint may be: there is one each minute.
const checkpointLate = 15 * time.Minute

// clockSlack is how far apart clocks of several servers may be.
const clockSlack = 2 * time.Minute

func (d *doctor) checkpoint(ctx context.Context, v unit.View, s *server.Store, _ *server.Services) error {
	at, err := s.Ledger.LatestAt(ctx, v)
	if err != nil {
		return err
	}
	switch {
	case at.IsZero():
		d.add(Warn, "checkpoint", "doctor.checkpoint.none", "doctor.checkpoint.next")
		return nil
	case at.After(d.now.Add(clockSlack)):
		d.add(Fail, "clock", "doctor.clock.behind", "doctor.clock.next", "now", stamp(d.now), "at", stamp(at))
		return nil
	case d.now.Sub(at) > checkpointLate:
		d.add(Warn, "checkpoint", "doctor.checkpoint.old", "doctor.checkpoint.next", "at", stamp(at))
	default:
		d.ok("checkpoint", "doctor.checkpoint.ok", "at", stamp(at))
	}
	d.ok("clock", "doctor.clock.ok", "now", stamp(d.now))
	return nil
}

func (d *doctor) projects(ctx context.Context, v unit.View, _ *server.Store, a *server.Services) error {
	all, err := a.Directory.AllProjects(ctx, v, server.Operator())
	if err != nil {
		return err
	}
	if len(all) == 0 {
		d.add(Warn, "projects", "doctor.projects.none", "doctor.projects.next")
	}
	for _, p := range all {
		if p.Address() == "" {
			d.add(Warn, "projects", "doctor.project.address", "doctor.project.address.next", "name", p.Name)
		}
		if err := d.team(ctx, v, a, p); err != nil {
			return err
		}
		if err := d.projectKeys(ctx, v, a, p); err != nil {
			return err
		}
	}
	return nil
}

func (d *doctor) team(ctx context.Context, v unit.View, a *server.Services, p people.Project) error {
	team, err := a.Directory.Team(ctx, v, server.Operator(), p.ID)
	if err != nil {
		return err
	}
	chairs, moderators := 0, 0
	for _, t := range team {
		if t.Person.State != people.Active {
			continue
		}
		if t.Has(people.Chair) {
			chairs++
		}
		if t.OnDuty() {
			moderators++
		}
	}
	if chairs == 0 {
		d.add(Warn, "projects", "doctor.project.chair", "doctor.project.chair.next", "name", p.Name)
	}
	if moderators == 0 {
		d.add(Warn, "projects", "doctor.project.duty", "doctor.project.duty.next", "name", p.Name)
	}
	if chairs > 0 && moderators > 0 {
		d.ok("projects", "doctor.project.ok", "name", p.Name, "address", p.Address(), "n", moderators)
	}
	return nil
}

func (d *doctor) projectKeys(ctx context.Context, v unit.View, a *server.Services, p people.Project) error {
	keys, err := a.Ring.Public(ctx, v, p.ID)
	if err != nil {
		return err
	}
	for _, purpose := range []string{people.PurposeDecrypt, people.PurposeSign} {
		none := true
		for _, k := range keys {
			if k.Purpose == purpose && k.Retired.IsZero() {
				none = false
				d.projectKey(p, k)
			}
		}
		if none {
			d.add(Fail, "keys", "doctor.key.none", "doctor.key.next", "name", p.Name, "purpose", purpose)
		}
	}
	return nil
}

// projectKey looks at one key in use. Its end is worth a word as soon as the letters
// about it are: reporters and readers need time to fetch the next one.
func (d *doctor) projectKey(p people.Project, k people.PrivateKey) {
	args := []any{"name", p.Name, "purpose", k.Purpose, "end", stamp(k.Expires), "key", k.Fingerprint}
	switch {
	case k.Revoked, !k.Expires.IsZero() && !d.now.Before(k.Expires):
		d.add(Fail, "keys", "doctor.key.over", "doctor.key.next", args...)
	case k.External && d.cfg.SignerCommand == "":
		d.add(Fail, "keys", "doctor.key.no_signer", "doctor.key.no_signer.next", args...)
	case !k.Expires.IsZero() && k.Expires.Sub(d.now) < people.WarnProjectFirst:
		d.add(Warn, "keys", "doctor.key.ends", "doctor.key.next", args...)
	case k.Expires.IsZero():
		d.ok("keys", "doctor.key.forever", args...)
	default:
		d.ok("keys", "doctor.key.ok", args...)
	}
}

// securityWarn is below what the hourly job keeps (pubtree.SecurityTxtRenew): when it is
// reached the job did not run.
const securityWarn = 30 * 24 * time.Hour

func (d *doctor) securityTxt(ctx context.Context, v unit.View, _ *server.Store, a *server.Services) error {
	all, err := a.Directory.AllProjects(ctx, v, server.Operator())
	if err != nil || len(all) == 0 {
		return err
	}
	f, err := advisorydb.Site{}.File(ctx, v, people.Anyone(), pubtree.PathSecurityTxt)
	if fault.Is(err, fault.NotFound) {
		d.add(Warn, "security_txt", "doctor.security_txt.none", "doctor.security_txt.next")
		return nil
	}
	if err != nil {
		return err
	}
	end := pubtree.Expiry(f.Bytes)
	switch {
	case !d.now.Before(end):
		d.add(Fail, "security_txt", "doctor.security_txt.over", "doctor.security_txt.next", "end", stamp(end))
	case end.Sub(d.now) < securityWarn:
		d.add(Warn, "security_txt", "doctor.security_txt.ends", "doctor.security_txt.next", "end", stamp(end))
	default:
		d.ok("security_txt", "doctor.security_txt.ok", "end", stamp(end))
	}
	return nil
}
