package advisorydb_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisoryweb"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// shelf is the published site of a world, without advisories behind it.
func (w *world) shelf() *pubsite.Site {
	return &pubsite.Site{Work: w.Work, Store: advisorydb.Site{Seal: w.Seal}, Projects: &people.Directory{Persons: w.people, Projects: w.people},
		Keys: w, Texts: advisoryweb.Renderer{Catalog: i18n.Default()}, URL: site}
}

// doc is a document as the tree sees it, the n-th, first published in a year.
func (w *world) doc(n, year int, l pubtree.Level, at time.Time) pubtree.Document {
	number := fmt.Sprintf("LAN-%d-%04d", year, n)
	return pubtree.Document{Advisory: number, Project: w.project.ID, Name: pubtree.Name(number), Number: number, Title: "Flaw \"" + number + "\" <b>",
		Summary: "A summary.", Version: "1", Year: year, Initial: time.Date(year, 1, 2, 0, 0, 0, 0, time.UTC), Current: at, Level: l}
}

// files are those of a document: its addresses, and its OSV record where it is told.
func (w *world) files(d *pubtree.Document) []pubtree.File {
	t := pubtree.Paths{Slug: w.project.Slug}
	var out []pubtree.File
	for _, path := range t.Addresses(d.Level, d.Year, d.Name) {
		out = append(out, pubtree.File{Path: path, Bytes: []byte(path + d.Title + d.Version), Project: d.Project, Level: d.Level})
	}
	if d.Level.Told() {
		raw := []byte(`{"id":"x_` + d.Number + d.Version + `"}`)
		m, err := pubtree.NewMember("x_"+d.Number, d.Current, raw)
		w.must(err)
		d.Member = m
		out = append(out, pubtree.File{Path: t.OSV(m.ID + ".json"), Bytes: raw, Project: d.Project, Level: d.Level})
	} else {
		d.Member = pubtree.Member{}
	}
	return out
}

func (w *world) shelve(docs ...pubtree.Document) pubsite.Flipped {
	var files []pubtree.File
	for i := range docs {
		files = append(files, w.files(&docs[i])...)
	}
	var out pubsite.Flipped
	w.must(w.Work.Do(w.t.Context(), func(ctx context.Context, tx unit.Tx) (err error) {
		out, err = w.shelf().Publish(ctx, tx, people.AsJob("test", string(w.project.ID)), w.project, docs, files)
		return err
	}))
	return out
}

// shelveAt puts documents with their files on a site at an address, in one flip.
func (w *world) shelveAt(url string, docs []pubtree.Document, files []pubtree.File) {
	w.must(w.Work.Do(w.t.Context(), func(ctx context.Context, tx unit.Tx) error {
		shelf := w.shelf()
		shelf.URL = url
		_, err := shelf.Publish(ctx, tx, people.AsJob("test", string(w.project.ID)), w.project, docs, files)
		return err
	}))
}

// whole is the tree as a job of the project reads it, without the dates of the metadata.
func (w *world) whole() map[string]string {
	sc, out := people.AsJob("test", string(w.project.ID)), map[string]string{}
	w.View(w.t, func(ctx context.Context, v unit.View) error {
		list, err := w.svc.Site.List(ctx, v, sc, "")
		for _, x := range list {
			f, err := w.svc.Site.File(ctx, v, sc, x.Path)
			if err != nil {
				return err
			}
			// The well-known files are copies, and only of the site's first project.
			if !strings.Contains(x.Path, "provider-metadata") && !strings.HasPrefix(x.Path, ".well-known/") {
				out[x.Path] = string(f.Bytes)
			}
		}
		return err
	})
	return out
}

