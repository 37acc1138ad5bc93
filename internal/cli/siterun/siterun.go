// Package siterun is what the commands on the published site do with the open store. The
// commands themselves, with flags and help, are in cli.
package siterun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Changed prints addresses that a cache has to forget.
type Changed struct {
	Since int64  // generation after which changes count
	State string // file that keeps the generation between calls, "" for none
	JSON  bool
}

// Run prints what changed on the site at url. It fails when the state cannot be read or
// written; it is written after everything was printed.
func (c Changed) Run(ctx context.Context, w unit.Work, url string, to io.Writer) error {
	if err := readState(c.State, &c.Since); err != nil {
		return err
	}
	var out pubsite.Flipped
	err := w.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = advisorydb.Site{}.Changed(ctx, v, people.Anyone(), c.Since)
		return err
	})
	if err != nil {
		return err
	}
	if err := printChanged(to, url, out, c.JSON); err != nil || c.State == "" {
		return err
	}
	return os.WriteFile(c.State, []byte(strconv.FormatInt(out.Generation, 10)+"\n"), 0o600)
}

// readState reads the generation of the last call; a file that is not there yet is none.
func readState(file string, since *int64) error {
	if file == "" {
		return nil
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if *since, err = strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64); err != nil {
		return fmt.Errorf("--state %s: %w", file, err)
	}
	return nil
}

func printChanged(to io.Writer, site string, f pubsite.Flipped, machine bool) error {
	urls := make([]string, len(f.Changed))
	for i, path := range f.Changed {
		urls[i] = site + "/" + path
	}
	if machine {
		return json.NewEncoder(to).Encode(map[string]any{"generation": f.Generation, "changed": urls})
	}
	for _, u := range urls {
		if _, err := fmt.Fprintln(to, u); err != nil {
			return err
		}
	}
	return nil
}
