package server

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/pace"
)

// runners makes one runner for each lane.
func (a *App) runners() []*jobs.Runner {
	out := make([]*jobs.Runner, lanes)
	for i := range out {
		out[i] = &jobs.Runner{Work: a.store.Work, Queue: a.store.Queue, Workers: a.cfg.Workers, Grace: a.cfg.ShutdownGrace, Log: a.log, Held: a.heldKinds}
	}
	out[intake].Workers, out[intake].Ahead = max(a.cfg.Workers, readers), readAhead
	out[mirrored].Workers = min(a.cfg.Workers, gits)
	for _, t := range a.tasks {
		r := out[t.lane]
		r.Handlers = append(r.Handlers, t.Handler)
		if t.every > 0 {
			r.Cron = append(r.Cron, jobs.Cron{Kind: t.Kind, Every: t.every})
		}
	}
	return out
}

// Reading a mail is mostly waiting, for DNS and for the commit that it shares with
// others: more of them at once than processors, and many leases in one commit.
const (
	readers   = 8
	readAhead = 32
)

// gits bounds how many repositories are fetched or searched at a time: each takes processors
// and memory, and none is waited for.
const gits = 2

// What taking and reading a mail cost (make bench: 20 kB, half of them encrypted), and the
// share that each has of one half of the processors while pages are asked for: on two
// cores some 80 mails are taken and 35 read a second, half as many while requests wait for a
// processor (pace.Turn), and pages stay within their limits.
const (
	takeCost  = 1500 * time.Microsecond
	readCost  = 3500 * time.Microsecond
	mailShare = 0.125
)

// paceReading lets mails be read so often only while pages are asked for.
func (a *App) paceReading() {
	turn := &pace.Turn{Pages: &a.busy, Cost: readCost, Share: mailShare}
	for n := range a.tasks {
		if t := &a.tasks[n]; t.Kind == desk.KindRead {
			read := t.Run
			t.Run = func(ctx context.Context, j unit.Running) error {
				if err := turn.Wait(ctx); err != nil {
					return err
				}
				return read(ctx, j)
			}
		}
	}
}

// heldKinds returns the kinds of jobs behind closed gates, and letters while there
// is no smarthost to take them.
func (a *App) heldKinds(ctx context.Context, v unit.View) ([]string, error) {
	closed, err := gate.List(ctx, v)
	if err != nil {
		return nil, err
	}
	var kinds []string
	if !a.Mailroom.Transport.Ready() {
		kinds = append(kinds, people.KindSend)
	}
	for _, t := range a.tasks {
		if t.gate != "" && slices.ContainsFunc(closed, func(g gate.Gate) bool { return g.Name == t.gate }) {
			kinds = append(kinds, t.Kind)
		}
	}
	return kinds, nil
}

// work runs the jobs until ctx ends and the running ones have ended.
func (a *App) work(ctx context.Context, group *errgroup.Group) {
	for _, r := range a.runners() {
		group.Go(func() error { return r.Run(ctx) })
	}
}