// A file that was there for long and went just now is named among what changed for 30 days.
func TestWhatWasRemovedIsKnownForAMonth(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		d := w.doc(1, 2026, pubtree.White, w.Clock.Now().UTC().Truncate(time.Second))
		first := w.shelve(d)
		gone := pubtree.Paths{Slug: w.project.Slug}.Document(d.Level, d.Year, d.Name)
		w.Clock.Advance(40 * 24 * time.Hour)
		w.must(w.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			_, err := w.shelf().Publish(ctx, tx, people.AsJob("test", string(w.project.ID)), w.project, nil,
				[]pubtree.File{{Path: gone, Project: d.Project, Level: d.Level}})
			return err
		}))
		for _, c := range []struct {
			days int
			want bool
		}{{0, true}, {29, true}, {2, false}} {
			w.Clock.Advance(time.Duration(c.days) * 24 * time.Hour)
			var changed pubsite.Flipped
			w.must(w.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) (err error) {
				sc := people.AsJob("test", string(w.project.ID))
				if _, err := w.svc.Site.Sweep(ctx, tx, sc); err != nil {
					return err
				}
				changed, err = w.svc.Site.Changed(ctx, tx, sc, first.Generation)
				return err
			}))
			if got := slices.Contains(changed.Changed, gone); got != c.want {
				t.Errorf("%d days later: %s is named: %v", c.days, gone, got)
			}
		}
	})
}

// Whatever happened to documents before, the tree is the one that is made of them in one go.
func TestTheTreeIsThatOfItsDocuments(t *testing.T) {
	rounds := 0
	rapid.Check(t, func(r *rapid.T) {
		if rounds++; rounds > 20 && !t.Failed() {
			return // each round fills two databases
		}
		w := newWorld(t, sqldbtest.SQLite(t, sources()))
		start := w.Clock.Now()
		docs := map[string]pubtree.Document{}
		levels := pubtree.Levels()
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			w.Clock.Advance(time.Minute)
			n := rapid.IntRange(1, 6).Draw(r, "n")
			year := 2024 + n%3
			d := w.doc(n, year, rapid.SampledFrom(levels).Draw(r, "level"), w.Clock.Now().UTC().Truncate(time.Second))
			if was, ok := docs[d.Name]; ok {
				d.Version = was.Version + "1"
			}
			if rapid.Bool().Draw(r, "title") {
				d.Title = "Another title"
			}
			docs[d.Name] = d
			w.shelve(d)
		}
		other := newWorld(t, sqldbtest.SQLite(t, sources()))
		other.Clock.Set(start)
		other.project.ID, other.project.Created, other.key = w.project.ID, w.project.Created, w.key
		var all []pubtree.Document
		for _, d := range docs {
			all = append(all, d)
		}
		slices.SortFunc(all, func(a, b pubtree.Document) int { return strings.Compare(a.Name, b.Name) })
		other.shelve(all...)
		got, want := w.whole(), other.whole()
		for path, text := range want {
			if got[path] != text {
				r.Fatalf("%s is\n%s\nand from scratch\n%s", path, got[path], text)
			}
			delete(got, path)
		}
		for path := range got {
			r.Errorf("%s is there, and from scratch it is not", path)
		}
	})
}

func TestOneDocumentChangesFewFiles(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	at := w.Clock.Now().UTC().Truncate(time.Second)
	w.shelve(w.doc(1, 2025, pubtree.White, at), w.doc(2, 2026, pubtree.White, at), w.doc(3, 2026, pubtree.Green, at))
	w.Clock.Advance(time.Minute)
	d := w.doc(2, 2026, pubtree.White, at.Add(time.Minute))
	d.Version = "2"
	got := w.shelve(d).Changed
	for _, path := range got {
		if strings.Contains(path, "0001") || strings.Contains(path, "green") || strings.Contains(path, "2025") || strings.Contains(path, "provider") {
			t.Errorf("%s was written", path)
		}
	}
	for _, path := range []string{"csaf/lanterna/white/index.txt", "csaf/lanterna/white/feed-tlp-white.json", "csaf/lanterna/white/feed-tlp-white-2026.json", "osv/lanterna/all.zip"} {
		if !slices.Contains(got, path) {
			t.Errorf("%s is not among what changed: %v", path, got)
		}
	}
	if again := w.shelve(d); slices.ContainsFunc(again.Changed, func(p string) bool { return strings.Contains(p, "0002.json") }) {
		t.Errorf("published again without a change: %v", again.Changed)
	}
	var since pubsite.Flipped
	w.View(t, func(ctx context.Context, v unit.View) (err error) {
		since, err = w.svc.Site.Changed(ctx, v, people.Anyone(), 1)
		return err
	})
	if len(since.Changed) == 0 || since.Generation < 2 {
		t.Errorf("since the first generation: %+v", since)
	}
	feed, problems := csaf.ReadFeed([]byte(w.file("csaf/lanterna/white/feed-tlp-white.json")), csaf.Limits{})
	if problems.Fatal() || len(feed.Feed.Entry) != 2 || feed.Feed.Entry[0].ID != "LAN-2026-0002" {
		t.Errorf("the feed: %v\n%s", problems, w.file("csaf/lanterna/white/feed-tlp-white.json"))
	}
	raw := []byte(w.file("osv/lanterna/all.zip"))
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	w.must(err)
	for _, f := range z.File {
		in, err := f.Open()
		w.must(err)
		text, err := io.ReadAll(in)
		if w.must(err); string(text) != w.file("osv/lanterna/"+f.Name) {
			t.Errorf("%s of all.zip is %s", f.Name, text)
		}
	}
}

