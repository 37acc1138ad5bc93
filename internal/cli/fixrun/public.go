package fixrun

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// public learns what is behind the branches, the commits and the tags, and keeps it: from
// here on something secret may come into the index, and nothing is kept any more.
func (r *repository) public(ctx context.Context, env Env, commits []branchfix.ID) error {
	if err := r.learn(ctx, commits, env.Progress); err != nil {
		return err
	}
	r.keepIndex(env)
	return nil
}

// growPublic learns what is behind the tips and keeps it. known says which commits were
// known before; it is nil for a repository that is seen for the first time.
func (r *repository) growPublic(ctx context.Context, env Env, tips []branchfix.ID) (known func(branchfix.ID) bool, err error) {
	r.all = r.keep.index()
	before := r.all.Heads()
	if err := r.grow(ctx, tips, env.Progress); err != nil {
		return nil, err
	}
	r.index = r.all
	r.keepIndex(env)
	if len(before) == 0 {
		return nil, nil
	}
	return r.all.Past(before), nil
}

func (r *repository) keepIndex(env Env) {
	if r.lost > 0 {
		return // the repository may be mended
	}
	if err := r.keep.save(r.all, nil); err != nil {
		fmt.Fprintf(env.Err, "what was learnt of the repository is not kept: %s\n", err)
	}
}
