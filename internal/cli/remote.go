package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/upkeep"
	"github.com/tocsin-sec/tocsin/kit/client"
)

// remoteHelp stands in the help of every command that speaks to a site.
const remoteHelp = `

It speaks to the site at TOCSIN_URL (or --url) over HTTP with the API token in TOCSIN_TOKEN,
which you make on the page "API tokens". There is no flag for the token: other users of a
machine can read the arguments of a command.`

// remoteFlags gives a command what it needs to speak to a site.
func remoteFlags(c *cobra.Command) *remote {
	r := &remote{}
	c.Flags().StringVar(&r.url, "url", "", "address of the site (TOCSIN_URL)")
	c.Flags().StringVar(&r.ca, "ca-file", "", "PEM file of the authority that signed the site's certificate, instead of the system's")
	c.Flags().BoolVar(&r.asJSON, "json", false, "print JSON, for programs")
	return r
}

type remote struct {
	url, ca string
	asJSON  bool
}

// upkept are the commands of upkeep.
func upkept(env Env) upkeep.Site {
	return upkeep.Site{Out: env.Out, Err: env.Err, Help: remoteHelp, Text: printer(env).T, Flags: func(c *cobra.Command) (upkeep.Remote, *bool) {
		r := remoteFlags(c)
		return func(c *cobra.Command, f func(context.Context, *client.Client) error) error { return r.call(c, env, f) }, &r.asJSON
	}}
}

// client makes the client of the command.
func (r *remote) client(env Env) (*client.Client, error) {
	c := &client.Client{URL: r.url, Token: client.Token(strings.TrimSpace(variable(env, "TOCSIN_TOKEN"))), Lang: wish(env)}
	if c.URL == "" {
		c.URL = variable(env, "TOCSIN_URL")
	}
	if c.URL == "" {
		return nil, usageError{errors.New("which site? Name it with TOCSIN_URL or --url, such as\n  export TOCSIN_URL=https://security.example.org")}
	}
	if c.Token == "" {
		return nil, usageError{fmt.Errorf("put your API token into TOCSIN_TOKEN. You make one at %s/settings/tokens, after signing in; then\n  read -rs TOCSIN_TOKEN && export TOCSIN_TOKEN", strings.TrimSuffix(c.URL, "/"))}
	}
	if r.ca == "" {
		return c, nil
	}
	pem, err := os.ReadFile(r.ca)
	if err != nil {
		return nil, usageError{fmt.Errorf("--ca-file: %w", err)}
	}
	if c.HTTP, err = client.Trust(pem); err != nil {
		return nil, usageError{fmt.Errorf("--ca-file %s: %w", r.ca, err)}
	}
	return c, nil
}

// remoteTime bounds one command: a site that does not answer must not hold up a script.
const remoteTime = 5 * time.Minute

// maxInput bounds what a command reads from a file or standard input.
const maxInput = 64 << 20

// open opens a file to read, "-" for standard input.
func open(env Env, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(env.In), nil
	}
	return os.Open(path)
}

// input reads a file, "-" for standard input, bounded.
func input(env Env, path string) ([]byte, error) {
	in, err := open(env, path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err == nil && len(raw) > maxInput {
		err = fmt.Errorf("%s: larger than %d bytes", path, maxInput)
	}
	return raw, err
}

// minute prints a time for people.
func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}

// paragraph makes foreign text of several lines safe for a terminal and indents it.
func paragraph(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString("    " + plain(strings.TrimRight(line, "\r\n")) + "\n")
	}
	return b.String()
}
