package advisorydb_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/purge"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func TestACacheIsToldWhatChanged(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		var got []string
		fail := false
		s := &purge.Service{Work: e.Work, Store: advisorydb.Purges{}, Site: advisorydb.Site{Seal: e.Seal}, URL: site, Run: func(_ context.Context, list []byte) error {
			if fail {
				return errors.New("the CDN does not answer")
			}
			got = append(got, string(list))
			return nil
		}}
		e.Handle(jobs.Handler{Kind: purge.Kind, Run: s.Purge})
		flip := func(files ...pubtree.File) {
			w.Do(t, func(ctx context.Context, tx unit.Tx) error {
				tx.Enqueue(unit.Job{Kind: purge.Kind})
				_, err := w.svc.Site.Flip(ctx, tx, people.AsJob("test"), files)
				return err
			})
			w.Drain(t)
		}
		flip(pubtree.File{Path: "a", Bytes: []byte("1")}, pubtree.File{Path: "b", Bytes: []byte("1")}, pubtree.File{Path: "secret", Bytes: []byte("1"), Level: pubtree.Amber, Project: w.project.ID})
		flip(pubtree.File{Path: "b", Bytes: []byte("2")})
		flip(pubtree.File{Path: "a"})
		flip(pubtree.File{Path: "b", Bytes: []byte("2")})
		want := site + "/a\n" + site + "/b\n|" + site + "/b\n|" + site + "/a\n"
		if strings.Join(got, "|") != want {
			t.Errorf("%q", got)
		}
		fail = true
		flip(pubtree.File{Path: "b", Bytes: []byte("3")})
		fail = false
		flip(pubtree.File{Path: "c", Bytes: []byte("1")})
		if last := got[len(got)-1]; last != site+"/b\n"+site+"/c\n" {
			t.Errorf("after a failure: %q", last)
		}
	})
}
