// Package pubsite keeps the published site up to date beside the publications: keys,
// provider metadata, feeds and security.txt, and what a publication changes of them. Which
// files there are is pubtree; what becomes public and when, advisory; the tables are
// in advisorydb.
package pubsite

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// KindRefresh is the kind of the job that Refresh handles.
const KindRefresh = "advisory.site"

// Site is the published site.
type Site struct {
	Work     unit.Work
	Store    Store
	Projects Projects
	Keys     Keys
	Texts    Texts
	URL      string // base URL of the site, no slash at its end
	// Fetch gets a file as an outsider would; nil reads it from the store.
	Fetch func(ctx context.Context, path string) ([]byte, error)
	// Own says that Fetch asks this very program: the public gets what the store gives to
	// people.Anyone.
	Own bool
	// Unchanged reports whether an outsider gets a file in exactly the state with this ETag;
	// nil knows of none.
	Unchanged func(ctx context.Context, path, etag string) bool
}

// Projects is what the site needs of people.Directory.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
	AllProjects(ctx context.Context, v unit.View, sc people.Scope) ([]people.Project, error)
}

// Texts is what the site needs of the renderer.
type Texts interface {
	// Texts returns the texts of a language, those of English when it is not known.
	Texts(lang string) pubtree.Texts
	// Style returns the style sheet of the pages.
	Style() []byte
}

// clockSlack is how far the clocks of two servers may differ.
const clockSlack = time.Minute

// Job asks for a refresh at an instant; at most one waits.
func Job(at time.Time) unit.Job {
	return unit.Job{Kind: KindRefresh, At: at, Key: KindRefresh, Args: map[string]string{}}
}

// Lang is the language of a project's public files.
func Lang(p people.Project) string {
	if len(p.Langs) > 0 {
		return p.Langs[0]
	}
	return "en"
}

// Main returns the project whose metadata lies at the well-known place: the first
// one of the site. It keeps it when others join. Of those made at the same instant it is
// the first by slug: an id is chance, and equal sites would differ.
func Main(all []people.Project) people.Project {
	return slices.MinFunc(all, func(a, b people.Project) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Slug, b.Slug))
	})
}

// metadata makes a project's public keys, provider-metadata.json and service document.
// The date changes only when something else in it does.
func (s *Site) metadata(ctx context.Context, v unit.View, sc people.Scope, p people.Project, places []pubtree.Place, restricted bool) ([]pubtree.File, error) {
	keys, err := s.Keys.Public(ctx, v, p.ID)
	if err != nil {
		return nil, err
	}
	all, err := s.Projects.AllProjects(ctx, v, sc)
	if err != nil {
		return nil, err
	}
	t := pubtree.Paths{Slug: p.Slug}
	o := pubtree.Offer{Project: p, Site: s.URL, Keys: keys, Main: len(all) > 0 && Main(all).ID == p.ID,
		Places: places, Restricted: restricted, Texts: s.Texts.Texts(Lang(p))}
	doc, err := s.provider(ctx, v, sc, o)
	if err != nil {
		return nil, err
	}
	service, err := o.Service()
	if err != nil {
		return nil, err
	}
	var files []pubtree.File
	for _, k := range keys {
		files = append(files, pubtree.File{Path: t.Key(k.Fingerprint), Bytes: k.Armored})
	}
	files = append(files, pubtree.File{Path: t.Provider(), Bytes: doc}, pubtree.File{Path: t.Service(), Bytes: service},
		pubtree.File{Path: pubtree.PathStyle, Bytes: s.Texts.Style()})
	if o.Main {
		files = append(files, pubtree.File{Path: pubtree.PathProvider, Bytes: doc}, pubtree.File{Path: pubtree.PathService, Bytes: service})
	}
	return files, nil
}

// provider is the metadata with the date of its last change.
func (s *Site) provider(ctx context.Context, v unit.View, sc people.Scope, o pubtree.Offer) ([]byte, error) {
	old, err := s.Store.File(ctx, v, sc, pubtree.Paths{Slug: o.Project.Slug}.Provider())
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if was, problems := csaf.ReadProvider(old.Bytes, csaf.Limits{}); err == nil && !problems.Fatal() {
		at, _ := was.LastUpdated.Time()
		same, err := o.Provider(at)
		if err == nil && bytes.Equal(same, old.Bytes) {
			return same, nil
		}
	}
	return o.Provider(v.Now().Truncate(time.Second))
}

// Refresh is the handler of KindRefresh and runs every few minutes: keys, metadata and
// feeds of every project are written when they changed, what a version before left open of
// AMBER and RED is sealed, and security.txt is signed
// anew when its text changed or its end is near.
func (s *Site) Refresh(ctx context.Context, _ unit.Running) error {
	sc := people.AsJob(KindRefresh)
	var projects []people.Project
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		projects, err = s.Projects.AllProjects(ctx, v, sc)
		return err
	})
	if err != nil || len(projects) == 0 {
		return err
	}
	for more := true; more; {
		err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
			more, err = s.Store.SealOld(ctx, tx, sc)
			return err
		})
		if err != nil {
			return err
		}
	}
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		_, err := s.Store.Sweep(ctx, tx, sc)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range projects {
		if err := s.refresh(ctx, people.AsJob(KindRefresh, string(p.ID)), p); err != nil {
			return err
		}
	}
	return s.refreshSecurityTxt(ctx, sc, projects)
}

// refreshSecurityTxt signs outside of a transaction and stores the file.
func (s *Site) refreshSecurityTxt(ctx context.Context, sc people.Scope, projects []people.Project) error {
	main := Main(projects)
	var list []pubtree.ProjectKeys
	var key SigningKey
	var old File
	var now time.Time
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		now = v.Now()
		if list, err = s.projectKeys(ctx, v, main, projects); err != nil {
			return err
		}
		if old, err = s.Store.File(ctx, v, sc, pubtree.PathSecurityTxt); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		key, err = s.Keys.Signing(ctx, v, main.ID)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return nil // no key yet: the next run finds it
	}
	if err != nil {
		return err
	}
	until := pubtree.Expiry(old.Bytes)
	// One that is good for longer than any that is made now was signed in the future, as
	// verifiers see it, by a clock that has been put back since.
	ahead := until.Sub(now) > pubtree.SecurityTxtFor+clockSlack
	if until.Sub(now) > pubtree.SecurityTxtRenew && !ahead && bytes.Contains(old.Bytes, pubtree.SecurityTxt(s.URL, list, key.Fingerprints()[0], until)) {
		return nil
	}
	signed, err := key.Clearsign(ctx, pubtree.SecurityTxt(s.URL, list, key.Fingerprints()[0], now.Add(pubtree.SecurityTxtFor)))
	if err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		_, err := s.Store.Flip(ctx, tx, sc, []pubtree.File{{Path: pubtree.PathSecurityTxt, Bytes: signed}})
		return err
	})
}

// projectKeys puts the main project first, the others by name.
func (s *Site) projectKeys(ctx context.Context, v unit.View, main people.Project, all []people.Project) ([]pubtree.ProjectKeys, error) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b people.Project) int {
		switch {
		case a.ID == main.ID:
			return -1
		case b.ID == main.ID:
			return 1
		}
		return 0
	})
	var out []pubtree.ProjectKeys
	for _, p := range sorted {
		keys, err := s.Keys.Public(ctx, v, p.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, pubtree.ProjectKeys{Project: p, Keys: keys})
	}
	return out, nil
}
