package mailer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
)

// Verdict is the result of an SPF or DKIM check (RFC 8601 section 2.7).
type Verdict string

// The verdicts. Only Pass says anything for the sender.
const (
	None      Verdict = "none" // nothing to check
	Pass      Verdict = "pass"
	Fail      Verdict = "fail"
	SoftFail  Verdict = "softfail"
	Neutral   Verdict = "neutral"
	TempError Verdict = "temperror" // the DNS did not answer; may differ later
	PermError Verdict = "permerror" // the record or the signature is broken, or above our limits
)

// SPF is the result of RFC 7208 for the envelope sender (or HELO for a bounce).
type SPF struct {
	Result  Verdict `json:"result"`
	Domain  string  `json:"domain"`
	Aligned bool    `json:"aligned"` // same organizational domain as From
}

// DKIM is the result of one signature (RFC 6376).
type DKIM struct {
	Domain  string  `json:"domain"` // d=
	Result  Verdict `json:"result"`
	Aligned bool    `json:"aligned"` // d= and From share the organizational domain
}

// Auth says what is known about where a mail came from. It holds only what we
// checked ourselves: Authentication-Results that came with the mail are not read.
type Auth struct {
	From string `json:"from"` // domain of the one From address, "" when there is not exactly one
	SPF  SPF    `json:"spf"`
	DKIM []DKIM `json:"dkim,omitempty"`
}

// AlignedDKIM reports whether a valid signature speaks for the From domain.
func (a Auth) AlignedDKIM() bool {
	for _, d := range a.DKIM {
		if d.Result == Pass && d.Aligned {
			return true
		}
	}
	return false
}

// Resolver answers DNS questions; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) (names []string, err error)
}

// Facts are what the SMTP session knew about a mail.
type Facts struct {
	From string // envelope sender, "" for a bounce
	HELO string
	// Remote is the peer. The zero value means that it is not known who sent to
	// us first, as behind a relay of our own: SPF is then none.
	Remote netip.Addr
}

// What one mail may cost us. The library's work grows with header fields times
// signed names, and a continuation line copies its whole field.
const (
	maxHeader      = 128 << 10
	maxHeaderLines = 2000
	maxSignatures  = 5
	maxSignature   = 4 << 10 // bytes of a DKIM-Signature field
	maxTXT         = 4 << 10 // bytes of a TXT answer: RSA keys beyond 16,384 bits are an attack
	maxBlank       = 8192    // empty lines in a row
	maxDNSTime     = 15 * time.Second
)

// Check runs SPF and DKIM over the raw mail, which it reads once as a stream,
// always to its end. The error is only that of raw; what DNS and signatures get
// wrong is in the result.
func Check(ctx context.Context, r Resolver, in Facts, raw io.Reader) (Auth, error) {
	if sys, ok := r.(*net.Resolver); ok {
		r = rooted{sys}
	}
	dns, cancel := context.WithTimeout(ctx, maxDNSTime)
	defer cancel()
	src := &quietReader{r: raw, ended: ctx.Err}
	br := bufio.NewReaderSize(src, 16<<10)
	header, fits := readHeader(br)
	auth := Auth{}
	if fits {
		auth.From = fromDomain(header)
	}
	auth.SPF = checkSPF(dns, r, in, auth.From)
	if fits {
		auth.DKIM = checkDKIM(dns, r, auth.From, header, br)
	}
	_, _ = io.Copy(io.Discard, br) // quietReader has the error
	if src.err != nil {
		return Auth{}, fmt.Errorf("check mail: %w", src.err)
	}
	return auth, nil
}

// readHeader reads up to and including the empty line. It reports false when the
// header is above our limits; nothing in such a mail is called authentic.
func readHeader(br *bufio.Reader) ([]byte, bool) {
	var h []byte
	lines, midLine := 0, false
	for {
		p, err := br.ReadSlice('\n')
		h = append(h, p...)
		if len(h) > maxHeader || lines > maxHeaderLines {
			return nil, false
		}
		if err == bufio.ErrBufferFull {
			midLine = true
			continue
		}
		if err != nil || !midLine && len(bytes.TrimRight(p, "\r\n")) == 0 {
			return h, true
		}
		midLine = false
		lines++
	}
}