// ask asks the tree over HTTP with a token.
func (w *world) ask(path, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/"+path, http.NoBody)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	a := httptest.NewRecorder()
	advisoryweb.Tree{Work: w.Work, Site: w.svc.Site, Readers: advisorydb.Readers{Seal: w.Seal}, Cache: &advisoryweb.Cache{}}.ServeHTTP(a, r)
	return a
}

func TestAmberAndRedAreThereForReadersAlone(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		readers := &access.Service{Work: w.Work, Store: advisorydb.Readers{Seal: w.Seal}, Roles: w.svc.Roles.(access.Roles)}
		add := func(level string) (string, access.Reader) {
			r, token, err := readers.Add(t.Context(), w.chair, access.NewReader{Project: w.project.ID, Name: "A distributor", Level: level, Days: 30})
			w.must(err)
			return token.Reveal(), r
		}
		amber, who := add("AMBER")
		red, _ := add("RED")
		if _, _, err := readers.Add(t.Context(), w.member, access.NewReader{Project: w.project.ID, Name: "x", Level: "RED", Days: 1}); err == nil {
			t.Error("who does not lead the project let a reader in")
		}
		at := w.Clock.Now().UTC().Truncate(time.Second)
		w.shelve(w.doc(1, 2026, pubtree.White, at), w.doc(2, 2026, pubtree.Green, at), w.doc(3, 2026, pubtree.Amber, at), w.doc(4, 2026, pubtree.Red, at))
		const none = "csaf/lanterna/amber/2026/lan-2026-0009.json"
		nothing := w.ask(none, "")
		for path, level := range map[string]pubtree.Level{
			"csaf/lanterna/white/index.txt": pubtree.White, "csaf/lanterna/green/2026/lan-2026-0002.json": pubtree.Green,
			"csaf/lanterna/amber/2026/lan-2026-0003.json": pubtree.Amber, "csaf/lanterna/amber/2026/lan-2026-0003.json.asc": pubtree.Amber,
			"csaf/lanterna/amber/index.txt": pubtree.Amber, "csaf/lanterna/amber/changes.csv": pubtree.Amber, "csaf/lanterna/amber/": pubtree.Amber,
			"csaf/lanterna/amber/feed-tlp-amber.json": pubtree.Amber, "csaf/lanterna/red/feed-tlp-red.json": pubtree.Red,
			"csaf/lanterna/red/2026/lan-2026-0004.json": pubtree.Red, "csaf/lanterna/red/2026/": pubtree.Red, "csaf/lanterna/red": pubtree.Red,
		} {
			for token, reads := range map[string]bool{"": level.Free(), "tcr_wrong": level.Free(), amber: level != pubtree.Red, red: true} {
				a := w.ask(path, token)
				if ok := a.Code == http.StatusOK || a.Code == http.StatusMovedPermanently; ok != reads {
					t.Errorf("%s with a token %t: %d, want it read: %t", path, token != "", a.Code, reads)
				}
				if !reads && (a.Body.String() != nothing.Body.String() || fmt.Sprint(a.Header()) != fmt.Sprint(nothing.Header())) {
					t.Errorf("%s answers otherwise than what is not there: %v %s", path, a.Header(), a.Body)
				}
				if reads && !level.Free() && a.Code == http.StatusOK && a.Header().Get("Cache-Control") != "private, no-store" {
					t.Errorf("%s may be kept: %v", path, a.Header())
				}
			}
		}
		for _, path := range []string{"advisories/lanterna/atom.xml", "osv/lanterna/all.json", "osv/lanterna/modified_id.csv"} {
			if text := w.ask(path, red).Body.String(); strings.Contains(text, "0002") || strings.Contains(text, "0003") || strings.Contains(text, "0004") || !strings.Contains(text, "0001") {
				t.Errorf("%s tells of what is not TLP:WHITE:\n%s", path, text)
			}
		}
		if meta := w.file("csaf/lanterna/provider-metadata.json"); !strings.Contains(meta, "feed-tlp-amber.json") || strings.Contains(meta, "amber/2026") || strings.Contains(meta, "amber-2026") {
			t.Errorf("the metadata: %s", meta)
		}
		w.must(readers.End(t.Context(), w.deputy, w.project.ID, who.ID))
		if a := w.ask("csaf/lanterna/amber/index.txt", amber); a.Code != http.StatusNotFound {
			t.Errorf("a reader who was shut out: %d", a.Code)
		}
		w.Clock.Advance(31 * 24 * time.Hour)
		if a := w.ask("csaf/lanterna/amber/index.txt", red); a.Code != http.StatusNotFound {
			t.Errorf("a reader whose time is over: %d", a.Code)
		}
	})
}

