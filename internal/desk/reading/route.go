package reading

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// target is one recipient of ours that a mail was sent to.
type target struct {
	project people.Project
	address string // bare role address
	tag     string
	bounce  bool // it came to the address of our envelope senders
}

// bounced is the place's bounce as the desk files it, nil for any other mail.
func (p place) bounced() *desk.Bounce {
	if !p.bounce {
		return nil
	}
	return &desk.Bounce{Letter: p.letter, Failed: p.failed}
}

// maxTargets bounds the projects and threads that one mail reaches.
const maxTargets = 10

// targets finds what the envelope's recipients mean. An address that is no
// longer ours is left out; a mail for none of ours is an error that the job
// keeps, because the door let it in.
func (s *Reader) targets(ctx context.Context, v unit.View, r *reading) ([]target, error) {
	var out []target
	for _, to := range r.in.Envelope.To {
		p, err := projectOf(ctx, v, s.Projects, r.scope, to)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		bare, tag := desk.SplitTag(to)
		t := target{project: p, address: bare, tag: tag, bounce: isBounce(bare)}
		if !slices.ContainsFunc(out, func(o target) bool { return o.project.ID == t.project.ID && o.tag == t.tag }) && len(out) < maxTargets {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "desk.fault.no_recipient")
	}
	return out, nil
}

// place is where a mail goes: to an object, or as a new report to a project.
type place struct {
	object  string // report or case; empty: a new report
	letter  string // the letter that bounced, where it is known
	tag     string // of the letter that bounced
	project people.Project
	bounce  bool
	failed  bool // for good; otherwise late
	code    string
}

// route decides where the mail goes, each place once. A tag of our own making
// counts more than what the mail says of its thread. A delivery report goes to what
// it is about; one that is about nothing we know goes to the moderators, so that no
// mail is ever nowhere.
func (s *Reader) route(ctx context.Context, v unit.View, r *reading) ([]place, error) {
	ids := threadIDs(r.msg, r.mail)
	var out []place
	for _, t := range r.targets {
		thread, err := s.Desk.Threads.Store.ByMailIDs(ctx, v, r.scope, t.project.ID, ids)
		if err != nil {
			return nil, err
		}
		p := place{object: thread, project: t.project, bounce: isDeliveryReport(r.mail) || t.bounce}
		p.failed, p.code = outcome(r.mail)
		switch {
		case t.bounce:
			_, l, err := s.Deliveries.DeliveryByTag(ctx, v, r.scope, t.tag)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			p.tag = t.tag
			if l.About != "" {
				p.object, p.letter = l.About, l.ID
			}
		case t.tag != "":
			object, err := s.Desk.Threads.Store.ByTag(ctx, v, r.scope, t.tag)
			if err != nil {
				return nil, err
			}
			if object != "" {
				p.object = object
			}
		}
		if !slices.ContainsFunc(out, func(o place) bool {
			return o.object == p.object && (p.object != "" || o.project.ID == p.project.ID)
		}) {
			out = append(out, p)
		}
	}
	return out, nil
}

// threadIDs are the Message-IDs that say what the mail answers, the nearest first: for
// a delivery report the id of the mail that it is about.
func threadIDs(m desk.Message, raw *mailmsg.Message) []string {
	var ids []string
	if raw != nil && raw.Report != nil {
		ids = append(ids, raw.Report.OriginalMessageID)
	}
	ids = append(ids, m.InReplyTo...)
	for _, id := range slices.Backward(m.References) {
		ids = append(ids, id)
	}
	var out []string
	for _, id := range ids {
		if id = desk.CleanMailID(id); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return atMost(out, maxReferences)
}

// isDeliveryReport reports whether the mail says what became of one of ours (RFC 3464).
func isDeliveryReport(m *mailmsg.Message) bool {
	return m != nil && m.Report != nil && m.Report.Type == "delivery-status"
}

// outcome says whether a delivery report tells of a failure for good, and its code.
func outcome(m *mailmsg.Message) (failed bool, code string) {
	if m == nil || m.Report == nil {
		return false, ""
	}
	for _, d := range m.Report.Recipients {
		if d.Permanent() {
			return true, clip(d.Status, 20)
		}
		code = clip(d.Status, 20)
	}
	return false, code
}

// Deliveries finds the letter of a bounce's tag: people.QueueStore is one.
type Deliveries interface {
	DeliveryByTag(ctx context.Context, v unit.View, sc people.Scope, tag string) (people.Delivery, people.Letter, error)
}

// Bounces ends the delivery of a bounce's tag: mailroom.Mailroom is one.
type Bounces interface {
	Bounced(ctx context.Context, tx unit.Tx, sc people.Scope, tag string, permanent bool, code string) (bool, error)
}
