package caseworkdb_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworkdb"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// fill makes cases with items: the chair sees all, the member every hundredth.
func fill(b *testing.B, s *caseworktest.Site, cases, items int) casework.CaseID {
	b.Helper()
	store := &caseworkdb.Store{Seal: s.Seal, Blobs: s.Blobs}
	job := people.AsJob("test")
	text := fmt.Sprintf("%0500d", 7)
	var first casework.CaseID
	for from := 0; from < cases; from += 100 {
		s.Clock.Advance(time.Minute)
		s.Do(b, func(ctx context.Context, tx unit.Tx) error {
			for n := from; n < min(from+100, cases); n++ {
				id := casework.CaseID(ident.New())
				if first == "" {
					first = id
				}
				of := items
				if n == 0 {
					of = 1000 // one long conversation
				}
				c := casework.Case{ID: id, Project: s.Project, Title: fmt.Sprintf("Case %d", n), State: casework.Received, OpenedAt: tx.Now(), ChangedAt: tx.Now(),
					DueAssess: tx.Now().Add(time.Hour), Items: of, Clock: casework.Clock{Until: tx.Now().Add(240 * time.Hour), Running: n%20 == 0}}
				if err := store.Insert(ctx, tx, job, c); err != nil {
					return err
				}
				for k := range of {
					i := casework.Item{ID: casework.ItemID(ident.New()), Case: id, Number: k + 1, Kind: casework.KindMessage, Audience: casework.Everyone,
						Hold: casework.Posted, Trust: casework.Session, At: tx.Now().Add(time.Duration(k) * time.Millisecond), Content: casework.Content{Text: text}}
					if err := store.AddItem(ctx, tx, job, i); err != nil {
						return err
					}
				}
				who := []people.Scope{s.Chair}
				if n%100 == 0 {
					who = append(who, s.Member)
				}
				for _, sc := range who {
					g := people.Grant{Object: string(id), Holder: caseworktest.PersonOf(sc), Role: people.Member, By: "test", Since: tx.Now()}
					if err := s.People.AddGrant(ctx, tx, job, g); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	return first
}

// BenchmarkReading is the reading that the pages do, with 10,000 cases and 100,000
// items in the store. The numbers of the whole server are made by make bench.
func BenchmarkReading(b *testing.B) {
	s := caseworktest.SQLite(b)
	long := fill(b, s, 10_000, 10)
	run := func(name string, f func(ctx context.Context, v unit.View) error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.View(b, f)
			}
		})
	}
	for who, sc := range map[string]people.Scope{"one_percent": s.Member, "all": s.Chair} {
		for _, o := range casework.Orders() {
			run("list/"+who+"/"+o.String(), func(ctx context.Context, v unit.View) error {
				_, err := s.Cases.List(ctx, v, sc, casework.Query{Order: o})
				return err
			})
		}
		run("list/"+who+"/unread", func(ctx context.Context, v unit.View) error {
			_, err := s.Cases.List(ctx, v, sc, casework.Query{Unread: true})
			return err
		})
		run("search/"+who, func(ctx context.Context, v unit.View) error {
			_, err := s.Cases.Search(ctx, v, sc, "nowhere to be found", casework.Cursor{})
			return err
		})
	}
	run("conversation/1000", func(ctx context.Context, v unit.View) error {
		_, err := s.Cases.Conversation(ctx, v, s.Member, long, 0, 0)
		return err
	})
}