func TestADocumentThatMovesSaysWhereItWent(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	readers := &access.Service{Work: w.Work, Store: advisorydb.Readers{Seal: w.Seal}, Roles: w.svc.Roles.(access.Roles)}
	_, token, err := readers.Add(t.Context(), w.chair, access.NewReader{Project: w.project.ID, Name: "A distributor", Level: "RED", Days: 30})
	w.must(err)
	at := w.Clock.Now().UTC().Truncate(time.Second)
	move := func(l pubtree.Level) {
		t.Helper()
		at = at.Add(time.Minute)
		w.shelve(w.doc(1, 2026, l, at))
		found := 0
		for _, x := range pubtree.Levels() {
			p := pubtree.Paths{Slug: "lanterna"}
			if w.ask(p.Document(x, 2026, "lan-2026-0001"), token.Reveal()).Code == http.StatusOK {
				found++
			}
			if text := w.ask(p.Index(x), token.Reveal()).Body.String(); strings.Contains(text, "0001") != (x == l) {
				t.Errorf("at %s the index of %s is %q", l, x, text)
			}
		}
		if found != 1 {
			t.Errorf("at %s the document is at %d places", l, found)
		}
	}
	is := func(path, token string, code int, to string) {
		t.Helper()
		if a := w.ask(path, token); a.Code != code || a.Header().Get("Location") != to {
			t.Errorf("%s: %d to %q, want %d to %q", path, a.Code, a.Header().Get("Location"), code, to)
		}
	}
	const white, green, amber = "csaf/lanterna/white/2026/lan-2026-0001.json", "csaf/lanterna/green/2026/lan-2026-0001.json", "csaf/lanterna/amber/2026/lan-2026-0001.json"
	move(pubtree.Amber)
	is(amber, "", 404, "")
	move(pubtree.White)
	is(amber, "", 404, "") // it was never there for who may not read it
	is(amber, token.Reveal(), 301, "/"+white)
	move(pubtree.Green)
	is(white, "", 301, "/"+green)
	is("osv/lanterna/x_LAN-2026-0001.json", "", 410, "")
	is("advisories/lanterna/lan-2026-0001.html", "", 200, "")
	move(pubtree.Amber)
	is(green, "", 410, "")
	is(green, token.Reveal(), 301, "/"+amber)
	is("advisories/lanterna/lan-2026-0001.html", "", 410, "")
	move(pubtree.White)
	is(white, "", 200, "")
}