func checkSPF(ctx context.Context, r Resolver, in Facts, from string) SPF {
	_, domain, _ := cutLast(in.From)
	if domain == "" {
		domain = in.HELO
	}
	out := SPF{Result: None, Domain: canonicalDomain(domain)}
	if out.Domain == "" || !in.Remote.IsValid() {
		return out
	}
	sender := in.From
	if sender == "" {
		sender = "postmaster@" + out.Domain // RFC 7208 2.4
	}
	res, err := spf.CheckHostWithSender(net.IP(in.Remote.Unmap().AsSlice()), in.HELO, sender,
		spf.WithContext(ctx), spf.WithResolver(r))
	out.Result = Verdict(res)
	if ctx.Err() != nil && err != nil && res != spf.Pass {
		out.Result = TempError // our own time ran out; the record may be fine
	}
	out.Aligned = aligned(out.Domain, from)
	return out
}

func checkDKIM(ctx context.Context, r Resolver, from string, header []byte, rest io.Reader) []DKIM {
	for _, f := range fields(header) {
		if name, _, _ := strings.Cut(f, ":"); strings.EqualFold(strings.TrimSpace(name), "DKIM-Signature") && len(f) > maxSignature {
			return []DKIM{{Result: PermError}}
		}
	}
	lookup := func(name string) ([]string, error) {
		txt, err := r.LookupTXT(ctx, name)
		if err != nil && ctx.Err() != nil {
			return nil, &net.DNSError{Err: "out of time", Name: name, IsTimeout: true}
		}
		size := 0
		for _, t := range txt {
			size += len(t)
		}
		if size > maxTXT {
			return nil, errors.New("the key record is too large")
		}
		return txt, err
	}
	// More signatures than that: the first ones are checked, the rest is noise.
	blank := &blankGuard{r: rest}
	found, _ := dkim.VerifyWithOptions(io.MultiReader(bytes.NewReader(header), blank),
		&dkim.VerifyOptions{LookupTXT: lookup, MaxVerifications: maxSignatures})
	var out []DKIM
	for _, v := range found {
		d := DKIM{Domain: canonicalDomain(v.Domain), Result: Fail}
		switch {
		case blank.tripped:
			d.Result = PermError
		case v.Err == nil:
			d.Result = Pass
		case dkim.IsTempFail(v.Err):
			d.Result = TempError
		case dkim.IsPermFail(v.Err):
			d.Result = PermError
		}
		d.Aligned = aligned(d.Domain, from)
		out = append(out, d)
	}
	return out
}

// quietReader turns an error into an end and keeps it: the DKIM library leaves
// its goroutines behind when its reader fails.
type quietReader struct {
	r     io.Reader
	ended func() error // the context's
	err   error
}

// Read implements io.Reader.
func (q *quietReader) Read(p []byte) (int, error) {
	if q.err == nil {
		q.err = q.ended()
	}
	if q.err != nil {
		return 0, io.EOF
	}
	n, err := q.r.Read(p)
	if err != nil && err != io.EOF {
		q.err, err = err, io.EOF
	}
	return n, err
}

// blankGuard ends a body that has too many empty lines in a row: the library
// keeps them all, since they count only if something follows, and copies them
// again with every block it reads.
type blankGuard struct {
	r       io.Reader
	run     int
	tripped bool
}

// Read implements io.Reader.
func (g *blankGuard) Read(p []byte) (int, error) {
	if g.tripped {
		return 0, io.EOF
	}
	n, err := g.r.Read(p)
	for _, b := range p[:n] {
		switch b {
		case '\n':
			if g.run++; g.run > maxBlank {
				g.tripped = true
				return 0, io.EOF
			}
		case '\r', ' ', '\t':
		default:
			g.run = 0
		}
	}
	return n, err
}
