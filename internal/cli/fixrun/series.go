package fixrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// series is a fix that was given as commits or as patches from files; patches are secret.
type series struct {
	fix     string
	files   []string
	base    string
	patches []patch.Mail
}

func (s *series) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.fix, "fix", "", "the commit, or with commas the ordered commits, of the fix")
	f.StringArrayVar(&s.files, "patch", nil, "a file with patches of the fix, in their order; more may follow as arguments; - is standard input")
	c.MarkFlagsMutuallyExclusive("fix", "patch")
}

// read reads the patches. more are the arguments behind the repository: the shell makes
// "--patch 00*.patch" into one flag and the other files.
func (s *series) read(env Env, in io.Reader, more []string) error {
	if len(more) > 0 && len(s.files) == 0 {
		return env.Usage(fmt.Errorf("%q is one argument too many", more[0]))
	}
	if (s.fix == "") == (len(s.files) == 0) {
		return env.Usage(errors.New("say which fix: --patch FILE… or --fix COMMIT,…"))
	}
	for _, name := range append(slices.Clone(s.files), more...) {
		list, err := readPatches(in, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.patches = append(s.patches, list...)
	}
	return nil
}

func readPatches(in io.Reader, name string) ([]patch.Mail, error) {
	if name == "-" {
		return patch.ReadMails(in)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return patch.ReadMails(f)
}

// commits resolves --fix.
func (s *series) commits(ctx context.Context, r *repository) (out branchfix.Series, err error) {
	if s.fix == "" {
		return nil, nil
	}
	for n := range strings.SplitSeq(s.fix, ",") {
		id, err := r.Resolve(ctx, strings.TrimSpace(n))
		if err != nil {
			return nil, fmt.Errorf("commit %w", err)
		}
		out = append(out, id)
	}
	return out, nil
}

// bases are the commits that patches may have been made on, likeliest first.
func (s *series) bases(ctx context.Context, r *repository) ([]branchfix.ID, error) {
	var out []branchfix.ID
	if len(s.patches) == 0 {
		return nil, nil
	}
	if s.base != "" {
		id, err := r.Resolve(ctx, s.base)
		if err != nil {
			return nil, fmt.Errorf("--base %w", err)
		}
		return append(out, id), nil
	}
	if id, err := r.Resolve(ctx, s.patches[0].Base); err == nil {
		out = append(out, id)
	}
	if id, err := r.Resolve(ctx, "HEAD"); err == nil {
		out = append(out, id)
	}
	for _, b := range r.branches {
		if !slices.Contains(out, b.Head) {
			out = append(out, b.Head)
		}
	}
	return out, nil
}

// quarantine makes commits of the patches, beside the repository, and adds them to the
// index, which must not be kept from then on.
func (s *series) quarantine(ctx context.Context, r *repository, bases []branchfix.ID) (branchfix.Series, error) {
	ids, err := r.Series(ctx, bases, s.patches)
	if errors.Is(err, git.ErrNoBase) {
		return nil, fmt.Errorf("%w (--base COMMIT names the one they were made on)", err)
	}
	if err != nil {
		return nil, err
	}
	_, err = r.Index(ctx, r.index, ids[len(ids)-1:], nil)
	return ids, err
}

// label names a part of a series of patches. The names of the commits that were made of
// them would say to somebody who guesses a patch that he is right.
func label(i int) branchfix.ID { return branchfix.ID(fmt.Sprintf("patch-%d", i+1)) }

// hide puts labels in place of the secret commits.
func hide(m *branchfix.Matrix, secret branchfix.Series) {
	of := func(id branchfix.ID) branchfix.ID {
		if i := slices.Index(secret, id); i >= 0 {
			return label(i)
		}
		return id
	}
	var names []string
	for i := range secret {
		names = append(names, string(label(i)))
	}
	for b := range m.Branches {
		for i := range m.Branches[b].Fixes {
			f := &m.Branches[b].Fixes[i]
			f.Commit = strings.Join(names, ",")
			for j := range f.Evidence {
				f.Evidence[j].Commit = of(f.Evidence[j].Commit)
			}
			for j := range f.By {
				f.By[j] = of(f.By[j])
			}
			if f.Trial != nil {
				f.Trial.At = of(f.Trial.At)
				for j := range f.Trial.Conflicts {
					for k := range f.Trial.Conflicts[j].Missing {
						f.Trial.Conflicts[j].Missing[k] = of(f.Trial.Conflicts[j].Missing[k])
					}
				}
			}
		}
	}
}
