package people

import "slices"

// Role is what a person is on one object: a case, a report or a project. The
// zero Role is none. The text is what people_grant stores.
type Role string

// The roles on a case or a report. A reporter sees what is addressed to him, an
// observer reads, a member works, the lead decides (requirement rows LV-2, LV-4).
const (
	Lead     Role = "lead"
	Member   Role = "member"
	Reporter Role = "reporter"
	Observer Role = "observer"
)

// The roles on a project. The chair leads the team, deputies act for the chair,
// moderators are the members on duty: the grant exists while the duty lasts
// (requirement rows LV-2, LV-3).
const (
	Chair      Role = "chair"
	Deputy     Role = "deputy"
	TeamMember Role = "team_member"
	Moderator  Role = "moderator"
)

// NoRole is what is left of a role by office (Grant.Back) without the office, where the
// holder was nothing else. It is never granted.
const NoRole Role = "none"

// caseRoles and projectRoles are in the order of rank, highest first.
func caseRoles() []Role    { return []Role{Lead, Member, Reporter, Observer} }
func projectRoles() []Role { return []Role{Chair, Deputy, TeamMember, Moderator} }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r.OnCase() || r.OnProject() }

// OnCase reports whether r is a role on a case or report.
func (r Role) OnCase() bool { return slices.Contains(caseRoles(), r) }

// OnProject reports whether r is a role on a project.
func (r Role) OnProject() bool { return slices.Contains(projectRoles(), r) }

// Key is the catalogue key of the role's name.
func (r Role) Key() string { return "people.role." + string(r) }

// highest returns the first of the ranked roles that is held, or "".
func highest(held []Role) Role {
	for _, r := range append(caseRoles(), projectRoles()...) {
		if slices.Contains(held, r) {
			return r
		}
	}
	return ""
}

// mayGive reports whether somebody who holds the given roles on an object may
// give role r on it, to himself or to another. Nobody can give more than he has:
// the lead and the chair give every role of their kind, a member of a case brings in
// the reporter and observers, a deputy brings in members and puts them on duty, a
// member takes the duty himself.
func mayGive(held []Role, r Role, self bool) bool {
	for _, h := range held {
		switch h {
		case Lead:
			if r.OnCase() {
				return true
			}
		case Member:
			if r == Reporter || r == Observer {
				return true
			}
		case Chair:
			if r.OnProject() {
				return true
			}
		case Deputy:
			if r == TeamMember || r == Moderator {
				return true
			}
		case TeamMember:
			if r == Moderator && self {
				return true
			}
		case Reporter, Observer, Moderator:
			// These work with what they were given and pass nothing on.
		}
	}
	return false
}

// mayEnd reports whether somebody with the given roles may end role r of himself or
// of another. Everybody may lay down his own role.
func mayEnd(held []Role, r Role, self bool) bool {
	return self || mayGive(held, r, false)
}
