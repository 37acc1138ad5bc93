// Package show writes a matrix of kit/branchfix for people and other programs: a picture
// (SVG), a page that holds it with all the evidence (HTML), a table for a mail, and the
// ranges of an OSV record.
//
// Nothing here is decided anew. Names of branches and subjects of commits are foreign and
// are escaped; a picture has no script, no link and nothing from elsewhere.
package show
