package cli

import (
	"errors"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/kit/client"
)

// wish is the language of the terminal: LC_ALL, LC_MESSAGES or LANG.
func wish(env Env) string {
	lang := ""
	for _, name := range []string{"LANG", "LC_MESSAGES", "LC_ALL"} {
		if v := variable(env, name); v != "" {
			lang = v
		}
	}
	lang, _, _ = strings.Cut(lang, ".")
	return strings.ReplaceAll(lang, "_", "-")
}

// variable returns a variable of the environment, the last one that is set to it.
func variable(env Env, name string) string {
	value := ""
	for _, pair := range env.Environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			value = v
		}
	}
	return value
}

// printer speaks the language of the terminal.
func printer(env Env) *i18n.Printer {
	c := i18n.Default()
	return c.Printer(c.Choose(wish(env)))
}

// say turns an error into the text for the person at the terminal: a fault in
// his language with its fields, a refusal of the site with a hint, anything else as it is.
func say(env Env, err error) string {
	var refused *client.Error
	if errors.As(err, &refused) {
		return refused.Error() + hint(refused)
	}
	return sayIn(printer(env), err)
}

func sayIn(p *i18n.Printer, err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	text := p.FaultWhole(err, "")
	if f.Cause != nil {
		text += " (" + f.Cause.Error() + ")"
	}
	return text
}

// hint says what a person at a terminal can do about a refusal.
func hint(e *client.Error) string {
	switch e.Status {
	case 401:
		return "\nNo such token, or it is over. Make one on the page \"API tokens\" and put it into TOCSIN_TOKEN."
	case 403:
		return "\nThe token may only read, or not in this part of the API."
	case 503:
		return "\nThe site does not serve this now; after a restore its operator lets logins go on with `tocsin admin resume logins`."
	}
	return ""
}

// exitOf is the exit code of a refusal: that of the fault's kind with the same status.
func exitOf(e *client.Error) int {
	for k := fault.Invalid; k <= fault.Unavailable; k++ {
		f := fault.New(k, "")
		if fault.HTTPStatus(f) == e.Status {
			return fault.ExitCode(f)
		}
	}
	return 1
}
