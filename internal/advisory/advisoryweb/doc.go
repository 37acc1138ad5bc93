// Package advisoryweb is the face of advisory: the editor with its previews and
// decisions, the panel on the case page, the API, the public site (advisories, how
// to report, policy, team), the handlers of the published tree, and the renderers
// of an advisory's HTML page and list mail.
//
// The rules are in advisory. The pages under outputs/ become public as they are
// rendered at staging; those under templates/ live in the site's frame.
package advisoryweb
