package cli

import (
	"errors"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// printer speaks the language of the terminal: LC_ALL, LC_MESSAGES or LANG.
func printer(env Env) *i18n.Printer {
	wish := ""
	for _, name := range []string{"LANG", "LC_MESSAGES", "LC_ALL"} {
		for _, pair := range env.Environ {
			if v, ok := strings.CutPrefix(pair, name+"="); ok && v != "" {
				wish = v
			}
		}
	}
	wish, _, _ = strings.Cut(wish, ".")
	c := i18n.Default()
	return c.Printer(c.Choose(strings.ReplaceAll(wish, "_", "-")))
}

// say turns an error into the text for the person at the terminal: a fault in
// his language with its fields, anything else as it is.
func say(env Env, err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	text := printer(env).FaultWhole(err, "")
	if f.Cause != nil {
		text += " (" + f.Cause.Error() + ")"
	}
	return text
}
