package server

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/advisory/orphan"
	"github.com/tocsin-sec/tocsin/internal/advisory/purge"
	"github.com/tocsin-sec/tocsin/internal/advisory/resign"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/reminder"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
)

// flows is the page on which it stands who follows what, always in the same
// transaction. A fact that is not here has no follower yet.
func (a *Services) flows() flow {
	return flow{
		people.LetterQueued{}.FactName():   {within(a.Desk.Follow)},
		people.LetterFailed{}.FactName():   {within(a.Desk.FollowFailed), within(a.Cases.FollowFailed)},
		desk.MailForCase{}.FactName():      {within(a.Cases.Follow)},
		desk.Bounced{}.FactName():          {within(a.Cases.FollowBounce)},
		people.TeamLeft{}.FactName():       {within(a.Roster.Left)},
		people.TeamLed{}.FactName():        {within(a.Roster.Led)},
		people.TeamUnled{}.FactName():      {within(a.Roster.Unled)},
		people.ProjectChanged{}.FactName(): {within(a.Advisories.ProjectChanged)},
		"casework.opened":                  {within(a.Embargoes.Follow), within(a.Reminder.Follow)},
		"casework.fact_set":                {within(a.Embargoes.FollowFact)},
		product.Changed{}.FactName():       {within(a.Remedies.FollowProduct)},
		remedy.Fetched{}.FactName():        {within(a.Leaks.Follow)},
		embargo.Changed{}.FactName():       {within(a.Advisories.EmbargoMoved)},
		embargo.Ended{}.FactName():         {within(a.Advisories.EmbargoEnded)},
		advisory.Published{}.FactName():    {within(a.published), within(a.Downstream.Follow), within(a.Purge.Follow), within(a.Orphans.Follow)},
	}
}

// published makes the case of a published advisory public, and its CVE record a job.
// Casework and cve come before advisory on the spine, so that the table translates.
func (a *Services) published(ctx context.Context, tx unit.Tx, f advisory.Published) error {
	if f.Case == "" || !f.Free {
		return nil // what few may read changes nothing for the public
	}
	if f.Superseded {
		return nil // the number, and what is said of it, are the successor's now
	}
	cve.Advised(tx, f.Project, casework.CaseID(f.Case), string(f.Advisory), f.Withdrawn)
	if !f.Public {
		return nil
	}
	return a.Cases.WentPublic(ctx, tx, casework.CaseID(f.Case), f.By, f.Number)
}

// task is one kind of job: its handler, how often it comes by itself, which gate
// holds it back after a restore, and the lane it runs in.
type task struct {
	jobs.Handler
	every time.Duration // 0: only when asked for
	gate  string        // "": never held
	lane  lane
}

// lane is a runner of its own, so that a flood of one kind holds up no other.
type lane int

const (
	common   lane = iota // states and dates: embargoes, publication, checkpoints
	intake               // reading mails
	outbox               // letters on their way to a slow smarthost
	hooks                // webhooks on their way to slow receivers
	mirrored             // repositories that are fetched, and what is computed of them
	lanes
)

// tasks is the table of jobs.
func (a *Services) tasks(s *Store) []task {
	run := func(kind string, f func(context.Context, unit.Running) error) jobs.Handler {
		return jobs.Handler{Kind: kind, Run: f}
	}
	// These alert lead and deputies when they die for good.
	publishing := func(kind string, f func(context.Context, unit.Running) error) jobs.Handler {
		return jobs.Handler{Kind: kind, Run: f, Dead: a.Advisories.Died}
	}
	all := []task{
		{Handler: run(ledger.CheckpointKind, s.Ledger.Checkpoint), every: time.Minute},
		{Handler: run(blob.SweepKind, s.Blobs.Sweep), every: time.Hour},
		{Handler: run(account.KindSweep, a.Accounts.Sweep), every: time.Hour},
		{Handler: run(account.KindForgot, a.Accounts.SendForgot)},
		{Handler: run(account.KindWelcome, a.Accounts.Welcome)},
		{Handler: run(people.KindWarn, a.Keys.Warn), every: 24 * time.Hour},
		{Handler: jobs.Handler{Kind: people.KindSend, Run: a.Mailroom.Send, Attempts: sendAttempts}, gate: gate.Sending, lane: outbox},
		{Handler: jobs.Handler{Kind: desk.KindRead, Run: a.Reader.Read, Dead: a.Reader.Died}, lane: intake},
		{Handler: run(desk.KindRemind, a.Desk.Remind)}, // each report plans its own
		{Handler: run(desk.KindTidy, a.Desk.Tidy), every: 24 * time.Hour},
		{Handler: run(cve.KindFollow, a.Numbers.Follow)},
		{Handler: run(cve.KindRemind, a.Numbers.Remind)},
		{Handler: run(cve.KindRefill, a.Numbers.Refill), gate: gate.Publishing}, // each project plans its own
		{Handler: run(cve.KindWrite, a.Numbers.Write), gate: gate.Publishing},
		{Handler: run(embargo.KindEnd, a.Embargoes.AtEnd), gate: gate.Publishing}, // a restored date may be an old one
		{Handler: run(embargo.KindRemind, a.Embargoes.Remind)},
		{Handler: run(remedy.KindFetch, a.Remedies.Fetch), lane: mirrored}, // each product plans its own
		{Handler: run(remedy.KindMatrix, a.Remedies.Matrix), lane: mirrored},
		{Handler: run(leak.Kind, a.Leaks.Look), lane: mirrored},
		{Handler: run(reminder.Kind, a.Reminder.Remind)},
		{Handler: publishing(advisory.KindStage, a.Advisories.StageJob), gate: gate.Publishing},
		{Handler: publishing(advisory.KindPublish, a.Advisories.Publish), gate: gate.Publishing},
		{Handler: publishing(advisory.KindBatch, a.Advisories.Batch), gate: gate.Publishing},
		{Handler: publishing(advisory.KindAlert, a.Advisories.Alert)},
		{Handler: publishing(advisory.KindStep, a.Advisories.Step), gate: gate.Publishing},
		{Handler: jobs.Handler{Kind: resign.Kind, Run: a.Resign.Do, Dead: a.Resign.Died}, gate: gate.Publishing},
		{Handler: run(downstream.KindFan, a.Downstream.Fan), gate: gate.Publishing},
		{Handler: jobs.Handler{Kind: downstream.KindSend, Run: a.Downstream.Send, Attempts: sendAttempts}, gate: gate.Publishing, lane: hooks},
		{Handler: run(downstream.KindSweep, a.Downstream.Sweep), every: 24 * time.Hour, gate: gate.Publishing},
		{Handler: run(orphan.Kind, a.Orphans.Do), gate: gate.Publishing},
		{Handler: run(purge.Kind, a.Purge.Purge), every: time.Minute, gate: gate.Publishing},
		{Handler: run(advisory.KindSite, a.Advisories.Refresh), every: 5 * time.Minute, gate: gate.Publishing},
	}
	return all
}

// sendAttempts bounds crashes of a delivery, not refusals: those the mailroom
// counts and dates by itself.
const sendAttempts = 100
