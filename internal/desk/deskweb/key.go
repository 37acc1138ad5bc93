package deskweb

import (
	"context"
	"io"
	"net/url"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// KeyBook registers a reporter's key: people.Keys is one.
type KeyBook interface {
	UploadFor(ctx context.Context, sc people.Scope, project people.ProjectID, report, address string, raw []byte) ([]people.Key, error)
}

// maxKey bounds the key that a report brings.
const maxKey = 1 << 20

// takeKey registers the key that came with a held report for its sender's address,
// after a moderator has looked at it: from then on answers to mails go out encrypted to
// it (desk.Typed has the others), and mail that it signs counts as the reporter's in this project. Whether the address
// has an account is not asked: anybody can write any address into a mail, and a moderator
// must not learn by it who has one. What an account may do hangs on its own keys alone.
func (p *Pages) takeKey(c *webui.Ctx) error {
	var checks fault.Checks
	n := 0
	if c.Value("message") != "" {
		n = c.Int(&checks, "part")
	}
	if err := checks.Err(); err != nil {
		return err
	}
	id := desk.ReportID(c.Value("report"))
	if err := p.register(c.Context(), id, desk.MessageID(c.Value("message")), n); err != nil {
		return err
	}
	c.Flash("desk.flash.key")
	return c.Redirect("/desk?r=" + url.QueryEscape(string(id)))
}

// register is takeKey for both faces.
func (p *Pages) register(ctx context.Context, id desk.ReportID, message desk.MessageID, part int) error {
	sc := people.From(ctx)
	if p.Keys == nil {
		return fault.Missing()
	}
	d, err := p.Desk.See(ctx, sc, id)
	if err != nil {
		return err
	}
	raw, err := p.keyOf(ctx, sc, d, message, part)
	if err != nil {
		return err
	}
	_, err = p.Keys.UploadFor(ctx, sc, d.Report.Project, string(d.Report.ID), d.Report.From.Mail, raw)
	return err
}

// keyOf returns the key that is named: the one typed into the web form, or a
// file of one of the report's own messages.
func (p *Pages) keyOf(ctx context.Context, sc people.Scope, d desk.Dossier, message desk.MessageID, part int) ([]byte, error) {
	if message == "" {
		if d.Report.Claims.Key == "" {
			return nil, fault.Missing()
		}
		return []byte(d.Report.Claims.Key), nil
	}
	for _, m := range d.Messages {
		if m.ID != message || !m.Inbound {
			continue
		}
		f, err := p.Desk.OpenFile(ctx, sc, m.ID, max(part, 0))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, maxKey))
	}
	return nil, fault.Missing()
}
