// Package outgoing does what leaves for the machines of others: webhooks of subscribers,
// and the list of changed addresses for a CDN. It stands on platform/egress and
// platform/command.
//
// What is told to whom is in advisory/downstream and advisory/purge; mail is in
// people/mailroom.
package outgoing

import (
	"bytes"
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
)

// callTime bounds one call, the receiver's answer included.
const callTime = 15 * time.Second

// maxAnswer bounds what is taken of an answer; none of it is read.
const maxAnswer = 64 << 10

// Webhooks calls the webhooks of subscribers; it implements downstream.Caller.
type Webhooks struct{ client *http.Client }

// NewWebhooks makes one that reaches public addresses and the networks in allow.
func NewWebhooks(allow []netip.Prefix) *Webhooks {
	c := egress.Client(egress.Config{Allow: allow, Timeout: callTime, MaxBytes: maxAnswer, UserAgent: "Tocsin-Webhook"})
	// A redirect would carry a signed message to where nobody subscribed.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Webhooks{client: c}
}

// Call implements downstream.Caller.
func (w *Webhooks) Call(ctx context.Context, c downstream.Call) (downstream.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(c.Body))
	if err != nil {
		return downstream.Answer{}, fault.New(fault.Denied, "egress.scheme").Because(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", c.ID)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(c.At.Unix(), 10))
	r.Header.Set("webhook-signature", c.Signature)
	resp, err := w.client.Do(r)
	if fault.Is(err, fault.TooLarge) {
		// It answered, with more than anybody reads: what it said of the message is lost.
		return downstream.Answer{}, fault.New(fault.Unavailable, "egress.too_large").Because(err)
	}
	if err != nil {
		return downstream.Answer{}, err
	}
	defer resp.Body.Close()
	out := downstream.Answer{Status: resp.StatusCode}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 && n < 1<<20 {
		out.After = time.Duration(n) * time.Second
	}
	return out, nil
}
