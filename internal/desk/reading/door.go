package reading

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/spool"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Door takes mail in. It promises nothing but that what it took is durable.
type Door struct {
	Work     unit.Work // a *desk.Group on SQLite
	Intakes  desk.IntakeStore
	Files    spool.Files
	Projects desk.Projects
	// MaxBytes bounds one mail; 0: 50 MB, as the SMTP server's default.
	MaxBytes int64
	// Backlog is the most mails that may wait to be read; 0: 10,000. Above it the
	// sender keeps the mail (451) and tries again.
	Backlog int

	accepted atomic.Int64
	full     atomic.Bool
}

// checkEvery is how many mails are taken between two looks at the backlog: a
// count for each mail would cost more than the mail.
const checkEvery = 32

// Accept makes one mail durable: the sealed raw bytes, the row and the job that
// reads it commit together before it returns nil, and only then may SMTP say
// 250 (RFC 5321 section 4.2.5). The same mail again (same recipients and bytes)
// is nil and stores nothing. It fails with fault.TooLarge above the limit, with
// fault.TooMany when too much waits, and with in.Body's own error.
func (d *Door) Accept(ctx context.Context, in desk.Incoming) error {
	row := desk.Intake{ID: desk.IntakeID(ident.New()), Source: desk.SourceMail, Envelope: envelopeOf(in)}
	if err := d.room(ctx); err != nil {
		return err
	}
	killpoint.At("intake.begin")
	sum := sha256.New()
	body := io.TeeReader(in.Body, sum)
	raw, err := spool.Take(ctx, d.Files, row.Confidence(), body, int64(or(int(d.MaxBytes), 50_000_000)), spool.Small)
	if err != nil {
		return err
	}
	row.Raw, row.Small, row.Size = raw.ID, raw.Bytes, raw.Size
	// The recipients belong to the key: a list expander may send the same bytes
	// to two of our addresses in two transactions.
	row.Key = strings.Join(row.Envelope.To, ",") + "\x00" + hex.EncodeToString(sum.Sum(nil))
	killpoint.At("intake.received")
	err = d.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := d.add(ctx, tx, row); err != nil {
			return err
		}
		killpoint.At("intake.stored")
		return nil
	})
	if err == nil {
		killpoint.At("intake.committed")
	}
	return err
}

// room fails with fault.TooMany while too much waits to be read. It looks before the mail
// is stored and outside of the writer's time: what is refused costs little.
func (d *Door) room(ctx context.Context) error {
	if d.accepted.Add(1)%checkEvery == 1 || d.full.Load() {
		var waiting int
		err := d.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
			waiting, err = d.Intakes.Waiting(ctx, v, people.Anyone())
			return err
		})
		if err != nil {
			return err
		}
		d.full.Store(waiting >= or(d.Backlog, 10_000))
	}
	if d.full.Load() {
		return fault.New(fault.TooMany, "desk.fault.backlog")
	}
	return nil
}

func (d *Door) add(ctx context.Context, tx unit.Tx, row desk.Intake) error {
	row.ReceivedAt = tx.Now()
	_, fresh, err := d.Intakes.AddIntake(ctx, tx, people.Anyone(), row)
	if err != nil || !fresh {
		return err
	}
	tx.Enqueue(unit.Job{Kind: desk.KindRead, Subject: string(row.ID), Args: map[string]string{"intake": string(row.ID)}})
	return nil
}

// Known reports by nil whether we take mail for the address: a project's role
// address, with any tag, or the address that our bounces come back to. It
// fails with fault.NotFound for all else. A tag is not looked up here, so that
// nobody can try tags at the door.
func (d *Door) Known(ctx context.Context, address string) error {
	return d.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		_, err := projectOf(ctx, v, d.Projects, people.Anyone(), address)
		return err
	})
}

// projectOf finds the project of a role address or of a bounce address, which is
// bounce+TAG at the domain of a role address.
func projectOf(ctx context.Context, v unit.View, projects desk.Projects, sc people.Scope, address string) (people.Project, error) {
	bare, _ := desk.SplitTag(address)
	if !isBounce(bare) {
		return projects.ProjectByAddress(ctx, v, sc, bare)
	}
	all, err := projects.AllProjects(ctx, v, sc)
	if err != nil {
		return people.Project{}, err
	}
	_, domain, _ := strings.Cut(bare, "@")
	for _, p := range all {
		if slices.ContainsFunc(p.Addresses, func(a string) bool { return strings.HasSuffix(strings.ToLower(a), "@"+domain) }) {
			return p, nil
		}
	}
	return people.Project{}, fault.Missing()
}

// isBounce reports whether the bare address is the one of envelope senders.
func isBounce(bare string) bool { return strings.HasPrefix(bare, "bounce@") }

func envelopeOf(in desk.Incoming) desk.Envelope {
	e := desk.Envelope{From: in.From, HELO: in.HELO, TLS: in.TLS}
	if in.Remote.IsValid() {
		e.Remote = in.Remote.String()
	}
	for _, to := range in.To {
		e.To = append(e.To, strings.ToLower(strings.TrimSpace(to)))
	}
	slices.Sort(e.To)
	e.To = slices.Compact(e.To)
	return e
}

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}
