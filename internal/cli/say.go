package cli

import (
	"errors"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// say turns an error into the text for the person at the terminal.
func say(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Error()
	}
	return err.Error()
}
