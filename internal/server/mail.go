package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
)

// smarthost hands letters to the mail server that the settings name; it
// implements mailroom.Transport.
type smarthost struct{ client *mailer.Client } // nil: none is named

// Smarthost makes the client of the mail server that the settings name; nil
// when they name none.
func Smarthost(cfg config.Config) (*mailer.Client, error) {
	if cfg.Smarthost.Empty() {
		return nil, nil
	}
	host, err := mailer.ParseSmarthost(cfg.Smarthost.Reveal())
	if err != nil {
		return nil, err
	}
	client := &mailer.Client{Smarthost: host, Name: cfg.MailDomain}
	if cfg.SmarthostCA != "" {
		pem, err := os.ReadFile(cfg.SmarthostCA)
		if err != nil {
			return nil, fmt.Errorf("--smarthost-ca: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--smarthost-ca %s: no certificate in it", cfg.SmarthostCA)
		}
		client.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return client, nil
}

// Ready implements mailroom.Transport.
func (s smarthost) Ready() bool { return s.client != nil }

// Send implements mailroom.Transport.
func (s smarthost) Send(ctx context.Context, from, to string, msg []byte) (string, error) {
	results, err := s.client.Send(ctx, mailer.Envelope{From: from, To: []string{to}, Size: int64(len(msg))}, bytes.NewReader(msg))
	if len(results) == 0 {
		return "", errors.Join(err, errNoAnswer)
	}
	code := strconv.Itoa(results[0].Code)
	if results[0].Delivered() {
		return code, nil
	}
	if err == nil {
		kind := fault.Unavailable
		if results[0].Permanent() {
			kind = fault.Invalid
		}
		err = fault.New(kind, "people.letter.refused", "code", code)
	}
	return code, err
}

var errNoAnswer = errors.New("the smarthost gave no answer for the recipient")

// texts says catalogue texts in the letters; it implements mailroom.Texts.
type texts struct{ catalog *i18n.Catalog }

// Say implements mailroom.Texts.
func (t texts) Say(lang, key string, args map[string]string) string {
	p := t.catalog.Printer(t.catalog.Choose(lang))
	said := maps.Clone(args)
	for name, v := range args {
		// A time is written in the letter's language, in the zone that its writer chose.
		if at, ok := span.ParseStamp(v); ok {
			said[name] = p.In(at.Location()).Date(at)
		}
	}
	return p.T(key, said)
}

// attachments opens a letter's files; it implements mailroom.Attachments.
type attachments struct{ blobs *blob.Store }

// OpenFile implements mailroom.Attachments.
func (a attachments) OpenFile(ctx context.Context, id string) (io.ReadCloser, error) {
	r, _, err := a.blobs.Open(ctx, blob.ID(id))
	return r, err
}

// originCheck asks SPF and DKIM about a mail; it implements desk.Checker.
type originCheck struct {
	resolver mailer.Resolver
	relays   []netip.Prefix // of ours: who hands us a mail there is not who sent it
}

// Check implements desk.Checker.
func (c originCheck) Check(ctx context.Context, e desk.Envelope, raw io.Reader) (desk.Auth, error) {
	remote, err := netip.ParseAddr(e.Remote)
	if err != nil || slices.ContainsFunc(c.relays, func(p netip.Prefix) bool { return p.Contains(remote) }) {
		remote = netip.Addr{} // SPF says nothing: "none"
	}
	a, err := mailer.Check(ctx, c.resolver, mailer.Facts{From: e.From, HELO: e.HELO, Remote: remote}, raw)
	if err != nil {
		return desk.Auth{}, err
	}
	out := desk.Auth{SPF: string(a.SPF.Result), SPFDomain: a.SPF.Domain, Remote: e.Remote, HELO: e.HELO, TLS: e.TLS}
	for _, d := range a.DKIM {
		out.DKIM = append(out.DKIM, desk.DKIM{Domain: d.Domain, Result: string(d.Result), Aligned: d.Aligned})
	}
	return out, nil
}
