package deskweb

import (
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// paneView is one report as a moderator reads it.
type paneView struct {
	desk.Dossier
	State    webui.Badge
	Late     bool
	Held     bool
	Asked    bool
	Messages []messageView
}

// messageView is one message with what is known of it in words.
type messageView struct {
	desk.Message
	First    bool
	Proof    webui.Badge // the one line: who wrote this, as far as anybody can know
	Checks   []webui.Badge
	Troubles []trouble
	Files    []fileView
}

// trouble is a plain statement of what is wrong.
type trouble struct {
	Key  string
	Args map[string]string
}

// fileView is one file of a message. Sender's names and types are shown as text only.
type fileView struct {
	desk.Part
	Href    string
	N       int
	Message desk.MessageID
	Report  string // set where the file is a key that can be registered
}

func pane(c *webui.Ctx, d desk.Dossier) *paneView {
	v := &paneView{
		Dossier: d, State: stateOf(d.Report), Late: d.Report.PastDue(c.Now()),
		Held: d.Report.State == desk.Held, Asked: !d.Report.AskedAt.IsZero(),
	}
	for i, m := range d.Messages {
		v.Messages = append(v.Messages, message(m, i == 0))
	}
	return v
}

// message says in words what is known of a message: what is signed by whom and
// what is not, what DKIM and SPF say, what is wrong.
func message(m desk.Message, first bool) messageView {
	v := messageView{Message: m, First: first, Proof: proof(m), Checks: checks(m)}
	for _, t := range m.Troubles {
		v.Troubles = append(v.Troubles, trouble{Key: t.Key, Args: t.Args})
		if why := t.Args["why"]; why != "" {
			// A fault of OpenPGP has a text of its own.
			v.Troubles = append(v.Troubles, trouble{Key: why})
		}
	}
	for i, p := range m.Parts {
		if p.File != "" {
			v.Files = append(v.Files, fileView{Part: p, Href: "/desk/messages/" + string(m.ID) + "/parts/" + strconv.Itoa(i),
				N: i, Message: m.ID, Report: keyFor(m, p)})
		}
	}
	return v
}

// keyFor returns the report for whose sender a part can be registered as a key, or "".
func keyFor(m desk.Message, p desk.Part) string {
	if m.Inbound && p.Type == "application/pgp-keys" {
		return m.Object
	}
	return ""
}

// proof is the one line on top: who wrote the message, as far as it can be known.
func proof(m desk.Message) webui.Badge {
	if !m.Inbound {
		return webui.Badge{Kind: "info", Key: "desk.proof.ours"}
	}
	if s, ok := m.Authenticates(); ok {
		return webui.Badge{Kind: "ok", Key: "desk.proof.signed", Args: []any{"name", or(s.Name, s.Address), "key", short(s.Fingerprint)}}
	}
	switch {
	case m.Replayed:
		return webui.Badge{Kind: "stop", Key: "desk.proof.replayed"}
	case m.ByLink:
		return webui.Badge{Kind: "info", Key: "desk.proof.link"}
	case m.Raw == "":
		return webui.Badge{Kind: "info", Key: "desk.proof.form"}
	default:
		return webui.Badge{Kind: "warn", Key: "desk.proof.unverified"}
	}
}

// checks are the single facts, each as word and shape.
func checks(m desk.Message) []webui.Badge {
	var out []webui.Badge
	if !m.Inbound || m.Raw == "" {
		return out
	}
	switch m.Cipher {
	case desk.OpenPGP:
		out = append(out, webui.Badge{Kind: "secret", Key: "desk.check.encrypted"})
	case desk.SMIME, desk.Unopenable:
		out = append(out, webui.Badge{Kind: "stop", Key: "desk.check.unopenable"})
	case desk.Clear:
		out = append(out, webui.Badge{Kind: "info", Key: "desk.check.clear"})
	}
	for _, s := range m.Signatures {
		out = append(out, signature(s))
	}
	if len(m.Signatures) == 0 {
		out = append(out, webui.Badge{Kind: "off", Key: "desk.check.unsigned"})
	}
	for _, d := range m.Auth.DKIM {
		switch {
		case d.Result == "pass" && d.Aligned:
			out = append(out, webui.Badge{Kind: "ok", Key: "desk.check.dkim_aligned", Args: []any{"domain", d.Domain}})
		case d.Result == "pass":
			out = append(out, webui.Badge{Kind: "info", Key: "desk.check.dkim_other", Args: []any{"domain", d.Domain}})
		default:
			out = append(out, webui.Badge{Kind: "warn", Key: "desk.check.dkim_bad", Args: []any{"domain", d.Domain, "result", d.Result}})
		}
	}
	if len(m.Auth.DKIM) == 0 {
		out = append(out, webui.Badge{Kind: "off", Key: "desk.check.dkim_none"})
	}
	kind := "info"
	switch m.Auth.SPF {
	case "pass":
		kind = "ok"
	case "fail", "softfail", "permerror":
		kind = "warn"
	case "", "none":
		kind = "off"
	}
	return append(out, webui.Badge{Kind: kind, Key: "desk.check.spf." + or(m.Auth.SPF, "none"), Args: []any{"domain", m.Auth.SPFDomain}})
}

// signature says what one signature covers and what came of it.
func signature(s desk.Signature) webui.Badge {
	key := "desk.sig." + s.Result.String()
	kind := "warn"
	if s.Result == desk.SigGood {
		kind = "ok"
		switch {
		case !s.Whole:
			kind, key = "warn", "desk.sig.good_part"
		case s.Person == "" && s.Address == "":
			kind, key = "info", "desk.sig.good_stranger"
		}
	}
	return webui.Badge{Kind: kind, Key: key, Args: []any{"name", or(s.Name, s.Address), "key", short(s.Fingerprint), "part", s.Part}}
}

// short is the end of a fingerprint in groups of four, as people compare them.
func short(fpr string) string {
	if len(fpr) > 16 {
		fpr = fpr[len(fpr)-16:]
	}
	var b strings.Builder
	for i, r := range fpr {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// raw sends the original, byte by byte, as a file to keep.
func (p *Pages) raw(c *webui.Ctx) error { return p.send(c, -1) }

// part sends one file of a message.
func (p *Pages) part(c *webui.Ctx) error {
	n, err := strconv.Atoi(c.Path("n"))
	if err != nil || n < 0 {
		return fault.Missing()
	}
	return p.send(c, n)
}

func (p *Pages) send(c *webui.Ctx, n int) error {
	f, err := p.Desk.OpenFile(c.Context(), people.From(c.Context()), desk.MessageID(c.Path("id")), n)
	if err != nil {
		return err
	}
	defer f.Close()
	private(c.W)
	// A mail may hold anything: a browser must never show it from our address.
	return c.Download(partName(f.Name, n), "application/octet-stream", f)
}

func partName(name string, n int) string {
	if name == "" {
		return "part-" + strconv.Itoa(n) + ".bin"
	}
	return name
}
