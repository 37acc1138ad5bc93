package deskweb

import (
	"context"
	"io"
	"net/url"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// KeyBook registers a reporter's key: people.Keys is one.
type KeyBook interface {
	UploadFor(ctx context.Context, sc people.Scope, report, address string, raw []byte) ([]people.Key, error)
}

// Accounts finds who has an account: people.Directory is one.
type Accounts interface {
	PersonByAddress(ctx context.Context, v unit.View, sc people.Scope, address string) (people.Person, error)
}

// maxKey bounds the key that a report brings.
const maxKey = 1 << 20

// takeKey registers the key that came with a held report for its sender's address,
// after a moderator has looked at it: from then on answers go out encrypted to
// it, and mail that it signs counts as the reporter's. A key for an address that has
// an account is refused: anybody can write any address into a mail, and its
// holder keeps his keys himself.
func (p *Pages) takeKey(c *webui.Ctx) error {
	sc := people.From(c.Context())
	if p.Keys == nil || p.Accounts == nil {
		return fault.Missing()
	}
	d, err := p.Desk.See(c.Context(), sc, desk.ReportID(c.Value("report")))
	if err != nil {
		return err
	}
	raw, err := p.keyOf(c, sc, d)
	if err != nil {
		return err
	}
	address := d.Report.From.Mail
	err = p.Work.View(c.Context(), func(ctx context.Context, v unit.View) error {
		_, err := p.Accounts.PersonByAddress(ctx, v, people.AsJob("desk.key", string(d.Report.ID)), address)
		return err
	})
	if err == nil {
		return fault.New(fault.Conflict, "desk.fault.key_account")
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	if _, err := p.Keys.UploadFor(c.Context(), sc, string(d.Report.ID), address, raw); err != nil {
		return err
	}
	c.Flash("desk.flash.key")
	return c.Redirect("/desk?r=" + url.QueryEscape(string(d.Report.ID)))
}

// keyOf returns the key that the form names: the one typed into the web form, or a
// file of one of the report's own messages.
func (p *Pages) keyOf(c *webui.Ctx, sc people.Scope, d desk.Dossier) ([]byte, error) {
	if c.Value("message") == "" {
		if d.Report.Claims.Key == "" {
			return nil, fault.Missing()
		}
		return []byte(d.Report.Claims.Key), nil
	}
	var checks fault.Checks
	n := c.Int(&checks, "part")
	if err := checks.Err(); err != nil {
		return nil, err
	}
	for _, m := range d.Messages {
		if string(m.ID) != c.Value("message") || !m.Inbound {
			continue
		}
		f, err := p.Desk.OpenFile(c.Context(), sc, m.ID, max(n, 0))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, maxKey))
	}
	return nil, fault.Missing()
}
