package people

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// DirectoryStore looks up persons and projects for a scope.
type DirectoryStore interface {
	// FindPerson returns a person whom the scope may know, else NotFound.
	FindPerson(ctx context.Context, v unit.View, sc Scope, id PersonID) (Person, error)
	// FindAddress is FindPerson by normalised mail address.
	FindAddress(ctx context.Context, v unit.View, sc Scope, address string) (Person, error)
	// FindNames returns the names of those of the ids whom the scope may know. Most of
	// them are on the object, which may be "".
	FindNames(ctx context.Context, v unit.View, sc Scope, object string, ids []PersonID) (map[PersonID]string, error)
	// FindTeam returns the team of a project as far as the scope may know it.
	FindTeam(ctx context.Context, v unit.View, sc Scope, project ProjectID) ([]Teammate, error)
}

// ProjectFinder looks up projects. What a project says of itself is public.
type ProjectFinder interface {
	FindProject(ctx context.Context, v unit.View, sc Scope, id ProjectID) (Project, error)
	FindProjectBySlug(ctx context.Context, v unit.View, sc Scope, slug string) (Project, error)
	FindProjectByAddress(ctx context.Context, v unit.View, sc Scope, address string) (Project, error)
	// FindProjects returns all projects by name; with mine only those on which
	// the scope's person holds a role.
	FindProjects(ctx context.Context, v unit.View, sc Scope, mine bool) ([]Project, error)
}

// Directory answers who and what there is. A person knows himself, and those who
// hold or held a role on an object on which he holds one or asked to join its team; an administrator
// knows every account; a job knows the persons of the objects that its row names
// and finds any by exact address; the bearer of a link knows those of his
// object; the public knows the members who agreed to be named.
type Directory struct {
	Persons  DirectoryStore
	Projects ProjectFinder
}

// Teammate is a member of a project's team.
type Teammate struct {
	Person  Person // Email only for those who may know it
	Roles   []Role // highest first
	Since   time.Time
	Terms   int // version accepted last
	TermsAt time.Time
	Voucher PersonID // who vouched, "" for the first ones
	Word    string   // the voucher's words
}

// Has reports whether the teammate holds the role.
func (t Teammate) Has(r Role) bool {
	for _, x := range t.Roles {
		if x == r {
			return true
		}
	}
	return false
}

// OnDuty reports whether the teammate moderates now.
func (t Teammate) OnDuty() bool { return t.Has(Moderator) }

// Person returns a person whom the scope may know, else NotFound.
func (d *Directory) Person(ctx context.Context, v unit.View, sc Scope, id PersonID) (Person, error) {
	return d.Persons.FindPerson(ctx, v, sc, id)
}

// PersonByAddress returns the person with this mail address. For a person who
// may not know the holder, and for what is no address, it is NotFound. Jobs may
// look up any address: intake has to know whose mail it holds.
func (d *Directory) PersonByAddress(ctx context.Context, v unit.View, sc Scope, address string) (Person, error) {
	a, err := Address(address)
	if err != nil {
		a = "" // the same statement runs and finds nothing
	}
	return d.Persons.FindAddress(ctx, v, sc, a)
}

// Names returns the names of those ids whom the scope may know. Who is missing
// is shown as "somebody" by the catalogue's text.
func (d *Directory) Names(ctx context.Context, v unit.View, sc Scope, ids []PersonID) (map[PersonID]string, error) {
	return d.Persons.FindNames(ctx, v, sc, "", ids)
}

// NamesOn is Names for people most of whom are on one object (a case): the same answer
// for less work.
func (d *Directory) NamesOn(ctx context.Context, v unit.View, sc Scope, object string, ids []PersonID) (map[PersonID]string, error) {
	return d.Persons.FindNames(ctx, v, sc, object, ids)
}

// Team returns the team of a project: all of it for its members and for
// administrators, else those who agreed to be named in public.
func (d *Directory) Team(ctx context.Context, v unit.View, sc Scope, project ProjectID) ([]Teammate, error) {
	return d.Persons.FindTeam(ctx, v, sc, project)
}

// Project returns a project, else NotFound.
func (d *Directory) Project(ctx context.Context, v unit.View, sc Scope, id ProjectID) (Project, error) {
	return d.Projects.FindProject(ctx, v, sc, id)
}

// ProjectBySlug returns the project with the short name of its URLs.
func (d *Directory) ProjectBySlug(ctx context.Context, v unit.View, sc Scope, slug string) (Project, error) {
	return d.Projects.FindProjectBySlug(ctx, v, sc, slug)
}

// ProjectByAddress returns the project that a role address belongs to; what
// follows a plus sign in the local part is ignored (security+TAG@). It fails
// with NotFound for any other address.
func (d *Directory) ProjectByAddress(ctx context.Context, v unit.View, sc Scope, address string) (Project, error) {
	return d.Projects.FindProjectByAddress(ctx, v, sc, WithoutTag(address))
}

// AllProjects returns every project by name.
func (d *Directory) AllProjects(ctx context.Context, v unit.View, sc Scope) ([]Project, error) {
	return d.Projects.FindProjects(ctx, v, sc, false)
}

// MyProjects returns the projects on which the scope's person holds a role.
func (d *Directory) MyProjects(ctx context.Context, v unit.View, sc Scope) ([]Project, error) {
	return d.Projects.FindProjects(ctx, v, sc, true)
}
